//! M14: what cannot be undone asks for the password again, and loses nothing of what was typed.

use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use time::Duration;

use crate::kit::browser::{Browser, Page};
use crate::kit::world::{App, PASSWORD, World};
use crate::people::{signed_in, token};

const FIELD: &str = "reauthenticate_password";

/// An owner who signed in eleven minutes ago, at the settings of an app.
async fn late() -> (World, App, Browser, Page) {
    let world = World::new().await;
    world.person(Role::Owner).await;
    let app = world.app(ClientKind::Web).await;
    let mut browser = signed_in(&world, "owner").await;
    world.pass(Duration::minutes(11));
    let page = browser.open(&format!("/orgs/acme/apps/{}/settings", app.client_id)).await;
    (world, app, browser, page)
}

#[tokio::test]
async fn m14_deleting_an_app_late_asks_for_the_password_and_then_goes_on_with_the_form() {
    let (world, app, mut browser, page) = late().await;
    let asked = browser.submit(&page, "confirm_name", &[("confirm_name", "The web app")]).await;
    assert_eq!((asked.answer.status.as_u16(), asked.heading().as_str()), (401, "Confirm it is you"));
    assert_eq!(asked.answer.header("cache-control"), "no-store");
    assert!(!asked.answer.body.contains("The web app"), "what was typed is sealed");
    assert!(world.record(&app).await.client.deleted_at.is_none());

    let wrong = browser.submit(&asked, FIELD, &[(FIELD, "not the password")]).await;
    assert_eq!(wrong.answer.status.as_u16(), 401);
    assert!(world.record(&app).await.client.deleted_at.is_none());

    let before = browser.cookie("__Host-grantor_session").map(str::to_owned);
    let done = browser.submit(&wrong, FIELD, &[(FIELD, PASSWORD)]).await;
    assert_eq!(done.url, "/orgs/acme/apps?done=deleted");
    assert!(world.record(&app).await.client.deleted_at.is_some());
    assert_ne!(browser.cookie("__Host-grantor_session").map(str::to_owned), before, "O2: a new session id");
    let mut thief = Browser::new(&world);
    thief.plant("__Host-grantor_session", &before.expect("a cookie"));
    assert!(thief.open("/account").await.url.starts_with("/login"), "the old one is dead");
    assert_eq!(browser.open("/account").await.url, "/account");
    assert_eq!(world.count("select count(*) from audit_events where action = 'user.reauthenticate'").await, 1);
}

#[tokio::test]
async fn m14_a_secret_is_made_and_deleted_only_after_a_recent_password() {
    let (world, app, mut browser, _) = late().await;
    let path = format!("/orgs/acme/apps/{}/credentials", app.client_id);
    let page = browser.open(&path).await;
    let asked = browser.post(&path, &[("csrf", &token(&page)), ("note", "second"), ("expires_in", "none")]).await;
    assert_eq!(asked.heading(), "Confirm it is you");
    let made = browser.submit(&asked, FIELD, &[(FIELD, PASSWORD)]).await;
    assert_eq!(made.answer.status.as_u16(), 201, "{}", made.answer.body);
    assert!(made.answer.body.contains("grs_"));
    let note = world.record(&app).await.credentials.iter().any(|credential| credential.note == "second");
    assert!(note, "the form came through whole");

    let id = world.record(&app).await.credentials[0].id;
    let page = browser.open(&path).await;
    let gone = browser.post(&format!("{path}/{id}/delete"), &[("csrf", &token(&page))]).await;
    assert_eq!(gone.url, format!("{path}?done=secret-deleted"), "a minute later nobody asks again");
}

#[tokio::test]
async fn m14_a_held_form_works_for_its_own_session_and_address_only() {
    let (world, app, mut browser, page) = late().await;
    world.person(Role::Admin).await;
    let other = world.app(ClientKind::M2m).await;
    let asked = browser.submit(&page, "confirm_name", &[("confirm_name", "The web app")]).await;
    let (_, fields) = asked.form(FIELD).expect("the form");
    let held = fields.into_iter().find(|(name, _)| name == "continuation").expect("a held form").1;

    let mut admin = signed_in(&world, "admin").await;
    let theirs = admin.open("/account").await;
    let sent = [("csrf", token(&theirs)), ("continuation", held.clone()), (FIELD, PASSWORD.to_owned())];
    let sent: Vec<_> = sent.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let action = format!("/orgs/acme/apps/{}/delete", app.client_id);
    assert_eq!(admin.post(&action, &sent).await.answer.status.as_u16(), 400);

    let own = token(&asked);
    let sent = [("csrf", own.as_str()), ("continuation", held.as_str()), (FIELD, PASSWORD)];
    let elsewhere = format!("/orgs/acme/apps/{}/delete", other.client_id);
    assert_eq!(browser.post(&elsewhere, &sent).await.answer.status.as_u16(), 400);
    assert_eq!(browser.post(&action, &sent[1..]).await.answer.status.as_u16(), 403, "E2: no token, no look at the password");
    world.pass(Duration::minutes(31));
    assert_eq!(browser.post(&action, &sent).await.answer.status.as_u16(), 400, "too old");
    assert!(world.record(&app).await.client.deleted_at.is_none());
}

#[tokio::test]
async fn n5_guesses_at_the_confirmation_are_counted() {
    let (world, app, mut browser, page) = late().await;
    let mut asked = browser.submit(&page, "confirm_name", &[("confirm_name", "The web app")]).await;
    for _ in 0..10 {
        asked = browser.submit(&asked, FIELD, &[(FIELD, "wrong")]).await;
        assert_eq!(asked.answer.status.as_u16(), 401);
    }
    let throttled = browser.submit(&asked, FIELD, &[(FIELD, PASSWORD)]).await;
    assert_eq!(throttled.answer.status.as_u16(), 429);
    assert!(!throttled.answer.header("retry-after").is_empty());
    assert!(world.record(&app).await.client.deleted_at.is_none());
}
