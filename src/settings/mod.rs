//! Settings: what files, environment and flags say. Unknown keys are refused; nobody below this room reads a file or the environment.
//!
//! [`load`] merges the layers and knows where each value came from, [`Loaded::check`] refuses what is unsafe, and
//! [`Loaded::into_policy`] turns the rest into what rules and flows read.

mod check;
mod environment;
mod issuer;
mod layers;
mod policy;
mod problem;
mod root_key;
mod show;
#[cfg(test)]
mod tests;
mod unknown;

pub use environment::environment;
pub use layers::{Flag, Loaded, Sources, load};
pub use problem::{Problem, Problems};
pub use root_key::{WeakRootKey, parse_root_keys};
pub use show::Shown;

use serde::Deserialize;

use crate::model::api::TokenForm;
use crate::model::policy::{BadSignature, RequirePkce};
use crate::model::signing_key::Algorithm;
use crate::secret::Secret;

/// `config/default.toml`: every key with its default; also the list of known keys.
pub const DEFAULTS: &str = include_str!("../../config/default.toml");

/// What the settings are for; decides how strict [`Loaded::check`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// `grantor dev`: loopback http, no database needed, a root key is made.
    Dev,
    /// `grantor serve`: everything must be safe.
    Serve,
    /// An operator's command that needs issuer, root key and database.
    Operate,
    /// A command that needs the database alone.
    Database,
}

/// The merged settings; the comments of `config/default.toml` say what each key means. Times are seconds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in config/default.toml")]
pub struct Settings {
    pub issuer: String,
    pub brand_name: String,
    pub brand_logo: String,
    pub brand_accent: String,
    pub root_key: Secret<String>,
    pub apis: Vec<ApiSettings>,
    pub server: ServerSettings,
    pub metrics: MetricsSettings,
    pub log: LogSettings,
    pub database: DatabaseSettings,
    pub postgres: PostgresSettings,
    pub oauth: OauthSettings,
    pub mail: MailSettings,
    pub lifetimes: LifetimeSettings,
    pub limits: LimitSettings,
    pub keys: KeySettings,
    pub development: DevelopmentSettings,
    pub jobs: JobSettings,
    pub jwt_deadlines: JwtDeadlineSettings,
}

/// `[server]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in config/default.toml")]
pub struct ServerSettings {
    pub address: std::net::IpAddr,
    pub port: u16,
    pub trusted_proxies: Vec<String>,
    pub max_connections: u32,
    pub header_timeout: u32,
    pub max_header_bytes: u32,
    pub drain_delay: u32,
    pub shutdown_timeout: u32,
}

/// `[metrics]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in config/default.toml")]
pub struct MetricsSettings {
    pub address: String,
}

/// `[log]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in config/default.toml")]
pub struct LogSettings {
    pub format: LogFormat,
    pub level: String,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Text on a terminal, JSON otherwise.
    Auto,
    /// For people.
    Text,
    /// One object a line.
    Json,
}

/// `[database]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in config/default.toml")]
pub struct DatabaseSettings {
    pub url: Secret<String>,
    pub max_connections: u32,
    pub acquire_timeout: u32,
    pub statement_timeout: u32,
    pub migration_lock_timeout: u32,
}

/// `[postgres]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in config/default.toml")]
pub struct PostgresSettings {
    pub bin_dir: String,
    pub os_user: String,
}

/// `[oauth]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in config/default.toml")]
pub struct OauthSettings {
    pub require_pkce: RequirePkce,
    pub password_grant: bool,
    pub assertion_lifetime: u32,
    pub exchange_assertion_lifetime: u32,
    pub assertion_skew: u32,
    pub bad_signature: BadSignature,
    pub metascopes: Vec<String>,
    pub revoked_keys_end_tokens: bool,
}

/// `[mail]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in config/default.toml")]
pub struct MailSettings {
    pub transport: MailTransport,
    pub from: String,
    pub folder: String,
    pub host: String,
    pub port: u16,
    pub security: MailSecurity,
    pub user: String,
    pub password: Secret<String>,
}

/// How mail leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTransport {
    /// Not at all.
    Off,
    /// Into a folder.
    File,
    /// By a mail server.
    Smtp,
}

/// How the way to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailSecurity {
    /// TLS from the first byte.
    Tls,
    /// TLS by STARTTLS.
    Starttls,
    /// None.
    None,
}

/// `[lifetimes]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in config/default.toml")]
pub struct LifetimeSettings {
    pub code: u32,
    pub authorization_request: u32,
    pub session_idle: u32,
    pub session_absolute: u32,
    pub password_link: u32,
    pub password_reset: u32,
    pub invitation: u32,
    pub reauthentication: u32,
    pub restore_app: u32,
    pub signing_key_lead: u32,
    pub idempotency: u32,
    pub ended_rows: u32,
    pub brown_out: u32,
}

/// `[limits]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in config/default.toml")]
pub struct LimitSettings {
    pub apps_per_org: i32,
    pub secrets_per_app: u32,
    pub requests_per_browser: u32,
    pub password_hashes: u32,
    pub password_queue: u32,
    pub login_attempts_per_account: i32,
    pub login_attempts_per_ip: i32,
    pub password_failures_per_client: i32,
    pub login_window: u32,
    pub token_requests_per_second: u32,
    pub client_auth_failures_per_minute: u32,
    pub authorization_requests_per_minute: u32,
}

/// `[keys]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in config/default.toml")]
pub struct KeySettings {
    pub per_app: u32,
    pub technical_accounts_per_org: u32,
    pub count_deleted_technical_accounts: bool,
    pub fetch_loopback: bool,
    pub fetch_timeout: u32,
    pub fetch_max_bytes: u32,
    pub fetch_pause: u32,
    pub fetch_max_age: u32,
    pub fetch_trusted_for: u32,
}

/// `[development]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in config/default.toml")]
pub struct DevelopmentSettings {
    pub tokens: bool,
    pub token_lifetime: u32,
}

/// `[jobs]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in config/default.toml")]
pub struct JobSettings {
    pub last_use_interval: u32,
    pub prune_interval: u32,
    pub prune_batch: u32,
    pub keyring_interval: u32,
}

/// `[jwt_deadlines]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in config/default.toml")]
pub struct JwtDeadlineSettings {
    pub announcement: String,
    pub no_new_apps: String,
    pub no_renewal: String,
    pub disabled: String,
}

/// One `[[apis]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in config/default.toml")]
pub struct ApiSettings {
    pub identifier: String,
    pub name: String,
    #[serde(default = "default_algorithm")]
    pub algorithm: Algorithm,
    #[serde(default = "default_token_form")]
    pub token_form: TokenForm,
    #[serde(default)]
    pub introspection_secret: Option<Secret<String>>,
    pub scopes: Vec<ScopeSettings>,
}

/// One scope of an `[[apis]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in config/default.toml")]
pub struct ScopeSettings {
    pub name: String,
    pub title: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub sensitive: bool,
}

const fn default_algorithm() -> Algorithm {
    Algorithm::Es256
}

const fn default_token_form() -> TokenForm {
    TokenForm::AtJwt
}
