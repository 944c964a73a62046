//! The operator's mark: set by them alone, shown where people decide, and gone with what they had looked at.

use axum::http::Method;
use grantor::flows::operator::verification::set_app_verified;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use grantor::model::verification::Verification;
use serde_json::{Value, json};
use time::Duration;

use crate::apps::{APPS, managed};
use crate::kit::browser::{Browser, Page, authorize_url};
use crate::kit::world::{App, CALLBACK, World};

/// A person's consent page for `app`.
async fn question(world: &World, app: &App) -> Page {
    let mut browser = Browser::new(world);
    browser.sign_in("admin@acme.test").await;
    let url = authorize_url(&[("client_id", &app.client_id), ("redirect_uri", CALLBACK), ("response_type", "code")]);
    browser.open(&url).await
}

async fn scene() -> (World, String, App, String) {
    let (world, token) = managed().await;
    world.person(Role::Admin).await;
    let app = world.app(ClientKind::Web).await;
    let path = format!("{APPS}/{}", app.client_id);
    (world, token, app, path)
}

async fn verify(world: &World, app: &App) -> bool {
    set_app_verified(&world.deps, &app.client_id, true, world.now()).await.expect("verified").1
}

#[tokio::test]
async fn the_mark_is_the_operators_and_shows_where_people_and_programs_look() {
    let (world, token, app, path) = scene().await;
    let vouched = |page: &Page| page.texts(".vouched").join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
    let before = question(&world, &app).await;
    assert_eq!(vouched(&before), "Registered by acme Inc. Not verified: acme Inc. vouches for it.");
    let read = world.api(Method::GET, &path, &token, None).await.expect(200).json();
    assert_eq!((&read["verified_at"], &read["verification_lapsed_at"]), (&Value::Null, &Value::Null));

    assert!(verify(&world, &app).await);
    assert!(!verify(&world, &app).await, "once is enough");
    assert_eq!(vouched(&question(&world, &app).await), "Registered by acme Inc. Verified by Grantor");
    let answer = world.api(Method::GET, &path, &token, None).await.expect(200);
    assert_eq!((answer.json()["verified_at"].as_str(), answer.header("etag")), (Some("2026-03-01T12:00:00Z"), "\"v2\""));
    let mut browser = Browser::new(&world);
    browser.sign_in("admin@acme.test").await;
    let settings = format!("/orgs/acme/apps/{}/settings", app.client_id);
    assert!(browser.open(&settings).await.texts(".app-head .status").contains(&"Verified by Grantor".to_owned()));

    // An org cannot vouch for itself.
    let refused = world.api(Method::PATCH, &path, &token, Some(&json!({ "verified_at": "2026-03-01T12:00:00Z" }))).await.expect(422).json();
    assert_eq!(refused["errors"][0]["code"], "read_only");

    set_app_verified(&world.deps, &app.client_id, false, world.now()).await.expect("taken back");
    assert_eq!(world.record(&app).await.client.verification, Verification::Nothing);
    let trail = "SELECT action || ' ' || actor_kind FROM audit_events WHERE action LIKE 'client.%verif%' ORDER BY id";
    assert_eq!(world.words(trail).await, ["client.verify operator", "client.unverify operator"]);
    assert!(browser.open("/orgs/acme/audit").await.answer.body.contains("Took the verification back"));
}

#[tokio::test]
async fn the_mark_goes_with_what_was_looked_at_and_stays_with_everything_else() {
    let (world, token, app, path) = scene().await;
    for (change, lapses) in [
        (json!({ "description": "Other words" }), false),
        (json!({ "scopes": ["projects:read"] }), false),
        (json!({ "access_token_lifetime": 600 }), false),
        (json!({ "redirect_uris": [CALLBACK, "https://app.example.test/another"] }), false),
        (json!({ "redirect_uris": [CALLBACK, "https://elsewhere.example.test/callback"] }), true),
        (json!({ "redirect_uris": [CALLBACK] }), false),
        (json!({ "name": "Renamed" }), true),
        (json!({ "links": { "privacy_policy_url": "https://a.example/privacy" } }), true),
    ] {
        verify(&world, &app).await;
        world.pass(Duration::MINUTE);
        world.api(Method::PATCH, &path, &token, Some(&change)).await.expect(200);
        let now = world.record(&app).await.client.verification;
        assert_eq!(now == Verification::Lapsed { at: world.now() }, lapses, "{change}: {now:?}");
        assert_eq!(now.verified_at().is_none(), lapses, "{change}: {now:?}");
    }
    let trail = "SELECT count(*) FROM audit_events WHERE action = 'client.lapse_verification' AND actor_kind = 'client'";
    assert_eq!(world.count(trail).await, 3, "by whoever changed it");
    let read = world.api(Method::GET, &path, &token, None).await.expect(200).json();
    assert_eq!((read["verified_at"].clone(), read["verification_lapsed_at"].is_string()), (Value::Null, true));
}

#[tokio::test]
async fn a_mark_that_was_lost_is_told_on_the_apps_pages_until_the_operator_decides() {
    let (world, token, app, path) = scene().await;
    let mut browser = Browser::new(&world);
    browser.sign_in("admin@acme.test").await;
    let settings = format!("/orgs/acme/apps/{}/settings", app.client_id);
    let note = "Changed since it was verified";
    assert!(!browser.open(&settings).await.answer.body.contains(note), "what never was verified was never lost");
    for verified in [true, false] {
        verify(&world, &app).await;
        let name = json!({ "name": format!("Renamed {verified}") });
        world.api(Method::PATCH, &path, &token, Some(&name)).await.expect(200);
        assert!(browser.open(&settings).await.answer.body.contains(note));
        assert!(question(&world, &app).await.answer.body.contains("Not verified: "));
        set_app_verified(&world.deps, &app.client_id, verified, world.now()).await.expect("decided");
        assert!(!browser.open(&settings).await.answer.body.contains(note));
    }
}

#[tokio::test]
async fn another_picture_takes_the_mark_and_a_mark_asks_nobody_again() {
    let (world, _, app, _) = scene().await;
    let mut browser = Browser::new(&world);
    let url = authorize_url(&[("client_id", &app.client_id), ("redirect_uri", CALLBACK), ("response_type", "code")]);
    browser.approve(&url, "admin@acme.test").await;
    verify(&world, &app).await;
    assert!(browser.open(&url).await.left(), "what people approved is what was verified");
    let page = browser.open(&format!("/orgs/acme/apps/{}/settings", app.client_id)).await;
    let csrf = page.form("version").expect("the form").1.into_iter().find(|(name, _)| name == "csrf").expect("a token").1;
    let png = image::RgbaImage::from_pixel(8, 8, image::Rgba([9, 9, 9, 255]));
    let mut file = std::io::Cursor::new(Vec::new());
    png.write_to(&mut file, image::ImageFormat::Png).expect("a picture");
    let path = format!("/orgs/acme/apps/{}/logo", app.client_id);
    browser.upload(&path, &[("csrf", &csrf)], ("logo", file.get_ref())).await;
    assert_eq!(world.record(&app).await.client.verification, Verification::Lapsed { at: world.now() });
}

#[tokio::test]
async fn only_a_living_app_is_verified_and_a_row_has_one_state() {
    let (world, _, app, _) = scene().await;
    let nobody = set_app_verified(&world.deps, "no-such-app", true, world.now()).await.err().map(|error| error.to_string());
    assert!(nobody.is_some_and(|text| text.contains("there is no app `no-such-app`")));
    let both = "UPDATE clients SET verified_at = now(), verification_lapsed_at = now()";
    assert_eq!(world.refused_sql(both).await.as_deref(), Some("clients_verification_is_one"));
    world.sql("UPDATE clients SET deleted_at = now()").await;
    assert!(set_app_verified(&world.deps, &app.client_id, true, world.now()).await.is_err());
}
