//! The layers and their order: defaults, `--config FILE`, environment, flags. Each value remembers where it came from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use figment::providers::{Format as _, Toml};
use figment::util::nest;
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};

use crate::settings::problem::{Problem, Problems};
use crate::settings::unknown::unknown_keys;
use crate::settings::{DEFAULTS, Settings, environment};

/// Keys whose value may stand in a file of its own; `settings show` masks them.
pub(super) const SECRETS: [&str; 3] = ["root_key", "database.url", "mail.password"];

/// The secret of one `[[apis]]`; `settings show` masks it too.
const API_SECRET: &str = "introspection_secret";

/// Whether the value of `key`, as in `apis.introspection_secret`, must never be seen.
pub(super) fn is_secret(key: &str) -> bool {
    SECRETS.contains(&key) || key.rsplit('.').next() == Some(API_SECRET)
}

/// Where settings come from.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// `--config FILE`.
    pub file: Option<PathBuf>,
    /// The environment, or a test's stand-in for it.
    pub environment: BTreeMap<String, String>,
    /// What flags say, strongest of all.
    pub flags: Vec<Flag>,
}

/// A flag that overrides a setting.
#[derive(Debug, Clone)]
pub struct Flag {
    /// As typed, for messages: `--port`.
    pub name: &'static str,
    /// The key it sets.
    pub key: &'static str,
    /// The value.
    pub value: Value,
}

/// The merged settings, with their origins.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The values.
    pub settings: Settings,
    pub(super) figment: Figment,
}

/// Some keys with one common origin.
struct Layer {
    source: String,
    dict: Dict,
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.source.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Map::from([(Profile::Default, self.dict.clone())]))
    }
}

/// Merges the layers; refuses unknown keys, values of a wrong type and unreadable files.
pub fn load(sources: &Sources) -> Result<Loaded, Problems> {
    let defaults = parse(DEFAULTS, "built-in default")?;
    let mut layers = vec![Layer { source: "built-in default".to_owned(), dict: defaults.clone() }];
    if let Some(path) = &sources.file {
        layers.push(read_file(path)?);
    }
    layers.extend(environment::entries(&sources.environment, &defaults)?.into_iter().map(|(source, dict)| Layer { source, dict }));
    layers.extend(sources.flags.iter().map(flag));

    let unknown: Vec<Problem> = layers.iter().flat_map(|layer| unknown_in(layer, &defaults)).collect();
    if !unknown.is_empty() {
        return Err(Problems(unknown));
    }
    let mut figment = Figment::new();
    for mut layer in layers {
        let secrets = take_secret_files(&mut layer)?;
        figment = figment.merge(layer);
        for secret in secrets {
            figment = figment.merge(secret);
        }
    }
    let settings = figment.extract().map_err(|error| wrong_types(error, &figment))?;
    Ok(Loaded { settings, figment })
}

fn flag(flag: &Flag) -> Layer {
    Layer { source: format!("flag {}", flag.name), dict: nest(flag.key, flag.value.clone()).into_dict().unwrap_or_default() }
}

fn parse(text: &str, source: &str) -> Result<Dict, Problem> {
    let data = Toml::string(text).data().map_err(|error| Problem {
        key: "*".to_owned(),
        source: source.to_owned(),
        what: format!("this is not TOML: {}", error.kind),
    })?;
    Ok(data.into_values().flatten().collect())
}

fn read_file(path: &Path) -> Result<Layer, Problem> {
    let source = format!("file {}", path.display());
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Layer { dict: parse(&text, &source)?, source }),
        Err(error) => {
            Err(Problem { key: "*".to_owned(), source, what: format!("cannot be read ({error}); check the path given to --config") })
        }
    }
}

fn unknown_in(layer: &Layer, defaults: &Dict) -> Vec<Problem> {
    let problem = |(key, what)| Problem { key, source: layer.source.clone(), what };
    unknown_keys(&layer.dict, defaults).into_iter().map(problem).collect()
}

/// Replaces `…_file` keys of a layer by what the files hold, as layers of their own directly above it.
fn take_secret_files(layer: &mut Layer) -> Result<Vec<Layer>, Problem> {
    let mut secrets = Vec::new();
    for key in SECRETS {
        let file_key = format!("{key}_file");
        let Some(Value::String(_, path)) = remove(&mut layer.dict, &file_key) else { continue };
        if path.is_empty() {
            continue;
        }
        let both = environment::find(&layer.dict, key).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
        let text = read_secret(key, &path, both, &layer.source)?;
        let dict = nest(key, Value::from(text)).into_dict().unwrap_or_default();
        secrets.push(Layer { source: format!("file {path}, named by {}", layer.source), dict });
    }
    take_api_secret_files(layer)?;
    Ok(secrets)
}

/// The same for the members of `[[apis]]`, which no later layer changes: the secret takes the place of its file's name.
fn take_api_secret_files(layer: &mut Layer) -> Result<(), Problem> {
    let Some(Value::Array(_, apis)) = layer.dict.get_mut("apis") else { return Ok(()) };
    for (index, api) in apis.iter_mut().enumerate() {
        let Value::Dict(_, api) = api else { continue };
        let Some(Value::String(_, path)) = api.remove(&format!("{API_SECRET}_file")) else { continue };
        if path.is_empty() {
            continue;
        }
        let text = read_secret(&format!("apis[{index}].{API_SECRET}"), &path, api.contains_key(API_SECRET), &layer.source)?;
        api.insert(API_SECRET.to_owned(), Value::from(text));
    }
    Ok(())
}

/// What stands in the file that `<key>_file` names, unless the secret is given directly as well.
fn read_secret(key: &str, path: &str, both: bool, source: &str) -> Result<String, Problem> {
    let problem = |what| Problem { key: format!("{key}_file"), source: source.to_owned(), what };
    if both {
        return Err(problem(format!("`{key}` is set here as well; keep one of the two")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| problem(format!("the file {path} cannot be read ({error})")))?;
    Ok(text.trim().to_owned())
}

fn remove(dict: &mut Dict, key: &str) -> Option<Value> {
    let Some((section, rest)) = key.split_once('.') else { return dict.remove(key) };
    match dict.get_mut(section)? {
        Value::Dict(_, inner) => remove(inner, rest),
        _ => None,
    }
}

fn wrong_types(error: figment::Error, figment: &Figment) -> Problems {
    let problem = |error: figment::Error| {
        let key = error.path.join(".");
        let origin = error.metadata.as_ref().or_else(|| figment.find_metadata(&key));
        let source = origin.map_or_else(|| "all sources".to_owned(), |origin| origin.name.to_string());
        let secret = is_secret(&key);
        let what = if secret { "must be text".to_owned() } else { format!("{}; write the value as in config/default.toml", error.kind) };
        Problem { key, source, what }
    };
    Problems(error.into_iter().map(problem).collect())
}

impl Loaded {
    /// Where the value of `key` came from.
    pub fn source_of(&self, key: &str) -> String {
        self.figment.find_metadata(key).map_or_else(|| "built-in default".to_owned(), |origin| origin.name.to_string())
    }

    /// Whether somebody set `key`, rather than nobody.
    pub fn is_set(&self, key: &str) -> bool {
        self.source_of(key) != "built-in default"
    }

    /// A problem with the value of `key`.
    pub(super) fn problem(&self, key: &str, what: impl Into<String>) -> Problem {
        Problem { key: key.to_owned(), source: self.source_of(key), what: what.into() }
    }
}
