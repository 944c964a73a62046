//! A small world: one org with a person of each role, one app of each kind, on a clock that stands still until moved.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration as StdDuration;

use axum::Router;
use grantor::clock::{Clock, FixedClock};
use grantor::crypto::token::mint_client_secret;
use grantor::db::{self, Database, PoolOptions};
use grantor::entropy::SeededEntropy;
use grantor::flows::{Deps, keys};
use grantor::model::api::{Api, Scope, TokenForm};
use grantor::model::brand::Brand;
use grantor::model::client::{Client, ClientKind, ClientProfile, ClientRecord, Compat, Links, RefreshPolicy};
use grantor::model::credential::{Credential, CredentialKind};
use grantor::model::ids::{ClientKey, CredentialId, OrgId, UserId};
use grantor::model::jwt_deadlines::JwtDeadlines;
use grantor::model::membership::Role;
use grantor::model::org::Org;
use grantor::model::policy::{Assertions, DevelopmentPolicy, FetchPolicy, KeyPolicy, Lifetimes, Limits, Policy, RequirePkce};
use grantor::model::redirect_uri::RedirectUri;
use grantor::model::signing_key::Algorithm;
use grantor::model::user::{Email, User};
use grantor::model::verification::Verification;
use grantor::secret::Secret;
use grantor::settings::parse_root_keys;
use grantor::web::AppState;
use grantor::web::router::router;
use sqlx::postgres::PgConnectOptions;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use tokio::sync::OnceCell;

use crate::kit::postgres::{TestDatabase, database};
use crate::kit::process::ROOT_KEY;

/// The issuer of every test server.
pub(crate) const ISSUER: &str = "https://auth.example.test";
/// The API of every test server.
pub(crate) const API: &str = "https://api.example.test";
/// Everybody's password.
pub(crate) const PASSWORD: &str = "correct horse battery staple";
/// Where the apps' callbacks are.
pub(crate) const CALLBACK: &str = "https://app.example.test/callback";
/// A pool that a busy machine does not exhaust.
pub(crate) const PATIENT: PoolOptions =
    PoolOptions { max_connections: 16, acquire_timeout: StdDuration::from_secs(20), statement_timeout: StdDuration::from_secs(20) };
/// When tests begin.
pub(crate) const START: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);

/// A server on a database of its own.
#[derive(Clone)]
pub(crate) struct World {
    /// What flows work with.
    pub(crate) deps: Arc<Deps>,
    /// The server's clock.
    pub(crate) clock: FixedClock,
    /// The server's doors.
    pub(crate) router: Router,
    /// The org `acme`.
    pub(crate) org: Org,
    /// The database, kept alive.
    pub(crate) database: Arc<TestDatabase>,
}

/// An app with its secret, if it has one.
#[derive(Clone)]
pub(crate) struct App {
    /// Row id.
    pub(crate) key: ClientKey,
    /// Public id.
    pub(crate) client_id: String,
    /// Its secret; empty for a single-page app.
    pub(crate) secret: String,
}

impl World {
    /// A server with the org `acme` in it, and nobody and nothing else.
    pub(crate) async fn new() -> Self {
        Self::with(policy()).await
    }

    /// The same with another policy.
    pub(crate) async fn with(policy: Policy) -> Self {
        Self::on(Arc::new(database().await), policy, START).await
    }

    /// The same on a given database and at a given time.
    pub(crate) async fn on(database: Arc<TestDatabase>, policy: Policy, start: OffsetDateTime) -> Self {
        let clock = FixedClock::at(start);
        let deps = deps(&database.options, &clock, policy, PATIENT, 1);
        keys::ensure(&deps, start).await.expect("signing keys are made");
        let org = insert_org(&deps, "acme", 10).await;
        Self { router: doors(&deps), deps, clock, org, database }
    }

    /// A second server process, as far as state is concerned: its own pool, caches and chance on the same database.
    pub(crate) async fn second(&self) -> Self {
        self.beside(&self.database.options, (*self.deps.policy).clone(), PATIENT).await
    }

    /// The same with its own way to the database, policy and pool.
    pub(crate) async fn beside(&self, options: &PgConnectOptions, policy: Policy, pool: PoolOptions) -> Self {
        let deps = deps(options, &self.clock, policy, pool, 2);
        keys::reload(&deps, self.clock.now()).await.expect("signing keys are loaded");
        Self { router: doors(&deps), deps, ..self.clone() }
    }

    /// The instant of the frozen clock.
    pub(crate) fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }

    /// Another org.
    pub(crate) async fn org(&self, slug: &str) -> Org {
        insert_org(&self.deps, slug, 10).await
    }

    /// A person of the org `acme`, called after the role: `owner@acme.test`, with [`PASSWORD`].
    pub(crate) async fn person(&self, role: Role) -> User {
        self.person_of(&self.org, role.as_str(), role).await
    }

    /// A person `name@<slug>.test` of any org.
    pub(crate) async fn person_of(&self, org: &Org, name: &str, role: Role) -> User {
        let user = User {
            id: UserId(self.deps.entropy.uuid(self.now())),
            email: Email::parse(&format!("{name}@{}.test", org.slug)).expect("an address"),
            name: name.to_owned(),
            created_at: self.now(),
            disabled_at: None,
        };
        let hash = Secret::new(password_hash(&self.deps).await);
        let mut connection = self.deps.db.acquire().await.expect("a connection");
        db::users::insert(&mut connection, &user, Some(&hash)).await.expect("a person is added");
        db::memberships::insert(&mut connection, org.id, user.id, role, self.now()).await.expect("a membership is added");
        user
    }

    /// An app of the org `acme` with the defaults of its kind.
    pub(crate) async fn app(&self, kind: ClientKind) -> App {
        self.app_with(kind, |_| ()).await
    }

    /// The same, changed before it is stored.
    pub(crate) async fn app_with(&self, kind: ClientKind, change: impl FnOnce(&mut Client)) -> App {
        self.app_of(self.org.id, kind, change).await
    }

    /// An app of any org.
    pub(crate) async fn app_of(&self, org: OrgId, kind: ClientKind, change: impl FnOnce(&mut Client)) -> App {
        let entropy = self.deps.entropy.as_ref();
        let mut client = Client {
            key: ClientKey(entropy.uuid(self.now())),
            org,
            client_id: grantor::crypto::token::mint_client_id(entropy),
            kind,
            profile: profile(kind),
            system: false,
            version: 1,
            identity_version: 1,
            logo: None,
            verification: Verification::Nothing,
            created_at: self.now(),
            created_by: None,
            updated_at: self.now(),
            last_used_at: None,
            disabled_at: None,
            deleted_at: None,
        };
        change(&mut client);
        let mut connection = self.deps.db.acquire().await.expect("a connection");
        db::clients::insert(&mut connection, &client).await.expect("an app is registered");
        let mut secret = String::new();
        if kind.is_confidential() {
            let minted = mint_client_secret(entropy);
            secret.clone_from(minted.value.expose());
            let credential = Credential {
                id: CredentialId(entropy.uuid(self.now())),
                kind: CredentialKind::Secret { digest: minted.digest, hint: minted.hint },
                note: String::new(),
                created_at: self.now(),
                created_by: None,
                expires_at: None,
                technical_account: None,
                paired_key: None,
                last_use: None,
            };
            db::credentials::insert(&mut connection, org, client.key, &credential).await.expect("a secret is added");
        }
        App { key: client.key, client_id: client.client_id, secret }
    }

    /// The stored record of an app.
    pub(crate) async fn record(&self, app: &App) -> ClientRecord {
        let mut connection = self.deps.db.acquire().await.expect("a connection");
        db::clients::find_record_by_key(&mut connection, app.key).await.expect("the app is read").expect("the app exists")
    }

    /// Runs SQL that no flow has a verb for, such as an operator's hand on a row; this server forgets what it remembers.
    pub(crate) async fn sql(&self, statement: &'static str) {
        self.sql_unheard(statement).await;
        self.deps.clients.forget_all();
    }

    /// The same, and this server does not learn of it.
    pub(crate) async fn sql_unheard(&self, statement: &'static str) {
        sqlx::raw_sql(statement).execute(self.deps.db.pool()).await.expect("the statement runs");
    }

    /// The words that `statement` selects.
    pub(crate) async fn words(&self, statement: &'static str) -> Vec<String> {
        sqlx::query_scalar(statement).fetch_all(self.deps.db.pool()).await.expect("the statement answers")
    }

    /// The constraint that refuses `statement`.
    pub(crate) async fn refused_sql(&self, statement: &str) -> Option<String> {
        let refused = sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned())).execute(self.deps.db.pool()).await.err()?;
        refused.as_database_error()?.constraint().map(str::to_owned)
    }

    /// The single number that `statement` selects.
    pub(crate) async fn count(&self, statement: &'static str) -> i64 {
        sqlx::query_scalar(statement).fetch_one(self.deps.db.pool()).await.expect("the statement answers")
    }
}

fn doors(deps: &Arc<Deps>) -> Router {
    router(AppState { deps: deps.clone(), draining: Arc::new(AtomicBool::new(false)) })
}

fn deps(options: &PgConnectOptions, clock: &FixedClock, policy: Policy, pool: PoolOptions, seed: u64) -> Arc<Deps> {
    let db = Database::connect_lazy(options.clone(), pool);
    let root_keys = parse_root_keys(ROOT_KEY).expect("a good root key");
    let deps = Deps::new(db, policy, Arc::new(clock.clone()), Arc::new(SeededEntropy::new(seed)), &root_keys);
    Arc::new(deps.expect("a root key is given"))
}

async fn insert_org(deps: &Deps, slug: &str, app_limit: i32) -> Org {
    let now = deps.clock.now();
    let org = Org {
        id: OrgId(deps.entropy.uuid(now)),
        slug: slug.to_owned(),
        name: format!("{slug} Inc."),
        app_limit,
        created_at: now,
        disabled_at: None,
    };
    let mut connection = deps.db.acquire().await.expect("a connection");
    db::orgs::insert(&mut connection, &org).await.expect("an org is added");
    org
}

/// One hash for all: it costs tens of milliseconds.
async fn password_hash(deps: &Deps) -> String {
    static HASH: OnceCell<String> = OnceCell::const_new();
    HASH.get_or_init(|| async { deps.passwords.hash(&Secret::from(PASSWORD)).await.unwrap_or_else(|_| panic!("nobody else hashes")) })
        .await
        .clone()
}

/// What an app of this kind is like when its admin chose nothing.
pub(crate) fn profile(kind: ClientKind) -> ClientProfile {
    let users = kind.has_users();
    ClientProfile {
        name: format!("The {} app", kind.as_str()),
        description: String::new(),
        redirect_uris: if users { vec![RedirectUri::from_registered(CALLBACK.to_owned())] } else { Vec::new() },
        scopes: ["projects:read", "projects:write"].into_iter().map(str::to_owned).collect(),
        require_pkce: kind == ClientKind::Spa,
        allow_localhost: false,
        access_token_lifetime: if users { 3_600 } else { 86_400 },
        refresh_tokens: RefreshPolicy {
            enabled: users,
            requires_offline_access: false,
            rotation: true,
            retry_window: 30,
            absolute_lifetime: Some(180 * 86_400),
            idle_lifetime: Some(30 * 86_400),
        },
        allow_password_grant: false,
        jwks_uri: None,
        compat: Compat::default(),
        links: Links::default(),
    }
}

/// What is in force on a test server: the defaults of `config/default.toml`, two APIs besides the management API.
pub(crate) fn policy() -> Policy {
    let scope = |name: &str, sensitive| Scope { name: name.to_owned(), title: format!("Do {name}"), description: String::new(), sensitive };
    let api = |identifier: &str, scopes: Vec<Scope>, algorithm, token_form| Api {
        identifier: identifier.to_owned(),
        name: "Example".to_owned(),
        scopes,
        algorithm,
        token_form,
        introspection_digest: None,
    };
    let management =
        ["apps:read", "apps:write", "credentials:write", "people:read", "people:write", "audit:read", "introspect", "tokens:revoke"];
    Policy {
        issuer: ISSUER.to_owned(),
        secure_cookies: true,
        brand_name: "Grantor".to_owned(),
        brand: Brand::default(),
        mail: false,
        trusted_proxies: Vec::new(),
        apis: vec![
            api(API, vec![scope("projects:read", false), scope("projects:write", true)], Algorithm::Es256, TokenForm::AtJwt),
            api("https://opaque.example.test", vec![scope("files:read", false)], Algorithm::EdDsa, TokenForm::Opaque),
            api(&format!("{ISSUER}/api/v1"), management.map(|name| scope(name, true)).to_vec(), Algorithm::Es256, TokenForm::AtJwt),
        ],
        require_pkce: RequirePkce::Public,
        password_grant: true,
        assertions: Assertions::default(),
        lifetimes: Lifetimes {
            code: Duration::seconds(60),
            authorization_request: Duration::minutes(30),
            session_idle: Duration::hours(12),
            session_absolute: Duration::days(14),
            password_link: Duration::days(3),
            password_reset: Duration::minutes(30),
            invitation: Duration::days(7),
            reauthentication: Duration::minutes(10),
            restore_app: Duration::days(30),
            signing_key_lead: Duration::days(1),
            idempotency: Duration::days(1),
            ended_rows: Duration::days(30),
            brown_out: Duration::minutes(5),
        },
        limits: limits(),
        last_use_interval: Duration::seconds(5),
        jwt_deadlines: JwtDeadlines::default(),
        keys: keys(),
        development: DevelopmentPolicy { tokens: true, token_lifetime: Duration::days(1) },
    }
}

fn limits() -> Limits {
    Limits {
        apps_per_org: 10,
        secrets_per_app: 2,
        requests_per_browser: 20,
        password_hashes: 2,
        password_queue: 64,
        login_attempts_per_account: 10,
        login_attempts_per_ip: 100,
        password_failures_per_client: 100,
        login_window: Duration::minutes(15),
        token_requests_per_second: 0,
        client_auth_failures_per_minute: 30,
        authorization_requests_per_minute: 600,
    }
}

fn keys() -> KeyPolicy {
    KeyPolicy {
        per_app: 10,
        technical_accounts_per_org: 10,
        count_deleted_technical_accounts: false,
        fetch_loopback: true,
        fetch: FetchPolicy::default(),
    }
}
