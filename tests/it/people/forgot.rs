//! N4, N8: asking for a new password tells nobody who has an account.

use axum::http::Method;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use time::Duration;

use crate::kit::browser::{Browser, Page};
use crate::kit::grants::refresh_token;
use crate::kit::http::form;
use crate::kit::world::{ISSUER, World};
use crate::people::{anonymous, link, mailing, read_mail};

const NEW: &str = "four unrelated words here";

async fn ask(world: &World, email: &str) -> Page {
    let mut browser = Browser::new(world);
    let page = browser.open("/forgot").await;
    browser.submit(&page, "email", &[("email", email)]).await
}

#[tokio::test]
async fn n4_every_address_gets_the_same_answer_and_the_same_work() {
    let world = mailing().await;
    world.person(Role::Member).await;
    let disabled = world.person(Role::Developer).await;
    grantor::flows::operator::standing::set_person_disabled(&world.deps, disabled.email.as_str(), true, world.now())
        .await
        .expect("disabled");
    let known = ask(&world, "member@acme.test").await;
    for email in ["nobody@acme.test", "developer@acme.test", "no address at all", ""] {
        let other = ask(&world, email).await;
        assert_eq!((other.answer.status, anonymous(&other)), (known.answer.status, anonymous(&known)), "{email}");
        let names = |page: &Page| page.answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(&other), names(&known));
    }
    // Each wish is one row in the line, whoever it is for: nobody is looked up while the request waits.
    assert_eq!(world.count("select count(*) from mails where kind = 'reset'").await, 5);
    assert_eq!(world.count("select count(*) from password_links").await, 0);
    let mails = read_mail(&world).await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert!(mails[0].contains("To: member@acme.test"));
    assert_eq!(world.count("select count(*) from audit_events where action = 'user.request_password_reset'").await, 1);
}

#[tokio::test]
async fn n8_a_reset_link_works_once_for_half_an_hour_and_ends_what_was_open() {
    let world = mailing().await;
    let user = world.person(Role::Member).await;
    let app = world.app(ClientKind::Web).await;
    let family = world.family(&app, &user).await;
    let mut thief = Browser::new(&world);
    thief.sign_in("member@acme.test").await;
    ask(&world, "Member@acme.test").await;
    let first = link(&read_mail(&world).await[0], "/set-password/");
    ask(&world, "member@acme.test").await;
    let second = link(&read_mail(&world).await[0], "/set-password/");
    let mut browser = Browser::new(&world);
    assert_eq!(browser.open(&first).await.answer.status.as_u16(), 404, "a newer one replaces it");
    let page = browser.open(&second).await;
    let done = browser.submit(&page, "new_password", &[("new_password", NEW)]).await;
    assert_eq!(done.url, "/login");
    assert_eq!(Browser::new(&world).open(&second).await.answer.status.as_u16(), 404, "once");
    assert!(thief.open("/account").await.url.starts_with("/login"));
    world.refresh(&app, &refresh_token(&family)).await.expect_error(400, "invalid_grant");
    let told = read_mail(&world).await;
    assert!(told.len() == 1 && told[0].contains("was changed"), "{told:?}");

    ask(&world, "member@acme.test").await;
    let late = link(&read_mail(&world).await[0], "/set-password/");
    world.pass(Duration::minutes(30));
    assert_eq!(Browser::new(&world).open(&late).await.answer.status.as_u16(), 404, "half an hour");
}

#[tokio::test]
async fn n5_wishes_are_counted_by_address_and_keep_nobody_from_signing_in() {
    let world = mailing().await;
    world.person(Role::Member).await;
    for email in ["member@acme.test", "nobody@acme.test"] {
        for _ in 0..5 {
            assert_eq!(ask(&world, email).await.answer.status.as_u16(), 200);
        }
        let throttled = ask(&world, email).await;
        assert_eq!(throttled.answer.status.as_u16(), 429, "{email}");
        assert!(!throttled.answer.header("retry-after").is_empty());
    }
    let mut browser = Browser::new(&world);
    assert_eq!(browser.sign_in("member@acme.test").await.answer.status.as_u16(), 200);
}

#[tokio::test]
async fn without_mail_the_page_says_who_can_help() {
    let world = World::new().await;
    let page = Browser::new(&world).open("/forgot").await;
    assert!(page.form("email").is_none() && page.answer.body.contains("sends no mail"), "{}", page.answer.body);
}

#[tokio::test]
async fn n8_the_link_leads_to_the_issuer_whatever_host_was_asked_and_is_void_for_who_is_disabled() {
    let world = mailing().await;
    world.person(Role::Member).await;
    let mut browser = Browser::new(&world);
    let page = browser.open("/forgot").await;
    let (_, fields) = page.form("email").expect("the form");
    let csrf = fields.into_iter().find(|(name, _)| name == "csrf").expect("a token").1;
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("origin", ISSUER),
        ("host", "evil.test"),
        ("x-forwarded-host", "evil.test"),
        ("forwarded", "host=evil.test"),
    ];
    let sent = browser.send(Method::POST, "/forgot", &headers, form(&[("csrf", &csrf), ("email", "member@acme.test")])).await;
    assert_eq!(sent.status.as_u16(), 200, "{}", sent.body);
    let mail = read_mail(&world).await.remove(0);
    assert!(!mail.contains("evil.test"), "{mail}");
    let path = link(&mail, "/set-password/");
    assert_eq!(browser.open(&path).await.answer.status.as_u16(), 200);
    for disabled in [true, false] {
        grantor::flows::operator::standing::set_person_disabled(&world.deps, "member@acme.test", disabled, world.now())
            .await
            .expect("the operator may");
        assert_eq!(browser.open(&path).await.answer.status.as_u16(), 404, "void for good");
    }
}

#[tokio::test]
async fn n5_wishes_from_one_address_are_counted_whoever_they_are_for() {
    let world = World::in_real_time().await;
    let folder = crate::kit::process::Folder::new("mails");
    let door = world
        .process_with(&[
            ("GRANTOR__MAIL__TRANSPORT", "file"),
            ("GRANTOR__MAIL__FOLDER", folder.path().to_str().expect("a readable path")),
            ("GRANTOR__MAIL__FROM", "Grantor <grantor@example.test>"),
            ("GRANTOR__LIMITS__LOGIN_ATTEMPTS_PER_IP", "3"),
        ])
        .await;
    for number in 0..3 {
        assert_eq!(ask(&door, &format!("p{number}@acme.test")).await.answer.status.as_u16(), 200);
    }
    assert_eq!(ask(&door, "p4@acme.test").await.answer.status.as_u16(), 429);
}

#[tokio::test]
async fn n3_password_managers_know_every_field_that_asks_for_a_name_or_password() {
    let world = mailing().await;
    world.person(Role::Member).await;
    let mut browser = Browser::new(&world);
    let login = browser.open("/login").await.answer.body;
    assert!(login.contains("autocomplete=\"username\"") && login.contains("autocomplete=\"current-password\""), "{login}");
    assert!(browser.open("/forgot").await.answer.body.contains("autocomplete=\"username\""));
    ask(&world, "member@acme.test").await;
    let path = link(&read_mail(&world).await[0], "/set-password/");
    let set = browser.open(&path).await.answer.body;
    assert!(set.contains("autocomplete=\"new-password\"") && set.contains("value=\"member@acme.test\" autocomplete=\"username\""), "{set}");
    browser.sign_in("member@acme.test").await;
    let account = browser.open("/account").await.answer.body;
    for word in ["username", "current-password", "new-password"] {
        assert!(account.contains(&format!("autocomplete=\"{word}\"")), "{word}: {account}");
    }
    assert!(![login, set, account].iter().any(|body| body.contains("onpaste")));
}
