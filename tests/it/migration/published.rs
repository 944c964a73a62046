//! An app whose keys stand at its `jwks_uri`: they are old keys like others, and end by the operator's dates like others.

use axum::http::Method;
use grantor::model::client::ClientKind;
use grantor::model::jwt_deadlines::JwtDeadlines;
use grantor::model::policy::{FetchPolicy, Policy};
use serde_json::{Value, json};
use time::Duration;

use crate::apps::{ALL, APPS, lasting_manager};
use crate::assertions::Door;
use crate::kit::host::{Host, Reply};
use crate::kit::signer::Pair;
use crate::kit::world::{App, START, World, policy};
use crate::migration::{NEW, OLD, QUIET};

async fn publisher(world: &World) -> (App, Host) {
    let host = Host::start().await;
    host.replies(Reply::keys(&[("one", OLD.get())]));
    let app = world.app_with(ClientKind::M2m, |client| client.profile.jwks_uri = Some(host.url.clone())).await;
    (app, host)
}

async fn world_under(mut policy: Policy) -> (World, String) {
    policy.keys.fetch = FetchPolicy { patience: Duration::seconds(20), ..FetchPolicy::default() };
    let world = World::with(policy).await;
    let manager = lasting_manager(&world).await;
    let token = world.machine_token(&manager, ALL).await;
    (world, token)
}

#[tokio::test]
async fn r41_r43_the_last_token_by_a_published_key_is_known_and_completing_ends_the_set() {
    let (world, token) = world_under(policy()).await;
    let (app, _host) = publisher(&world).await;
    let moved = world.start(&token, &app).await;
    let old = async || {
        let told = world.migration(&token, &app).await;
        let passed = |name: &str| told["checks"][name]["passed"].as_bool().expect("a verdict");
        (told["old"]["last_token_issued_at"].clone(), passed("new_used_more_recently"), passed("old_unused_for_24_hours"))
    };
    assert_eq!(old().await, (Value::Null, false, true), "nobody used either");
    world.pass(Duration::hours(1));
    world.signed(&app, OLD, Door::Client).await.expect(200);
    world.pass(Duration::hours(1));
    for hour in 14..17 {
        world.by_secret(&moved).await.expect(200);
        assert_eq!(old().await, (json!("2026-03-01T13:00:00Z"), true, false), "at {hour}: the new secret hides nothing");
        world.pass(Duration::hours(1));
    }
    world.signed(&app, OLD, Door::Grant).await.expect(200);
    assert_eq!(old().await, (json!("2026-03-01T17:00:00Z"), false, false));
    world.complete(&token, &app, false).await.expect(409);
    world.pass(QUIET);
    world.by_secret(&moved).await.expect(200);
    assert_eq!(old().await, (json!("2026-03-01T17:00:00Z"), true, true));
    world.complete(&token, &app, false).await.expect(200);
    assert_eq!(world.record(&app).await.client.profile.jwks_uri, None);
    world.signed(&app, OLD, Door::Client).await.expect_error(401, "invalid_client");
    let back = json!({ "jwks_uri": "https://keys.example.test/jwks" });
    let refused = world.api(Method::PATCH, &format!("{APPS}/{}", app.client_id), &token, Some(&back)).await.expect(409);
    assert_eq!(refused.text("type"), "https://auth.example.test/problems/migration-completed");
}

#[tokio::test]
async fn r46_after_date_b_a_published_set_gets_no_further_keys() {
    let mut policy = policy();
    policy.jwt_deadlines = JwtDeadlines { no_renewal: Some(START + Duration::days(20)), ..JwtDeadlines::default() };
    let (world, _) = world_under(policy).await;
    let (app, host) = publisher(&world).await;
    let (late, _late_host) = publisher(&world).await;
    world.signed(&app, OLD, Door::Client).await.expect(200);

    world.pass(Duration::days(20) - Duration::SECOND);
    host.replies(Reply::keys(&[("one", OLD.get()), ("two", Pair::P384.get())]));
    world.signed(&app, Pair::P384, Door::Client).await.expect(200);
    world.pass(Duration::minutes(2));
    host.replies(Reply::keys(&[("two", Pair::P384.get()), ("three", NEW.get())]));
    world.signed(&app, NEW, Door::Client).await.expect_error(401, "invalid_client");
    world.signed(&app, Pair::P384, Door::Client).await.expect(200);
    world.signed(&app, OLD, Door::Client).await.expect_error(401, "invalid_client");
    world.signed(&late, OLD, Door::Client).await.expect(200);
}
