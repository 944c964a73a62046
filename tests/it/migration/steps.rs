//! Each row of the state machine, one server, a clock that stands still.

use axum::http::Method;
use grantor::model::client::ClientKind;
use serde_json::{Value, json};
use time::Duration;

use crate::apps::APPS;
use crate::kit::keys::TestKey;
use crate::kit::world::{App, World};
use crate::migration::{QUIET, keyed, lasting, path};

/// The claims of an access token.
fn claims(world: &World, token: &str) -> grantor::crypto::jwt::AccessTokenClaims {
    world.deps.keyring.current().verify(token).expect("our own signature").claims
}

#[tokio::test]
async fn r36_starting_leaves_the_key_alone_and_the_secret_acts_as_the_same_client() {
    let (world, token) = lasting().await;
    let app = keyed(&world).await;
    let before = world.migration(&token, &app).await;
    assert_eq!((&before["state"], &before["possible_directions"]), (&json!("none"), &json!(["key_to_secret"])));
    let started = world.api(Method::POST, &path(&app), &token, None).await.expect(201);
    assert_eq!(started.header("cache-control"), "no-store");
    assert_eq!((started.text("client_id"), started.text("state")), (app.client_id.clone(), "running".to_owned()));
    let moved = App { secret: started.text("client_secret"), ..app.clone() };
    world.by_key(&moved).await.expect(200);
    let issued = world.by_secret(&moved).await.expect(200);
    let own = claims(&world, &issued.text("access_token"));
    assert_eq!((&own.sub, &own.client_id, issued.text("scope").as_str()), (&app.client_id, &app.client_id, "projects:read projects:write"));
    let told = world.migration(&token, &app).await;
    assert!(!told.to_string().contains("grs_"), "the secret is told once");
    assert_eq!(told["new"]["credentials"], json!([started.text("credential_id")]));
    assert_eq!((&told["old"]["kind"], &told["new"]["kind"]), (&json!("key"), &json!("secret")));
}

#[tokio::test]
async fn r36_there_must_be_something_to_move_from() {
    let (world, token) = lasting().await;
    let secret_only = world.app(grantor::model::client::ClientKind::M2m).await;
    let refused = world.api(Method::POST, &path(&secret_only), &token, None).await.expect(409);
    assert_eq!(refused.text("type"), "https://auth.example.test/problems/nothing-to-migrate");
    let spa = world.app(grantor::model::client::ClientKind::Spa).await;
    world.api(Method::POST, &path(&spa), &token, None).await.expect(409);
    for (body, field) in [
        (json!({ "direction": "sideways" }), "direction"),
        (json!({ "direction": "secret_to_key" }), "public_key"),
        (json!({ "direction": "secret_to_key", "public_key": "nonsense" }), "public_key"),
        (json!({ "public_key": "x" }), "public_key"),
        (json!({ "note": 7 }), "note"),
        (json!({ "else": 7 }), "else"),
    ] {
        let refused = world.api(Method::POST, &path(&secret_only), &token, Some(&body)).await.expect(422);
        assert_eq!(refused.json()["errors"][0]["field"], field, "{body}");
    }
    assert_eq!(world.count("SELECT count(*) FROM credential_migrations").await, 0);
}

#[tokio::test]
async fn r38_scopes_and_secrets_wait_and_reads_and_tokens_do_not() {
    let (world, token) = lasting().await;
    let app = keyed(&world).await;
    let moved = world.start(&token, &app).await;
    let (one, secrets) = (format!("{APPS}/{}", app.client_id), format!("{APPS}/{}/secrets", app.client_id));
    let new = world.migration(&token, &app).await["new"]["credentials"][0].as_str().expect("an id").to_owned();
    let waiting = [
        (Method::PATCH, one.clone(), Some(json!({ "scopes": ["projects:read"] }))),
        (Method::POST, secrets.clone(), Some(json!({}))),
        (Method::DELETE, format!("{secrets}/{new}"), None),
        (Method::POST, path(&app), None),
    ];
    for (method, path, body) in waiting {
        let refused = world.api(method, &path, &token, body.as_ref()).await.expect(409);
        assert_eq!(refused.text("type"), "https://auth.example.test/problems/migration-in-progress", "{path}");
        assert!(refused.text("detail").contains("cancel"), "the reason says what to do");
    }
    world.api(Method::PATCH, &one, &token, Some(&json!({ "description": "On the move" }))).await.expect(200);
    world.api(Method::PATCH, &one, &token, Some(&json!({ "scopes": ["projects:read", "projects:write"] }))).await.expect(200);
    world.api(Method::GET, &secrets, &token, None).await.expect(200);
    world.api(Method::PATCH, &format!("{secrets}/{new}"), &token, Some(&json!({ "note": "New" }))).await.expect(200);
    world.by_key(&moved).await.expect(200);
    world.by_secret(&moved).await.expect(200);
}

#[tokio::test]
async fn r38_tokens_for_trying_out_are_issued_during_a_migration_and_a_brown_out_of_either_kind() {
    let (world, token) = lasting().await;
    let test_token = async |app: &App| {
        let issued = world.api(Method::POST, &format!("{APPS}/{}/test-token", app.client_id), &token, Some(&json!({}))).await.expect(200);
        claims(&world, &issued.text("access_token")).sub
    };
    let (keyed, with_secret) = (keyed(&world).await, world.app(ClientKind::M2m).await);
    world.start(&token, &keyed).await;
    world.start_to_key(&token, &with_secret).await.expect(201);
    for app in [&keyed, &with_secret] {
        assert_eq!(test_token(app).await, app.client_id);
        world.api(Method::POST, &format!("{}/brown-out", path(app)), &token, None).await.expect(200);
        assert_eq!(test_token(app).await, app.client_id);
    }
}

#[tokio::test]
async fn r39_cancelling_deletes_the_new_secret_and_another_start_gives_a_fresh_one() {
    let (world, token) = lasting().await;
    let app = keyed(&world).await;
    let first = world.start(&token, &app).await;
    world.by_secret(&first).await.expect(200);
    world.cancel(&token, &app).await.expect(204);
    world.by_secret(&first).await.expect_error(401, "invalid_client");
    world.by_key(&app).await.expect(200);
    assert_eq!(world.migration(&token, &app).await["state"], "none");
    let refused = world.cancel(&token, &app).await.expect(409);
    assert_eq!(refused.text("type"), "https://auth.example.test/problems/migration-not-running");
    let second = world.start(&token, &app).await;
    assert_ne!(first.secret, second.secret);
    world.by_secret(&second).await.expect(200);
    world.by_secret(&first).await.expect_error(401, "invalid_client");
}

#[tokio::test]
async fn r39_cancelling_does_not_take_the_last_credential_that_works() {
    let (world, token) = lasting().await;
    let app = keyed(&world).await;
    let moved = world.start(&token, &app).await;
    let key = world.migration(&token, &app).await["old"]["credentials"][0].as_str().expect("an id").to_owned();
    let keys = format!("{APPS}/{}/keys", app.client_id);
    world.api(Method::POST, &format!("{keys}/{key}/revoke"), &token, None).await.expect(200);
    let refused = world.cancel(&token, &app).await.expect(409);
    assert_eq!(refused.text("type"), "https://auth.example.test/problems/last-credential");
    world.by_secret(&moved).await.expect(200);
    world.api(Method::POST, &keys, &token, Some(&json!({ "key": TestKey::generate().pem }))).await.expect(201);
    world.cancel(&token, &app).await.expect(204);
    world.by_secret(&moved).await.expect_error(401, "invalid_client");
}

#[tokio::test]
async fn r40_r41_both_last_tokens_and_both_checks_follow_the_clock() {
    let (world, token) = lasting().await;
    let app = keyed(&world).await;
    let moved = world.start(&token, &app).await;
    let seen = async || {
        let told = world.migration(&token, &app).await;
        let checks = &told["checks"];
        assert_eq!(checks["new_used_more_recently"]["new_last_token_issued_at"], told["new"]["last_token_issued_at"]);
        assert_eq!(checks["old_unused_for_24_hours"]["old_last_token_issued_at"], told["old"]["last_token_issued_at"]);
        let passed = |name: &str| checks[name]["passed"].as_bool().expect("a verdict");
        let last = |side: &str| told[side]["last_token_issued_at"].clone();
        (passed("new_used_more_recently"), passed("old_unused_for_24_hours"), last("old"), last("new"))
    };
    assert_eq!(seen().await, (false, true, Value::Null, Value::Null), "nobody used either");
    world.by_key(&moved).await.expect(200);
    assert_eq!(seen().await, (false, false, json!("2026-03-01T12:00:00Z"), Value::Null));
    world.pass(Duration::hours(1));
    let wrong = App { secret: "grs_wrong".to_owned(), ..moved.clone() };
    world.by_secret(&wrong).await.expect_error(401, "invalid_client");
    world.token(&moved, &[("grant_type", "client_credentials"), ("scope", "nonsense")]).await.expect_error(400, "invalid_scope");
    world.post("/revoke", &[("client_id", &moved.client_id), ("client_secret", &moved.secret), ("token", "x")]).await.expect(200);
    assert_eq!(seen().await.3, Value::Null, "r40: neither a refusal nor a revocation is a token");
    world.by_secret(&moved).await.expect(200);
    assert_eq!(seen().await, (true, false, json!("2026-03-01T12:00:00Z"), json!("2026-03-01T13:00:00Z")));
    world.pass(QUIET - Duration::hours(1) - Duration::SECOND);
    assert!(!seen().await.1, "a second less than a day, as other servers may still tell");
    assert_eq!(world.migration(&token, &app).await["checks"]["old_unused_for_24_hours"]["passes_at"], "2026-03-02T12:00:05Z");
    world.pass(Duration::SECOND);
    assert_eq!(seen().await, (true, true, json!("2026-03-01T12:00:00Z"), json!("2026-03-01T13:00:00Z")), "exactly a day");
    world.by_key(&moved).await.expect(200);
    assert!(!seen().await.0, "the old one is ahead again");
}

/// Every combination of the two checks, on the way to a key: who asks at which hour, and what the review says a day after the first.
#[tokio::test]
async fn r41_the_two_checks_in_every_combination_on_the_way_to_a_key() {
    let (world, token) = lasting().await;
    let app = world.app(ClientKind::M2m).await;
    world.start_to_key(&token, &app).await.expect(201);
    let seen = async || {
        let checks = world.migration(&token, &app).await["checks"].clone();
        let passed = |name: &str| checks[name]["passed"].as_bool().expect("a verdict");
        assert_eq!(checks["passed"].as_bool(), Some(passed("new_used_more_recently") && passed("old_unused_for_24_hours")));
        (passed("new_used_more_recently"), passed("old_unused_for_24_hours"))
    };
    assert_eq!(seen().await, (false, true), "neither was ever used");
    world.by_key(&app).await.expect(200);
    assert_eq!(seen().await, (true, true), "the old one was never used");
    world.by_secret(&app).await.expect(200);
    assert_eq!(seen().await, (false, false), "at the same instant is not later");
    world.pass(Duration::SECOND);
    world.by_key(&app).await.expect(200);
    assert_eq!(seen().await, (true, false));
    world.pass(QUIET - Duration::SECOND - Duration::SECOND);
    assert_eq!(seen().await, (true, false), "a second less than a day");
    world.pass(Duration::SECOND);
    assert_eq!(seen().await, (true, true), "exactly a day");
    world.by_secret(&app).await.expect(200);
    assert_eq!(seen().await, (false, false), "the old one is ahead again");
    world.pass(QUIET);
    assert_eq!(seen().await, (false, true));
    assert_eq!(world.complete(&token, &app, false).await.expect(409).text("type"), "https://auth.example.test/problems/checks-not-passed");
    world.by_key(&app).await.expect(200);
    world.complete(&token, &app, false).await.expect(200);
}

#[tokio::test]
async fn r42_completing_needs_the_name_and_the_checks_or_an_override() {
    let (world, token) = lasting().await;
    let app = keyed(&world).await;
    let moved = world.start(&token, &app).await;
    world.by_key(&moved).await.expect(200);
    let complete = format!("{}/complete", path(&app));
    for name in ["the m2m app", "The m2m", ""] {
        let body = json!({ "confirm_name": name, "override": true });
        let refused = world.api(Method::POST, &complete, &token, Some(&body)).await.expect(422);
        assert_eq!(refused.text("type"), "https://auth.example.test/problems/name-mismatch");
    }
    world.api(Method::POST, &complete, &token, Some(&json!({ "override": true }))).await.expect(422);
    world.api(Method::POST, &complete, &token, Some(&json!({ "confirm_name": "The m2m app", "override": "yes" }))).await.expect(422);
    let refused = world.complete(&token, &app, false).await.expect(409);
    assert_eq!(refused.text("type"), "https://auth.example.test/problems/checks-not-passed");
    world.by_key(&moved).await.expect(200);
    assert_eq!(world.migration(&token, &app).await["state"], "running", "nothing changed");
    assert_eq!(world.complete(&token, &app, true).await.expect(200).text("state"), "completed");
}

#[tokio::test]
async fn r43_after_completion_the_key_is_gone_and_there_is_no_way_back() {
    let (world, token) = lasting().await;
    let app = keyed(&world).await;
    let moved = world.start(&token, &app).await;
    let issued = world.by_secret(&moved).await.expect(200).text("access_token");
    world.by_key(&moved).await.expect(200);
    world.pass(Duration::hours(2));
    world.by_secret(&moved).await.expect(200);
    world.pass(QUIET - Duration::hours(2));
    world.complete(&token, &app, false).await.expect(200);
    world.by_key(&moved).await.expect_error(401, "invalid_client");
    world.by_secret(&moved).await.expect(200);
    assert_eq!(claims(&world, &issued).client_id, app.client_id, "what was issued stays good until it expires");
    let kinds: Vec<Value> =
        world.api(Method::GET, &format!("{APPS}/{}", app.client_id), &token, None).await.expect(200).json()["credentials"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|own| own["kind"].clone())
            .collect();
    assert_eq!(kinds, [json!("secret")]);
    let final_steps = [
        world.cancel(&token, &app).await,
        world.complete(&token, &app, true).await,
        world.api(Method::POST, &path(&app), &token, None).await,
        world.start_to_key(&token, &app).await,
        world.api(Method::POST, &format!("{}/brown-out", path(&app)), &token, None).await,
    ];
    for refused in final_steps {
        assert_eq!(refused.expect(409).text("type"), "https://auth.example.test/problems/migration-completed");
    }
    let told = world.migration(&token, &app).await;
    assert_eq!(
        (&told["state"], &told["completed_at"], &told["checks"]),
        (&json!("completed"), &json!("2026-03-02T12:00:05Z"), &Value::Null)
    );
    let added = world.api(Method::POST, &format!("{APPS}/{}/secrets", app.client_id), &token, Some(&json!({}))).await.expect(201);
    world.by_secret(&App { secret: added.text("client_secret"), ..app }).await.expect(200);
}

#[tokio::test]
async fn r43_the_secret_of_a_service_credentials_file_is_gone_with_its_key() {
    let (world, token) = lasting().await;
    let app = world.app(ClientKind::M2m).await;
    let made = world.api(Method::POST, &format!("{APPS}/{}/service-credentials", app.client_id), &token, Some(&json!({}))).await;
    let file = made.expect(201).json();
    let secret = file["integration"]["technicalAccount"]["clientSecret"].as_str().expect("a secret").to_owned();
    let by_file = App { secret, ..app.clone() };
    let moved = world.start(&token, &app).await;
    world.by_secret(&by_file).await.expect(200);
    world.complete(&token, &app, true).await.expect(200);
    world.by_secret(&by_file).await.expect_error(401, "invalid_client");
    world.by_secret(&moved).await.expect(200);
}

#[tokio::test]
async fn r43_the_other_way_secrets_are_gone_and_none_is_added() {
    let (world, token) = lasting().await;
    let app = world.app(grantor::model::client::ClientKind::M2m).await;
    world.by_secret(&app).await.expect(200);
    let started = world.start_to_key(&token, &app).await.expect(201);
    assert!(started.json().get("client_secret").is_none());
    world.by_secret(&app).await.expect(200);
    world.by_key(&app).await.expect(200);
    assert_eq!(world.complete(&token, &app, false).await.expect(409).text("type"), "https://auth.example.test/problems/checks-not-passed");
    world.pass(QUIET);
    world.by_key(&app).await.expect(200);
    world.complete(&token, &app, false).await.expect(200);
    world.by_secret(&app).await.expect_error(401, "invalid_client");
    world.by_key(&app).await.expect(200);
    let refused = world.api(Method::POST, &format!("{APPS}/{}/secrets", app.client_id), &token, Some(&json!({}))).await.expect(409);
    assert_eq!(refused.text("type"), "https://auth.example.test/problems/migration-completed");
}

#[tokio::test]
async fn r45_every_step_is_in_the_trail_with_who_when_from_and_to() {
    let (world, token) = lasting().await;
    let app = keyed(&world).await;
    world.start(&token, &app).await;
    world.pass(Duration::minutes(1));
    world.cancel(&token, &app).await.expect(204);
    world.pass(Duration::minutes(1));
    world.start(&token, &app).await;
    world.pass(Duration::minutes(1));
    world.api(Method::POST, &format!("{}/brown-out", path(&app)), &token, None).await.expect(200);
    world.pass(Duration::minutes(1));
    world.api(Method::DELETE, &format!("{}/brown-out", path(&app)), &token, None).await.expect(200);
    world.pass(Duration::minutes(1));
    world.complete(&token, &app, true).await.expect(200);
    world.pass(Duration::minutes(1));
    let entries = world
        .words(
            "SELECT action || ' ' || (detail->>'from') || ' ' || (detail->>'to') || ' ' || (detail->>'direction') || ' ' || actor_kind
             FROM audit_events WHERE action LIKE 'migration.%' ORDER BY id",
        )
        .await;
    let expected = [
        "start none running",
        "cancel running none",
        "start none running",
        "brown_out running running",
        "brown_out_end running running",
        "complete running completed",
    ];
    let expected: Vec<String> = expected.into_iter().map(|step| format!("migration.{step} key_to_secret client")).collect();
    assert_eq!(entries, expected);
    let overridden = "SELECT count(*) FROM audit_events WHERE action = 'migration.complete' AND (detail->>'override')::boolean";
    assert_eq!(world.count(overridden).await, 1, "an override is told");
    assert_eq!(world.count("SELECT count(*) FROM audit_events WHERE detail::text LIKE '%grs\\_%'").await, 0);
}

#[tokio::test]
async fn r52_an_app_that_rotates_its_own_secrets_does_not_migrate_itself() {
    let (world, _) = lasting().await;
    let scopes = grantor::model::scope::ScopeSet::parse("credentials:write").expect("a scope");
    let own = world.app_with(grantor::model::client::ClientKind::M2m, |client| client.profile.scopes = scopes).await;
    world.key(&own).await;
    let weak = world.machine_token(&own, "credentials:write").await;
    world.api(Method::GET, &path(&own), &weak, None).await.expect(200);
    for (method, tail) in [(Method::POST, ""), (Method::DELETE, ""), (Method::POST, "/brown-out")] {
        world.api(method, &format!("{}{tail}", path(&own)), &weak, None).await.expect(403);
    }
}
