//! M14 on the consent page: what is sensitive is allowed only by somebody who proved who they are a short while ago.

use grantor::flows::account::login::find_session;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use time::Duration;

use crate::authorize::{MEMBER, SESSION, Scene, assert_refused, assert_stayed};
use crate::kit::browser::{Browser, Page};
use crate::kit::http::pkce;
use crate::kit::world::{CALLBACK, PASSWORD};

const FIELD: &str = "reauthenticate_password";
const BOTH: (&str, &str) = ("scope", "projects:read projects:write");
const PLAIN: (&str, &str) = ("scope", "projects:read");

/// A member who signed in eleven minutes ago; the settings allow ten.
async fn late() -> Scene {
    let mut scene = Scene::new(ClientKind::Web).await;
    scene.sign_in().await;
    scene.world.pass(Duration::minutes(11));
    scene
}

/// The same, who has pressed Allow and is asked for the password.
async fn asked() -> (Scene, Page) {
    let mut scene = late().await;
    let page = scene.consent_page(&[BOTH]).await;
    let asked = scene.allow(&page).await;
    assert_asked(&asked);
    (scene, asked)
}

#[track_caller]
fn assert_asked(page: &Page) {
    assert_stayed(page, 401);
    assert_eq!(page.heading(), "Confirm it is you");
}

impl Scene {
    async fn confirm(&mut self, page: &Page, password: &str) -> Page {
        self.browser.submit(page, FIELD, &[("decision", "allow"), (FIELD, password)]).await
    }
}

#[tokio::test]
async fn m14_what_is_sensitive_is_allowed_only_after_a_recent_password() {
    let (mut scene, asked) = asked().await;
    let body = &asked.answer.body;
    assert!(body.contains("The web app") && body.contains(MEMBER) && body.contains("asks for sensitive access"), "{body}");
    assert_eq!(asked.texts(".scopes p")[0].split_whitespace().collect::<Vec<_>>().join(" "), "Do projects:write Sensitive");
    assert!(!body.contains("Do projects:read"), "only what the password is asked for");
    assert!(asked.answer.header("content-security-policy").contains("form-action 'self' https://app.example.test"), "A25");
    assert_eq!(asked.answer.header("cache-control"), "no-store");
    assert_eq!(scene.codes().await, 0);

    let wrong = scene.confirm(&asked, "not the password").await;
    assert_asked(&wrong);
    assert!(wrong.texts("title")[0].starts_with("Error: ") && wrong.answer.body.contains("That is not your password"));
    assert_eq!(scene.codes().await, 0);

    let before = scene.browser.cookie(SESSION).expect("signed in").to_owned();
    let left = scene.confirm(&wrong, PASSWORD).await;
    let code = left.parameter("code").expect("a code");
    assert_eq!(left.parameter("state").as_deref(), Some("the-state"), "what was asked is kept");
    assert_ne!(scene.browser.cookie(SESSION), Some(before.as_str()), "O2: a new session id");
    assert!(find_session(&scene.world.deps, &before, scene.world.now()).await.expect("read").is_none(), "O2: the old one is dead");
    assert_eq!(scene.browser.open("/account").await.url, "/account", "and the new one lives");

    let (verifier, _) = pkce();
    let pairs = [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", CALLBACK), ("code_verifier", &*verifier)];
    let tokens = scene.world.token(&scene.app, &pairs).await.expect(200).json();
    assert_eq!(tokens["scope"], "projects:read projects:write");
    let told = scene.world.words("SELECT (auth_time = created_at)::text FROM authorizations").await;
    assert_eq!(told, ["true"], "auth_time is that of the password");
    assert_eq!(scene.world.count("SELECT count(*) FROM audit_events WHERE action = 'user.reauthenticate'").await, 1);
}

#[tokio::test]
async fn m14_a_question_left_open_asks_when_it_is_answered() {
    let mut scene = Scene::new(ClientKind::Web).await;
    scene.sign_in().await;
    let (early, page) = (scene.consent_page(&[BOTH]).await, scene.consent_page(&[BOTH, ("state", "later")]).await);
    scene.world.pass(Duration::minutes(10) - Duration::SECOND);
    assert!(scene.allow(&early).await.left(), "just in time");
    scene.world.sql("DELETE FROM consents").await;
    scene.world.pass(Duration::SECOND);
    let asked = scene.allow(&page).await;
    assert_asked(&asked);
    assert_eq!(scene.confirm(&asked, PASSWORD).await.parameter("state").as_deref(), Some("later"));
}

#[tokio::test]
async fn m14_e7_only_what_is_new_and_sensitive_asks() {
    let mut scene = late().await;
    let page = scene.consent_page(&[PLAIN]).await;
    assert!(scene.allow(&page).await.left(), "nothing sensitive, no password");
    let more = scene.consent_page(&[BOTH]).await;
    let asked = scene.allow(&more).await;
    assert_asked(&asked);
    assert!(scene.confirm(&asked, PASSWORD).await.left());

    scene.world.pass(Duration::hours(11));
    assert!(scene.open(&[BOTH]).await.parameter("code").is_some(), "a remembered approval asks for nothing");
    let repeated = scene.consent_page(&[BOTH, ("prompt", "consent")]).await;
    assert!(scene.allow(&repeated).await.left(), "nor does it where the app wants it repeated");
    scene.world.sql("UPDATE clients SET name = 'Renamed', identity_version = 2").await;
    let other = scene.consent_page(&[BOTH]).await;
    assert_asked(&scene.allow(&other).await);
}

#[tokio::test]
async fn m14_b13_without_a_page_an_old_sign_in_is_login_required() {
    let mut scene = late().await;
    assert_refused(&scene.open(&[BOTH, ("prompt", "none")]).await, "login_required");
    assert_refused(&scene.open(&[PLAIN, ("prompt", "none")]).await, "consent_required");
    // What the app does then: one sign-in, and no second password behind it.
    let page = scene.consent_page(&[BOTH, ("prompt", "login")]).await;
    assert!(scene.allow(&page).await.left());
    scene.world.pass(Duration::hours(1));
    assert!(scene.open(&[BOTH, ("prompt", "none")]).await.parameter("code").is_some());
}

#[tokio::test]
async fn m14_somebody_else_who_signs_in_meanwhile_allows_nothing_for_the_first_one() {
    let (mut scene, asked) = asked().await;
    scene.world.person(Role::Owner).await;
    let first = scene.browser.cookie(SESSION).expect("signed in").to_owned();
    let login = scene.open(&[PLAIN, ("prompt", "login"), ("state", "theirs")]).await;
    let theirs = scene.browser.submit(&login, "password", &[("email", "owner@acme.test"), ("password", PASSWORD)]).await;
    assert!(theirs.answer.body.contains("owner@acme.test"), "{}", theirs.answer.body);
    // The page of the first one is still open in its tab.
    for _ in 0..2 {
        assert_stayed(&scene.confirm(&asked, PASSWORD).await, 403);
    }
    assert_eq!(scene.codes().await, 0);
    assert!(find_session(&scene.world.deps, &first, scene.world.now()).await.expect("read").is_none(), "their session is over");
    // Who reloads it is asked as who they are.
    let page = scene.browser.open(&asked.url).await;
    assert!(page.answer.body.contains("owner@acme.test") && !page.answer.body.contains(MEMBER));
    assert!(scene.allow(&page).await.left());
    let who = scene.world.words("SELECT u.email FROM authorizations a JOIN users u ON u.id = a.user_id").await;
    assert_eq!(who, ["owner@acme.test"]);
}

#[tokio::test]
async fn m14_e3_a_password_does_not_make_a_foreign_question_ones_own() {
    let (scene, asked) = asked().await;
    let mut thief = Browser::new(&scene.world);
    thief.sign_in(MEMBER).await;
    thief.plant(SESSION, scene.browser.cookie(SESSION).expect("signed in"));
    assert_stayed(&thief.submit(&asked, FIELD, &[("decision", "allow"), (FIELD, PASSWORD)]).await, 403);
    assert_eq!(scene.codes().await, 0);
}

#[tokio::test]
async fn m14_e4_two_confirmations_at_once_make_one_code() {
    let (mut scene, asked) = asked().await;
    let mut twin = scene.browser.clone();
    let sent = [("decision", "allow"), (FIELD, PASSWORD)];
    let (one, two) = tokio::join!(scene.browser.submit(&asked, FIELD, &sent), twin.submit(&asked, FIELD, &sent));
    assert!(one.left() || two.left(), "{} {}", one.answer.status, two.answer.status);
    assert_eq!(scene.codes().await, 1);
}

#[tokio::test]
async fn m14_e4_a_second_click_is_told_that_the_first_one_counted() {
    let (mut scene, asked) = asked().await;
    let mut late = scene.browser.clone();
    assert!(scene.confirm(&asked, PASSWORD).await.left());
    for browser in [&mut scene.browser, &mut late] {
        let again = browser.submit(&asked, FIELD, &[("decision", "allow"), (FIELD, PASSWORD)]).await;
        assert_stayed(&again, 409);
        assert!(again.heading().contains("already allowed"), "{}", again.heading());
    }
    let mut stranger = Browser::new(&scene.world);
    assert_stayed(&stranger.submit(&asked, FIELD, &[("decision", "allow"), (FIELD, PASSWORD)]).await, 403);
    assert_eq!(scene.codes().await, 1);
}

#[tokio::test]
async fn m14_e6_cancel_goes_back_without_a_password() {
    let (mut scene, asked) = asked().await;
    assert_eq!(asked.texts("form .actions button"), ["Confirm and allow", "Cancel"]);
    assert!(asked.attribute("button[value=deny]", "formnovalidate").is_some(), "an empty field does not stand in the way");
    let left = scene.browser.submit(&asked, FIELD, &[("decision", "deny"), (FIELD, "")]).await;
    assert_refused(&left, "access_denied");
    assert_eq!(scene.codes().await, 0);
}

#[tokio::test]
async fn n5_guesses_at_the_password_behind_allow_are_counted_with_those_of_the_sign_in() {
    let (mut scene, mut asked) = asked().await;
    for _ in 0..10 {
        asked = scene.confirm(&asked, "wrong").await;
        assert_asked(&asked);
    }
    let throttled = scene.confirm(&asked, PASSWORD).await;
    assert_stayed(&throttled, 429);
    assert!(!throttled.answer.header("retry-after").is_empty());
    let mut elsewhere = Browser::new(&scene.world);
    assert_stayed(&elsewhere.sign_in(MEMBER).await, 429);
    assert_eq!(scene.codes().await, 0);
}
