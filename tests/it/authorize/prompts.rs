//! `prompt`, `max_age` and `login_hint`: B12 to B15.

use grantor::model::client::ClientKind;
use time::Duration;

use crate::authorize::{MEMBER, SESSION, Scene, assert_refused};

#[tokio::test]
async fn b13_prompt_none_answers_without_a_page() {
    let mut scene = Scene::new(ClientKind::Web).await;
    assert_refused(&scene.open(&[("prompt", "none")]).await, "login_required");
    scene.sign_in().await;
    assert_refused(&scene.open(&[("prompt", "none")]).await, "consent_required");
    let page = scene.consent_page(&[]).await;
    scene.allow(&page).await;
    assert!(scene.open(&[("prompt", "none")]).await.parameter("code").is_some());
    scene.world.pass(Duration::minutes(10));
    assert_refused(&scene.open(&[("prompt", "none"), ("max_age", "60")]).await, "login_required");
}

#[tokio::test]
async fn b14_prompt_login_asks_again_and_makes_a_new_session() {
    let mut scene = Scene::new(ClientKind::Web).await;
    scene.sign_in().await;
    let before = scene.browser.cookie(SESSION).expect("signed in").to_owned();
    scene.world.pass(Duration::SECOND);
    let page = scene.open(&[("prompt", "login")]).await;
    assert!(page.form("password").is_some(), "asked again");
    assert_eq!(scene.browser.cookie(SESSION), Some(before.as_str()), "until then nothing is swapped");
    let consent = scene.fill_in(&page).await;
    assert!(consent.form("decision").is_some());
    assert_ne!(scene.browser.cookie(SESSION), Some(before.as_str()));
    assert!(scene.allow(&consent).await.parameter("code").is_some());
    let old = scene.world.count("SELECT count(*) FROM browser_sessions WHERE ended_at IS NULL").await;
    assert_eq!(old, 1, "the former session is over");
}

#[tokio::test]
async fn b15_max_age_asks_again_when_the_sign_in_is_too_old() {
    let mut scene = Scene::new(ClientKind::Web).await;
    scene.sign_in().await;
    scene.world.pass(Duration::seconds(60));
    assert!(scene.open(&[("max_age", "60")]).await.form("decision").is_some());
    scene.world.pass(Duration::SECOND);
    assert!(scene.open(&[("max_age", "0")]).await.form("password").is_some());
    let page = scene.open(&[("max_age", "60")]).await;
    assert!(page.form("password").is_some());
    assert!(scene.fill_in(&page).await.form("decision").is_some());
}

#[tokio::test]
async fn b12_login_hint_fills_the_address_in_as_text() {
    let mut scene = Scene::new(ClientKind::Web).await;
    let page = scene.open(&[("login_hint", MEMBER)]).await;
    let (_, fields) = page.form("password").expect("the sign-in form");
    assert!(fields.contains(&("email".to_owned(), MEMBER.to_owned())));
    let page = scene.open(&[("login_hint", "\"><svg onload=alert(1)>")]).await;
    assert!(!page.answer.body.contains("<svg onload"));
    assert!(page.answer.body.contains("The web app"), "says where one continues to");
}

#[tokio::test]
async fn r8_sign_in_leads_back_to_the_same_request() {
    let mut scene = Scene::new(ClientKind::Web).await;
    let page = scene.open(&[("scope", "projects:write")]).await;
    let consent = scene.fill_in(&page).await;
    assert!(consent.answer.body.contains("Do projects:write") && !consent.answer.body.contains("Do projects:read"));
    let left = scene.allow(&consent).await;
    assert_eq!(left.parameter("state").as_deref(), Some("the-state"));
}

#[tokio::test]
async fn r87_approving_again_makes_a_new_family_beside_the_old_one() {
    let scene = Scene::new(ClientKind::Web).await;
    let first = scene.world.tokens(&scene.app, MEMBER).await;
    let second = scene.world.tokens(&scene.app, MEMBER).await;
    for tokens in [first, second] {
        scene.world.refresh(&scene.app, tokens["refresh_token"].as_str().expect("a refresh token")).await.expect(200);
    }
}
