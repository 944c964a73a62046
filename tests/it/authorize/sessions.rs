//! Sessions: O2 to O7.

use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use time::Duration;

use crate::authorize::{MEMBER, SESSION, Scene, assert_stayed};
use crate::kit::browser::Browser;
use crate::kit::world::{PASSWORD, World};

/// Whether the browser is signed in.
async fn is_in(browser: &mut Browser) -> bool {
    browser.open("/account").await.url == "/account"
}

#[tokio::test]
async fn o2_a_planted_session_is_never_signed_in() {
    let world = World::new().await;
    world.person(Role::Member).await;
    let mut browser = Browser::new(&world);
    let planted = "attackerattackerattackerattackerattacker123";
    browser.plant(SESSION, planted);
    browser.sign_in(MEMBER).await;
    assert!(is_in(&mut browser).await);
    assert_ne!(browser.cookie(SESSION), Some(planted));
    let mut attacker = Browser::new(&world);
    attacker.plant(SESSION, planted);
    assert!(!is_in(&mut attacker).await);
}

#[tokio::test]
async fn o2_a_new_sign_in_ends_the_session_before_it() {
    let mut scene = Scene::new(ClientKind::Web).await;
    scene.sign_in().await;
    let mut copy = scene.browser.clone();
    let page = scene.open(&[("prompt", "login")]).await;
    // The frozen clock makes the first sign-in as fresh as the request; the next second does not.
    assert!(page.form("decision").is_some());
    scene.world.pass(Duration::SECOND);
    let page = scene.open(&[("prompt", "login")]).await;
    scene.fill_in(&page).await;
    assert!(is_in(&mut scene.browser).await);
    assert!(!is_in(&mut copy).await);
}

#[tokio::test]
async fn o3_sessions_end_without_use_and_in_any_case() {
    let world = World::new().await;
    world.person(Role::Member).await;
    let mut browser = Browser::new(&world);
    browser.sign_in(MEMBER).await;
    let (idle, absolute) = (Duration::hours(12), Duration::days(14));
    world.pass(idle - Duration::SECOND);
    assert!(is_in(&mut browser).await, "a second before the idle limit");
    world.pass(idle);
    assert!(!is_in(&mut browser).await, "at the idle limit");

    browser.sign_in(MEMBER).await;
    let step = Duration::hours(8);
    for _ in 0..(absolute.whole_hours() / step.whole_hours() - 1) {
        world.pass(step);
        assert!(is_in(&mut browser).await);
    }
    world.pass(step - Duration::SECOND);
    assert!(is_in(&mut browser).await, "a second before the absolute limit");
    world.pass(Duration::SECOND);
    assert!(!is_in(&mut browser).await, "at the absolute limit");
}

#[tokio::test]
async fn a_sessions_use_is_written_at_most_once_a_minute() {
    let world = World::new().await;
    world.person(Role::Member).await;
    let mut browser = Browser::new(&world);
    browser.sign_in(MEMBER).await;
    world.pass(Duration::seconds(59));
    is_in(&mut browser).await;
    let moved = "SELECT count(*) FROM browser_sessions WHERE last_seen_at > created_at";
    assert_eq!(world.count(moved).await, 0);
    world.pass(Duration::SECOND);
    is_in(&mut browser).await;
    assert_eq!(world.count(moved).await, 1);
}

#[tokio::test]
async fn o4_o8_logout_ends_the_session_on_the_server_and_needs_our_own_form() {
    let world = World::new().await;
    world.person(Role::Member).await;
    let mut browser = Browser::new(&world);
    browser.sign_in(MEMBER).await;
    let mut copy = browser.clone();
    assert_stayed(&browser.post("/logout", &[]).await, 403);
    assert!(is_in(&mut browser).await);
    let account = browser.open("/account").await;
    assert_eq!(account.answer.header("cache-control"), "no-store");
    let (_, fields) = account.form("current_password").expect("a form with the token");
    let csrf = fields.into_iter().find(|(name, _)| name == "csrf").expect("a token").1;
    let page = browser.post("/logout", &[("csrf", &csrf)]).await;
    assert_stayed(&page, 200);
    assert!(browser.cookie(SESSION).is_none());
    assert!(!is_in(&mut copy).await, "a copied cookie is worth nothing");
}

#[tokio::test]
async fn o5_a_disabled_person_is_signed_out_everywhere() {
    let world = World::new().await;
    world.person(Role::Member).await;
    let mut browser = Browser::new(&world);
    browser.sign_in(MEMBER).await;
    world.sql("UPDATE users SET disabled_at = now()").await;
    assert!(!is_in(&mut browser).await);
}

#[tokio::test]
async fn o6_what_one_person_was_asked_the_next_one_does_not_answer() {
    let mut scene = Scene::new(ClientKind::Web).await;
    scene.world.person(Role::Owner).await;
    let page = scene.consent_page(&[]).await;
    let (_, fields) = page.form("return_to").expect("the form that signs out");
    let csrf = fields.into_iter().find(|(name, _)| name == "csrf").expect("a token").1;
    scene.browser.post("/logout", &[("csrf", &csrf)]).await;
    let login = scene.browser.open("/login").await;
    scene.browser.submit(&login, "password", &[("email", "owner@acme.test"), ("password", PASSWORD)]).await;
    assert_stayed(&scene.allow(&page).await, 403);
    assert_eq!(scene.codes().await, 0);
}

#[tokio::test]
async fn o7_cookies_are_no_tokens_and_tokens_no_cookies() {
    let scene = Scene::new(ClientKind::Web).await;
    let tokens = scene.world.tokens(&scene.app, MEMBER).await;
    for name in ["access_token", "refresh_token"] {
        let mut browser = Browser::new(&scene.world);
        browser.plant(SESSION, tokens[name].as_str().expect("a token"));
        assert!(!is_in(&mut browser).await);
    }
    let mut browser = Browser::new(&scene.world);
    browser.sign_in(MEMBER).await;
    let cookie = browser.cookie(SESSION).expect("signed in").to_owned();
    scene.world.refresh(&scene.app, &cookie).await.expect_error(400, "invalid_grant");
}
