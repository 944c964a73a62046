//! Disabling, deleting and restoring an app, and what ends with it.

use axum::http::Method;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use grantor::model::scope::ScopeSet;
use serde_json::json;
use time::Duration;

use crate::apps::{APPS, managed};
use crate::kit::world::World;

#[tokio::test]
async fn m10_r29_deleting_an_app_ends_its_codes_tokens_and_secrets_at_once() {
    let (world, token) = managed().await;
    world.person(Role::Member).await;
    let app = world.app(ClientKind::Web).await;
    let tokens = world.tokens(&app, "member@acme.test").await;
    let refresh = tokens["refresh_token"].as_str().expect("a refresh token").to_owned();
    let code = world.code(&app, "member@acme.test").await;
    world.api(Method::DELETE, &format!("{APPS}/{}", app.client_id), &token, None).await.expect(204);
    assert_eq!(world.count("SELECT count(*) FROM authorizations WHERE ended_at IS NULL").await, 0);
    assert_eq!(world.count("SELECT count(*) FROM authorizations WHERE end_cause = 'client_deleted'").await, 2);
    world.refresh(&app, &refresh).await.expect_error(401, "invalid_client");
    world.token(&app, &[("grant_type", "authorization_code"), ("code", &code)]).await.expect_error(401, "invalid_client");
    world.api(Method::GET, &format!("{APPS}/{}", app.client_id), &token, None).await.expect(404);
    assert_eq!(world.count("SELECT count(*) FROM audit_events WHERE action = 'client.delete'").await, 1);
}

#[tokio::test]
async fn r29_a_deleted_apps_access_tokens_are_dead_at_our_own_api() {
    let (world, token) = managed().await;
    let scopes = ScopeSet::parse("apps:read").expect("a scope");
    let app = world.app_with(ClientKind::M2m, |client| client.profile.scopes = scopes).await;
    let issued = world.machine_token(&app, "apps:read").await;
    world.api(Method::GET, APPS, &issued, None).await.expect(200);
    world.api(Method::DELETE, &format!("{APPS}/{}", app.client_id), &token, None).await.expect(204);
    let refused = world.api(Method::GET, APPS, &issued, None).await.expect(401);
    assert!(refused.header("www-authenticate").contains("invalid_token"));
}

#[tokio::test]
async fn a_deleted_app_comes_back_within_thirty_days_without_its_authorizations() {
    let (world, token) = managed().await;
    world.person(Role::Member).await;
    let app = world.app(ClientKind::Web).await;
    let tokens = world.tokens(&app, "member@acme.test").await;
    let refresh = tokens["refresh_token"].as_str().expect("a refresh token").to_owned();
    let path = format!("{APPS}/{}", app.client_id);
    world.api(Method::DELETE, &path, &token, None).await.expect(204);
    let restored = world.api(Method::POST, &format!("{path}/restore"), &token, None).await.expect(200);
    assert_eq!((restored.text("status").as_str(), restored.header("etag")), ("active", "\"v3\""));
    world.refresh(&app, &refresh).await.expect_error(400, "invalid_grant");
    world.api(Method::POST, &format!("{path}/restore"), &token, None).await.expect(404);
}

#[tokio::test]
async fn a_deleted_app_cannot_be_restored_after_its_time() {
    let world = World::new().await;
    let manager = crate::apps::manager(&world).await;
    let app = world.app(ClientKind::Web).await;
    let path = format!("{APPS}/{}", app.client_id);
    let token = world.machine_token(&manager, crate::apps::ALL).await;
    world.api(Method::DELETE, &path, &token, None).await.expect(204);
    world.pass(Duration::days(30));
    let token = world.machine_token(&manager, crate::apps::ALL).await;
    world.api(Method::POST, &format!("{path}/restore"), &token, None).await.expect(404);
    world.pass(-Duration::seconds(1));
    world.api(Method::POST, &format!("{path}/restore"), &token, None).await.expect(200);
}

#[tokio::test]
async fn a_disabled_app_gets_no_tokens_and_loses_nothing() {
    let (world, token) = managed().await;
    world.person(Role::Member).await;
    let app = world.app(ClientKind::Web).await;
    let tokens = world.tokens(&app, "member@acme.test").await;
    let refresh = tokens["refresh_token"].as_str().expect("a refresh token").to_owned();
    let path = format!("{APPS}/{}", app.client_id);
    assert_eq!(world.api(Method::POST, &format!("{path}/disable"), &token, None).await.expect(200).text("status"), "disabled");
    world.refresh(&app, &refresh).await.expect_error(401, "invalid_client");
    assert_eq!(world.api(Method::POST, &format!("{path}/enable"), &token, None).await.expect(200).text("status"), "active");
    world.refresh(&app, &refresh).await.expect(200);
}

#[tokio::test]
async fn who_connected_is_listed_and_one_connection_can_be_ended() {
    let (world, token) = managed().await;
    world.person(Role::Member).await;
    world.person(Role::Developer).await;
    let app = world.app(ClientKind::Web).await;
    let first = world.tokens(&app, "member@acme.test").await;
    world.pass(Duration::seconds(1));
    world.tokens(&app, "developer@acme.test").await;
    let path = format!("{APPS}/{}/authorizations", app.client_id);
    let page = world.api(Method::GET, &format!("{path}?limit=1"), &token, None).await.expect(200).json();
    assert_eq!(page["authorizations"][0]["user"]["email"], "developer@acme.test");
    let cursor = page["next_cursor"].as_str().expect("a second page");
    let page = world.api(Method::GET, &format!("{path}?limit=1&cursor={cursor}"), &token, None).await.expect(200).json();
    assert_eq!((&page["authorizations"][0]["user"]["email"], &page["next_cursor"]), (&json!("member@acme.test"), &json!(null)));
    let one = format!("{path}/{}", page["authorizations"][0]["id"].as_str().expect("an id"));
    world.api(Method::DELETE, &one, &token, None).await.expect(204);
    world.refresh(&app, first["refresh_token"].as_str().expect("a refresh token")).await.expect_error(400, "invalid_grant");
    world.api(Method::DELETE, &one, &token, None).await.expect(404);
}
