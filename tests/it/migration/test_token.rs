//! The console's test token and what an app may use: it is got as the app itself would get it, or not at all (R38, R46, R55).

use axum::http::Method;
use grantor::model::client::ClientKind;
use grantor::model::jwt_deadlines::JwtDeadlines;
use grantor::model::policy::Policy;
use time::Duration;

use crate::apps::{ALL, APPS, lasting_manager};
use crate::kit::http::Answer;
use crate::kit::world::{App, START, World, policy};
use crate::migration::{keyed, lasting, path};

/// Asks for a test token of `app`.
async fn test_token(world: &World, token: &str, app: &App) -> Answer {
    world.api(Method::POST, &format!("{APPS}/{}/test-token", app.client_id), token, Some(&serde_json::json!({}))).await
}

/// Kinds of the credentials of `app` that were used, by the count of their uses' grant types.
async fn used(world: &World, app: &App) -> Vec<&'static str> {
    world.deps.last_use.flush(&world.deps.db).await.expect("uses are written");
    let record = world.record(app).await;
    let kind = |secret: bool| if secret { "secret" } else { "key" };
    record.credentials.iter().filter(|own| own.last_use.is_some()).map(|own| kind(own.is_secret())).collect()
}

fn reason(answer: &Answer) -> String {
    answer.json()["errors"][0]["message"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn r55_a_machine_with_a_key_alone_gets_a_test_token_by_its_key() {
    let (world, token) = lasting().await;
    let app = keyed(&world).await;
    test_token(&world, &token, &app).await.expect(200);
    assert_eq!(used(&world, &app).await, ["key"]);
}

#[tokio::test]
async fn r55_a_test_token_goes_by_the_newest_credential_that_works() {
    let (world, token) = lasting().await;
    let app = world.app(ClientKind::M2m).await;
    world.pass(Duration::SECOND);
    world.key(&app).await;
    test_token(&world, &token, &app).await.expect(200);
    assert_eq!(used(&world, &app).await, ["key"]);
    world.sql("UPDATE credentials SET revoked_at = created_at WHERE kind = 'key'").await;
    test_token(&world, &token, &app).await.expect(200);
    assert_eq!(world.record(&app).await.credentials.len(), 2);
    assert_eq!(used(&world, &app).await.len(), 2, "the secret now too");
}

#[tokio::test]
async fn r38_r55_a_brown_out_is_for_test_tokens_too() {
    let (world, token) = lasting().await;
    let app = world.app(ClientKind::M2m).await;
    world.pass(Duration::SECOND);
    world.start_to_key(&token, &app).await.expect(201);
    world.sql("UPDATE credentials SET revoked_at = created_at WHERE kind = 'key'").await;
    test_token(&world, &token, &app).await.expect(200);
    world.api(Method::POST, &format!("{}/brown-out", path(&app)), &token, None).await.expect(200);
    let refused = test_token(&world, &token, &app).await.expect(422);
    assert!(reason(&refused).starts_with("Brown-out: this app is migrating to a key"), "{}", refused.body);
    // As soon as the new credential works, the token is got with that one.
    world.sql("UPDATE credentials SET revoked_at = NULL WHERE kind = 'key'").await;
    test_token(&world, &token, &app).await.expect(200);
    assert!(used(&world, &app).await.contains(&"key"));
}

#[tokio::test]
async fn r43_r55_after_a_migration_there_is_no_test_token_by_the_old_kind() {
    let (world, token) = lasting().await;
    let app = world.app(ClientKind::M2m).await;
    world.start_to_key(&token, &app).await.expect(201);
    world.complete(&token, &app, true).await.expect(200);
    test_token(&world, &token, &app).await.expect(200);
    assert_eq!(used(&world, &app).await, ["key"]);
    // A secret that came back from nowhere, as by an old backup, proves nothing any more.
    world.sql("UPDATE credentials SET deleted_at = NULL, revoked_at = CASE kind WHEN 'key' THEN created_at END").await;
    let refused = test_token(&world, &token, &app).await.expect(422);
    assert!(reason(&refused).contains("has migrated from client secrets to a key"), "{}", refused.body);
}

#[tokio::test]
async fn r46_r55_after_the_last_date_a_key_gives_no_test_token() {
    let disabled = Some(START + Duration::days(30));
    let jwt_deadlines = JwtDeadlines { disabled, ..JwtDeadlines::default() };
    let world = World::with(Policy { jwt_deadlines, ..policy() }).await;
    let manager = lasting_manager(&world).await;
    let token = world.machine_token(&manager, ALL).await;
    let app = keyed(&world).await;
    world.pass(Duration::days(30) - Duration::SECOND);
    test_token(&world, &token, &app).await.expect(200);
    world.pass(Duration::SECOND);
    let refused = test_token(&world, &token, &app).await.expect(422);
    assert!(reason(&refused).contains("no longer accepts keys"), "{}", refused.body);
}
