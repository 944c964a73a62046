//! The data directory of `grantor dev`: beside the database it holds `root.key`, `dev.json` and `dev.toml`, readable for us alone.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use crate::cli::dev::record::DevRecord;
use crate::entropy::{Entropy, SystemEntropy};
use crate::secret::Secret;
use crate::settings::{ApiSettings, ScopeSettings, Settings};

/// An existing data directory.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
}

impl DataDir {
    /// Opens it, making it if need be.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let failed = || format!("the data directory {} cannot be made; choose another one with --data-dir", path.display());
        if !path.exists() {
            fs::create_dir_all(path).with_context(failed)?;
            fs::set_permissions(path, Permissions::from_mode(0o700)).with_context(failed)?;
        }
        Ok(Self { path: fs::canonicalize(path).with_context(failed)? })
    }

    /// `dev.json`
    pub(crate) fn record_path(&self) -> PathBuf {
        self.path.join("dev.json")
    }

    /// `dev.toml`
    pub(crate) fn settings_path(&self) -> PathBuf {
        self.path.join("dev.toml")
    }

    fn key_path(&self) -> PathBuf {
        self.path.join("root.key")
    }

    /// The root key, made at the first start.
    pub(crate) fn root_key(&self) -> anyhow::Result<Secret<String>> {
        let path = self.key_path();
        if !path.exists() {
            let entropy: &dyn Entropy = &SystemEntropy;
            let key = Secret::new(URL_SAFE_NO_PAD.encode(entropy.bytes::<32>()));
            write_private(&path, format!("{}\n", key.expose()).as_bytes())?;
        }
        let text = fs::read_to_string(&path).with_context(|| format!("the root key {} cannot be read", path.display()))?;
        Ok(Secret::new(text.trim().to_owned()))
    }

    /// The record of an earlier start, if there is one that can be read.
    pub(crate) fn read_record(&self) -> anyhow::Result<Option<DevRecord>> {
        let path = self.record_path();
        match fs::read_to_string(&path) {
            Ok(text) => {
                Ok(serde_json::from_str(&text).inspect_err(|error| tracing::warn!(%error, "dev.json is not ours; it is made anew")).ok())
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
        }
    }

    /// Writes the record.
    pub(crate) fn write_record(&self, record: &DevRecord) -> anyhow::Result<()> {
        let mut text = serde_json::to_string_pretty(record)?;
        text.push('\n');
        write_private(&self.record_path(), text.as_bytes())
    }

    /// Writes the settings with which other commands reach this server's data: `grantor --config dev.toml org list`.
    pub(crate) fn write_settings(&self, settings: &Settings) -> anyhow::Result<()> {
        let mut lines = vec![
            "# Made anew by each start of `grantor dev`, for other commands beside it: grantor --config <this file> …".to_owned(),
            format!("issuer = {}", quote(&settings.issuer)?),
            format!("root_key = {}", quote(settings.root_key.expose())?),
            "[database]".to_owned(),
            format!("url = {}", quote(settings.database.url.expose())?),
        ];
        for api in &settings.apis {
            lines.push(toml_of(api)?);
        }
        let text = lines.join("\n") + "\n";
        write_private(&self.settings_path(), text.as_bytes())
    }
}

/// A JSON string is a TOML string.
fn quote(text: impl Serialize) -> anyhow::Result<String> {
    Ok(serde_json::to_string(&text)?)
}

/// JSON lists of objects are not TOML, so these are written by hand. The patterns are whole, so that no new key is forgotten.
fn toml_of(api: &ApiSettings) -> anyhow::Result<String> {
    let ApiSettings { identifier, name, algorithm, token_form, introspection_secret, scopes } = api;
    let scope = |ScopeSettings { name, title, description, sensitive }: &ScopeSettings| {
        let (name, title, description) = (quote(name)?, quote(title)?, quote(description)?);
        anyhow::Ok(format!("  {{ name = {name}, title = {title}, description = {description}, sensitive = {sensitive} }},"))
    };
    let mut lines = vec![
        "[[apis]]".to_owned(),
        format!("identifier = {}", quote(identifier)?),
        format!("name = {}", quote(name)?),
        format!("algorithm = {}", quote(algorithm.as_str())?),
        format!("token_form = {}", quote(token_form)?),
    ];
    if let Some(secret) = introspection_secret {
        lines.push(format!("introspection_secret = {}", quote(secret.expose())?));
    }
    lines.push("scopes = [".to_owned());
    lines.extend(scopes.iter().map(scope).collect::<anyhow::Result<Vec<_>>>()?);
    lines.push("]".to_owned());
    Ok(lines.join("\n"))
}

/// Writes a file that only we may read: beside it first, then into its place, so that a reader never sees half of it.
fn write_private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let beside = path.with_extension("new");
    let write = || {
        let _ = fs::remove_file(&beside);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write().with_context(|| format!("{} cannot be written", path.display()))
}
