//! The life of signing keys, on a real database with several servers.

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantor::crypto::NoSigningKey;
use grantor::crypto::jwt::{AccessTokenClaims, TokenType, kid_of};
use grantor::crypto::keyring::KeyringError;
use grantor::crypto::token::digest;
use grantor::entropy::SeededEntropy;
use grantor::flows::{Deps, keys};
use grantor::model::api::TokenForm;
use grantor::model::audit::Origin;
use grantor::model::client::ClientKind;
use grantor::model::signing_key::{Algorithm, SigningKey, Stage};
use grantor::secret::Secret;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation};
use time::Duration;
use tokio::task::JoinSet;

use crate::kit::world::{API, ISSUER, World, policy};

/// The longest lifetime of an access token.
const LONGEST: Duration = Duration::days(90);

fn claims(world: &World) -> AccessTokenClaims {
    AccessTokenClaims {
        iss: ISSUER.to_owned(),
        sub: "somebody".to_owned(),
        aud: API.to_owned(),
        exp: (world.now() + LONGEST).unix_timestamp(),
        iat: world.now().unix_timestamp(),
        jti: "token".to_owned(),
        client_id: "client".to_owned(),
        scope: "projects:read".to_owned(),
        org: world.org.id,
        authz: None,
        cred: None,
        auth_time: None,
    }
}

fn sign(world: &World, algorithm: Algorithm) -> Result<String, NoSigningKey> {
    keys::sign(&world.deps, algorithm, TokenType::AtJwt, &claims(world))
}

/// A token by ES256, which every test server can sign.
fn token(world: &World) -> String {
    sign(world, Algorithm::Es256).expect("a key is active")
}

fn signer(world: &World) -> String {
    kid_of(&token(world)).expect("a token names its key")
}

async fn verifies(world: &World, token: &str) -> bool {
    keys::verify(&world.deps, token, digest(token), world.now()).await.expect("the database answers").is_some()
}

fn published(world: &World) -> Vec<String> {
    world.deps.keyring.current().jwks().keys.into_iter().map(|key| key.kid).collect()
}

async fn rotate(world: &World, algorithm: Algorithm) -> SigningKey {
    keys::rotate(&world.deps, algorithm, &Origin::operator(), world.now()).await.expect("a key is made")
}

/// Lets time pass and the timer of the server run.
async fn pass(world: &World, time: Duration) {
    world.pass(time);
    keys::reload(&world.deps, world.now()).await.expect("keys are read");
}

#[tokio::test]
async fn k1_start_makes_a_key_for_each_algorithm_that_apis_sign_with() {
    let world = World::new().await;
    assert!(sign(&world, Algorithm::Es256).is_ok());
    assert!(sign(&world, Algorithm::EdDsa).is_err(), "the API that names EdDSA asks for opaque tokens");
    assert_eq!(world.count("SELECT count(*) FROM signing_keys").await, 1);

    let mut more = policy();
    more.apis[0].algorithm = Algorithm::Rs256;
    more.apis[1].token_form = TokenForm::PlainJwt;
    let world = World::with(more).await;
    for algorithm in Algorithm::ALL {
        let token = sign(&world, algorithm).expect("a key is active");
        assert!(verifies(&world, &token).await);
    }
    keys::ensure(&world.deps, world.now()).await.expect("nothing is missing");
    assert_eq!(world.count("SELECT count(*) FROM signing_keys").await, 3, "a second start makes none");
}

#[tokio::test]
async fn k5_servers_that_start_together_make_one_key() {
    let world = World::new().await;
    let mut servers = Vec::new();
    for _ in 0..4 {
        servers.push(world.second().await);
    }
    world.sql("DELETE FROM signing_keys").await;
    let mut starts = tokio::task::JoinSet::new();
    for deps in servers.iter().chain([&world]).map(|server| Arc::clone(&server.deps)) {
        let now = world.now();
        starts.spawn(async move { keys::ensure(&deps, now).await });
    }
    for started in starts.join_all().await {
        started.expect("keys are made or loaded");
    }
    assert_eq!(world.count("SELECT count(*) FROM signing_keys").await, 1);
    let token = token(&world);
    for server in &servers {
        assert_eq!(published(server), published(&world));
        assert!(verifies(server, &token).await);
    }
}

#[tokio::test]
async fn k5_a_rotated_key_is_published_before_it_signs_and_after_it_retired() {
    let world = World::new().await;
    let old = signer(&world);
    let early = token(&world);
    let new = rotate(&world, Algorithm::Es256).await.kid;
    assert_eq!(published(&world), [new.clone(), old.clone()]);
    assert_eq!(signer(&world), old, "verifiers have had no time to fetch the new one");

    pass(&world, Duration::DAY - Duration::SECOND).await;
    assert_eq!(signer(&world), old);
    let last = token(&world);
    pass(&world, Duration::SECOND).await;
    assert_eq!(signer(&world), new);

    for (passed, there) in [(Duration::ZERO, true), (LONGEST, true), (Duration::HOUR - Duration::SECOND, true), (Duration::SECOND, false)] {
        pass(&world, passed).await;
        assert_eq!(published(&world).contains(&old), there);
        assert_eq!((verifies(&world, &early).await, verifies(&world, &last).await), (there, there));
    }
    assert_eq!(signer(&world), new);
}

#[tokio::test]
async fn k5_rotating_twice_leaves_a_signer_at_every_moment() {
    let world = World::new().await;
    let first = signer(&world);
    let second = rotate(&world, Algorithm::Es256).await.kid;
    pass(&world, Duration::HOUR).await;
    let third = rotate(&world, Algorithm::Es256).await.kid;
    assert_eq!(signer(&world), first);
    pass(&world, Duration::hours(23)).await;
    assert_eq!(signer(&world), second);
    pass(&world, Duration::HOUR).await;
    assert_eq!(signer(&world), third);
    assert_eq!(published(&world), [third, second, first]);
}

#[tokio::test]
async fn k5_the_first_key_of_an_algorithm_signs_at_once() {
    let world = World::new().await;
    let key = rotate(&world, Algorithm::Rs256).await;
    assert_eq!(key.stage(world.now()), Stage::Active);
    let token = sign(&world, Algorithm::Rs256).expect("a key is active");
    assert!(verifies(&world, &token).await);
}

#[tokio::test]
async fn k6_no_verification_fails_on_any_server_while_keys_rotate() {
    let (world, mut tokens) = (World::new().await, Vec::new());
    let other = world.second().await;
    for _ in 0..4 {
        rotate(&world, Algorithm::Es256).await;
        for _ in 0..3 {
            pass(&world, Duration::hours(8)).await;
            tokens.extend([token(&world), token(&other)]);
            for token in &tokens {
                // The other server was told nothing: it looks when it meets a key id that it does not know.
                assert!(verifies(&world, token).await && verifies(&other, token).await);
            }
        }
    }
}

/// What a resource server does: it keeps the key set, and reads it anew when it meets a key that is not in it.
async fn accepts(world: &World, known: &mut JwkSet, token: &str) -> bool {
    let kid = kid_of(token).expect("a token names its key");
    if known.find(&kid).is_none() {
        *known = key_set(world).await;
    }
    let Some(key) = known.find(&kid) else { return false };
    let mut validation = Validation::new(jsonwebtoken::Algorithm::ES256);
    validation.set_audience(&[API]);
    // The world's clock is not the library's.
    validation.validate_exp = false;
    jsonwebtoken::decode::<AccessTokenClaims>(token, &DecodingKey::from_jwk(key).expect("a key"), &validation).is_ok()
}

async fn key_set(world: &World) -> JwkSet {
    serde_json::from_value(world.get("/.well-known/jwks.json").await.expect(200).json()).expect("a key set as another library reads it")
}

#[tokio::test]
async fn k6_a_resource_server_accepts_every_token_that_is_issued_while_keys_rotate() {
    let world = World::new().await;
    let other = world.second().await;
    let app = Arc::new(world.app(ClientKind::M2m).await);
    let (mut known, mut signers) = (key_set(&world).await, BTreeSet::new());
    for _ in 0..4 {
        rotate(&world, Algorithm::Es256).await;
        for _ in 0..4 {
            world.pass(Duration::hours(8));
            let mut clients = JoinSet::new();
            for server in [&world, &other].into_iter().cycle().take(16) {
                let (server, app) = (server.clone(), Arc::clone(&app));
                clients.spawn(async move { server.machine_token(&app, "projects:read").await });
            }
            // The timers of both servers run in the middle of it.
            let (tokens, one, two) =
                tokio::join!(clients.join_all(), keys::reload(&world.deps, world.now()), keys::reload(&other.deps, world.now()));
            one.and(two).expect("keys are read");
            for (number, token) in tokens.iter().enumerate() {
                let asked = if number % 2 == 0 { &world } else { &other };
                assert!(accepts(asked, &mut known, token).await);
                signers.extend(kid_of(token));
            }
        }
    }
    assert!(signers.len() >= 4, "{} keys signed", signers.len());
}

#[tokio::test]
async fn k6_strangers_key_ids_make_a_server_look_once_in_a_while() {
    let world = World::new().await;
    let other = world.second().await;
    let malformed = token(&world).replacen('.', "..", 1);
    let unknown = |kid: &str| {
        let header = serde_json::json!({ "alg": "ES256", "kid": kid, "typ": "at+jwt" }).to_string();
        format!("{}.e30.AAAA", URL_SAFE_NO_PAD.encode(header))
    };
    let before = other.deps.keyring.current();
    assert!(!verifies(&other, &malformed).await);
    assert!(Arc::ptr_eq(&before, &other.deps.keyring.current()), "a malformed token is no reason to look");
    assert!(!verifies(&other, &unknown("one")).await);
    let looked = other.deps.keyring.current();
    assert!(!Arc::ptr_eq(&before, &looked));
    for kid in ["two", "three"] {
        assert!(!verifies(&other, &unknown(kid)).await);
        assert!(Arc::ptr_eq(&looked, &other.deps.keyring.current()));
    }
    world.pass(Duration::seconds(5));
    assert!(!verifies(&other, &unknown("four")).await);
    assert!(!Arc::ptr_eq(&looked, &other.deps.keyring.current()));
}

#[tokio::test]
async fn a_retired_key_signs_no_more_and_still_verifies() {
    let world = World::new().await;
    let old = signer(&world);
    let before = token(&world);
    let retire = async |kid: &str| keys::retire(&world.deps, kid, &Origin::operator(), world.now()).await;
    assert!(matches!(retire("nobody's").await, Err(keys::Error::Unknown { .. })));
    assert!(matches!(retire(&old).await, Err(keys::Error::OnlyActive { .. })), "nothing could be signed without it");

    let new = rotate(&world, Algorithm::Es256).await.kid;
    assert!(matches!(retire(&old).await, Err(keys::Error::OnlyActive { .. })), "its successor does not sign yet");
    let newest = rotate(&world, Algorithm::Es256).await.kid;
    retire(&new).await.expect("a key that never signed may go");
    pass(&world, Duration::DAY).await;
    assert_eq!(signer(&world), newest);
    assert!(matches!(retire(&old).await, Err(keys::Error::Retired { .. })));
    assert!(verifies(&world, &before).await);
}

#[tokio::test]
async fn a_withdrawn_key_verifies_no_more_and_another_signs_at_once() {
    let world = World::new().await;
    let (stolen, forged) = (signer(&world), token(&world));
    keys::withdraw(&world.deps, &stolen, &Origin::operator(), world.now()).await.expect("it is taken out");
    assert!(!verifies(&world, &forged).await);
    assert!(!published(&world).contains(&stolen));
    assert_ne!(signer(&world), stolen);
    let again = keys::withdraw(&world.deps, &stolen, &Origin::operator(), world.now()).await;
    assert!(matches!(again, Err(keys::Error::Retired { .. })));
    assert!(matches!(keys::withdraw(&world.deps, "x", &Origin::operator(), world.now()).await, Err(keys::Error::Unknown { .. })));
}

#[tokio::test]
async fn every_change_of_keys_leaves_an_audit_entry_without_key_material() {
    let world = World::new().await;
    let old = signer(&world);
    rotate(&world, Algorithm::Es256).await;
    keys::withdraw(&world.deps, &old, &Origin::operator(), world.now()).await.expect("it is taken out");
    assert_eq!(world.count("SELECT count(*) FROM audit_events WHERE action = 'signing_key.withdraw' AND actor_kind = 'operator'").await, 1);
    assert_eq!(world.count("SELECT count(*) FROM audit_events WHERE action = 'signing_key.create' AND actor_kind = 'server'").await, 1);
    assert_eq!(world.count("SELECT count(*) FROM audit_events WHERE action = 'signing_key.create' AND actor_kind = 'operator'").await, 2);
    assert_eq!(world.count("SELECT count(*) FROM audit_events WHERE detail ? 'private_sealed' OR detail ? 'd'").await, 0);
}

#[tokio::test]
async fn k7_a_server_with_another_root_key_says_so_and_makes_no_keys() {
    let world = World::new().await;
    let root_key = [Secret::new([8; 32])];
    let policy = (*world.deps.policy).clone();
    let stranger = Deps::new(world.deps.db.clone(), policy, world.deps.clock.clone(), Arc::new(SeededEntropy::new(9)), &root_key);
    let stranger = stranger.expect("a root key is given");
    let error = keys::ensure(&stranger, world.now()).await.expect_err("it cannot open the key");
    assert!(matches!(error, keys::Error::Keyring(KeyringError::Sealed { .. })), "{error}");
    assert_eq!(world.count("SELECT count(*) FROM signing_keys").await, 1);
}

#[tokio::test]
async fn a_reload_that_fails_leaves_the_old_keys_in_force() {
    let world = World::new().await;
    let token = token(&world);
    world.sql("UPDATE signing_keys SET private_sealed = '\\x00'").await;
    let failed = keys::reload(&world.deps, world.now()).await;
    assert!(matches!(failed, Err(keys::Error::Keyring(_))));
    assert!(verifies(&world, &token).await && sign(&world, Algorithm::Es256).is_ok());
}
