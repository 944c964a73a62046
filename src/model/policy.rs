//! What is in force on this server: the settings after every check, as rules and flows read them.

use ipnet::IpNet;
use time::Duration;

use crate::model::api::Api;
use crate::model::brand::Brand;
use crate::model::jwt_deadlines::JwtDeadlines;
use crate::model::scope::ScopeSet;
use crate::wire::GrantType;

/// What is in force. Made once at start by `settings::into_policy`.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The issuer identifier (RFC 8414 §2): no trailing slash, no query; every URL is built from it and from nothing else.
    pub issuer: String,
    /// Cookies carry `Secure` and the `__Host-` prefix; false only for http on loopback.
    pub secure_cookies: bool,
    /// The product's name on pages.
    pub brand_name: String,
    /// Its logo and colour.
    pub brand: Brand,
    /// Whether mail is sent at all.
    pub mail: bool,
    /// Peers whose `X-Forwarded-*` headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Every API, the management API last.
    pub apis: Vec<Api>,
    /// Who must use PKCE.
    pub require_pkce: RequirePkce,
    /// Whether apps may be allowed the password grant at all.
    pub password_grant: bool,
    /// What assertions are held against.
    pub assertions: Assertions,
    /// How long things live.
    pub lifetimes: Lifetimes,
    /// How many there may be.
    pub limits: Limits,
    /// How late one server may know of the last uses that another saw.
    pub last_use_interval: Duration,
    /// When keys and assertions end, if the operator says so.
    pub jwt_deadlines: JwtDeadlines,
    /// Public keys and technical accounts.
    pub keys: KeyPolicy,
    /// Tokens for developers.
    pub development: DevelopmentPolicy,
}

/// Who must use PKCE besides apps that require it themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RequirePkce {
    /// Clients without a secret.
    Public,
    /// Every client.
    All,
}

/// What assertions are held against.
#[derive(Debug, Clone)]
pub struct Assertions {
    /// The longest life of one at `/token`, `/revoke` and `/introspect`.
    pub lifetime: Duration,
    /// The longest life of one at the exchanges: 24 h and a minute by default, since clients of the source systems use 24 h.
    pub exchange_lifetime: Duration,
    /// `nbf` and `iat` must be less than this ahead; at most 60 s.
    pub skew: Duration,
    /// What the IMS exchange says when no key made the signature.
    pub bad_signature: BadSignature,
    /// What the metascopes of the IMS exchange stand for; one that is not here stands for the scope of its own name.
    pub metascopes: Vec<Metascope>,
    /// Whether introspection calls tokens of a revoked key dead (R71).
    pub revoked_keys_end_tokens: bool,
}

/// As in `config/default.toml`.
impl Default for Assertions {
    fn default() -> Self {
        Self {
            lifetime: Duration::hours(1),
            exchange_lifetime: Duration::hours(24) + Duration::minutes(1),
            skew: Duration::minutes(1),
            bad_signature: BadSignature::InvalidToken,
            metascopes: Vec::new(),
            revoked_keys_end_tokens: false,
        }
    }
}

/// A metascope and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metascope {
    /// The last part of the claim's name.
    pub name: String,
    /// The scopes.
    pub scopes: ScopeSet,
}

impl Metascope {
    /// Reads `name=scope scope`; `None` when it is not that.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, scopes) = text.split_once('=')?;
        let (name, scopes) = (name.trim(), ScopeSet::parse(scopes).ok()?);
        (!name.is_empty() && !scopes.is_empty()).then(|| Self { name: name.to_owned(), scopes })
    }
}

/// What the IMS exchange says when no key made the signature: its live systems and its documents disagree (R63).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BadSignature {
    /// As live systems.
    InvalidToken,
    /// As documented.
    InvalidSignature,
}

/// How long things live.
#[derive(Debug, Clone, Copy)]
pub struct Lifetimes {
    /// An authorization code: 60 s by default, at most 600.
    pub code: Duration,
    /// A pending authorization request.
    pub authorization_request: Duration,
    /// A browser session without use.
    pub session_idle: Duration,
    /// A browser session in any case.
    pub session_absolute: Duration,
    /// A set-password link that the operator or an inviter hands over.
    pub password_link: Duration,
    /// A link to choose a new password, asked for at the sign-in page: at most half an hour by default (N8).
    pub password_reset: Duration,
    /// An invitation to an org.
    pub invitation: Duration,
    /// After this long a person proves again who they are before what cannot be undone (M14).
    pub reauthentication: Duration,
    /// A deleted app stays restorable.
    pub restore_app: Duration,
    /// A new signing key is published this long before it signs.
    pub signing_key_lead: Duration,
    /// The answer to an `Idempotency-Key` is kept.
    pub idempotency: Duration,
    /// Ended and expired rows stay this long, for replay detection and explanations.
    pub ended_rows: Duration,
    /// The old credential of a migrating app is refused on trial for this long.
    pub brown_out: Duration,
}

/// How many there may be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The app limit of a new org.
    pub apps_per_org: i32,
    /// Active secrets of one app.
    pub secrets_per_app: usize,
    /// Pending authorization requests of one browser.
    pub requests_per_browser: i64,
    /// Password checks at one time.
    pub password_hashes: usize,
    /// Password checks that may wait; beyond that 503.
    pub password_queue: usize,
    /// Failed sign-ins of one account in a window.
    pub login_attempts_per_account: i32,
    /// Sign-ins from one address prefix in a window.
    pub login_attempts_per_ip: i32,
    /// Passwords that one app may get wrong in a window.
    pub password_failures_per_client: i32,
    /// The window of all three.
    pub login_window: Duration,
    /// Token requests a second of one client; 0 = unlimited.
    pub token_requests_per_second: u32,
    /// Failed client authentications a minute from one address prefix for one client id.
    pub client_auth_failures_per_minute: u32,
    /// Authorization requests a minute from one address prefix.
    pub authorization_requests_per_minute: u32,
}

/// Public keys and technical accounts.
#[derive(Debug, Clone, Copy)]
pub struct KeyPolicy {
    /// Keys of one app that are not deleted.
    pub per_app: usize,
    /// Technical accounts of one org (R70).
    pub technical_accounts_per_org: i64,
    /// Whether deleted technical accounts count.
    pub count_deleted_technical_accounts: bool,
    /// Whether a `jwks_uri` may be on this machine, also by http.
    pub fetch_loopback: bool,
    /// How key sets are read.
    pub fetch: FetchPolicy,
}

/// The first port that a key set may be at besides that of https; those below it belong to services that everybody knows.
pub const FIRST_FREE_PORT: u16 = 1_024;

/// How the key sets that apps publish are read.
#[derive(Debug, Clone, Copy)]
pub struct FetchPolicy {
    /// For one reading, from the name to the last byte.
    pub patience: Duration,
    /// The largest set, in bytes.
    pub largest: usize,
    /// Between two readings of one app's set, whatever comes and whichever server reads.
    pub pause: Duration,
    /// A set older than this is read again before a key of it is believed.
    pub max_age: Duration,
    /// While that fails, the keys of the last good reading are believed for this long after it.
    pub trusted_for: Duration,
}

/// As in `config/default.toml`.
impl Default for FetchPolicy {
    fn default() -> Self {
        Self {
            patience: Duration::seconds(2),
            largest: 65_536,
            pause: Duration::minutes(1),
            max_age: Duration::hours(1),
            trusted_for: Duration::days(1),
        }
    }
}

/// Tokens that developers get for themselves (R69).
#[derive(Debug, Clone, Copy)]
pub struct DevelopmentPolicy {
    /// Whether there are any.
    pub tokens: bool,
    /// The longest they live.
    pub token_lifetime: Duration,
}

impl Policy {
    /// The issuer's web origin, as browsers write it in `Origin`.
    pub fn issuer_origin(&self) -> String {
        url::Url::parse(&self.issuer).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
    }

    /// The API called `identifier`.
    pub fn api(&self, identifier: &str) -> Option<&Api> {
        self.apis.iter().find(|api| api.identifier == identifier)
    }

    /// The identifier of the management API.
    pub fn management_api(&self) -> String {
        format!("{}/api/v1", self.issuer)
    }

    /// The grant types that some app may use here.
    pub fn grant_types(&self) -> impl Iterator<Item = GrantType> {
        GrantType::ALL.into_iter().filter(|grant| self.password_grant || *grant != GrantType::Password)
    }

    /// Every scope of every API.
    pub fn all_scopes(&self) -> ScopeSet {
        self.apis.iter().flat_map(|api| api.scopes.iter().map(|scope| scope.name.clone())).collect()
    }
}
