//! Public keys of apps by the management API: added in every form, revoked, deleted, limited, warned about.

use axum::http::Method;
use grantor::crypto::public_key::verify;
use grantor::model::client::ClientKind;
use grantor::model::scope::ScopeSet;
use serde_json::{Value, json};
use time::Duration;

use crate::apps::{APPS, managed};
use crate::kit::http::Answer;
use crate::kit::keys::TestKey;
use crate::kit::world::{App, World};

fn keys(app: &App) -> String {
    format!("{APPS}/{}/keys", app.client_id)
}

async fn add(world: &World, token: &str, app: &App, key: impl Into<Value>) -> Answer {
    world.api(Method::POST, &keys(app), token, Some(&json!({ "key": key.into() }))).await
}

async fn machine() -> (World, String, App) {
    let (world, token) = managed().await;
    let app = world.app(ClientKind::M2m).await;
    (world, token, app)
}

async fn listed(world: &World, token: &str, app: &App) -> Vec<Value> {
    let answer = world.api(Method::GET, &keys(app), token, None).await.expect(200).json();
    answer["keys"].as_array().expect("keys").clone()
}

fn fault(answer: Answer) -> String {
    answer.expect(422).json()["errors"][0]["code"].as_str().expect("a code").to_owned()
}

#[tokio::test]
async fn r31_a_key_is_added_as_spki_certificate_or_jwk_and_several_are_active_at_once() {
    let (world, token, app) = machine().await;
    let now = world.now();
    let (bare, certified, third) = (TestKey::generate(), TestKey::generate(), TestKey::generate());
    let created = add(&world, &token, &app, bare.pem.as_str()).await.expect(201);
    let id = created.text("id");
    assert_eq!(created.header("location"), format!("https://auth.example.test{}/{id}", keys(&app)));
    let json = created.json();
    let expected = json!(["key", "ES256", 256, bare.thumbprint, "active", null, null]);
    assert_eq!(
        json!([
            json["kind"],
            json["algorithm"],
            json["bits"],
            json["thumbprint"],
            json["status"],
            json["certificate"],
            json["last_used_at"]
        ]),
        expected
    );
    let certificate = certified.certificate(now, now + Duration::days(90));
    let json = add(&world, &token, &app, certificate).await.expect(201).json();
    assert_eq!(json["certificate"]["not_after"], "2026-05-30T12:00:00Z");
    assert!(json["certificate"]["subject"].as_str().expect("a subject").contains("nightly sync"));
    let jwk = serde_json::to_value(&grantor::crypto::public_key::parse(bare.pem.as_bytes()).expect("a key").jwk).expect("JSON");
    assert_eq!(fault(add(&world, &token, &app, jwk).await), "duplicate");
    let parsed = grantor::crypto::public_key::parse(third.pem.as_bytes()).expect("a key");
    add(&world, &token, &app, serde_json::to_value(&parsed.jwk).expect("JSON")).await.expect(201);

    let record = world.record(&app).await;
    let live: Vec<_> = record.credentials.iter().filter_map(|own| own.key().filter(|_| own.is_live(now))).collect();
    assert_eq!(live.len(), 3, "several at once");
    for pair in [&bare, &certified, &third] {
        assert_eq!(live.iter().filter(|key| verify(key, b"text", &pair.sign(b"text"))).count(), 1);
    }
    let app_json = world.api(Method::GET, &format!("{APPS}/{}", app.client_id), &token, None).await.expect(200).json();
    assert_eq!(app_json["credentials"].as_array().expect("credentials").len(), 4, "with the secret");
}

#[tokio::test]
async fn r31_private_keys_weak_keys_and_rubbish_are_refused_with_advice() {
    let (world, token, app) = machine().await;
    let pair = TestKey::generate();
    let refused = add(&world, &token, &app, pair.private_pem()).await;
    assert!(refused.body.contains("discard it"), "{}", refused.body);
    assert_eq!(fault(refused), "private_key");
    assert_eq!(fault(add(&world, &token, &app, "what is this").await), "not_a_key");
    assert_eq!(fault(add(&world, &token, &app, " ").await), "required");
    assert_eq!(fault(add(&world, &token, &app, 7).await), "wrong_type");
    assert_eq!(fault(add(&world, &token, &app, json!({ "kty": "oct", "k": "c2VjcmV0" })).await), "symmetric_key");
    let short = json!({ "kty": "RSA", "e": "AQAB", "n": "_".repeat(168) });
    assert_eq!(fault(add(&world, &token, &app, short).await), "key_too_short");
    let ended = pair.certificate(world.now() - Duration::days(9), world.now());
    assert_eq!(fault(add(&world, &token, &app, ended).await), "certificate_expired");
    assert!(listed(&world, &token, &app).await.is_empty());
    let trail = world.words("SELECT detail::text FROM audit_events").await.join(" ");
    assert!(!trail.contains("PRIVATE"), "{trail}");
    let spa = world.app(ClientKind::Spa).await;
    assert_eq!(fault(add(&world, &token, &spa, pair.pem).await), "not_for_kind");
}

#[tokio::test]
async fn r64_a_key_is_revoked_first_and_deleted_then_and_the_others_go_on() {
    let (world, token, app) = machine().await;
    let second = world.second().await;
    let (one, other) = (TestKey::generate(), TestKey::generate());
    let id = add(&world, &token, &app, one.pem.as_str()).await.expect(201).text("id");
    add(&world, &token, &app, other.pem.as_str()).await.expect(201);
    let at = format!("{}/{id}", keys(&app));
    let refused = world.api(Method::DELETE, &at, &token, None).await.expect(409);
    assert!(refused.text("type").ends_with("/key-still-works"), "{}", refused.body);
    let revoked = second.api(Method::POST, &format!("{at}/revoke"), &token, None).await.expect(200);
    assert_eq!(revoked.text("status"), "revoked");
    world.api(Method::POST, &format!("{at}/revoke"), &token, None).await.expect(200);
    let record = world.record(&app).await;
    let live: Vec<_> = record.credentials.iter().filter(|own| own.is_live(world.now())).filter_map(|own| own.key()).collect();
    assert_eq!(live.iter().map(|key| key.thumbprint.as_str()).collect::<Vec<_>>(), [other.thumbprint.as_str()], "it stops at once");
    assert_eq!(fault(add(&world, &token, &app, one.pem.as_str()).await), "revoked_key", "it does not come back");
    world.api(Method::DELETE, &at, &token, None).await.expect(204);
    world.api(Method::DELETE, &at, &token, None).await.expect(404);
    world.api(Method::POST, &format!("{at}/revoke"), &token, None).await.expect(404);
    assert_eq!(listed(&world, &token, &app).await.len(), 1);
    let actions = world.words("SELECT action FROM audit_events WHERE action LIKE 'key.%' ORDER BY action").await;
    assert_eq!(actions, ["key.create", "key.create", "key.delete", "key.revoke"]);
}

#[tokio::test]
async fn r50_the_last_credential_that_works_is_not_revoked() {
    let (world, token, app) = machine().await;
    let id = add(&world, &token, &app, TestKey::generate().pem).await.expect(201).text("id");
    let secret = world.record(&app).await.credentials.iter().find(|own| own.is_secret()).expect("a secret").id;
    world.api(Method::DELETE, &format!("{APPS}/{}/secrets/{secret}", app.client_id), &token, None).await.expect(204);
    let path = format!("{}/{id}/revoke", keys(&app));
    let refused = world.api(Method::POST, &path, &token, None).await.expect(409);
    assert!(refused.text("type").ends_with("/last-credential"), "{}", refused.body);
    add(&world, &token, &app, TestKey::generate().pem).await.expect(201);
    world.api(Method::POST, &path, &token, None).await.expect(200);
}

#[tokio::test]
async fn an_app_has_at_most_ten_keys_also_when_two_servers_add_at_once() {
    let (world, token, app) = machine().await;
    let second = world.second().await;
    for _ in 0..8 {
        add(&world, &token, &app, TestKey::generate().pem).await.expect(201);
    }
    let mut adds = tokio::task::JoinSet::new();
    for number in 0..6 {
        let (world, token, app) = (if number % 2 == 0 { world.clone() } else { second.clone() }, token.clone(), app.clone());
        adds.spawn(async move { add(&world, &token, &app, TestKey::generate().pem).await.status.as_u16() });
    }
    let mut statuses = adds.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 201, 409, 409, 409, 409]);
}

#[tokio::test]
async fn one_key_added_twice_at_once_is_there_once() {
    let (world, token, app) = machine().await;
    let (second, pem) = (world.second().await, TestKey::generate().pem);
    let (one, other) = tokio::join!(add(&world, &token, &app, pem.as_str()), add(&second, &token, &app, pem.as_str()));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 422]);
    // Another app may have the same key.
    let neighbour = world.app(ClientKind::Web).await;
    add(&world, &token, &neighbour, pem).await.expect(201);
}

#[tokio::test]
async fn r54_keys_tell_when_they_end_and_stop_verifying_then() {
    let (world, token, app) = machine().await;
    let now = world.now();
    let pair = TestKey::generate();
    add(&world, &token, &app, pair.certificate(now, now + Duration::days(40))).await.expect(201);
    let manager = super::manager(&world).await;
    // Tokens live a day, the test two months.
    let state = async || {
        let token = world.machine_token(&manager, super::ALL).await;
        let key = listed(&world, &token, &app).await.remove(0);
        (key["status"].as_str().expect("a word").to_owned(), key["expiry_warning"].as_str().map(str::to_owned))
    };
    let active = |warning: Option<&str>| ("active".to_owned(), warning.map(str::to_owned));
    assert_eq!(state().await, active(None));
    world.pass(Duration::days(10) - Duration::SECOND);
    assert_eq!(state().await, active(None), "thirty days and a second");
    world.pass(Duration::SECOND);
    assert_eq!(state().await, active(Some("days30")));
    world.pass(Duration::days(27));
    assert_eq!(state().await, active(Some("days3")));
    let live = async || world.record(&app).await.credentials.iter().any(|own| own.key().is_some() && own.is_live(world.now()));
    world.pass(Duration::days(3) - Duration::SECOND);
    assert!(live().await);
    world.pass(Duration::SECOND);
    assert!(!live().await, "r65: at the end of its certificate it verifies no more");
    assert_eq!(state().await, ("expired".to_owned(), None));
    let token = world.machine_token(&manager, super::ALL).await;
    let id = listed(&world, &token, &app).await[0]["id"].as_str().expect("an id").to_owned();
    world.api(Method::DELETE, &format!("{}/{id}", keys(&app)), &token, None).await.expect(204);
}

#[tokio::test]
async fn r65_a_newer_certificate_takes_the_place_of_the_old_one_without_a_gap() {
    let (world, token, app) = machine().await;
    let now = world.now();
    let pair = TestKey::generate();
    let first = add(&world, &token, &app, pair.certificate(now, now + Duration::days(30))).await.expect(201).text("id");
    let days = |from: i64, to: i64| pair.certificate(now + Duration::days(from), now + Duration::days(to));
    assert_eq!(fault(add(&world, &token, &app, days(0, 30)).await), "duplicate");
    assert_eq!(fault(add(&world, &token, &app, days(0, 20)).await), "duplicate");
    assert_eq!(fault(add(&world, &token, &app, pair.pem.as_str()).await), "duplicate");
    assert_eq!(fault(add(&world, &token, &app, days(1, 60)).await), "not_yet_valid", "there would be a gap");
    let renewed = add(&world, &token, &app, days(0, 60)).await.expect(200);
    assert_eq!((renewed.text("id"), listed(&world, &token, &app).await.len()), (first, 1));
    world.pass(Duration::days(45));
    assert!(world.record(&app).await.credentials.iter().any(|own| own.key().is_some() && own.is_live(world.now())));
}

#[tokio::test]
async fn r52_an_app_manages_its_own_keys_and_no_others() {
    let (world, _) = managed().await;
    let scopes = ScopeSet::parse("credentials:write").expect("scopes");
    let own = world.app_with(ClientKind::M2m, |client| client.profile.scopes = scopes).await;
    let other = world.app(ClientKind::M2m).await;
    let token = world.machine_token(&own, "credentials:write").await;
    let id = add(&world, &token, &own, TestKey::generate().pem).await.expect(201).text("id");
    assert_eq!(listed(&world, &token, &own).await.len(), 1);
    world.api(Method::POST, &format!("{}/{id}/revoke", keys(&own)), &token, None).await.expect(200);
    world.api(Method::DELETE, &format!("{}/{id}", keys(&own)), &token, None).await.expect(204);
    add(&world, &token, &other, TestKey::generate().pem).await.expect(403);
    world.api(Method::GET, &keys(&other), &token, None).await.expect(403);
    // A key is no way to more power than one has: the org's manager may do what this app may not.
    let manager = super::manager(&world).await;
    add(&world, &token, &manager, TestKey::generate().pem).await.expect(403);
}
