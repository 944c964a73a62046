//! The operator's dates A, B and C, the headers that tell of what ends, and what the console says.

use axum::http::Method;
use grantor::model::client::ClientKind;
use grantor::model::jwt_deadlines::JwtDeadlines;
use grantor::model::membership::Role;
use grantor::model::policy::Policy;
use serde_json::json;
use time::Duration;

use crate::apps::{ALL, APPS, lasting_manager};
use crate::kit::browser::Browser;
use crate::kit::http::Answer;
use crate::kit::keys::TestKey;
use crate::kit::world::{App, START, World, policy};
use crate::migration::{keyed, new_key};

/// The policy of an operator who ends keys: A after 10 days, B after 20, C after 30.
fn policy_with_dates() -> Policy {
    let mut policy = policy();
    policy.jwt_deadlines = JwtDeadlines {
        announcement: "Keys go away.".to_owned(),
        no_new_apps: Some(START + Duration::days(10)),
        no_renewal: Some(START + Duration::days(20)),
        disabled: Some(START + Duration::days(30)),
    };
    policy
}

async fn dated() -> (World, String) {
    let world = World::with(policy_with_dates()).await;
    let manager = lasting_manager(&world).await;
    let token = world.machine_token(&manager, ALL).await;
    (world, token)
}

/// What may bring an app a key, at the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Key,
    Renewal,
    ServiceCredentials,
    NewAppWithKeySet,
    KeySet,
    Migration,
}

/// An app that has a key already, in a certificate; and the next certificate of that key.
async fn with_certificate(world: &World, token: &str) -> (App, String) {
    let app = world.app(ClientKind::M2m).await;
    let (pair, now) = (TestKey::generate(), world.now());
    let body = json!({ "key": pair.certificate(now, now + Duration::days(90)) });
    world.api(Method::POST, &format!("{APPS}/{}/keys", app.client_id), token, Some(&body)).await.expect(201);
    (app, pair.certificate(now, now + Duration::days(180)))
}

/// Goes this way with the app.
async fn go(world: &World, token: &str, way: Way, (app, renewed): &(App, String)) -> Answer {
    let of_app = format!("{APPS}/{}", app.client_id);
    let set = "https://keys.example.test/jwks";
    let (method, path, body) = match way {
        Way::Key => (Method::POST, format!("{of_app}/keys"), json!({ "key": TestKey::generate().pem })),
        Way::Renewal => (Method::POST, format!("{of_app}/keys"), json!({ "key": renewed })),
        Way::ServiceCredentials => (Method::POST, format!("{of_app}/service-credentials"), json!({})),
        Way::NewAppWithKeySet => (Method::POST, APPS.to_owned(), json!({ "kind": "m2m", "name": "New", "jwks_uri": set })),
        Way::KeySet => (Method::PATCH, of_app, json!({ "jwks_uri": set })),
        Way::Migration => (Method::POST, format!("{of_app}/migration"), json!({ "direction": "secret_to_key", "public_key": new_key() })),
    };
    world.api(method, &path, token, Some(&body)).await
}

/// Each way is open a second before the date, and closed at the date.
async fn closes(days: i64, has_key: bool, ways: &[Way]) {
    let (world, token) = dated().await;
    world.sql("UPDATE orgs SET app_limit = 100").await;
    let mut apps = Vec::new();
    for _ in 0..2 * ways.len() {
        apps.push(if has_key { with_certificate(&world, &token).await } else { (world.app(ClientKind::M2m).await, String::new()) });
    }
    world.pass(Duration::days(days) - Duration::SECOND);
    for (way, app) in ways.iter().zip(&apps) {
        let answer = go(&world, &token, *way, app).await;
        assert!(matches!(answer.status.as_u16(), 200 | 201), "{way:?} a second before: {}", answer.body);
    }
    world.pass(Duration::SECOND);
    for (way, app) in ways.iter().zip(&apps[ways.len()..]) {
        let refused = go(&world, &token, *way, app).await;
        assert_eq!(refused.status.as_u16(), 409, "{way:?} at the date: {}", refused.body);
        assert_eq!(refused.text("type"), "https://auth.example.test/problems/deadline-passed", "{way:?}");
        let bare = !has_key && world.record(&app.0).await.credentials.iter().all(grantor::model::credential::Credential::is_secret);
        assert!(bare || has_key, "{way:?} leaves nothing");
    }
}

#[tokio::test]
async fn r46_at_date_a_no_app_gets_its_first_key_by_any_way() {
    closes(10, false, &[Way::Key, Way::ServiceCredentials, Way::NewAppWithKeySet, Way::KeySet, Way::Migration]).await;
}

#[tokio::test]
async fn r46_between_the_dates_an_app_that_has_a_key_gets_more() {
    let (world, token) = dated().await;
    let app = with_certificate(&world, &token).await;
    world.pass(Duration::days(10));
    for way in [Way::Key, Way::Renewal, Way::ServiceCredentials, Way::KeySet] {
        let answer = go(&world, &token, way, &app).await;
        assert!(matches!(answer.status.as_u16(), 200 | 201), "{way:?}: {}", answer.body);
    }
}

#[tokio::test]
async fn r46_at_date_b_no_app_gets_a_further_key_by_any_way() {
    closes(20, true, &[Way::Key, Way::Renewal, Way::ServiceCredentials, Way::KeySet, Way::Migration]).await;
}

/// The two headers of a token answer.
fn headers(answer: &Answer) -> (&str, &str) {
    (answer.header("deprecation"), answer.header("sunset"))
}

#[tokio::test]
async fn r46_tokens_got_with_the_old_secret_of_a_running_migration_say_so() {
    let (world, token) = crate::apps::managed().await;
    let other = world.app(ClientKind::M2m).await;
    assert_eq!(headers(&world.by_secret(&other).await.expect(200)), ("", ""));
    let started = format!("@{}", START.unix_timestamp());
    world.start_to_key(&token, &other).await.expect(201);
    assert_eq!(headers(&world.by_secret(&other).await.expect(200)), (started.as_str(), ""));
}

#[tokio::test]
async fn r46_after_the_last_date_keys_are_refused_and_a_migration_still_leads_out() {
    let (world, token) = dated().await;
    let app = keyed(&world).await;
    world.pass(Duration::days(30) - Duration::SECOND);
    world.by_key(&app).await.expect(200);
    world.pass(Duration::SECOND);
    let refused = world.by_key(&app).await.expect_error(401, "invalid_client").text("error_description");
    assert!(refused.contains("no longer accepts keys"), "{refused}");
    let moved = world.start(&token, &app).await;
    world.by_secret(&moved).await.expect(200);
}

#[tokio::test]
async fn r46_after_the_first_date_nobody_moves_to_a_key() {
    let (world, token) = dated().await;
    let app: App = world.app(ClientKind::M2m).await;
    world.pass(Duration::days(10));
    let refused = world.start_to_key(&token, &app).await.expect(409);
    assert_eq!(refused.text("type"), "https://auth.example.test/problems/deadline-passed");
}

async fn admin(world: &World) -> Browser {
    let mut browser = Browser::new(world);
    browser.sign_in("admin@acme.test").await;
    browser
}

#[tokio::test]
async fn r46_the_list_and_the_migration_tab_tell_the_dates_and_then_that_keys_are_refused() {
    let world = World::with(policy_with_dates()).await;
    world.person(Role::Admin).await;
    let (key, secret) = (keyed(&world).await, world.app(ClientKind::Web).await);
    let tab = |client_id: &str| format!("/orgs/acme/apps/{client_id}/migration");
    let dates = ["11 Mar 2026", "21 Mar 2026", "31 Mar 2026"];
    for (days, mark) in [(0, "JWT credential, refused from 31 Mar 2026"), (30, "JWT credential, refused since 31 Mar 2026")] {
        world.pass(Duration::days(days));
        let mut browser = admin(&world).await;
        let list = browser.open("/orgs/acme/apps").await.answer.body;
        let page = browser.open(&tab(&key.client_id)).await.answer.body;
        for (place, body) in [("list", &list), ("tab", &page)] {
            assert!(body.contains("Keys go away."), "{place} after {days} days: {body}");
            for date in dates {
                assert!(body.contains(date), "{place} after {days} days lacks {date}: {body}");
            }
        }
        assert!(list.contains(mark), "after {days} days: {list}");
        assert!(page.contains("From keys to a client secret"), "the way out stays open");
        let other = browser.open(&tab(&secret.client_id)).await.answer.body;
        assert!(!other.contains("Keys go away."), "whoever has no key is not bothered");
    }
}
