//! The settings of an app on its page: rows without a script, both versions of a conflict, what a change does to people, the logo.

use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use grantor::model::redirect_uri::RedirectUri;

use crate::kit::browser::{Browser, Page};
use crate::kit::world::{App, CALLBACK, World};

mod logo;
mod uploads;
mod verification;

async fn admin_and_app() -> (World, Browser, App, String) {
    let world = World::new().await;
    world.person(Role::Admin).await;
    let app = world.app(ClientKind::Web).await;
    let mut browser = Browser::new(&world);
    browser.sign_in("admin@acme.test").await;
    let path = format!("/orgs/acme/apps/{}/settings", app.client_id);
    (world, browser, app, path)
}

/// Posts the page's own form after `change` was done to its fields.
async fn post(browser: &mut Browser, page: &Page, change: impl FnOnce(&mut Vec<(String, String)>)) -> Page {
    let (action, mut fields) = page.form("version").expect("the form");
    change(&mut fields);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post(&action, &fields).await
}

fn push(fields: &mut Vec<(String, String)>, name: &str, value: &str) {
    fields.push((name.to_owned(), value.to_owned()));
}

fn set(fields: &mut [(String, String)], name: &str, value: &str) {
    value.clone_into(&mut fields.iter_mut().find(|(own, _)| own == name).expect("the field").1);
}

fn uris(page: &Page) -> Vec<String> {
    let (_, fields) = page.form("version").expect("the form");
    fields.into_iter().filter(|(name, _)| name == "redirect_uris").map(|(_, value)| value).collect()
}

#[tokio::test]
async fn r27_redirect_uris_are_rows_that_come_and_go_without_a_script() {
    let (world, mut browser, app, path) = admin_and_app().await;
    let page = browser.open(&path).await;
    assert_eq!(uris(&page), [CALLBACK]);
    let two = post(&mut browser, &page, |fields| {
        set(fields, "name", "Typed meanwhile");
        push(fields, "step", "add-uri");
    })
    .await;
    assert_eq!((two.answer.status.as_u16(), uris(&two)), (200, vec![CALLBACK.to_owned(), String::new()]));
    assert!(two.answer.body.contains("value=\"Typed meanwhile\""), "what was typed stays");
    let three = post(&mut browser, &two, |fields| {
        *fields.iter_mut().rfind(|(name, _)| name == "redirect_uris").map(|(_, value)| value).expect("the new row") =
            "http://a.example/cb".into();
        push(fields, "redirect_uris", "https://b.example/cb");
    })
    .await;
    assert_eq!(three.answer.status, 422);
    assert!(three.answer.body.contains("href=\"#redirect_uri_2\">Redirect URI 2: "), "{}", three.answer.body);
    assert_eq!(uris(&three).len(), 3);
    let removed = post(&mut browser, &three, |fields| push(fields, "step", "remove-uri-2")).await;
    assert_eq!(uris(&removed), [CALLBACK, "https://b.example/cb"]);
    assert_eq!(world.record(&app).await.client.version, 1, "nothing was saved by any of this");
    post(&mut browser, &removed, |_| {}).await;
    let profile = world.record(&app).await.client.profile;
    assert_eq!(profile.name, "Typed meanwhile");
    assert_eq!(profile.redirect_uris.iter().map(RedirectUri::as_str).collect::<Vec<_>>(), [CALLBACK, "https://b.example/cb"]);
}

#[tokio::test]
async fn r27_the_rows_work_when_an_app_is_registered_too_and_its_first_button_registers() {
    let (_world, mut browser, _, _) = admin_and_app().await;
    let page = browser.open("/orgs/acme/apps/new?kind=web").await;
    let (action, mut fields) = page.form("redirect_uris").expect("the form");
    set(&mut fields, "redirect_uris", "https://a.example/cb");
    push(&mut fields, "step", "add-uri");
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let more = browser.post(&action, &fields).await;
    let rows = more.form("redirect_uris").expect("the form").1.into_iter().filter(|(name, _)| name == "redirect_uris").count();
    assert_eq!((more.answer.status.as_u16(), rows), (200, 2));
}

#[tokio::test]
async fn m7_a_conflict_shows_both_versions_with_who_and_when() {
    let (world, mut browser, _, path) = admin_and_app().await;
    world.person(Role::Owner).await;
    let mine = browser.open(&path).await;
    let mut other = Browser::new(&world);
    other.sign_in("owner@acme.test").await;
    let theirs = other.open(&path).await;
    other.submit(&theirs, "version", &[("name", "Theirs"), ("redirect_uris", "https://theirs.example/cb")]).await;
    world.pass(time::Duration::minutes(3));
    let conflict = browser.submit(&mine, "version", &[("name", "Mine"), ("description", "Only mine")]).await;
    let body = &conflict.answer.body;
    assert_eq!(conflict.answer.status, 409);
    assert!(body.contains("<bdi>owner@acme.test</bdi> saved this application") && body.contains(">3 minutes ago</time>"), "{body}");
    for told in [">Theirs</span>", ">Mine</span>", ">https://theirs.example/cb</span>", &format!(">{CALLBACK}</span>"), ">Only mine</span>"]
    {
        assert!(body.contains(told), "{told}: {body}");
    }
    assert_eq!(uris(&conflict), [CALLBACK], "the form holds what was typed");
    assert_eq!(browser.submit(&conflict, "version", &[]).await.answer.status, 200);
}

#[tokio::test]
async fn what_ends_anybodys_access_earlier_is_shown_before_it_is_saved() {
    let (world, mut browser, app, path) = admin_and_app().await;
    let user = world.person(Role::Member).await;
    for _ in 0..2 {
        world.family(&app, &user).await;
    }
    let ends = "SELECT idle_expires_at::text FROM authorizations";
    let before = world.words(ends).await;
    let page = browser.open(&path).await;
    let shorter = [("idle_lifetime", "3600"), ("name", "Shorter")];
    let review = browser.submit(&page, "version", &shorter).await;
    let body = &review.answer.body;
    assert!(
        review.answer.status == 200 && body.contains("2 authorizations, 2 end earlier than they would now. None ends at once."),
        "{body}"
    );
    for told in [">Idle limit</th>", ">30 days</span>", ">1 hour</span>", "until 1 hour after the last use", "value=\"Shorter\""] {
        assert!(body.contains(told), "{told}: {body}");
    }
    assert_eq!((world.record(&app).await.client.version, world.words(ends).await), (1, before), "nothing is saved yet");
    let back = browser.submit(&review, "version", &[("step", "edit")]).await;
    assert!(back.url.ends_with("/settings") && back.answer.body.contains("value=\"Shorter\""), "back at the form, nothing lost");
    assert_eq!(world.record(&app).await.client.version, 1);
    let saved = browser.submit(&review, "version", &[("reviewed", "on")]).await;
    assert!(saved.url.ends_with("?done=saved"), "{}", saved.url);
    assert_eq!(world.record(&app).await.client.profile.refresh_tokens.idle_lifetime, Some(3_600));
    let told = "SELECT detail->>'authorizations_ending_earlier' FROM audit_events WHERE detail ? 'authorizations_ending_earlier'";
    assert_eq!(world.words(told).await, ["2"]);
}

#[tokio::test]
async fn a_change_that_ends_nothing_earlier_is_saved_at_once() {
    let (world, mut browser, app, path) = admin_and_app().await;
    let user = world.person(Role::Member).await;
    world.family(&app, &user).await;
    let page = browser.open(&path).await;
    let saved = browser.submit(&page, "version", &[("idle_lifetime", "7776000")]).await;
    assert!(saved.url.ends_with("?done=saved"), "longer limits lengthen nothing and end nothing");
    let page = browser.open(&path).await;
    let saved = browser.submit(&page, "version", &[("name", "Another name")]).await;
    assert!(saved.url.ends_with("?done=saved"));
}

#[tokio::test]
async fn a_review_that_is_too_late_becomes_a_conflict() {
    let (world, mut browser, app, path) = admin_and_app().await;
    let user = world.person(Role::Member).await;
    world.family(&app, &user).await;
    let page = browser.open(&path).await;
    let review = browser.submit(&page, "version", &[("idle_lifetime", "3600")]).await;
    browser.submit(&page, "version", &[("name", "Meanwhile")]).await;
    let late = browser.submit(&review, "version", &[("reviewed", "on")]).await;
    assert_eq!(late.answer.status, 409);
    assert!(late.answer.body.contains(">Meanwhile</span>"));
    assert_eq!(world.record(&app).await.client.profile.refresh_tokens.idle_lifetime, Some(30 * 86_400));
}

#[tokio::test]
async fn the_limits_are_drawn_and_senseless_pairs_are_named() {
    let (world, mut browser, app, path) = admin_and_app().await;
    let page = browser.open(&path).await;
    assert!(page.answer.body.contains("or until 30 days after the last use, whichever comes first."), "{}", page.answer.body);
    let pairs = [
        ("3600", "2592000", "2592000", "30", "The idle limit is not shorter than the absolute limit"),
        ("86400", "15552000", "3600", "30", "comes too late, and the person has to sign in again"),
        ("86400", "86400", "3600", "30", "so refresh tokens are of no use"),
        ("3600", "15552000", "2592000", "0", "Without a retry window"),
    ];
    for (access, absolute, idle, retry, warning) in pairs {
        let chosen = [("access_token_lifetime", access), ("absolute_lifetime", absolute), ("idle_lifetime", idle), ("retry_window", retry)];
        let shown = post(&mut browser, &page, |fields| {
            for (name, value) in chosen {
                set(fields, name, value);
            }
            push(fields, "step", "preview");
        })
        .await;
        assert!(shown.answer.status == 200 && shown.answer.body.contains(warning), "{warning}: {}", shown.answer.body);
    }
    assert_eq!(world.record(&app).await.client.version, 1);
}

#[tokio::test]
async fn a_developer_sees_the_settings_and_changes_nothing_by_any_step() {
    let (world, _, app, path) = admin_and_app().await;
    world.person(Role::Developer).await;
    let mut browser = Browser::new(&world);
    browser.sign_in("developer@acme.test").await;
    let page = browser.open(&path).await;
    assert!(page.answer.status == 200 && page.answer.body.contains("stays connected until"));
    for step in ["", "add-uri", "preview"] {
        assert_eq!(browser.submit(&page, "version", &[("step", step)]).await.answer.status, 403, "{step}");
    }
    assert_eq!(world.record(&app).await.client.version, 1);
}
