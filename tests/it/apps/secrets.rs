//! Secrets: shown once, two at most, deleted at once.

use axum::http::Method;
use grantor::model::client::ClientKind;
use grantor::model::scope::ScopeSet;
use serde_json::{Value, json};
use time::Duration;
use tokio::task::JoinSet;

use crate::apps::{APPS, body, managed};
use crate::kit::http::Answer;
use crate::kit::world::{App, World};

async fn made(world: &World, token: &str) -> (App, Value) {
    let created = world.api(Method::POST, APPS, token, Some(&body("Portal"))).await.expect(201);
    let app = App {
        key: grantor::model::ids::ClientKey(uuid::Uuid::nil()),
        client_id: created.text("client_id"),
        secret: created.text("client_secret"),
    };
    let json = created.json();
    (app, json)
}

/// A token request that fails for want of a code, once the client is authenticated.
async fn authenticates(world: &World, app: &App) -> bool {
    let answer = world.token(app, &[("grant_type", "refresh_token"), ("refresh_token", "grr_none")]).await;
    match answer.text("error").as_str() {
        "invalid_grant" => true,
        "invalid_client" => false,
        other => panic!("{other}: {}", answer.body),
    }
}

fn secrets(app: &App) -> String {
    format!("{APPS}/{}/secrets", app.client_id)
}

async fn add(world: &World, token: &str, app: &App, body: &Value) -> Answer {
    world.api(Method::POST, &secrets(app), token, Some(body)).await
}

#[tokio::test]
async fn m6_r28_a_secret_is_told_once_and_never_again() {
    let (world, token) = managed().await;
    let (app, created) = made(&world, &token).await;
    assert!(app.secret.starts_with("grs_"));
    assert_eq!(created["credentials"][0]["hint"], app.secret[app.secret.len() - 4..]);
    assert!(authenticates(&world, &app).await);
    for path in [format!("{APPS}/{}", app.client_id), secrets(&app), APPS.to_owned()] {
        let answer = world.api(Method::GET, &path, &token, None).await.expect(200);
        assert!(!answer.body.contains(&app.secret) && !answer.body.contains("client_secret"), "{}", answer.body);
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let audit: String = sqlx::query_scalar("SELECT string_agg(detail::text, ' ') FROM audit_events")
        .fetch_one(world.deps.db.pool())
        .await
        .expect("the trail");
    assert!(audit.contains("Portal") && !audit.contains("grs_"), "{audit}");
}

#[tokio::test]
async fn r90_client_ids_and_secrets_need_no_escaping() {
    let (world, token) = managed().await;
    let (app, _) = made(&world, &token).await;
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    assert!(plain(&app.client_id) && plain(&app.secret) && app.client_id.len() == 26);
}

#[tokio::test]
async fn r50_two_secrets_work_side_by_side_and_a_third_is_refused() {
    let (world, token) = managed().await;
    let (app, _) = made(&world, &token).await;
    let second = add(&world, &token, &app, &json!({ "note": "Next" })).await.expect(201);
    assert_eq!(second.header("location"), format!("https://auth.example.test{}/{}", secrets(&app), second.text("id")));
    let newer = App { secret: second.text("client_secret"), ..app.clone() };
    assert!(authenticates(&world, &app).await && authenticates(&world, &newer).await);
    let third = add(&world, &token, &app, &json!({})).await.expect(409);
    assert_eq!(third.text("type"), "https://auth.example.test/problems/secret-limit-reached");
}

#[tokio::test]
async fn r50_two_adds_at_one_time_leave_two_secrets() {
    let (world, token) = managed().await;
    let (app, _) = made(&world, &token).await;
    let second = world.second().await;
    let mut adds = JoinSet::new();
    for number in 0..8 {
        let (router, token, path) = (if number % 2 == 0 { &world } else { &second }.router.clone(), token.clone(), secrets(&app));
        adds.spawn(async move {
            let request = axum::http::Request::post(path)
                .header("authorization", format!("Bearer {token}"))
                .header("content-type", "application/json")
                .body(axum::body::Body::from("{}"))
                .expect("a request");
            crate::kit::http::send(&router, request).await.status.as_u16()
        });
    }
    let mut statuses = adds.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
}

#[tokio::test]
async fn r50_the_last_secret_stays_and_a_deleted_one_stops_at_once() {
    let (world, token) = managed().await;
    let (app, created) = made(&world, &token).await;
    let first = format!("{}/{}", secrets(&app), created["credentials"][0]["id"].as_str().expect("an id"));
    let refused = world.api(Method::DELETE, &first, &token, None).await.expect(409);
    assert_eq!(refused.text("type"), "https://auth.example.test/problems/last-credential");
    assert!(authenticates(&world, &app).await);
    let second = add(&world, &token, &app, &json!({})).await.expect(201);
    world.api(Method::DELETE, &first, &token, None).await.expect(204);
    assert!(!authenticates(&world, &app).await, "r28: it stops at once");
    assert!(authenticates(&world, &App { secret: second.text("client_secret"), ..app }).await);
    world.api(Method::DELETE, &first, &token, None).await.expect(404);
}

#[tokio::test]
async fn r28_a_note_has_at_most_sixty_four_characters() {
    let (world, token) = managed().await;
    let (app, created) = made(&world, &token).await;
    let path = format!("{}/{}", secrets(&app), created["credentials"][0]["id"].as_str().expect("an id"));
    let fits = "\u{e9}".repeat(64);
    let noted = world.api(Method::PATCH, &path, &token, Some(&json!({ "note": fits }))).await.expect(200);
    assert_eq!(noted.text("note"), fits);
    let refused = world.api(Method::PATCH, &path, &token, Some(&json!({ "note": "a".repeat(65) }))).await.expect(422);
    assert_eq!(refused.json()["errors"][0], json!({ "field": "note", "code": "too_long", "message": "A note has at most 64 characters." }));
    let cleared = world.api(Method::PATCH, &path, &token, Some(&json!({ "note": null }))).await.expect(200);
    assert_eq!(cleared.text("note"), "");
}

#[tokio::test]
async fn r51_dates_and_the_grant_of_the_last_use_are_told_per_secret() {
    let (world, token) = managed().await;
    let machine = json!({ "kind": "m2m", "name": "Nightly", "scopes": ["projects:read"] });
    let created = world.api(Method::POST, APPS, &token, Some(&machine)).await.expect(201);
    let app = App {
        key: grantor::model::ids::ClientKey(uuid::Uuid::nil()),
        client_id: created.text("client_id"),
        secret: created.text("client_secret"),
    };
    let listed = |answer: Answer| answer.json()["secrets"][0].clone();
    let before = listed(world.api(Method::GET, &secrets(&app), &token, None).await.expect(200));
    assert_eq!((&before["created_at"], &before["last_used_at"]), (&json!("2026-03-01T12:00:00Z"), &Value::Null));
    world.pass(Duration::minutes(5));
    world.machine_token(&app, "projects:read").await;
    world.deps.last_use.flush(&world.deps.db).await.expect("the last uses are written");
    let after = listed(world.api(Method::GET, &secrets(&app), &token, None).await.expect(200));
    assert_eq!((&after["last_used_at"], &after["last_used_grant_type"]), (&json!("2026-03-01T12:05:00Z"), &json!("client_credentials")));
}

#[tokio::test]
async fn r52_an_app_with_credentials_write_manages_its_own_secrets_and_no_others() {
    let (world, token) = managed().await;
    let scopes = ScopeSet::parse("credentials:write").expect("a scope");
    let own = world.app_with(ClientKind::M2m, |client| client.profile.scopes = scopes).await;
    let (other, _) = made(&world, &token).await;
    let weak = world.machine_token(&own, "credentials:write").await;
    let added = add(&world, &weak, &own, &json!({})).await.expect(201);
    world.api(Method::GET, &secrets(&own), &weak, None).await.expect(200);
    let path = format!("{}/{}", secrets(&own), added.text("id"));
    world.api(Method::DELETE, &path, &weak, None).await.expect(204);
    let refused = add(&world, &weak, &other, &json!({})).await.expect(403);
    assert!(refused.header("www-authenticate").contains("insufficient_scope"), "{:?}", refused.headers);
    world.api(Method::GET, &secrets(&other), &weak, None).await.expect(403);
    world.api(Method::PATCH, &format!("{APPS}/{}", own.client_id), &weak, Some(&json!({ "name": "x" }))).await.expect(403);
}

#[tokio::test]
async fn r53_tokens_outlive_a_deleted_secret_unless_they_are_revoked_with_it() {
    let (world, token) = managed().await;
    for (revoke, status) in [("", 200), ("?revoke_tokens=true", 401)] {
        let scopes = ScopeSet::parse("apps:read").expect("a scope");
        let app = world.app_with(ClientKind::M2m, |client| client.profile.scopes = scopes).await;
        let id = world.record(&app).await.credentials[0].id;
        let issued = world.machine_token(&app, "apps:read").await;
        world.api(Method::GET, APPS, &issued, None).await.expect(200);
        add(&world, &token, &app, &json!({})).await.expect(201);
        world.api(Method::DELETE, &format!("{}/{id}{revoke}", secrets(&app)), &token, None).await.expect(204);
        world.token(&app, &[("grant_type", "client_credentials")]).await.expect_error(401, "invalid_client");
        world.api(Method::GET, APPS, &issued, None).await.expect(status);
    }
}

#[tokio::test]
async fn g6_an_expired_secret_is_refused_and_frees_its_place() {
    let (world, token) = managed().await;
    let (app, created) = made(&world, &token).await;
    let path = format!("{}/{}", secrets(&app), created["credentials"][0]["id"].as_str().expect("an id"));
    for bad in [json!("2026-03-01T12:00:00Z"), json!("tomorrow"), json!(7)] {
        world.api(Method::PATCH, &path, &token, Some(&json!({ "expires_at": bad }))).await.expect(422);
    }
    world.api(Method::PATCH, &path, &token, Some(&json!({ "expires_at": "2026-03-01T13:00:00Z" }))).await.expect(200);
    add(&world, &token, &app, &json!({})).await.expect(201);
    world.pass(Duration::minutes(59));
    assert!(authenticates(&world, &app).await);
    world.pass(Duration::minutes(1));
    assert!(!authenticates(&world, &app).await);
    add(&world, &token, &app, &json!({})).await.expect(201);
}

#[tokio::test]
async fn g6_a_single_page_app_has_no_secret_and_gets_none() {
    let (world, token) = managed().await;
    let spa = world.app(ClientKind::Spa).await;
    add(&world, &token, &spa, &json!({})).await.expect(422);
}
