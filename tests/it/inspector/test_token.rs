//! A token for trying out: what the app would get, and it counts as a use.

use axum::http::Method;
use grantor::model::client::ClientKind;
use serde_json::json;

use crate::inspector::reader;
use crate::kit::world::World;

#[tokio::test]
async fn r55_a_test_token_is_what_the_app_would_get_and_counts_as_a_use() {
    let world = World::new().await;
    let token = reader(&world, "apps:read apps:write credentials:write introspect").await;
    let app = world.app(ClientKind::M2m).await;
    let path = format!("/api/v1/orgs/acme/apps/{}/test-token", app.client_id);
    let issued = world.api(Method::POST, &path, &token, Some(&json!({ "scope": "projects:read" }))).await.expect(200).json();
    assert_eq!((issued["token_type"].as_str(), issued["scope"].as_str()), (Some("Bearer"), Some("projects:read")));
    assert_eq!(issued["expires_in"], 86_400);
    let access = issued["access_token"].as_str().expect("a token");
    let active = world.post_as("/introspect", Some(&format!("Bearer {token}")), &[("token", access)]).await.expect(200).json();
    assert_eq!((&active["active"], active["client_id"].as_str()), (&json!(true), Some(&*app.client_id)));

    world.deps.last_use.flush(&world.deps.db).await.expect("uses are written");
    let record = world.record(&app).await;
    let used = record.credentials[0].last_use.expect("the secret was used");
    assert_eq!(used.grant_type.map(grantor::wire::GrantType::as_str), Some("client_credentials"));
    assert_eq!(record.client.last_used_at, Some(world.now()));
    assert_eq!(world.count("select count(*) from audit_events where action = 'client.test_token'").await, 1);
}

#[tokio::test]
async fn r55_no_test_token_for_who_may_not_manage_credentials_nor_for_apps_with_users() {
    let world = World::new().await;
    let app = world.app(ClientKind::M2m).await;
    let path = |client_id: &str| format!("/api/v1/orgs/acme/apps/{client_id}/test-token");
    let reads = reader(&world, "apps:read").await;
    world.api(Method::POST, &path(&app.client_id), &reads, Some(&json!({}))).await.expect(403);
    let manages = reader(&world, "apps:read apps:write credentials:write").await;
    world.api(Method::POST, &path("nobody-has-this-id"), &manages, Some(&json!({}))).await.expect(404);
    world.api(Method::POST, &path(&app.client_id), &manages, Some(&json!({ "scope": "files:read" }))).await.expect(422);
    let web = world.app(ClientKind::Web).await;
    world.api(Method::POST, &path(&web.client_id), &manages, Some(&json!({}))).await.expect(422);
    // An app with more rights in the management API than the asker has stays out of reach.
    let mighty =
        world.app_with(ClientKind::M2m, |client| client.profile.scopes = std::iter::once("people:write".to_owned()).collect()).await;
    world.api(Method::POST, &path(&mighty.client_id), &manages, Some(&json!({}))).await.expect(403);
    assert_eq!(
        world.count("select count(*) from audit_events where action = 'client.test_token'").await,
        1,
        "one asked for a foreign scope"
    );
}
