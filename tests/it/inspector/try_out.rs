//! "Try this app": the real code flow with Grantor's own pages in the app's place, which weakens nothing.

use axum::http::Method;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use time::Duration;

use crate::inspector::{activity, reader};
use crate::kit::browser::{Browser, Page, authorize_url, parameter};
use crate::kit::http::pkce;
use crate::kit::world::{App, ISSUER, World};

async fn signed_in(world: &World, role: Role) -> Browser {
    let user = world.person(role).await;
    let mut browser = Browser::new(world);
    browser.sign_in(user.email.as_str()).await;
    browser
}

fn quickstart(app: &App) -> String {
    format!("/orgs/acme/apps/{}/quickstart", app.client_id)
}

/// Begins a round; the consent page.
async fn begin(browser: &mut Browser, app: &App) -> Page {
    let page = browser.open(&quickstart(app)).await;
    let consent = browser.submit(&page, "scope", &[]).await;
    assert!(consent.url.starts_with("/consent/"), "{} {}", consent.url, consent.answer.body);
    consent
}

#[tokio::test]
async fn a_developer_tries_the_app_without_scripts_sees_each_leg_and_ends_the_access() {
    let world = World::new().await;
    let app = world.app(ClientKind::Web).await;
    let mut browser = signed_in(&world, Role::Developer).await;
    let consent = begin(&mut browser, &app).await;
    assert!(consent.answer.body.contains("auth.example.test"), "it says where one comes back to: {}", consent.answer.body);
    let tried = browser.submit(&consent, "decision", &[("decision", "allow")]).await;
    let body = &tried.answer.body;
    assert_eq!(tried.answer.status.as_u16(), 200, "{body}");
    assert_eq!(tried.answer.header("cache-control"), "no-store");
    for told in ["code_challenge_method=S256", "grant_type=authorization_code", "Bearer", "&quot;client_id&quot;", "&quot;authz&quot;"] {
        assert!(body.contains(told) || body.contains(&told.replace("&quot;", "&#34;")), "{told} in {body}");
    }
    let code = parameter(&format!("{ISSUER}{}", tried.url), "code").expect("a code");
    assert!(!body.contains(&code), "the code is masked");
    for prefix in ["grr_", "eyJ"] {
        let after = body.split(prefix).nth(1).expect("the beginning of a token");
        assert!(after.split_once('…').is_some_and(|(shown, _)| shown.len() < 12), "{prefix}{}", &after[..60]);
    }

    // It is an authorization like any other.
    let account = browser.open("/account/apps").await;
    assert!(account.answer.body.contains("The web app"));
    let (action, fields) = tried.form_to(&end_path(body)).expect("the button");
    let pairs: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let ended = browser.post(&action, &pairs).await;
    assert!(ended.url.ends_with("?done=try-ended"), "{}", ended.url);
    assert_eq!(world.count("select count(*) from authorizations where end_cause = 'revoked_by_user'").await, 1);
    assert_eq!(world.count("select count(*) from consents").await, 0, "the approval is not remembered");
    let told = activity(&world, &reader(&world, "apps:read").await, &app).await;
    let told: Vec<_> =
        told.iter().map(|r| (r["endpoint"].as_str().unwrap_or_default(), r["outcome"].as_str().unwrap_or_default())).collect();
    for expected in [("authorize", "waiting"), ("authorize", "answered"), ("token", "answered")] {
        assert!(told.contains(&expected), "{expected:?} in {told:?}");
    }
}

fn end_path(body: &str) -> String {
    let at = body.find("/quickstart/tries/").expect("a button to end it");
    let start = body[..at].rfind('"').expect("an attribute") + 1;
    body[start..].split('"').next().expect("its end").to_owned()
}

#[tokio::test]
async fn a_round_is_taken_back_once_and_only_in_its_own_browser() {
    let world = World::new().await;
    let app = world.app(ClientKind::Spa).await;
    let mut browser = signed_in(&world, Role::Admin).await;
    let mut other = signed_in(&world, Role::Owner).await;
    let consent = begin(&mut browser, &app).await;
    let tried = browser.submit(&consent, "decision", &[("decision", "allow")]).await;
    assert!(tried.answer.body.contains("It works"), "{}", tried.answer.body);
    for who in [&mut other, &mut browser] {
        let again = who.open(&tried.url).await;
        assert!(again.url.ends_with("?done=try-over"), "{}", again.url);
    }
    assert_eq!(world.count("select count(*) from authorizations where ended_at is not null").await, 0, "a reload is no replay");
    // Nobody else ends it, whatever their role, from here.
    let page = other.open("/account").await;
    let (_, fields) = page.form("csrf").expect("a form");
    let csrf = fields.into_iter().find(|(name, _)| name == "csrf").expect("the token").1;
    assert_eq!(other.post(&end_path(&tried.answer.body), &[("csrf", &csrf)]).await.answer.status.as_u16(), 404);

    let consent = begin(&mut browser, &app).await;
    let denied = browser.submit(&consent, "decision", &[("decision", "deny")]).await;
    assert!(denied.answer.body.contains("access_denied") && !denied.answer.body.contains("/quickstart/tries/"), "{}", denied.answer.body);
}

#[tokio::test]
async fn a_try_opens_no_door_of_the_app() {
    let world = World::new().await;
    let app = world.app(ClientKind::Web).await;
    let mut browser = signed_in(&world, Role::Admin).await;
    // The address of a try is in no registration, so the endpoint does not know it.
    let callback = format!("{ISSUER}{}/try", quickstart(&app));
    let (_, challenge) = pkce();
    let url = authorize_url(&[
        ("client_id", &app.client_id),
        ("redirect_uri", &callback),
        ("response_type", "code"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]);
    assert_eq!(browser.open(&url).await.answer.status.as_u16(), 400);

    // A code that the app's own request brought is not spent by our callback.
    let user = world.person(Role::Member).await;
    let code = world.approved(&app, &user).await;
    let consent = begin(&mut browser, &app).await;
    let tried = browser.submit(&consent, "decision", &[("decision", "deny")]).await;
    let state = parameter(&format!("{ISSUER}{}", tried.url), "state").expect("a state");
    let over = browser.open(&format!("{}/try?code={code}&state={state}&iss={ISSUER}", quickstart(&app))).await;
    assert!(over.url.ends_with("?done=try-over"), "{}", over.url);
    world.redeem(&app, &code).await.expect(200);

    // Unknown scopes are told beside the field, and an app that is disabled is not tried.
    let page = browser.open(&quickstart(&app)).await;
    let refused = browser.submit(&page, "scope", &[("scope", "projects:reed")]).await;
    assert_eq!(refused.answer.status.as_u16(), 422);
    assert!(refused.answer.body.contains("projects:reed"), "{}", refused.answer.body);
    world.sql("UPDATE clients SET disabled_at = created_at WHERE name = 'The web app'").await;
    world.pass(Duration::seconds(2));
    assert!(!browser.open(&quickstart(&app)).await.answer.body.contains("quickstart/try\""));
}

#[tokio::test]
async fn r55_an_admin_generates_a_test_token_on_the_page_and_a_developer_does_not() {
    let world = World::new().await;
    let app = world.app(ClientKind::M2m).await;
    let mut admin = signed_in(&world, Role::Admin).await;
    let page = admin.open(&quickstart(&app)).await;
    let shown = admin.submit(&page, "scope", &[("scope", "projects:read")]).await;
    assert_eq!(shown.answer.status.as_u16(), 200, "{}", shown.answer.body);
    assert_eq!(shown.answer.header("cache-control"), "no-store");
    let token = shown.answer.body.split("value=\"eyJ").nth(1).and_then(|rest| rest.split('"').next()).map(|rest| format!("eyJ{rest}"));
    let token = token.expect("the token");
    let introspects = reader(&world, "introspect").await;
    let active = world.post_as("/introspect", Some(&format!("Bearer {introspects}")), &[("token", &token)]).await.expect(200).json();
    assert_eq!((active["active"].as_bool(), active["scope"].as_str()), (Some(true), Some("projects:read")));

    let mut developer = signed_in(&world, Role::Developer).await;
    let page = developer.open(&quickstart(&app)).await;
    assert!(page.form("scope").is_none(), "no form for who may not");
    let account = developer.open("/account").await;
    let (_, fields) = account.form("csrf").expect("a form");
    let csrf = fields.into_iter().find(|(name, _)| name == "csrf").expect("the token").1;
    let path = format!("{}/token", quickstart(&app));
    assert_eq!(developer.post(&path, &[("csrf", &csrf)]).await.answer.status.as_u16(), 403);
    let get = developer.send(Method::GET, &path, &[], String::new()).await;
    assert_eq!(get.status.as_u16(), 405);
}
