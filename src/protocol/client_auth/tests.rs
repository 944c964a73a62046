//! Each rule of client authentication.

use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::model::client::{Client, ClientKind, ClientProfile, ClientRecord, Compat, Links, RefreshPolicy};
use crate::model::credential::{Credential, CredentialKind};
use crate::model::ids::{ClientKey, CredentialId, OrgId};
use crate::model::scope::ScopeSet;
use crate::model::verification::Verification;
use crate::protocol::client_auth::{ASSERTION_TYPE, Basic, PresentedCredentials, claim, decide};
use crate::secret::{Digest, Secret};
use crate::wire::{AuthMethod, ErrorCode};

const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

fn basic(id: &str, secret: &str) -> PresentedCredentials {
    PresentedCredentials { basic: Some(Basic { client_id: id.to_owned(), client_secret: secret.into() }), ..Default::default() }
}

fn body(id: Option<&str>, secret: Option<&str>) -> PresentedCredentials {
    PresentedCredentials { client_id: id.map(str::to_owned), client_secret: secret.map(Secret::from), ..Default::default() }
}

fn error_of(presented: &PresentedCredentials) -> ErrorCode {
    claim(presented).expect_err("must be refused").error
}

#[test]
fn the_method_follows_from_where_the_secret_stands() {
    assert_eq!(claim(&basic("app-0001", "s")).expect("basic").method, AuthMethod::ClientSecretBasic);
    assert_eq!(claim(&body(Some("app-0001"), Some("s"))).expect("post").method, AuthMethod::ClientSecretPost);
    assert_eq!(claim(&body(Some("app-0001"), None)).expect("none").method, AuthMethod::None);
    let empty = basic("app-0001", "");
    let without = claim(&empty).expect("an empty password is no password");
    assert!(without.secret.is_none() && without.method == AuthMethod::None);
}

#[test]
fn g3_two_methods_at_once_are_an_invalid_request() {
    let both = PresentedCredentials { client_secret: Some("s".into()), ..basic("app-0001", "s") };
    assert_eq!(error_of(&both), ErrorCode::InvalidRequest);
    let assertion = PresentedCredentials { assertion: Some("x.y.z".into()), ..basic("app-0001", "s") };
    assert_eq!(error_of(&assertion), ErrorCode::InvalidRequest);
    let assertion = PresentedCredentials { assertion: Some("x.y.z".into()), ..body(Some("app-0001"), Some("s")) };
    assert_eq!(error_of(&assertion), ErrorCode::InvalidRequest);
}

#[test]
fn g3_basic_with_the_same_client_id_in_the_body_is_accepted_and_with_another_refused() {
    let same = PresentedCredentials { client_id: Some("app-0001".to_owned()), ..basic("app-0001", "s") };
    assert_eq!(claim(&same).expect("accepted").method, AuthMethod::ClientSecretBasic);
    let other = PresentedCredentials { client_id: Some("app-0002".to_owned()), ..basic("app-0001", "s") };
    assert_eq!(error_of(&other), ErrorCode::InvalidRequest);
}

#[test]
fn g5_a_request_that_names_no_client_is_refused() {
    assert_eq!(error_of(&body(None, None)), ErrorCode::InvalidClient);
    assert_eq!(error_of(&body(None, Some("s"))), ErrorCode::InvalidClient);
    assert_eq!(error_of(&basic("", "s")), ErrorCode::InvalidClient);
}

#[test]
fn g8_a_malformed_header_is_an_invalid_client_whatever_the_body_says() {
    let malformed = PresentedCredentials { malformed_basic: true, ..body(Some("app-0001"), Some("s")) };
    assert_eq!(error_of(&malformed), ErrorCode::InvalidClient);
}

#[test]
fn g11_an_assertion_needs_its_type_and_a_type_its_assertion() {
    let assertion = PresentedCredentials { assertion: Some("x.y.z".into()), ..body(Some("app-0001"), None) };
    assert_eq!(error_of(&assertion), ErrorCode::InvalidClient);
    let other = PresentedCredentials { assertion_type: Some("urn:x".to_owned()), ..assertion };
    assert_eq!(error_of(&other), ErrorCode::InvalidClient);
    let alone = PresentedCredentials { assertion_type: Some(ASSERTION_TYPE.to_owned()), ..body(Some("app-0001"), None) };
    assert_eq!(error_of(&alone), ErrorCode::InvalidClient);
    let both = PresentedCredentials { assertion: Some("x.y.z".into()), ..alone };
    let claimed = claim(&both).expect("a claim");
    assert_eq!((&*claimed.client_id, claimed.method), ("app-0001", AuthMethod::PrivateKeyJwt));
}

#[test]
fn g11_an_assertion_names_its_client_where_nothing_else_does() {
    let text = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhcHAtMDAwMiJ9.AA";
    let unnamed =
        PresentedCredentials { assertion_type: Some(ASSERTION_TYPE.to_owned()), assertion: Some(text.into()), ..body(None, None) };
    assert_eq!(claim(&unnamed).expect("a claim").client_id, "app-0002");
    let unreadable = PresentedCredentials { assertion: Some("x".into()), ..unnamed };
    assert_eq!(error_of(&unreadable), ErrorCode::InvalidClient);
}

fn digest(of: u8) -> Digest {
    Digest::new([of; 32])
}

fn secret(of: u8, expires_at: Option<OffsetDateTime>) -> Credential {
    Credential {
        id: CredentialId(Uuid::from_u128(of.into())),
        kind: CredentialKind::Secret { digest: digest(of), hint: "abcd".to_owned() },
        note: String::new(),
        created_at: NOW,
        created_by: None,
        expires_at,
        technical_account: None,
        paired_key: None,
        last_use: None,
    }
}

fn record(kind: ClientKind, credentials: Vec<Credential>) -> ClientRecord {
    let refresh_tokens = RefreshPolicy {
        enabled: true,
        requires_offline_access: false,
        rotation: true,
        retry_window: 30,
        absolute_lifetime: None,
        idle_lifetime: None,
    };
    let profile = ClientProfile {
        name: "App".to_owned(),
        description: String::new(),
        redirect_uris: Vec::new(),
        scopes: ScopeSet::default(),
        require_pkce: false,
        allow_localhost: false,
        access_token_lifetime: 3_600,
        refresh_tokens,
        allow_password_grant: false,
        jwks_uri: None,
        compat: Compat::default(),
        links: Links::default(),
    };
    let client = Client {
        key: ClientKey(Uuid::from_u128(1)),
        org: OrgId(Uuid::from_u128(2)),
        client_id: "app-0001".to_owned(),
        kind,
        profile,
        system: false,
        version: 1,
        identity_version: 1,
        logo: None,
        verification: Verification::Nothing,
        created_at: NOW,
        created_by: None,
        updated_at: NOW,
        last_used_at: None,
        disabled_at: None,
        deleted_at: None,
    };
    ClientRecord {
        client,
        org_slug: "acme".to_owned(),
        org_name: "Acme".to_owned(),
        org_enabled: true,
        credentials,
        technical_accounts: Vec::new(),
        jwks: None,
        published_token_at: None,
        migration: None,
    }
}

#[test]
fn g6_either_of_two_secrets_is_accepted_and_tells_which_one_it_was() {
    let web = record(ClientKind::Web, vec![secret(1, None), secret(2, None)]);
    for of in [1, 2] {
        assert_eq!(decide(Some(&web), Some(&digest(of)), NOW), Ok(Some(CredentialId(Uuid::from_u128(of.into())))));
    }
}

#[test]
fn g6_a_secret_ends_at_its_expiry_and_not_before() {
    let m2m = record(ClientKind::M2m, vec![secret(1, Some(NOW + Duration::SECOND))]);
    assert!(decide(Some(&m2m), Some(&digest(1)), NOW).is_ok());
    assert!(decide(Some(&m2m), Some(&digest(1)), NOW + Duration::SECOND).is_err());
}

#[test]
fn g5_a_public_client_with_a_secret_and_a_confidential_one_without_are_refused() {
    let spa = record(ClientKind::Spa, Vec::new());
    assert_eq!(decide(Some(&spa), None, NOW), Ok(None));
    assert_eq!(decide(Some(&spa), Some(&digest(1)), NOW).expect_err("refused").error, ErrorCode::InvalidClient);
    for kind in [ClientKind::Web, ClientKind::M2m] {
        let confidential = record(kind, vec![secret(1, None)]);
        assert_eq!(decide(Some(&confidential), None, NOW).expect_err("refused").error, ErrorCode::InvalidClient);
    }
}

#[test]
fn g7_every_failure_reads_the_same_outside() {
    let web = record(ClientKind::Web, vec![secret(1, None)]);
    let mut disabled = web.clone();
    disabled.client.disabled_at = Some(NOW);
    let mut deleted = web.clone();
    deleted.client.deleted_at = Some(NOW);
    let mut of_disabled_org = web.clone();
    of_disabled_org.org_enabled = false;
    let refusals = [
        decide(None, Some(&digest(1)), NOW),
        decide(None, None, NOW),
        decide(Some(&web), Some(&digest(9)), NOW),
        decide(Some(&web), None, NOW),
        decide(Some(&disabled), Some(&digest(1)), NOW),
        decide(Some(&deleted), Some(&digest(1)), NOW),
        decide(Some(&of_disabled_org), Some(&digest(1)), NOW),
    ];
    let outside: std::collections::BTreeSet<_> = refusals
        .iter()
        .map(|refusal| refusal.as_ref().map(|_| ()).map_err(|r| (r.error.as_str(), r.description)).expect_err("refused"))
        .collect();
    assert_eq!(outside.len(), 1, "{outside:?}");
    let inside: std::collections::BTreeSet<_> = refusals.iter().map(|refusal| refusal.as_ref().expect_err("refused").cause).collect();
    assert!(inside.len() >= 4, "the log tells them apart: {inside:?}");
}

#[test]
fn a_client_without_secrets_is_not_opened_by_a_digest_of_zeros() {
    let web = record(ClientKind::Web, Vec::new());
    assert!(decide(Some(&web), Some(&Digest::new([0; 32])), NOW).is_err());
}
