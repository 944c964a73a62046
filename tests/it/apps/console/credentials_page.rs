//! The credentials tab: a form that is sent twice, ends that are set later, and what asks before it acts.

use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use time::Duration;

use crate::kit::browser::{Browser, Page};
use crate::kit::world::{App, World};

async fn desk(kind: ClientKind) -> (World, App, Browser, String) {
    let world = World::new().await;
    world.person(Role::Admin).await;
    let app = world.app(kind).await;
    let mut browser = Browser::new(&world);
    browser.sign_in("admin@acme.test").await;
    let path = format!("/orgs/acme/apps/{}/credentials", app.client_id);
    (world, app, browser, path)
}

fn secret(page: &Page) -> Option<String> {
    page.attribute("#client_secret", "value")
}

#[tokio::test]
async fn m6_r28_a_secret_that_is_asked_for_twice_by_one_form_is_made_once() {
    let (world, app, mut browser, path) = desk(ClientKind::Web).await;
    let page = browser.open(&path).await;
    let asked = [("note", "Next"), ("others_end_in", "3600")];
    let first = browser.submit(&page, "once", &asked).await;
    let again = browser.submit(&page, "once", &asked).await;
    assert_eq!((first.answer.status.as_u16(), again.answer.status.as_u16()), (201, 201));
    assert!(secret(&first).is_some() && secret(&first) == secret(&again), "the same answer");
    let credentials = world.record(&app).await.credentials;
    assert_eq!(credentials.len(), 2);
    let ends: Vec<_> = credentials.iter().filter_map(|own| own.expires_at).collect();
    assert_eq!(ends, [world.now() + Duration::hours(1)], "the old one got its end, once");
    let other = browser.submit(&page, "once", &[("note", "Another")]).await;
    assert_eq!(other.answer.status, 409, "the same form with other words makes nothing");
    assert!(other.answer.body.contains("has made a secret already"));

    world.pass(Duration::minutes(11));
    let late = browser.submit(&page, "once", &asked).await;
    assert!(late.url.ends_with("/credentials") && secret(&late).is_none(), "{}", late.url);
    assert_eq!(world.record(&app).await.credentials.len(), 2);
}

#[tokio::test]
async fn r28_a_secret_gets_an_end_after_it_was_made_and_loses_it_again() {
    let (world, app, mut browser, path) = desk(ClientKind::Web).await;
    let id = world.record(&app).await.credentials[0].id;
    let note = format!("{path}/{id}/note");
    let page = browser.open(&path).await;
    let (action, fields) = page.form_to(&note).expect("a form for note and end");
    assert!(fields.contains(&("expires_in".to_owned(), "keep".to_owned())), "untouched it keeps the end: {fields:?}");
    let csrf = fields.iter().find(|(name, _)| name == "csrf").expect("the token").1.clone();
    for (chosen, end) in [
        ("604800", Some(Duration::days(7))),
        ("keep", Some(Duration::days(7))),
        ("", Some(Duration::days(7))),
        ("3600", Some(Duration::hours(1))),
        ("none", None),
    ] {
        let saved = browser.post(&action, &[("csrf", &csrf), ("note", "Here"), ("expires_in", chosen)]).await;
        assert_eq!(saved.answer.status, 200, "{chosen}");
        let own = world.record(&app).await.credentials.remove(0);
        assert_eq!((own.expires_at, own.note.as_str()), (end.map(|end| world.now() + end), "Here"), "{chosen}");
    }
    assert_eq!(browser.post(&action, &[("csrf", &csrf), ("expires_in", "soon")]).await.answer.status, 400);
    assert_eq!(browser.post(&action, &[("csrf", &csrf), ("expires_in", "-5")]).await.answer.status, 422);

    let told = browser.post(&action, &[("csrf", &csrf), ("expires_in", "86400")]).await;
    assert!(told.texts(".secret .message.danger").join(" ").contains("Stops working"), "{}", told.answer.body);
    assert!(told.texts(".reasons .danger").join(" ").contains("Secret expires"), "the app says it on every tab");
    world.pass(Duration::days(1));
    browser.sign_in("admin@acme.test").await;
    let over = browser.open(&path).await;
    assert!(
        !over.asks_for("expires_in") || over.form_to(&note).is_some_and(|(_, fields)| fields.iter().all(|(name, _)| name != "expires_in"))
    );
    let csrf = over.attribute("input[name=csrf]", "value").expect("the token");
    let refused = browser.post(&note, &[("csrf", &csrf), ("expires_in", "none")]).await;
    assert_eq!(refused.answer.status, 422, "what has ended does not come back: it would count again");
}

#[tokio::test]
async fn what_cannot_be_taken_back_asks_before_its_button_is_in_reach() {
    let (_world, _app, mut browser, path) = desk(ClientKind::Web).await;
    let page = browser.open(&path).await;
    browser.submit(&page, "once", &[("note", "Next")]).await;
    let page = browser.open(&path).await;
    let questions = page.texts("details.confirm:not([open]) form > p");
    assert!(questions.iter().filter(|question| question.starts_with("Delete the secret ending in")).count() == 2, "{questions:?}");
    assert!(page.texts("details.confirm summary").iter().all(|word| word.starts_with("Delete")));
    assert!(!page.answer.body.contains("data-confirm"));
}

#[tokio::test]
async fn a_key_file_that_is_too_large_is_told_what_is_too_large() {
    let (_world, _app, mut browser, path) = desk(ClientKind::M2m).await;
    let page = browser.open(&format!("{path}/keys/new")).await;
    let csrf = page.attribute("input[name=csrf]", "value").expect("the token");
    let refused = browser.upload(&format!("{path}/keys/new"), &[("csrf", &csrf)], ("file", &vec![b'x'; 3 * 1024 * 1024])).await;
    assert_eq!(refused.answer.status, 422);
    assert!(refused.texts("#file-error")[0].contains("at most 32 KiB"), "{}", refused.answer.body);
}
