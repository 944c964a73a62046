//! The management API as HTTP: tokens, content types, cursors, repeated requests.

use axum::body::Body;
use axum::http::{Method, Request};
use grantor::model::client::ClientKind;
use grantor::model::scope::ScopeSet;
use rstest::rstest;
use serde_json::{Value, json};
use time::Duration;
use tokio::task::JoinSet;

use crate::apps::{ALL, APPS, body, managed, manager};
use crate::kit::http::{Answer, send};
use crate::kit::world::World;

async fn raw(world: &World, token: &str, headers: &[(&str, &str)], sent: impl Into<Body>) -> Answer {
    let mut request = Request::post(APPS).header("authorization", format!("Bearer {token}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(&world.router, request.body(sent.into()).expect("a request")).await
}

const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn k10_a_missing_a_bad_and_a_weak_token_are_told_apart() {
    let (world, token) = managed().await;
    let missing = world.get(APPS).await.expect(401);
    assert_eq!(missing.header("www-authenticate"), "Bearer");
    assert_eq!(missing.header("content-type"), "application/problem+json");
    assert_eq!(missing.text("request_id"), missing.header("x-request-id"));
    for bad in ["nonsense", "", "gra_aaaa", &format!("{token}x")] {
        let refused = world.api(Method::GET, APPS, bad, None).await.expect(401);
        assert!(refused.header("www-authenticate").starts_with("Bearer"), "{bad}");
    }
    assert!(world.api(Method::GET, APPS, "nonsense", None).await.header("www-authenticate").contains("error=\"invalid_token\""));
    let lower = Request::get(APPS).header("authorization", format!("bEaReR {token}")).body(Body::empty()).expect("a request");
    send(&world.router, lower).await.expect(200);
    let scopes = ScopeSet::parse("apps:read").expect("a scope");
    let reader = world.app_with(ClientKind::M2m, |client| client.profile.scopes = scopes).await;
    let weak = world.machine_token(&reader, "apps:read").await;
    let refused = world.api(Method::POST, APPS, &weak, Some(&body("Mine"))).await.expect(403);
    assert_eq!(refused.header("www-authenticate"), "Bearer error=\"insufficient_scope\", scope=\"apps:write\"");
    assert_eq!(refused.text("type"), "https://auth.example.test/problems/forbidden");
    // RFC 9457 §3.1: `status` is that of the answer, and `title` says the type in words.
    assert_eq!((refused.json()["status"].as_u64(), refused.text("title")), (Some(403), "Forbidden".to_owned()));
    assert_eq!((missing.json()["status"].as_u64(), missing.text("title")), (Some(401), "Unauthorized".to_owned()));
}

#[tokio::test]
async fn k10_tokens_for_other_apis_and_expired_ones_are_refused() {
    let world = World::new().await;
    let product = world.app(ClientKind::M2m).await;
    let foreign = world.machine_token(&product, "projects:read").await;
    world.api(Method::GET, APPS, &foreign, None).await.expect(401);
    let manager = manager(&world).await;
    let token = world.machine_token(&manager, ALL).await;
    world.pass(Duration::seconds(86_399));
    world.api(Method::GET, APPS, &token, None).await.expect(200);
    world.pass(Duration::seconds(1));
    world.api(Method::GET, APPS, &token, None).await.expect(401);
}

#[tokio::test]
async fn a_scope_taken_from_an_app_is_taken_from_its_living_tokens() {
    let (world, token) = managed().await;
    let scopes = ScopeSet::parse("apps:read apps:write").expect("scopes");
    let app = world.app_with(ClientKind::M2m, |client| client.profile.scopes = scopes).await;
    let issued = world.machine_token(&app, "apps:read apps:write").await;
    let less = json!({ "scopes": ["apps:read"] });
    world.api(Method::PATCH, &format!("{APPS}/{}", app.client_id), &token, Some(&less)).await.expect(200);
    world.api(Method::GET, APPS, &issued, None).await.expect(200);
    world.api(Method::POST, APPS, &issued, Some(&body("Mine"))).await.expect(403);
}

#[rstest]
#[case::text("text/plain", 415)]
#[case::form("application/x-www-form-urlencoded", 415)]
#[case::charset("application/json; charset=utf-16", 415)]
#[case::patch_type_on_post("application/merge-patch+json", 415)]
#[case::json_with_charset("application/json;charset=UTF-8", 201)]
#[tokio::test]
async fn m8_only_json_is_read(#[case] content_type: &str, #[case] status: u16) {
    let (world, token) = managed().await;
    raw(&world, &token, &[("content-type", content_type)], body("Portal").to_string()).await.expect(status);
    if status == 415 {
        raw(&world, &token, &[], body("Portal").to_string()).await.expect(415);
    }
}

#[rstest]
#[case::not_json("{")]
#[case::array("[]")]
#[case::text("\"web\"")]
#[case::empty("")]
#[case::twice(r#"{"kind":"web","name":"a","name":"b"}"#)]
#[case::twice_within(r#"{"kind":"web","name":"a","links":{"developer_name":"a","developer_name":"b"}}"#)]
#[case::trailing(r#"{"kind":"web"} {}"#)]
#[tokio::test]
async fn a15_a_body_that_two_readers_could_read_in_two_ways_is_refused(#[case] sent: &'static str) {
    let (world, token) = managed().await;
    let refused = raw(&world, &token, &[JSON], sent).await.expect(400);
    assert_eq!(refused.text("type"), "https://auth.example.test/problems/malformed-request");
}

#[tokio::test]
async fn a19_a_body_beyond_64_kib_and_invalid_utf8_are_refused() {
    let (world, token) = managed().await;
    let huge = json!({ "kind": "web", "name": "a".repeat(70_000) }).to_string();
    raw(&world, &token, &[JSON], huge).await.expect(413);
    raw(&world, &token, &[JSON], b"{\"kind\":\"web\",\"name\":\"\xff\"}".to_vec()).await.expect(400);
}

#[tokio::test]
async fn a17_unknown_paths_and_methods_answer_as_problems() {
    let (world, token) = managed().await;
    let missing = world.api(Method::GET, "/api/v1/nothing", &token, None).await.expect(404);
    assert_eq!(missing.header("content-type"), "application/problem+json");
    let wrong = world.api(Method::PUT, APPS, &token, None).await.expect(405);
    assert_eq!((wrong.header("content-type"), wrong.header("allow")), ("application/problem+json", "GET,HEAD,POST"));
}

#[tokio::test]
async fn m9_lists_go_page_by_page_and_take_no_foreign_cursor() {
    let (world, token) = managed().await;
    for number in 1..=5 {
        world.pass(Duration::seconds(1));
        world.api(Method::POST, APPS, &token, Some(&body(&format!("App {number}")))).await.expect(201);
    }
    let (mut names, mut path) = (Vec::new(), format!("{APPS}?limit=2&kind=web"));
    loop {
        let page = world.api(Method::GET, &path, &token, None).await.expect(200).json();
        names.extend(page["apps"].as_array().expect("apps").iter().map(|app| app["name"].as_str().expect("a name").to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("{APPS}?limit=2&kind=web&cursor={cursor}");
    }
    assert_eq!(names, ["App 5", "App 4", "App 3", "App 2", "App 1"]);
    for bad in ["cursor=abc", "cursor=1;drop", "limit=0", "limit=101", "limit=x", "kind=native", "sort=name", "limit=1&limit=2"] {
        let refused = world.api(Method::GET, &format!("{APPS}?{bad}"), &token, None).await.expect(422);
        assert_eq!(refused.text("type"), "https://auth.example.test/problems/invalid-field", "{bad}");
    }
    let tampered = format!("{}A", path.rsplit_once("cursor=").map_or("", |(_, cursor)| cursor));
    world.api(Method::GET, &format!("{APPS}?cursor={tampered}"), &token, None).await.expect(422);
}

#[tokio::test]
async fn m9_a_cursor_of_one_org_does_not_open_another() {
    let (world, token) = managed().await;
    let globex = world.org("globex").await;
    let scopes = ScopeSet::parse("apps:read").expect("a scope");
    let reader = world.app_of(globex.id, ClientKind::M2m, |client| client.profile.scopes = scopes).await;
    let theirs = world.machine_token(&reader, "apps:read").await;
    for number in 1..=2 {
        world.api(Method::POST, APPS, &token, Some(&body(&format!("App {number}")))).await.expect(201);
    }
    let page = world.api(Method::GET, &format!("{APPS}?limit=1"), &token, None).await.expect(200).json();
    let cursor = page["next_cursor"].as_str().expect("a second page");
    world.api(Method::GET, &format!("/api/v1/orgs/globex/apps?cursor={cursor}"), &theirs, None).await.expect(422);
}

#[rstest]
#[case::part("portal", 2)]
#[case::percent("100%25", 1)]
#[case::underscore("_", 0)]
#[case::backslash("%5C", 0)]
#[case::quote("%27%20OR%201=1", 0)]
#[tokio::test]
async fn m9_a_search_is_text_and_nothing_else(#[case] q: &str, #[case] found: usize) {
    let (world, token) = managed().await;
    for name in ["Brand Portal", "portal 100%"] {
        world.api(Method::POST, APPS, &token, Some(&body(name))).await.expect(201);
    }
    let page = world.api(Method::GET, &format!("{APPS}?q={q}"), &token, None).await.expect(200).json();
    assert_eq!(page["apps"].as_array().map(Vec::len), Some(found));
}

#[tokio::test]
async fn an_org_is_named_by_slug_or_by_id() {
    let (world, token) = managed().await;
    let by_slug = world.api(Method::GET, "/api/v1/orgs/acme", &token, None).await.expect(200).json();
    let by_id = world.api(Method::GET, &format!("/api/v1/orgs/{}", world.org.id), &token, None).await.expect(200).json();
    assert_eq!(by_slug, by_id);
    assert_eq!(by_slug["name"], "acme Inc.");
}

#[tokio::test]
async fn a_repeated_create_with_one_idempotency_key_makes_one_app_and_gets_one_answer() {
    let (world, token) = managed().await;
    let key = ("idempotency-key", "first-try");
    let first = raw(&world, &token, &[JSON, key], body("Portal").to_string()).await.expect(201);
    world.pass(Duration::hours(1));
    let again = raw(&world.second().await, &token, &[JSON, key], body("Portal").to_string()).await.expect(201);
    assert_eq!((first.json(), first.header("location")), (again.json(), again.header("location")));
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), ("", "true"));
    assert_eq!(first.header("etag"), again.header("etag"));
    assert_eq!(world.count("SELECT count(*) FROM clients WHERE NOT system").await, 1);
    let other = raw(&world, &token, &[JSON, key], body("Other").to_string()).await.expect(422);
    assert_eq!(other.text("type"), "https://auth.example.test/problems/idempotency-key-reused");
    let sealed: Vec<u8> =
        sqlx::query_scalar("SELECT response_sealed FROM idempotency_keys").fetch_one(world.deps.db.pool()).await.expect("the kept answer");
    let secret = first.text("client_secret");
    assert!(!sealed.windows(secret.len()).any(|window| window == secret.as_bytes()), "the secret is sealed at rest");
}

#[tokio::test]
async fn an_idempotency_key_is_the_apps_own_and_ends_after_a_day() {
    let world = World::new().await;
    let manager = manager(&world).await;
    let token = world.machine_token(&manager, ALL).await;
    let key = ("idempotency-key", "k");
    let first = raw(&world, &token, &[JSON, key], body("Portal").to_string()).await.expect(201);
    let scopes = ScopeSet::parse("apps:write").expect("a scope");
    let other = world.app_with(ClientKind::M2m, |client| client.profile.scopes = scopes).await;
    let theirs = world.machine_token(&other, "apps:write").await;
    let second = raw(&world, &theirs, &[JSON, key], body("Portal").to_string()).await.expect(201);
    assert_ne!(first.text("client_id"), second.text("client_id"));
    world.pass(Duration::days(1));
    let token = world.machine_token(&manager, ALL).await;
    let third = raw(&world, &token, &[JSON, key], body("Portal").to_string()).await.expect(201);
    assert_ne!(first.text("client_id"), third.text("client_id"));
    for bad in ["", "a b", &"a".repeat(256)] {
        raw(&world, &token, &[JSON, ("idempotency-key", bad)], body("Portal").to_string()).await.expect(400);
    }
}

#[tokio::test]
async fn parallel_creates_with_one_idempotency_key_make_one_app() {
    let (world, token) = managed().await;
    let second = world.second().await;
    let mut racers = JoinSet::new();
    for number in 0..16 {
        let router = if number % 2 == 0 { &world } else { &second }.router.clone();
        let request = Request::post(APPS)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .header("idempotency-key", "race")
            .body(Body::from(body("Portal").to_string()));
        racers.spawn(async move { send(&router, request.expect("a request")).await });
    }
    let answers = racers.join_all().await;
    let made: Vec<Value> = answers.iter().filter(|answer| answer.status == 201).map(Answer::json).collect();
    assert!(!made.is_empty() && made.iter().all(|app| *app == made[0]), "{made:?}");
    assert!(answers.iter().all(|answer| [201, 409].contains(&answer.status.as_u16())));
    assert_eq!(world.count("SELECT count(*) FROM clients WHERE NOT system").await, 1);
}

#[tokio::test]
async fn a_secret_is_added_once_for_one_idempotency_key() {
    let (world, token) = managed().await;
    let app = world.app(ClientKind::Web).await;
    let path = format!("{APPS}/{}/secrets", app.client_id);
    let mut secrets = Vec::new();
    for _ in 0..2 {
        let request = Request::post(&path)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .header("idempotency-key", "one")
            .body(Body::from("{}"));
        secrets.push(send(&world.router, request.expect("a request")).await.expect(201).text("client_secret"));
    }
    assert_eq!(secrets[0], secrets[1]);
    assert_eq!(world.record(&app).await.credentials.len(), 2);
}
