//! Creating and changing an app by the API: fields, defaults, and nobody's change lost.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::apps::{APPS, body, managed};
use crate::kit::http::{Answer, send};
use crate::kit::world::{CALLBACK, World};

async fn create(world: &World, token: &str, sent: &Value) -> Answer {
    world.api(Method::POST, APPS, token, Some(sent)).await
}

async fn patch(world: &World, token: &str, path: &str, etag: &str, sent: &Value) -> Answer {
    let request = Request::patch(path)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/merge-patch+json")
        .header("if-match", etag)
        .body(Body::from(sent.to_string()));
    send(&world.router, request.expect("a request")).await
}

#[tokio::test]
async fn an_app_is_created_with_the_defaults_of_its_kind() {
    let (world, token) = managed().await;
    let created = create(&world, &token, &body("  Portal ")).await.expect(201);
    let client_id = created.text("client_id");
    assert_eq!(created.header("location"), format!("https://auth.example.test{APPS}/{client_id}"));
    assert_eq!(created.header("etag"), "\"v1\"");
    let mut json = created.json();
    let object = json.as_object_mut().expect("an app");
    for changing in ["client_id", "client_secret", "credentials"] {
        assert!(object.remove(changing).is_some(), "{changing}");
    }
    let expected = json!({
        "kind": "web", "name": "Portal", "description": "", "redirect_uris": [CALLBACK], "scopes": [], "require_pkce": false,
        "access_token_lifetime": 3_600, "allow_password_grant": false, "allow_localhost": false, "jwks_uri": null, "compat": { "workfront": false, "token_endpoint_audience": false, "exchange_milliseconds": false },
        "refresh_tokens": { "enabled": true, "requires_offline_access": false, "rotation": true, "retry_window": 30,
            "absolute_lifetime": 15_552_000, "idle_lifetime": 2_592_000 },
        "links": { "description_url": null, "privacy_policy_url": null, "terms_of_service_url": null, "developer_name": null,
            "developer_email": null },
        "logo_url": null, "verified_at": null, "verification_lapsed_at": null, "created_at": "2026-03-01T12:00:00Z", "updated_at": "2026-03-01T12:00:00Z", "last_used_at": null,
        "status": "active", "system": false, "version": 1, "attention": [],
    });
    assert_eq!(json, expected);
    let machine = create(&world, &token, &json!({ "kind": "m2m", "name": "Nightly" })).await.expect(201).json();
    assert_eq!((&machine["access_token_lifetime"], &machine["refresh_tokens"]["enabled"]), (&json!(86_400), &json!(false)));
    let spa = create(&world, &token, &json!({ "kind": "spa", "name": "Board", "redirect_uris": [CALLBACK] })).await.expect(201).json();
    assert_eq!((&spa["require_pkce"], spa.get("client_secret"), &spa["credentials"]), (&json!(true), None, &json!([])));
}

#[tokio::test]
async fn r76_the_password_grant_is_an_opt_in_of_web_and_machine_apps() {
    let (world, token) = managed().await;
    let mut portal = body("Portal");
    portal["allow_password_grant"] = json!(true);
    let created = create(&world, &token, &portal).await.expect(201);
    assert_eq!(created.json()["allow_password_grant"], true);
    let machine = create(&world, &token, &json!({ "kind": "m2m", "name": "Nightly" })).await.expect(201);
    let path = format!("{APPS}/{}", machine.text("client_id"));
    let patched = patch(&world, &token, &path, "*", &json!({ "allow_password_grant": true })).await.expect(200);
    assert_eq!(patched.json()["allow_password_grant"], true);
    let spa = json!({ "kind": "spa", "name": "Board", "redirect_uris": [CALLBACK], "allow_password_grant": true });
    let refused = create(&world, &token, &spa).await.expect(422).json();
    assert_eq!((&refused["errors"][0]["field"], &refused["errors"][0]["code"]), (&json!("allow_password_grant"), &json!("not_for_kind")));

    let mut without = crate::kit::world::policy();
    without.password_grant = false;
    let silent = world.beside(&world.database.options, without, crate::kit::world::PATIENT).await;
    patch(&silent, &token, &path, "*", &json!({ "description": "Others of its settings can still be saved" })).await.expect(200);
    patch(&silent, &token, &path, "*", &json!({ "allow_password_grant": false })).await.expect(200);
    let refused = patch(&silent, &token, &path, "*", &json!({ "allow_password_grant": true })).await.expect(422).json();
    assert_eq!(refused["errors"][0]["code"], "not_available");
}

#[tokio::test]
async fn c4_c5_e9_r27_every_fault_of_a_new_app_is_told_at_once() {
    let (world, token) = managed().await;
    let sent = json!({
        "kind": "web", "name": " ", "redirect_uris": [CALLBACK, "javascript:alert(1)", "https://a.example/?code=1", "http://a.example/"],
        "scopes": ["nope"], "access_token_lifetime": 1, "refresh_tokens": { "retry_window": 7 }, "links": { "privacy_policy_url": "http://a" },
    });
    let refused = create(&world, &token, &sent).await.expect(422).json();
    let fields: Vec<&str> = refused["errors"].as_array().expect("errors").iter().filter_map(|error| error["field"].as_str()).collect();
    let expected = [
        "name",
        "redirect_uris[1]",
        "redirect_uris[2]",
        "redirect_uris[3]",
        "scopes[0]",
        "access_token_lifetime",
        "refresh_tokens.retry_window",
        "links.privacy_policy_url",
    ];
    assert_eq!(fields, expected);
    assert_eq!(refused["type"], "https://auth.example.test/problems/invalid-field");
    assert!(!refused.to_string().contains("alert(1)"), "input is not reflected");
    assert_eq!(world.count("SELECT count(*) FROM clients WHERE NOT system").await, 0);
    create(&world, &token, &json!({ "name": "No kind" })).await.expect(422);
    create(&world, &token, &json!({ "kind": "native", "name": "Unknown kind", "redirect_uris": [CALLBACK] })).await.expect(422);
}

#[tokio::test]
async fn r73_r83_r84_six_callbacks_lifetimes_and_no_refresh_tokens_can_be_chosen() {
    let (world, token) = managed().await;
    let hosts = ["platform-va7", "platform-nld2", "platform-aus5", "platform-can2", "platform-gbr9", "platform"];
    let callbacks = hosts.map(|host| format!("https://{host}.adobe.io/data/core/activation/oauth/api/v1/callback"));
    for seconds in [300, 1_800, 86_400, 7_776_000] {
        let sent = json!({
            "kind": "web", "name": "Destination", "redirect_uris": callbacks, "access_token_lifetime": seconds,
            "refresh_tokens": { "enabled": false, "absolute_lifetime": null },
        });
        let app = create(&world, &token, &sent).await.expect(201).json();
        assert_eq!(app["redirect_uris"], json!(callbacks));
        assert_eq!((&app["access_token_lifetime"], &app["refresh_tokens"]["enabled"]), (&json!(seconds), &json!(false)));
        assert_eq!(
            (&app["refresh_tokens"]["absolute_lifetime"], &app["refresh_tokens"]["idle_lifetime"]),
            (&Value::Null, &json!(2_592_000))
        );
    }
}

#[tokio::test]
async fn a_patch_merges_and_null_goes_back_to_the_default() {
    let (world, token) = managed().await;
    let mut sent = body("Portal");
    sent["description"] = json!("Publishes files.");
    sent["access_token_lifetime"] = json!(600);
    sent["links"] = json!({ "privacy_policy_url": "https://a.example/privacy", "developer_name": "Ada" });
    let path = format!("{APPS}/{}", create(&world, &token, &sent).await.expect(201).text("client_id"));
    let change = json!({
        "description": null, "access_token_lifetime": null, "links": { "developer_name": null },
        "refresh_tokens": { "idle_lifetime": null, "retry_window": 60 },
    });
    let changed = world.api(Method::PATCH, &path, &token, Some(&change)).await.expect(200);
    assert_eq!(changed.header("etag"), "\"v2\"");
    let app = changed.json();
    assert_eq!((&app["description"], &app["access_token_lifetime"], &app["name"]), (&json!(""), &json!(3_600), &json!("Portal")));
    assert_eq!((&app["links"]["developer_name"], &app["links"]["privacy_policy_url"]), (&Value::Null, &json!("https://a.example/privacy")));
    assert_eq!((&app["refresh_tokens"]["idle_lifetime"], &app["refresh_tokens"]["retry_window"]), (&Value::Null, &json!(60)));
    assert_eq!(app["refresh_tokens"]["absolute_lifetime"], json!(15_552_000));
    let same = world.api(Method::PATCH, &path, &token, Some(&json!({ "name": "Portal" }))).await.expect(200);
    assert_eq!(same.header("etag"), "\"v2\"", "what changes nothing makes no version");
    for fixed in ["client_id", "kind", "created_at", "credentials", "status"] {
        world.api(Method::PATCH, &path, &token, Some(&json!({ fixed: "x" }))).await.expect(422);
    }
}

#[tokio::test]
async fn m7_a_change_over_an_older_version_is_refused() {
    let (world, token) = managed().await;
    let path = format!("{APPS}/{}", create(&world, &token, &body("Portal")).await.expect(201).text("client_id"));
    patch(&world, &token, &path, "\"v1\"", &json!({ "name": "First" })).await.expect(200);
    let refused = patch(&world, &token, &path, "\"v1\"", &json!({ "name": "Second" })).await.expect(412);
    assert_eq!(refused.text("type"), "https://auth.example.test/problems/precondition-failed");
    for bad in ["v2", "\"2\"", "W/\"v2\"", "\"\""] {
        patch(&world, &token, &path, bad, &json!({ "name": "Second" })).await.expect(412);
    }
    patch(&world, &token, &path, "*", &json!({ "name": "Third" })).await.expect(200);
    let read = world.api(Method::GET, &path, &token, None).await.expect(200);
    assert_eq!((read.text("name").as_str(), read.header("etag")), ("Third", "\"v3\""));
}

#[tokio::test]
async fn m7_of_parallel_changes_over_one_version_one_succeeds() {
    let (world, token) = managed().await;
    let path = format!("{APPS}/{}", create(&world, &token, &body("Portal")).await.expect(201).text("client_id"));
    let second = world.second().await;
    let mut changes = JoinSet::new();
    for number in 0..12 {
        let (router, token, path) = (if number % 2 == 0 { &world } else { &second }.router.clone(), token.clone(), path.clone());
        changes.spawn(async move {
            let request = Request::patch(path)
                .header("authorization", format!("Bearer {token}"))
                .header("content-type", "application/json")
                .header("if-match", "\"v1\"")
                .body(Body::from(json!({ "name": format!("Name {number}") }).to_string()));
            send(&router, request.expect("a request")).await.status.as_u16()
        });
    }
    let statuses = changes.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 412).count(), 11, "{statuses:?}");
    assert_eq!(world.count("SELECT count(*) FROM audit_events WHERE action = 'client.update'").await, 1);
}

#[tokio::test]
async fn e4_the_identity_grows_with_what_the_consent_page_shows_and_with_nothing_else() {
    let (world, token) = managed().await;
    let path = format!("{APPS}/{}", create(&world, &token, &body("Portal")).await.expect(201).text("client_id"));
    let mut expected = 1;
    for (change, shown) in [
        (json!({ "access_token_lifetime": 600 }), false),
        (json!({ "name": "Renamed" }), true),
        (json!({ "scopes": ["projects:read"] }), false),
        (json!({ "redirect_uris": ["https://other.example/cb"] }), true),
        (json!({ "links": { "privacy_policy_url": "https://a.example/privacy" } }), true),
    ] {
        world.api(Method::PATCH, &path, &token, Some(&change)).await.expect(200);
        expected += i64::from(shown);
        assert_eq!(world.count("SELECT identity_version::bigint FROM clients WHERE NOT system").await, expected, "{change}");
    }
}
