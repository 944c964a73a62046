//! The question and its answers: E1 to E9, C8, B16, B18.

use axum::http::Method;
use grantor::db;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use grantor::model::redirect_uri::RedirectUri;

use crate::authorize::{BROWSER, MEMBER, SESSION, Scene, assert_refused, assert_stayed};
use crate::kit::browser::{Browser, parameter};
use crate::kit::http::form;
use crate::kit::world::PASSWORD;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[tokio::test]
async fn e1_e15_the_page_names_app_org_host_scopes_and_duration_and_loads_nothing_foreign() {
    let mut scene = Scene::with(ClientKind::Web, |client| {
        client.profile.name = "<img onerror=alert(1)> {{7*7}} \u{202e}evil".into();
        client.profile.links.privacy_policy_url = Some("https://app.example.test/privacy".into());
    })
    .await;
    let page = scene.consent_page(&[("scope", "projects:read offline_access")]).await;
    let body = &page.answer.body;
    for text in
        ["acme Inc.", "app.example.test", "Do projects:read", "Stay connected", "180 days", "https://app.example.test/privacy", MEMBER]
    {
        assert!(body.contains(text), "{text} is missing: {body}");
    }
    assert!(!body.contains("<img onerror"), "E9: {body}");
    assert!(!body.contains("49 "), "E9");
    assert!(!body.contains("src=\"http"), "E15");
}

#[tokio::test]
async fn e2_an_answer_without_its_token_or_from_another_site_grants_nothing() {
    let mut scene = Scene::new(ClientKind::Web).await;
    let page = scene.consent_page(&[]).await;
    let other = scene.consent_page(&[("scope", "projects:read")]).await;
    let token = |page: &crate::kit::browser::Page| {
        let (_, fields) = page.form("decision").expect("the form");
        fields.into_iter().find(|(name, _)| name == "csrf").expect("a token").1
    };
    let (good, foreign) = (token(&page), token(&other));
    assert_ne!(good, foreign, "a token is good for one request");
    for sent in ["", "nonsense", &foreign] {
        let left = scene.browser.post(&page.url, &[("decision", "allow"), ("csrf", sent)]).await;
        assert_stayed(&left, 403);
    }
    let body = form(&[("decision", "allow"), ("csrf", &good)]);
    for header in [("origin", "https://evil.example.test"), ("sec-fetch-site", "cross-site"), ("origin", "null")] {
        let answer = scene.browser.send(Method::POST, &page.url, &[FORM, header], body.clone()).await;
        assert_eq!(answer.status, 403);
    }
    assert_eq!(scene.codes().await, 0);
}

#[tokio::test]
async fn e3_another_browser_cannot_answer() {
    let mut scene = Scene::new(ClientKind::Web).await;
    let page = scene.consent_page(&[]).await;
    let mut thief = Browser::new(&scene.world);
    thief.sign_in(MEMBER).await;
    assert_stayed(&thief.open(&page.url).await, 403);
    // Even with the victim's session, and so with a good token, the request stays with the browser that began it.
    let session = scene.browser.cookie(SESSION).expect("signed in").to_owned();
    thief.plant(SESSION, &session);
    let (_, fields) = page.form("decision").expect("the form");
    let csrf = fields.into_iter().find(|(name, _)| name == "csrf").expect("a token").1;
    assert_stayed(&thief.post(&page.url, &[("decision", "allow"), ("csrf", &csrf)]).await, 403);
    assert_eq!(scene.codes().await, 0);
}

#[tokio::test]
async fn e4_the_same_answer_twice_makes_one_code() {
    let mut scene = Scene::new(ClientKind::Web).await;
    let page = scene.consent_page(&[]).await;
    let mut twin = scene.browser.clone();
    let (one, two) = tokio::join!(
        scene.browser.submit(&page, "decision", &[("decision", "allow")]),
        twin.submit(&page, "decision", &[("decision", "allow")])
    );
    let (won, lost) = if one.left() { (one, two) } else { (two, one) };
    assert!(won.parameter("code").is_some());
    assert_stayed(&lost, 409);
    assert!(lost.heading().contains("already allowed"), "{}", lost.heading());
    assert_stayed(&scene.browser.open(&page.url).await, 409);
    assert_eq!(scene.codes().await, 1);
}

#[tokio::test]
async fn e5_looking_grants_nothing() {
    let mut scene = Scene::new(ClientKind::Web).await;
    let page = scene.consent_page(&[]).await;
    for suffix in ["", "?decision=allow"] {
        let again = scene.browser.open(&format!("{}{suffix}", page.url)).await;
        assert_stayed(&again, 200);
    }
    // An approval given meanwhile in another tab does not make looking an answer.
    let second = scene.consent_page(&[]).await;
    scene.allow(&second).await;
    assert_stayed(&scene.browser.open(&page.url).await, 200);
    assert_eq!(scene.codes().await, 1);
}

#[tokio::test]
async fn e7_a_remembered_approval_is_honoured_for_the_same_scopes_of_an_app_that_can_be_told_apart() {
    let mut scene = Scene::new(ClientKind::Web).await;
    let page = scene.consent_page(&[("scope", "projects:read")]).await;
    scene.allow(&page).await;
    let again = scene.open(&[("scope", "projects:read")]).await;
    assert!(again.parameter("code").is_some(), "no second question");
    let more = scene.consent_page(&[("scope", "projects:read projects:write")]).await;
    assert!(more.answer.body.contains("asks for more than you allowed before"));
    let asked = scene.consent_page(&[("scope", "projects:read"), ("prompt", "consent")]).await;
    assert!(asked.answer.body.contains("asks you to confirm"));
}

#[tokio::test]
async fn e7_a_public_app_on_the_persons_machine_is_asked_about_every_time() {
    let mut scene = Scene::with(ClientKind::Spa, |client| {
        client.profile.redirect_uris = vec![RedirectUri::from_registered("http://127.0.0.1/cb".into())];
    })
    .await;
    let loopback = [("redirect_uri", "http://127.0.0.1:51004/cb")];
    let page = scene.consent_page(&loopback).await;
    assert!(scene.allow(&page).await.left());
    let again = scene.consent_page(&loopback).await;
    assert!(again.answer.body.contains("cannot prove who it is"));
    let none = scene.open(&[("redirect_uri", "http://127.0.0.1:51004/cb"), ("prompt", "none")]).await;
    assert_eq!(none.parameter("error").as_deref(), Some("consent_required"));
}

#[tokio::test]
async fn e8_an_app_that_looks_different_is_asked_about_again() {
    let mut scene = Scene::new(ClientKind::Web).await;
    let page = scene.consent_page(&[]).await;
    scene.allow(&page).await;
    scene.world.sql("UPDATE clients SET name = 'Renamed', identity_version = 2").await;
    scene.world.deps.clients.forget_all();
    let again = scene.consent_page(&[]).await;
    assert!(again.answer.body.contains("registration has changed"));
}

#[tokio::test]
async fn c8_the_registration_is_looked_at_again_when_the_answer_goes_out() {
    let mut scene = Scene::new(ClientKind::Web).await;
    let page = scene.consent_page(&[]).await;
    scene.world.sql("UPDATE clients SET redirect_uris = '{https://app.example.test/other}'").await;
    assert_stayed(&scene.allow(&page).await, 400);
    assert_stayed(&scene.browser.submit(&page, "decision", &[("decision", "deny")]).await, 400);
    scene.world.sql("UPDATE clients SET redirect_uris = '{https://app.example.test/callback}', disabled_at = now()").await;
    assert_stayed(&scene.allow(&page).await, 400);
    scene.world.sql("UPDATE clients SET disabled_at = NULL, scopes = '{projects:write}'").await;
    assert_refused(&scene.allow(&page).await, "invalid_scope");
    assert_eq!(scene.codes().await, 0);
}

#[tokio::test]
async fn b16_hidden_fields_change_nothing() {
    let mut scene = Scene::new(ClientKind::Web).await;
    let page = scene.consent_page(&[("scope", "projects:read")]).await;
    let extra = [
        ("decision", "allow"),
        ("scope", "projects:write"),
        ("redirect_uri", "https://evil.example.test/"),
        ("client_id", "x"),
        ("state", "y"),
    ];
    let left = scene.browser.submit(&page, "decision", &extra).await;
    assert!(left.url.starts_with("https://app.example.test/callback?code="), "{}", left.url);
    assert_eq!(left.parameter("state").as_deref(), Some("the-state"));
    let wide = scene.world.count("SELECT count(*) FROM authorizations WHERE 'projects:write' = ANY (scopes)").await;
    assert_eq!(wide, 0);
}

#[tokio::test]
async fn b18_two_tabs_are_two_requests() {
    let mut scene = Scene::new(ClientKind::Web).await;
    let first = scene.consent_page(&[("state", "first")]).await;
    let second = scene.consent_page(&[("state", "second")]).await;
    assert_ne!(first.url, second.url);
    assert_eq!(scene.allow(&second).await.parameter("state").as_deref(), Some("second"));
    assert_eq!(scene.codes().await, 1);
    assert_eq!(scene.allow(&first).await.parameter("state").as_deref(), Some("first"));
}

#[tokio::test]
async fn only_members_of_the_apps_org_may_allow_it() {
    let mut scene = Scene::new(ClientKind::Web).await;
    let other = scene.world.org("initech").await;
    scene.world.person_of(&other, "peter", Role::Owner).await;
    let page = scene.open(&[]).await;
    let page = scene.browser.submit(&page, "password", &[("email", "peter@initech.test"), ("password", PASSWORD)]).await;
    assert_stayed(&page, 403);
    assert!(page.answer.body.contains("acme Inc.") && page.answer.body.contains("/login?return_to="));
    let forged = scene.browser.submit(&page, "decision", &[("decision", "allow")]).await;
    assert_stayed(&forged, 403);
    let silent = scene.open(&[("prompt", "none")]).await;
    assert_refused(&silent, "access_denied");
    let back = scene.browser.submit(&page, "decision", &[("decision", "deny")]).await;
    assert_refused(&back, "access_denied");
    assert_eq!(scene.codes().await, 0);
}

#[tokio::test]
async fn someone_else_may_sign_in_from_the_question() {
    let mut scene = Scene::new(ClientKind::Web).await;
    scene.world.person(Role::Owner).await;
    let page = scene.consent_page(&[]).await;
    let login = scene.browser.submit(&page, "return_to", &[]).await;
    assert!(login.form("password").is_some() && login.url.contains("return_to="), "{}", login.url);
    let page = scene.browser.submit(&login, "password", &[("email", "owner@acme.test"), ("password", PASSWORD)]).await;
    let left = scene.allow(&page).await;
    let code = parameter(&left.url, "code").expect("a code");
    let id = scene.world.deps.sealer.open_code(&code).expect("ours");
    let mut connection = scene.world.deps.db.acquire().await.expect("a connection");
    let facts = db::authorizations::find_facts_by_id(&mut connection, id).await.expect("read").expect("there");
    let owner = db::users::find_by_id(&mut connection, facts.authorization.user).await.expect("read").expect("there");
    assert_eq!(owner.email.as_str(), "owner@acme.test");
}

#[tokio::test]
async fn every_door_behind_authorize_needs_a_session_and_the_browser() {
    let mut scene = Scene::new(ClientKind::Web).await;
    let page = scene.consent_page(&[]).await;
    assert!(scene.browser.cookie(BROWSER).is_some());
    let bare = scene.world.get(&page.url).await;
    assert_eq!(bare.status, 403);
    let answer = scene.world.post(&page.url, &[("decision", "allow")]).await;
    assert_eq!(answer.status, 403);
    assert_stayed(&scene.browser.open("/consent/not-an-id").await, 404);
}
