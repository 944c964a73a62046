//! The merged settings for people: masked secrets, the source of each.

use figment::value::{Dict, Value};

use crate::settings::layers::is_secret;
use crate::settings::{DEFAULTS, Loaded};

/// One line of `grantor settings show`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// As in `lifetimes.code`.
    pub key: String,
    /// As TOML; a secret is masked.
    pub value: String,
    /// Where it came from.
    pub source: String,
}

impl Loaded {
    /// Every setting, in the order of the file of defaults.
    pub fn show(&self) -> Vec<Shown> {
        let dict = self.figment.find_value("").ok().and_then(Value::into_dict).unwrap_or_default();
        let mut shown = Vec::new();
        self.collect(&dict, "", &mut shown);
        let place = |key: &str| position(key);
        shown.sort_by_key(|line: &Shown| place(&line.key));
        shown
    }

    fn collect(&self, dict: &Dict, prefix: &str, shown: &mut Vec<Shown>) {
        for (name, value) in dict {
            let key = format!("{prefix}{name}");
            match value {
                Value::Dict(_, inner) => self.collect(inner, &format!("{key}."), shown),
                _ => shown.push(Shown { value: display(&key, value), source: self.source_of(&key), key }),
            }
        }
    }
}

/// Where `key` stands in the file of defaults: sections first, then the line.
fn position(key: &str) -> Option<(usize, usize)> {
    let (section, name) = key.rsplit_once('.').unwrap_or(("", key));
    let lines = || DEFAULTS.lines().enumerate();
    let start = if section.is_empty() { 0 } else { lines().find(|(_, line)| *line == format!("[{section}]"))?.0 };
    let line = lines().skip(start).find(|(_, line)| line.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('=')))?.0;
    Some((start, line))
}

fn display(key: &str, value: &Value) -> String {
    if is_secret(key) {
        return value.as_str().map_or_else(String::new, |text| mask(key, text));
    }
    match value {
        Value::String(_, text) => format!("{text:?}"),
        Value::Array(_, items) => format!("[{}]", items.iter().map(|item| display(key, item)).collect::<Vec<_>>().join(", ")),
        Value::Dict(_, dict) => {
            format!(
                "{{ {} }}",
                dict.iter()
                    .map(|(name, item)| format!("{name} = {}", display(&format!("{key}.{name}"), item)))
                    .collect::<Vec<_>>()
                    .join(", ")
            )
        }
        Value::Bool(_, yes) => yes.to_string(),
        Value::Num(_, number) => number.to_i128().map_or_else(|| format!("{number:?}"), |number| number.to_string()),
        other => format!("{other:?}"),
    }
}

/// Of a secret, whether it is set; of a database URL also where it leads.
fn mask(key: &str, text: &str) -> String {
    if text.is_empty() {
        return "\"\"".to_owned();
    }
    match url::Url::parse(text) {
        Ok(mut url) if key == "database.url" => {
            // The query may hold a password as well.
            url.set_query(None);
            if url.password().is_some() {
                let _ = url.set_password(Some("****"));
            }
            format!("\"{url}\"")
        }
        _ => "\"****\"".to_owned(),
    }
}
