//! The environment, read once. Each variable becomes a small layer of its own, so that errors can name it.

use std::collections::BTreeMap;

use figment::util::nest;
use figment::value::{Dict, Value};

use crate::settings::problem::Problem;

/// The variables of this process that are text; a variable in another encoding cannot be one of ours.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
pub fn environment() -> BTreeMap<String, String> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect()
}

/// Names that are honoured beside `GRANTOR__SECTION__KEY`, with their key; weaker than those.
const WELL_KNOWN: [(&str, &str); 6] = [
    ("DATABASE_URL", "database.url"),
    ("DATABASE_URL_FILE", "database.url_file"),
    ("PORT", "server.port"),
    ("RUST_LOG", "log.level"),
    ("GRANTOR_ROOT_KEY", "root_key"),
    ("GRANTOR_ROOT_KEY_FILE", "root_key_file"),
];

const PREFIX: &str = "GRANTOR__";

/// The settings among the variables, weakest first: source, dictionary.
pub(super) fn entries(environment: &BTreeMap<String, String>, defaults: &Dict) -> Result<Vec<(String, Dict)>, Problem> {
    let mut entries = Vec::new();
    for (name, key) in WELL_KNOWN {
        // An empty one is how shells and compose files say "not set".
        if let Some(text) = environment.get(name).filter(|text| !text.is_empty()) {
            entries.push(entry(name, key, text, defaults));
        }
    }
    for (name, text) in environment {
        if let Some(rest) = name.strip_prefix(PREFIX) {
            let key = rest.split("__").collect::<Vec<_>>().join(".").to_lowercase();
            entries.push(entry(name, &key, text, defaults));
        } else {
            refuse_single_underscore(name, defaults)?;
        }
    }
    Ok(entries)
}

fn entry(name: &str, key: &str, text: &str, defaults: &Dict) -> (String, Dict) {
    let value = nest(key, read(text, find(defaults, key)));
    (format!("environment variable {name}"), value.into_dict().unwrap_or_default())
}

/// Reads `text` as what the default is: text stays text even if it looks like a number.
fn read(text: &str, default: Option<&Value>) -> Value {
    match default {
        Some(Value::String(..)) => Value::from(text),
        Some(Value::Array(..)) if !text.trim_start().starts_with('[') => {
            Value::from(text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(Value::from).collect::<Vec<_>>())
        }
        _ => text.parse().unwrap_or_else(|never| match never {}),
    }
}

/// The value at `key` of a nested dictionary.
pub(super) fn find<'a>(dict: &'a Dict, key: &str) -> Option<&'a Value> {
    match key.split_once('.') {
        None => dict.get(key),
        Some((section, rest)) => find(dict.get(section)?.as_dict()?, rest),
    }
}

/// `GRANTOR_ISSUER` would be silently without effect. Other names with one underscore are not ours: orchestrators inject some.
fn refuse_single_underscore(name: &str, defaults: &Dict) -> Result<(), Problem> {
    let Some(rest) = name.strip_prefix("GRANTOR_") else { return Ok(()) };
    if WELL_KNOWN.iter().any(|(known, _)| *known == name) {
        return Ok(());
    }
    let meant = crate::settings::unknown::known_keys(defaults).into_iter().find(|key| key.replace('.', "_").eq_ignore_ascii_case(rest));
    match meant {
        None => Ok(()),
        Some(key) => Err(Problem {
            key: key.clone(),
            source: format!("environment variable {name}"),
            what: format!("this name is not read; write {PREFIX}{} with two underscores", key.replace('.', "__").to_uppercase()),
        }),
    }
}
