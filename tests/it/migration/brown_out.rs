//! Refusing the old credential on trial: everywhere, with an error that says so, for a while or until it is ended.

use axum::http::Method;
use grantor::model::client::ClientKind;
use serde_json::json;
use time::Duration;

use crate::apps::managed;
use crate::kit::http::Answer;
use crate::kit::world::{App, World};
use crate::migration::{keyed, path};

async fn brown_out(world: &World, method: Method, token: &str, app: &App) -> Answer {
    world.api(method, &format!("{}/brown-out", path(app)), token, None).await
}

#[tokio::test]
async fn a_brown_out_refuses_the_old_key_says_why_and_ends_by_itself() {
    let (world, token) = managed().await;
    let second = world.second().await;
    let app = keyed(&world).await;
    let moved = world.start(&token, &app).await;
    let told = brown_out(&world, Method::POST, &token, &app).await.expect(200).json();
    assert_eq!(told["brown_out"], json!({ "active": true, "until": "2026-03-01T12:05:00Z" }));
    world.let_it_be_heard();
    for server in [&world, &second] {
        let refused = server.by_key(&moved).await.expect_error(401, "invalid_client").text("error_description");
        assert!(refused.starts_with("Brown-out: this app is migrating to a client secret"), "{refused}");
        server.by_secret(&moved).await.expect(200);
    }
    world.pass(Duration::minutes(5) - Duration::milliseconds(1_001));
    for server in [&world, &second] {
        server.by_key(&moved).await.expect(200);
    }
    assert_eq!(world.migration(&token, &app).await["brown_out"], json!({ "active": false, "until": null }));
}

#[tokio::test]
async fn a_brown_out_is_undone_at_once_and_everywhere() {
    let (world, token) = managed().await;
    let second = world.second().await;
    let app = world.app(ClientKind::M2m).await;
    world.start_to_key(&token, &app).await.expect(201);
    brown_out(&world, Method::POST, &token, &app).await.expect(200);
    let refused = world.by_secret(&app).await.expect_error(401, "invalid_client");
    assert!(refused.text("error_description").starts_with("Brown-out: this app is migrating to a key"), "{}", refused.body);
    brown_out(&second, Method::DELETE, &token, &app).await.expect(200);
    second.by_secret(&app).await.expect(200);
    world.let_it_be_heard();
    world.by_secret(&app).await.expect(200);
    brown_out(&world, Method::DELETE, &token, &app).await.expect(200);
}

#[tokio::test]
async fn a_brown_out_needs_a_running_migration_and_ends_with_it() {
    let (world, token) = managed().await;
    let app = keyed(&world).await;
    for method in [Method::POST, Method::DELETE] {
        let refused = brown_out(&world, method, &token, &app).await.expect(409);
        assert_eq!(refused.text("type"), "https://auth.example.test/problems/migration-not-running");
    }
    world.start(&token, &app).await;
    brown_out(&world, Method::POST, &token, &app).await.expect(200);
    world.cancel(&token, &app).await.expect(204);
    world.by_key(&app).await.expect(200);
}

#[tokio::test]
async fn a_wrong_secret_learns_nothing_of_a_brown_out() {
    let (world, token) = managed().await;
    let app = world.app(ClientKind::M2m).await;
    world.start_to_key(&token, &app).await.expect(201);
    brown_out(&world, Method::POST, &token, &app).await.expect(200);
    let refused = world.by_secret(&App { secret: "grs_guess".to_owned(), ..app }).await.expect_error(401, "invalid_client");
    assert!(refused.text("error_description").starts_with("Client authentication failed."), "{}", refused.body);
}
