//! Phase one and two through their front doors, and the fixtures of the other tests here.

use time::macros::datetime;

use crate::model::api::{Api, Scope, TokenForm};
use crate::model::brand::Brand;
use crate::model::client::{Client, ClientKind, ClientProfile, ClientRecord, Compat, Links, RefreshPolicy};
use crate::model::ids::{ClientKey, OrgId};
use crate::model::jwt_deadlines::JwtDeadlines;
use crate::model::policy::{Assertions, DevelopmentPolicy, FetchPolicy, KeyPolicy, Lifetimes, Limits, Policy, RequirePkce};
use crate::model::redirect_uri::RedirectUri;
use crate::model::scope::ScopeSet;
use crate::model::signing_key::Algorithm;
use crate::model::verification::Verification;
use crate::protocol::authorize::{PageProblem, check, client};
use crate::wire::ErrorCode;
use crate::wire::authorize::AuthorizationParams;

/// A well-shaped challenge.
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// An app with two scopes of the first API and one of the second, back at `https://app.example/cb`.
pub(crate) fn client(kind: ClientKind) -> Client {
    let refresh_tokens = RefreshPolicy {
        enabled: kind != ClientKind::M2m,
        requires_offline_access: false,
        rotation: true,
        retry_window: 30,
        absolute_lifetime: None,
        idle_lifetime: None,
    };
    Client {
        key: ClientKey(uuid::Uuid::from_u128(7)),
        org: OrgId(uuid::Uuid::from_u128(8)),
        client_id: "k3v9q2m7x4t8w1r6z5n0b2c9d7".into(),
        kind,
        profile: ClientProfile {
            name: "Brand Portal".into(),
            description: String::new(),
            redirect_uris: vec![RedirectUri::from_registered("https://app.example/cb".into())],
            scopes: scopes("projects:read projects:write people:see"),
            require_pkce: kind == ClientKind::Spa,
            allow_localhost: false,
            access_token_lifetime: 3_600,
            refresh_tokens,
            allow_password_grant: false,
            jwks_uri: None,
            compat: Compat::default(),
            links: Links::default(),
        },
        system: false,
        version: 1,
        identity_version: 1,
        logo: None,
        verification: Verification::Nothing,
        created_at: datetime!(2026-08-14 09:30 UTC),
        created_by: None,
        updated_at: datetime!(2026-08-14 09:30 UTC),
        last_used_at: None,
        disabled_at: None,
        deleted_at: None,
    }
}

pub(crate) fn record(client: Client) -> ClientRecord {
    ClientRecord {
        client,
        org_slug: "acme".into(),
        org_name: "Acme".into(),
        org_enabled: true,
        credentials: Vec::new(),
        technical_accounts: Vec::new(),
        jwks: None,
        published_token_at: None,
        migration: None,
    }
}

pub(crate) fn scopes(text: &str) -> ScopeSet {
    ScopeSet::parse(text).expect("the fixture's scopes are well formed")
}

/// Two APIs.
pub(crate) fn policy() -> Policy {
    let api = |identifier: &str, names: &[&str]| Api {
        identifier: identifier.into(),
        name: identifier.into(),
        scopes: names
            .iter()
            .map(|name| Scope { name: (*name).into(), title: String::new(), description: String::new(), sensitive: false })
            .collect(),
        algorithm: Algorithm::Es256,
        token_form: TokenForm::AtJwt,
        introspection_digest: None,
    };
    let hour = time::Duration::HOUR;
    Policy {
        issuer: "https://as.example".into(),
        secure_cookies: true,
        brand_name: "Grantor".into(),
        brand: Brand::default(),
        mail: false,
        trusted_proxies: Vec::new(),
        apis: vec![
            api("https://work.example/api", &["projects:read", "projects:write", "assets:read"]),
            api("https://people.example/api", &["people:see"]),
        ],
        password_grant: true,
        require_pkce: RequirePkce::Public,
        assertions: Assertions::default(),
        lifetimes: Lifetimes {
            code: time::Duration::MINUTE,
            authorization_request: hour,
            session_idle: hour,
            session_absolute: hour,
            password_link: hour,
            password_reset: time::Duration::minutes(30),
            invitation: time::Duration::days(7),
            reauthentication: time::Duration::minutes(10),
            restore_app: hour,
            signing_key_lead: hour,
            idempotency: hour,
            ended_rows: hour,
            brown_out: hour,
        },
        limits: Limits {
            apps_per_org: 10,
            secrets_per_app: 2,
            requests_per_browser: 20,
            password_hashes: 1,
            password_queue: 1,
            login_attempts_per_account: 5,
            login_attempts_per_ip: 50,
            password_failures_per_client: 100,
            login_window: hour,
            token_requests_per_second: 0,
            client_auth_failures_per_minute: 0,
            authorization_requests_per_minute: 0,
        },
        last_use_interval: time::Duration::seconds(5),
        jwt_deadlines: JwtDeadlines::default(),
        keys: keys(),
        development: DevelopmentPolicy { tokens: false, token_lifetime: time::Duration::days(1) },
    }
}

/// A good request of a single-page app, with `changes` on top; an empty value takes a parameter away.
pub(crate) fn request(changes: &[(&str, &str)]) -> AuthorizationParams {
    let mut pairs = vec![
        ("client_id", "k3v9q2m7x4t8w1r6z5n0b2c9d7"),
        ("redirect_uri", "https://app.example/cb"),
        ("response_type", "code"),
        ("state", "xyz"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in changes {
        pairs.retain(|(own, _)| own != name);
        pairs.push((name, value));
    }
    let pairs: Vec<_> = pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    AuthorizationParams::read(&pairs)
}

fn phase_one(params: &AuthorizationParams, record: Option<&ClientRecord>) -> Result<(), PageProblem> {
    client::named_client(params)?;
    client::prove_return_address(params, record).map(|_| ())
}

fn phase_two(params: &AuthorizationParams) -> Result<(), ErrorCode> {
    let record = record(client(ClientKind::Spa));
    let address = client::prove_return_address(params, Some(&record)).expect("the fixture's address is registered");
    check(params, &address, &record, &policy()).map(|_| ()).map_err(|refusal| refusal.error)
}

#[test]
fn b1_an_unknown_deleted_or_disabled_client_is_a_page() {
    let good = request(&[]);
    assert_eq!(phase_one(&request(&[("client_id", "")]), None), Err(PageProblem::ClientMissing));
    assert_eq!(phase_one(&good, None), Err(PageProblem::ClientUnknown));
    let at = datetime!(2026-08-14 09:30 UTC);
    let gone = record(Client { deleted_at: Some(at), ..client(ClientKind::Web) });
    assert_eq!(phase_one(&good, Some(&gone)), Err(PageProblem::ClientUnknown));
    let off = record(Client { disabled_at: Some(at), ..client(ClientKind::Web) });
    assert_eq!(phase_one(&good, Some(&off)), Err(PageProblem::ClientDisabled));
    let org_off = ClientRecord { org_enabled: false, ..record(client(ClientKind::Web)) };
    assert_eq!(phase_one(&good, Some(&org_off)), Err(PageProblem::ClientDisabled));
    assert_eq!(phase_one(&good, Some(&record(client(ClientKind::Web)))), Ok(()));
}

#[test]
fn b2_a_bad_redirect_uri_is_a_page_whatever_else_is_wrong() {
    let record = record(client(ClientKind::Web));
    for uri in ["https://app.example/cb/", "https://evil.example/cb", "javascript:alert(1)"] {
        let params = request(&[("redirect_uri", uri), ("response_type", "token"), ("scope", "nonsense")]);
        assert_eq!(phase_one(&params, Some(&record)), Err(PageProblem::RedirectMismatch));
    }
    assert_eq!(phase_one(&request(&[("redirect_uri", "")]), Some(&record)), Err(PageProblem::RedirectMissing));
}

#[test]
fn b3_the_only_response_type_is_code() {
    assert_eq!(phase_two(&request(&[("response_type", "")])), Err(ErrorCode::InvalidRequest));
    for other in ["token", "id_token", "code token", "none", "CODE", "code "] {
        assert_eq!(phase_two(&request(&[("response_type", other)])), Err(ErrorCode::UnsupportedResponseType), "{other}");
    }
    assert_eq!(phase_two(&request(&[])), Ok(()));
}

#[test]
fn b4_a_client_without_users_is_refused() {
    let address = client::prove_return_address(&request(&[]), Some(&record(client(ClientKind::Web)))).expect("registered");
    let refusal = check(&request(&[]), &address, &record(client(ClientKind::M2m)), &policy()).expect_err("it has no users");
    assert_eq!(refusal.error, ErrorCode::UnauthorizedClient);
}

#[test]
fn b6_a_state_of_2048_bytes_is_carried_and_a_longer_one_refused_without_echo() {
    let record = record(client(ClientKind::Spa));
    let state = |length: usize| request(&[("state", &"s".repeat(length))]);
    assert_eq!(phase_two(&state(2_048)), Ok(()));
    assert_eq!(phase_two(&state(2_049)), Err(ErrorCode::InvalidRequest));
    let address = client::prove_return_address(&state(2_049), Some(&record)).expect("the address is good");
    assert_eq!(address.state(), None);
}

#[test]
fn b9_the_only_response_mode_is_query() {
    assert_eq!(phase_two(&request(&[("response_mode", "query")])), Ok(()));
    for other in ["fragment", "form_post", "query.jwt", "nonsense"] {
        assert_eq!(phase_two(&request(&[("response_mode", other)])), Err(ErrorCode::InvalidRequest), "{other}");
    }
}

#[test]
fn b10_request_objects_are_refused_by_their_own_errors() {
    assert_eq!(phase_two(&request(&[("request", "eyJ")])), Err(ErrorCode::RequestNotSupported));
    assert_eq!(phase_two(&request(&[("request_uri", "https://evil.example/")])), Err(ErrorCode::RequestUriNotSupported));
}

#[test]
fn a15_repeats_are_a_page_for_the_address_and_an_error_for_the_rest() {
    let doubled = |name: &str, value: &str| {
        let mut pairs = vec![
            ("client_id".to_owned(), "k3v9q2m7x4t8w1r6z5n0b2c9d7".to_owned()),
            ("redirect_uri".to_owned(), "https://app.example/cb".to_owned()),
            ("response_type".to_owned(), "code".to_owned()),
        ];
        pairs.extend([(name.to_owned(), value.to_owned()), (name.to_owned(), value.to_owned())]);
        AuthorizationParams::read(&pairs)
    };
    let record = record(client(ClientKind::Web));
    assert_eq!(phase_one(&doubled("client_id", "x"), Some(&record)), Err(PageProblem::Repeated));
    assert_eq!(phase_one(&doubled("redirect_uri", "https://app.example/cb"), Some(&record)), Err(PageProblem::Repeated));
    for name in ["scope", "state", "code_challenge", "response_mode"] {
        assert_eq!(phase_one(&doubled(name, "x"), Some(&record)), Ok(()), "{name}");
        assert_eq!(phase_two(&doubled(name, "x")), Err(ErrorCode::InvalidRequest), "{name}");
    }
    assert!(doubled("resource", "https://work.example/api").repeated.is_empty());
}

fn keys() -> KeyPolicy {
    KeyPolicy {
        per_app: 10,
        technical_accounts_per_org: 10,
        count_deleted_technical_accounts: false,
        fetch_loopback: false,
        fetch: FetchPolicy::default(),
    }
}
