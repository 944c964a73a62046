//! Keys that nobody reads: refused, with the nearest known name, because a misspelt limit is no limit.

use figment::value::{Dict, Value};

/// Keys of one `[[apis]]`; these have no default to be read from.
const API: [&str; 7] = ["identifier", "name", "algorithm", "token_form", "introspection_secret", "introspection_secret_file", "scopes"];
/// Keys of one of its scopes.
const SCOPE: [&str; 4] = ["name", "title", "description", "sensitive"];

/// Every key of `config/default.toml`, with dots.
pub(super) fn known_keys(defaults: &Dict) -> Vec<String> {
    let mut keys = Vec::new();
    collect(defaults, "", &mut keys);
    keys
}

fn collect(dict: &Dict, prefix: &str, keys: &mut Vec<String>) {
    for (name, value) in dict {
        match value {
            Value::Dict(_, inner) => collect(inner, &format!("{prefix}{name}."), keys),
            _ => keys.push(format!("{prefix}{name}")),
        }
    }
}

/// The unknown keys of a layer, each with what to say about it.
pub(super) fn unknown_keys(layer: &Dict, defaults: &Dict) -> Vec<(String, String)> {
    let known = known_keys(defaults);
    let mut found = Vec::new();
    collect(layer, "", &mut found);
    let mut unknown: Vec<_> = found.into_iter().filter(|key| !known.contains(key)).map(|key| (key.clone(), advice(&key, &known))).collect();
    let apis = layer.get("apis").and_then(Value::as_array).unwrap_or_default();
    for (index, api) in apis.iter().enumerate() {
        members(api, &format!("apis[{index}]"), &API, &mut unknown);
        let scopes = api.as_dict().and_then(|api| api.get("scopes")).and_then(Value::as_array).unwrap_or_default();
        for (place, scope) in scopes.iter().enumerate() {
            members(scope, &format!("apis[{index}].scopes[{place}]"), &SCOPE, &mut unknown);
        }
    }
    unknown
}

fn members(value: &Value, place: &str, known: &[&str], unknown: &mut Vec<(String, String)>) {
    for name in value.as_dict().into_iter().flat_map(Dict::keys).filter(|name| !known.contains(&name.as_str())) {
        let known: Vec<_> = known.iter().map(|known| (*known).to_owned()).collect();
        unknown.push((format!("{place}.{name}"), advice(name, &known)));
    }
}

fn advice(key: &str, known: &[String]) -> String {
    if let Some(inside) = known.iter().find(|known| known.starts_with(&format!("{key}."))) {
        return format!("this is a section, not a value; did you mean `{inside}`?");
    }
    match nearest(key, known) {
        Some(near) => format!("there is no such setting; did you mean `{near}`?"),
        None => "there is no such setting; `grantor settings show` lists them all".to_owned(),
    }
}

/// The known key most like `key`, whole or by its last part, if any is near.
fn nearest<'a>(key: &str, known: &'a [String]) -> Option<&'a str> {
    let last = |key: &'a str| key.rsplit('.').next().unwrap_or(key);
    let own_last = key.rsplit('.').next().unwrap_or(key);
    let distance = |known: &'a str| strsim::damerau_levenshtein(key, known).min(1 + strsim::damerau_levenshtein(own_last, last(known)));
    let (distance, near) = known.iter().map(|known| (distance(known), known.as_str())).min()?;
    (distance <= 1 + own_last.chars().count() / 3).then_some(near)
}
