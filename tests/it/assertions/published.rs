//! Keys that apps publish at their `jwks_uri`: read when needed, again when they change, and not more often than that.

use axum::http::Method;
use grantor::model::client::ClientKind;
use grantor::model::policy::FetchPolicy;
use serde_json::{Value, json};
use time::Duration;
use tokio::task::JoinSet;

use crate::assertions::{DOORS, Door, Machine, patient, show_at};
use crate::kit::host::{Host, Reply, jwk};
use crate::kit::http::Answer;
use crate::kit::signer::{Pair, b64};
use crate::kit::world::World;

const PAUSE: Duration = Duration::seconds(60);

/// A machine app without keys of its own here, that publishes them at a host.
async fn publisher() -> (Machine, Host) {
    let host = Host::start().await;
    let mut policy = patient();
    policy.keys.fetch = FetchPolicy { patience: Duration::seconds(20), ..FetchPolicy::default() };
    let world = World::with(policy).await;
    let user = world.person(grantor::model::membership::Role::Member).await;
    let app = world.app_with(ClientKind::M2m, |client| client.profile.jwks_uri = Some(host.url.clone())).await;
    (Machine { world, app, user }, host)
}

impl Machine {
    /// A good assertion for client authentication with the name of its key.
    fn named(&self, kid: &str, pair: Pair, jti: &str) -> String {
        let signer = pair.get();
        let header = json!({ "alg": signer.public.algorithm.as_str(), "kid": kid });
        signer.jws(&header.to_string(), &Value::Object(self.claims(Door::Client, jti)).to_string())
    }

    async fn enter(&self, kid: &str, pair: Pair, jti: &str) -> Answer {
        self.show(Door::Client, &self.named(kid, pair, jti)).await
    }

    async fn problem(&self) -> Option<String> {
        self.world.record(&self.app).await.jwks.expect("a set").problem.clone()
    }
}

#[tokio::test]
async fn g21_a_published_key_is_found_and_a_new_one_after_a_rotation_as_well() {
    let (machine, host) = publisher().await;
    host.replies(Reply::keys(&[("one", Pair::P256.get())]));
    for number in 0..3 {
        machine.enter("one", Pair::P256, &format!("one {number}")).await.expect(200);
    }
    assert_eq!(host.asked(), 1, "read once");

    machine.world.pass(PAUSE);
    host.replies(Reply::keys(&[("one", Pair::P256.get()), ("two", Pair::Ed.get())]));
    machine.enter("two", Pair::Ed, "two").await.expect(200);
    machine.enter("one", Pair::P256, "one again").await.expect(200);
    assert_eq!(host.asked(), 2);
    let added = "SELECT jsonb_array_length(detail->'added')::text || jsonb_array_length(detail->'removed')::text FROM audit_events
                 WHERE action = 'key.publish' ORDER BY id";
    assert_eq!(machine.world.words(added).await, ["10", "10"]);
}

#[tokio::test]
async fn g21_a_key_that_is_published_no_more_ends_with_the_age_of_its_set() {
    let (machine, host) = publisher().await;
    host.replies(Reply::keys(&[("one", Pair::P256.get())]));
    machine.enter("one", Pair::P256, "first").await.expect(200);
    host.replies(Reply::keys(&[("two", Pair::Ed.get())]));
    machine.world.pass(Duration::minutes(59));
    machine.enter("one", Pair::P256, "second").await.expect(200);
    machine.world.pass(Duration::minutes(1));
    machine.enter("one", Pair::P256, "third").await.expect_error(401, "invalid_client");
    assert_eq!(host.asked(), 2);
}

#[tokio::test]
async fn r31_published_keys_work_at_every_door() {
    let (machine, host) = publisher().await;
    host.replies(Reply::keys(&[("one", Pair::Rsa.get())]));
    for door in DOORS {
        machine.show(door, &machine.assertion(door, &format!("{door:?}"))).await.expect(200);
        let wrong = machine.signed_by(Pair::OtherRsa.get(), door, &format!("wrong {door:?}"), |_| ());
        assert!(matches!(machine.show(door, &wrong).await.status.as_u16(), 400 | 401));
    }
    assert_eq!(host.asked(), 1);
    // What the app got so, it got by a key.
    assert!(machine.world.record(&machine.app).await.jwks.expect("a set").fetched_at.is_some());
}

#[tokio::test]
async fn g20_unknown_keys_cause_one_reading_a_minute_over_two_servers() {
    let (machine, host) = publisher().await;
    host.replies(Reply::keys(&[("one", Pair::P256.get())]));
    let second = machine.world.second().await;
    for round in 1..=3 {
        let mut tries = JoinSet::new();
        for index in 0..32 {
            let (world, app) = (if index % 2 == 0 { machine.world.clone() } else { second.clone() }, machine.app.clone());
            let assertion = machine.named("unknown", Pair::Ed, &format!("{round} {index}"));
            tries.spawn(async move { show_at(&world, &app, Door::Client, &assertion).await });
        }
        for answer in tries.join_all().await {
            // Who comes while another server reads is told to come back, and not that the key is wrong.
            assert!(matches!(answer.status.as_u16(), 401 | 503), "{} {}", answer.status, answer.body);
        }
        assert_eq!(host.asked(), round);
        machine.world.pass(PAUSE);
    }
    machine.enter("one", Pair::P256, "good").await.expect(200);
}

#[tokio::test]
async fn g21_everybody_who_waits_for_a_new_key_gets_in_by_one_reading() {
    let (machine, host) = publisher().await;
    host.replies(Reply::keys(&[("one", Pair::P256.get())]));
    let mut tries = JoinSet::new();
    for index in 0..32 {
        let (world, app) = (machine.world.clone(), machine.app.clone());
        let assertion = machine.named("one", Pair::P256, &index.to_string());
        tries.spawn(async move { show_at(&world, &app, Door::Client, &assertion).await });
    }
    assert!(tries.join_all().await.iter().all(|answer| answer.status == 200));
    assert_eq!(host.asked(), 1);
}

#[tokio::test]
async fn f25_an_outage_of_the_host_keeps_the_last_keys_for_a_day() {
    let (machine, host) = publisher().await;
    host.replies(Reply::keys(&[("one", Pair::P256.get())]));
    machine.enter("one", Pair::P256, "first").await.expect(200);
    host.replies(Reply::of("503 Unavailable", "", b""));
    for hour in 1..=24 {
        machine.world.pass(Duration::hours(1));
        machine.enter("one", Pair::P256, &format!("hour {hour}")).await.expect(200);
    }
    assert_eq!(machine.problem().await.as_deref(), Some("The host answers with the status 503, not 200."));
    machine.world.pass(Duration::hours(1));
    machine.enter("one", Pair::P256, "too late").await.expect_error(401, "invalid_client");

    host.replies(Reply::keys(&[("one", Pair::P256.get())]));
    machine.world.pass(PAUSE);
    machine.enter("one", Pair::P256, "back").await.expect(200);
    assert_eq!(machine.problem().await, None);
}

#[tokio::test]
async fn g22_documents_that_are_no_good_set_are_refused_with_the_reason() {
    let (machine, host) = publisher().await;
    let good = jwk("one", Pair::P256.get());
    let with = |member: &str, value: Value| {
        let mut key = good.clone();
        key[member] = value;
        key
    };
    let weak = json!({ "kty": "RSA", "kid": "weak", "e": "AQAB", "n": b64([0xff; 128]) });
    let many: Vec<Value> = (0..21).map(|number| with("kid", json!(number.to_string()))).collect();
    let cases = [
        (Reply::of("200 OK", "", b"<html>"), "no JWK set"),
        (Reply::json(&json!([good])), "no JWK set"),
        (Reply::json(&json!({ "keys": [] })), "no key that can be used"),
        (Reply::json(&json!({ "keys": [weak] })), "no key that can be used"),
        (Reply::json(&json!({ "keys": [with("use", json!("enc"))] })), "no key that can be used"),
        (Reply::json(&json!({ "keys": [with("alg", json!("ES384"))] })), "no key that can be used"),
        (Reply::json(&json!({ "keys": [good, with("d", json!("AAAA"))] })), "private key"),
        (Reply::json(&json!({ "keys": [good, { "kty": "oct", "k": "AAAA" }] })), "symmetric key"),
        (Reply::json(&json!({ "keys": [good, jwk("one", Pair::Ed.get())] })), "same kid"),
        (Reply::json(&json!({ "keys": many })), "more than 20 keys"),
        (Reply::of("302 Found", &format!("location: {}/elsewhere\r\n", host.url), b""), "redirect"),
        (Reply::of("200 OK", "", &vec![b' '; 65_537]), "more than 65536 bytes"),
    ];
    for (number, (reply, reason)) in cases.into_iter().enumerate() {
        host.replies(reply);
        machine.enter("one", Pair::P256, &number.to_string()).await.expect_error(401, "invalid_client");
        let problem = machine.problem().await.expect("a reason");
        assert!(problem.contains(reason), "{reason}: {problem}");
        assert_eq!(host.asked(), number + 1);
        machine.world.pass(PAUSE);
    }
    // What we do not understand beside a good key does no harm (RFC 7517 §5).
    let strange = json!({ "kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA" });
    host.replies(Reply::json(&json!({ "keys": [strange, weak_again(), 7, with("use", json!("sig"))] })));
    machine.enter("one", Pair::P256, "good").await.expect(200);
    assert_eq!(machine.problem().await, None);
}

fn weak_again() -> Value {
    json!({ "kty": "RSA", "e": "AQAB", "n": b64([0xff; 128]) })
}

#[tokio::test]
async fn r31_a_key_set_is_set_and_changed_by_the_api_which_shows_when_it_was_read() {
    let (machine, host) = publisher().await;
    let world = &machine.world;
    let manager = world
        .app_with(ClientKind::M2m, |client| {
            client.system = true;
            client.profile.scopes = ["apps:read", "apps:write", "credentials:write"].into_iter().map(str::to_owned).collect();
        })
        .await;
    let token = world.machine_token(&manager, "apps:read apps:write credentials:write").await;
    let app = format!("/api/v1/orgs/acme/apps/{}", machine.app.client_id);
    let secret = world.record(&machine.app).await.credentials[0].id;
    let secret = format!("{app}/secrets/{secret}");

    world.api(Method::DELETE, &secret, &token, None).await.expect(409);
    let shown = world.api(Method::GET, &format!("{app}/keys"), &token, None).await.expect(200).json();
    let never = json!({ "jwks_uri": host.url, "keys": [], "fetched_at": null, "attempted_at": null, "problem": null });
    assert_eq!(shown["published"], never, "a set that was never read is no other way in");

    host.replies(Reply::keys(&[("one", Pair::P256.get())]));
    machine.enter("one", Pair::P256, "first").await.expect(200);
    let shown = world.api(Method::GET, &format!("{app}/keys"), &token, None).await.expect(200).json();
    assert_eq!(shown["published"]["fetched_at"], "2026-03-01T12:00:00Z");
    assert_eq!(shown["published"]["keys"][0]["kid"], "one");

    let other = Host::start().await;
    other.replies(Reply::keys(&[("two", Pair::Ed.get())]));
    let change = json!({ "jwks_uri": other.url });
    world.api(Method::PATCH, &app, &token, Some(&change)).await.expect(200);
    machine.enter("one", Pair::P256, "second").await.expect_error(401, "invalid_client");
    machine.enter("two", Pair::Ed, "third").await.expect(200);
    assert_eq!((host.asked(), other.asked()), (1, 1), "the new place is asked at once");
    for (uri, code) in [
        ("http://keys.example.test/", "not_https"),
        ("https://user@keys.example.test/", "not_https"),
        ("https://keys.example.test:22/", "port"),
        ("https://keys.example.test:1023/", "port"),
    ] {
        let refused = world.api(Method::PATCH, &app, &token, Some(&json!({ "jwks_uri": uri }))).await.expect(422).json();
        assert_eq!(refused["errors"][0]["code"], code, "{uri}");
    }
    let audit = "SELECT detail->'changes'->'jwks_uri'->>'to' FROM audit_events WHERE action = 'client.update'";
    assert_eq!(world.words(audit).await, std::slice::from_ref(&other.url));
    world.api(Method::DELETE, &secret, &token, None).await.expect(204);
}
