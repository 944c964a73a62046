//! From settings to policy.

use std::thread::available_parallelism;

use sha2::{Digest as _, Sha256};
use time::Duration;

use crate::model::api::{Api, Scope, TokenForm};
use crate::model::brand::{Accent, Brand};
use crate::model::jwt_deadlines::JwtDeadlines;
use crate::model::policy::{Assertions, DevelopmentPolicy, FetchPolicy, KeyPolicy, Lifetimes, Limits, Metascope, Policy};
use crate::model::signing_key::Algorithm;
use crate::secret::Digest;
use crate::settings::check::{parse_instant, parse_network};
use crate::settings::{
    ApiSettings, DevelopmentSettings, JwtDeadlineSettings, KeySettings, LifetimeSettings, LimitSettings, Loaded, MailTransport,
    OauthSettings, Settings,
};

/// The scopes of the management API: name, title, description, sensitive.
pub(super) const MANAGEMENT_SCOPES: [(&str, &str, &str, bool); 8] = [
    ("apps:read", "See the org's apps", "Names, settings, and credentials without their values.", false),
    ("apps:write", "Register, change and delete the org's apps", "", true),
    ("credentials:write", "Make and delete credentials of apps", "Whoever holds a credential can act as the app.", true),
    ("people:read", "See the org's people", "Names, addresses and roles.", false),
    ("people:write", "Add, change and remove the org's people", "", true),
    ("audit:read", "Read the org's audit trail", "", false),
    ("introspect", "Ask whether access tokens are valid", "", false),
    ("tokens:revoke", "Revoke tokens of the org's apps", "", true),
];

impl Loaded {
    /// What is in force. Call [`Loaded::check`] first: networks that cannot be read are left out here. The
    /// logo is a file, which the composition root reads.
    pub fn into_policy(self) -> Policy {
        self.settings.into()
    }
}

impl From<Settings> for Policy {
    fn from(settings: Settings) -> Self {
        let mut apis: Vec<Api> = settings.apis.into_iter().map(Api::from).collect();
        apis.push(management_api(&settings.issuer));
        Self {
            secure_cookies: settings.issuer.starts_with("https://"),
            brand_name: settings.brand_name,
            brand: Brand { logo: None, accent: Accent::parse(&settings.brand_accent).ok() },
            mail: settings.mail.transport != MailTransport::Off,
            trusted_proxies: settings.server.trusted_proxies.iter().filter_map(|text| parse_network(text)).collect(),
            apis,
            require_pkce: settings.oauth.require_pkce,
            password_grant: settings.oauth.password_grant,
            assertions: (&settings.oauth).into(),
            lifetimes: (&settings.lifetimes).into(),
            limits: (&settings.limits).into(),
            last_use_interval: Duration::seconds(settings.jobs.last_use_interval.into()),
            jwt_deadlines: (&settings.jwt_deadlines).into(),
            keys: (&settings.keys).into(),
            development: (&settings.development).into(),
            issuer: settings.issuer,
        }
    }
}

impl From<ApiSettings> for Api {
    fn from(api: ApiSettings) -> Self {
        let scope = |scope: crate::settings::ScopeSettings| Scope {
            name: scope.name,
            title: scope.title,
            description: scope.description,
            sensitive: scope.sensitive,
        };
        Self {
            identifier: api.identifier,
            name: api.name,
            scopes: api.scopes.into_iter().map(scope).collect(),
            algorithm: api.algorithm,
            token_form: api.token_form,
            introspection_digest: api.introspection_secret.map(|secret| Digest::new(Sha256::digest(secret.expose()).into())),
        }
    }
}

fn management_api(issuer: &str) -> Api {
    let scope = |(name, title, description, sensitive): (&str, &str, &str, bool)| Scope {
        name: name.to_owned(),
        title: title.to_owned(),
        description: description.to_owned(),
        sensitive,
    };
    Api {
        identifier: format!("{issuer}/api/v1"),
        name: "Management API".to_owned(),
        scopes: MANAGEMENT_SCOPES.map(scope).into(),
        algorithm: Algorithm::Es256,
        token_form: TokenForm::AtJwt,
        introspection_digest: None,
    }
}

impl From<&OauthSettings> for Assertions {
    fn from(settings: &OauthSettings) -> Self {
        let seconds = |seconds: u32| Duration::seconds(seconds.into());
        Self {
            lifetime: seconds(settings.assertion_lifetime),
            exchange_lifetime: seconds(settings.exchange_assertion_lifetime),
            skew: seconds(settings.assertion_skew),
            bad_signature: settings.bad_signature,
            metascopes: settings.metascopes.iter().filter_map(|text| Metascope::parse(text)).collect(),
            revoked_keys_end_tokens: settings.revoked_keys_end_tokens,
        }
    }
}

impl From<&LifetimeSettings> for Lifetimes {
    fn from(settings: &LifetimeSettings) -> Self {
        let seconds = |seconds: u32| Duration::seconds(seconds.into());
        Self {
            code: seconds(settings.code),
            authorization_request: seconds(settings.authorization_request),
            session_idle: seconds(settings.session_idle),
            session_absolute: seconds(settings.session_absolute),
            password_link: seconds(settings.password_link),
            password_reset: seconds(settings.password_reset),
            invitation: seconds(settings.invitation),
            reauthentication: seconds(settings.reauthentication),
            restore_app: seconds(settings.restore_app),
            signing_key_lead: seconds(settings.signing_key_lead),
            idempotency: seconds(settings.idempotency),
            ended_rows: seconds(settings.ended_rows),
            brown_out: seconds(settings.brown_out),
        }
    }
}

impl From<&JwtDeadlineSettings> for JwtDeadlines {
    fn from(settings: &JwtDeadlineSettings) -> Self {
        let instant = |text: &str| parse_instant(text).ok().flatten();
        Self {
            announcement: settings.announcement.trim().to_owned(),
            no_new_apps: instant(&settings.no_new_apps),
            no_renewal: instant(&settings.no_renewal),
            disabled: instant(&settings.disabled),
        }
    }
}

impl From<&LimitSettings> for Limits {
    fn from(settings: &LimitSettings) -> Self {
        let count = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        Self {
            apps_per_org: settings.apps_per_org,
            secrets_per_app: count(settings.secrets_per_app),
            requests_per_browser: settings.requests_per_browser.into(),
            password_hashes: if settings.password_hashes == 0 { cores() } else { count(settings.password_hashes) },
            password_queue: count(settings.password_queue),
            login_attempts_per_account: settings.login_attempts_per_account,
            login_attempts_per_ip: settings.login_attempts_per_ip,
            password_failures_per_client: settings.password_failures_per_client,
            login_window: Duration::seconds(settings.login_window.into()),
            token_requests_per_second: settings.token_requests_per_second,
            client_auth_failures_per_minute: settings.client_auth_failures_per_minute,
            authorization_requests_per_minute: settings.authorization_requests_per_minute,
        }
    }
}

impl From<&KeySettings> for KeyPolicy {
    fn from(settings: &KeySettings) -> Self {
        Self {
            per_app: usize::try_from(settings.per_app).unwrap_or(usize::MAX),
            technical_accounts_per_org: settings.technical_accounts_per_org.into(),
            count_deleted_technical_accounts: settings.count_deleted_technical_accounts,
            fetch_loopback: settings.fetch_loopback,
            fetch: FetchPolicy {
                patience: Duration::seconds(settings.fetch_timeout.into()),
                largest: usize::try_from(settings.fetch_max_bytes).unwrap_or(usize::MAX),
                pause: Duration::seconds(settings.fetch_pause.into()),
                max_age: Duration::seconds(settings.fetch_max_age.into()),
                trusted_for: Duration::seconds(settings.fetch_trusted_for.into()),
            },
        }
    }
}

impl From<&DevelopmentSettings> for DevelopmentPolicy {
    fn from(settings: &DevelopmentSettings) -> Self {
        Self { tokens: settings.tokens, token_lifetime: Duration::seconds(settings.token_lifetime.into()) }
    }
}

impl Settings {
    /// The size of the pool: as set, or two connections per core and four more, at least 8, at most 32. A connection that
    /// works keeps about half a core of Postgres busy, and waiting in our queue is cheaper than waiting inside Postgres.
    pub fn pool_size(&self) -> u32 {
        match self.database.max_connections {
            0 => u32::try_from(cores() * 2 + 4).unwrap_or(32).clamp(8, 32),
            set => set,
        }
    }
}

fn cores() -> usize {
    available_parallelism().map_or(2, usize::from)
}
