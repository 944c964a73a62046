//! M8: a form that is sent after its session has ended is not lost and not done: its person signs in, sees it filled in, and sends it.

use axum::http::Method;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use time::Duration;

use crate::apps::console::signed_in;
use crate::kit::browser::{Browser, Page};
use crate::kit::http::form;
use crate::kit::keys::TestKey;
use crate::kit::world::{App, ISSUER, PASSWORD, World};

const EMAIL: &str = "admin@acme.test";

/// Where a form is sent, a field that tells it from others, and what was typed.
type Typed<'a> = (String, &'a str, Vec<(&'a str, &'a str)>);

/// An admin at the settings of an app, with a new name typed, whose session has ended meanwhile.
async fn late() -> (World, App, Browser, Page) {
    let (world, mut browser) = signed_in(Role::Admin).await;
    let app = world.app(ClientKind::Web).await;
    let page = browser.open(&format!("/orgs/acme/apps/{}/settings", app.client_id)).await;
    world.pass(Duration::hours(12));
    (world, app, browser, page)
}

async fn sign_in(browser: &mut Browser, page: &Page) -> Page {
    browser.submit(page, "kept", &[("email", EMAIL), ("password", PASSWORD)]).await
}

fn value(page: &Page, named: &str, field: &str) -> String {
    let (_, fields) = page.form(named).unwrap_or_else(|| panic!("no form with {named}: {}", page.answer.body));
    fields.into_iter().find(|(name, _)| name == field).map(|(_, value)| value).unwrap_or_default()
}

/// Everything that somebody did but sign in.
async fn deeds(world: &World) -> i64 {
    world.count("SELECT count(*) FROM audit_events WHERE action NOT LIKE 'user.login%'").await
}

#[tokio::test]
async fn m8_what_was_typed_outlives_the_session_and_is_saved_only_by_its_own_button() {
    let (world, app, mut browser, page) = late().await;
    let before = deeds(&world).await;
    let asked = browser.submit(&page, "version", &[("name", "Renamed & kept"), ("description", "<b>two\nlines")]).await;
    assert_eq!((asked.answer.status.as_u16(), asked.heading().as_str()), (401, "Sign in"));
    assert_eq!(asked.answer.header("cache-control"), "no-store");
    assert!(asked.texts(".message")[0].contains("What you entered is kept"));
    assert!(!asked.answer.body.contains("Renamed"), "sealed");
    assert!(asked.texts("title")[0].starts_with("Sign in"), "nothing is wrong yet");

    let wrong = browser.submit(&asked, "kept", &[("email", EMAIL), ("password", "not it")]).await;
    assert_eq!(wrong.answer.status.as_u16(), 401);
    let shown = sign_in(&mut browser, &wrong).await;
    assert_eq!((shown.answer.status.as_u16(), shown.url.as_str()), (200, page.url.as_str()));
    assert!(shown.texts(".message").join(" ").contains("nothing is saved yet"), "{}", shown.answer.body);
    assert_eq!(value(&shown, "version", "name"), "Renamed & kept");
    assert_eq!(value(&shown, "version", "description"), "<b>two\nlines");
    let others = |page: &Page| {
        let (_, mut fields) = page.form("version").expect("the form");
        fields.retain(|(name, _)| !["csrf", "name", "description"].contains(&name.as_str()));
        fields
    };
    assert_eq!(others(&shown), others(&page), "every other field is as it was");
    assert_eq!(world.record(&app).await.client.profile.name, "The web app", "shown, not done");
    assert_eq!(deeds(&world).await, before);

    let again = sign_in(&mut browser, &wrong).await;
    assert_eq!(
        (again.answer.status.as_u16(), value(&again, "version", "name").as_str()),
        (200, "Renamed & kept"),
        "a reload shows it again"
    );
    assert!(browser.submit(&shown, "version", &[]).await.url.ends_with("done=saved"));
    assert_eq!(world.record(&app).await.client.profile.name, "Renamed & kept");
}

#[tokio::test]
async fn m8_nobody_else_at_the_same_browser_gets_the_form() {
    let (world, app, mut browser, page) = late().await;
    world.person(Role::Owner).await;
    let asked = browser.submit(&page, "version", &[("name", "Renamed")]).await;
    let theirs = browser.submit(&asked, "kept", &[("email", "owner@acme.test"), ("password", PASSWORD)]).await;
    assert_eq!((theirs.answer.status.as_u16(), theirs.url.as_str()), (200, "/orgs/acme/apps"));
    assert!(!theirs.answer.body.contains("Renamed") && browser.open("/account").await.answer.body.contains("owner@acme.test"));
    // Nor does it help to send the sealed form, or the old page's, from the new session.
    let sealed = value(&asked, "kept", "kept");
    let own = browser.open(&page.url).await;
    let csrf = value(&own, "version", "csrf");
    let mark = value(&page, "version", "csrf");
    for sent in [vec![("kept", sealed.as_str())], vec![("csrf", mark.as_str()), ("version", "1"), ("name", "Renamed")]] {
        let answer = browser.post(&page.url, &sent).await;
        assert_eq!(answer.answer.status.as_u16(), 403);
        assert!(!answer.answer.body.contains("Renamed"));
    }
    // With a good token the sealed form is only a field that nobody reads.
    browser.post(&page.url, &[("csrf", &csrf), ("kept", &sealed)]).await.answer.expect(400);
    assert_eq!(world.record(&app).await.client.profile.name, "The web app");
}

#[tokio::test]
async fn m8_a_page_that_is_older_than_a_new_sign_in_shows_its_form_again() {
    let (world, app, mut browser, page) = late().await;
    browser.sign_in(EMAIL).await;
    let shown = browser.submit(&page, "version", &[("name", "Renamed")]).await;
    assert_eq!((shown.answer.status.as_u16(), value(&shown, "version", "name").as_str()), (200, "Renamed"));
    assert_eq!(world.record(&app).await.client.profile.name, "The web app", "shown, not done");
    assert!(browser.submit(&shown, "version", &[]).await.url.ends_with("done=saved"));

    // A form without anything typed leads to its page.
    let settings = format!("{ISSUER}{}?q=1", page.url);
    let kind = "application/x-www-form-urlencoded";
    let headers = [("content-type", kind), ("origin", ISSUER), ("sec-fetch-site", "same-origin"), ("referer", settings.as_str())];
    let csrf = value(&page, "version", "csrf");
    let body = form(&[("csrf", &csrf), ("confirm_name", "Renamed")]);
    let path = format!("/orgs/acme/apps/{}/disable", app.client_id);
    let answer = browser.send(Method::POST, &path, &headers, body).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, format!("{}?done=send-again", page.url).as_str()));
    assert!(browser.open(answer.header("location")).await.texts(".message").join(" ").contains("Press the button once more"));
    assert!(world.record(&app).await.client.disabled_at.is_none());
}

#[tokio::test]
async fn m8_every_form_that_people_fill_in_comes_back_filled_in() {
    let (world, mut browser) = signed_in(Role::Admin).await;
    let (web, m2m) = (world.app(ClientKind::Web).await, world.app(ClientKind::M2m).await);
    let pem = TestKey::generate().pem;
    let secret = world.record(&m2m).await.credentials[0].id;
    let new = |step: &str| format!("/orgs/acme/apps/new{step}?kind=m2m");
    let at = |app: &App, tail: &str| format!("/orgs/acme/apps/{}/{tail}", app.client_id);
    let forms: Vec<Typed<'_>> = vec![
        ("/orgs/acme/people/invitations".into(), "email", vec![("email", "bert@acme.test"), ("role", "developer")]),
        (at(&web, "settings"), "version", vec![("version", "1"), ("name", "Renamed"), ("step", "add-uri")]),
        (at(&m2m, "credentials"), "others_end_in", vec![("note", "second"), ("expires_in", "7776000"), ("once", "x")]),
        (at(&m2m, &format!("credentials/{secret}/note")), "expires_in", vec![("note", "first"), ("expires_in", "604800")]),
        (at(&m2m, "credentials/key-set"), "jwks_uri", vec![("jwks_uri", "https://keys.example/set.json")]),
        (at(&m2m, "credentials/service"), "once", vec![("note", "author")]),
        (at(&m2m, "credentials/keys/new"), "key", vec![("key", &pem), ("note", "laptop"), ("expires_in", "none")]),
        (at(&m2m, "migration"), "public_key", vec![("direction", "secret_to_key"), ("public_key", &pem)]),
        ("/orgs/acme/development".into(), "lifetime", vec![("scopes", "projects:read"), ("lifetime", "28800")]),
        (new("/access"), "name", vec![("name", "Made"), ("description", "By night")]),
        (new("/limits"), "name", vec![("name", "Made"), ("access_token_lifetime", "3600")]),
        (new("/review"), "name", vec![("name", "Made")]),
        (new(""), "name", vec![("name", "Made"), ("once", "y")]),
    ];
    for (path, named, typed) in forms {
        let account = browser.open("/account").await;
        let csrf = value(&account, "csrf", "csrf");
        world.pass(Duration::hours(13));
        let mut sent = vec![("csrf", csrf.as_str())];
        sent.extend(&typed);
        let before = deeds(&world).await;
        let asked = browser.post(&path, &sent).await;
        assert_eq!(asked.answer.status.as_u16(), 401, "{path}: {}", asked.answer.body);
        let shown = sign_in(&mut browser, &asked).await;
        assert_eq!(shown.answer.status.as_u16(), 200, "{path}: {}", shown.answer.body);
        assert!(shown.texts("main .message").join(" ").contains("still here"), "{path}");
        assert!(!shown.texts("title")[0].contains("Error"), "{path}");
        for (name, text) in typed.iter().filter(|(name, _)| !["once", "step", "direction", "version"].contains(name)) {
            let fields: Vec<_> = shown.forms().into_iter().filter(|fields| fields.iter().any(|(own, _)| own == named)).flatten().collect();
            let is_there = fields.iter().any(|(own, value)| own == name && value.trim() == text.replace('\r', "").trim());
            assert!(is_there, "{path}: {name} in {fields:?}");
        }
        assert_eq!(deeds(&world).await, before, "{path} was shown, not done");
    }
}

#[tokio::test]
async fn m8_passwords_secrets_files_and_private_keys_are_never_kept() {
    let (world, mut browser) = signed_in(Role::Admin).await;
    let app = world.app(ClientKind::M2m).await;
    let credentials = format!("/orgs/acme/apps/{}/credentials", app.client_id);
    let csrf = value(&browser.open("/account").await, "csrf", "csrf");
    world.pass(Duration::hours(12));
    for (path, name, sent) in [
        ("/account/password".to_owned(), "current_password", "hunter2 hunter2"),
        (format!("{credentials}/download"), "client_secret", "grs_x"),
        (format!("{credentials}/check"), "assertion", "eyJ.eyJ.x"),
        ("/orgs/acme/development/download".to_owned(), "access_token", "eyJ"),
    ] {
        let page = browser.post(&path, &[("csrf", &csrf), (name, sent)]).await;
        assert!(page.url.starts_with("/login?") && page.url.ends_with("unsaved=true"), "{path}: {}", page.url);
        assert!(page.form("kept").is_none());
    }
    let private = TestKey::generate().private_pem();
    let path = format!("{credentials}/keys/new");
    let jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"AA","d":"AA"}"#;
    for (key, file) in [(private.as_str(), b"".as_slice()), (jwk, b""), ("", private.as_bytes())] {
        let asked = browser.upload(&path, &[("csrf", &csrf), ("key", key), ("note", "laptop"), ("password", "x")], ("file", file)).await;
        assert_eq!(asked.answer.status.as_u16(), 401, "{}", asked.url);
        let mut browser = browser.clone();
        let shown = sign_in(&mut browser, &asked).await;
        assert_eq!((value(&shown, "key", "note").as_str(), value(&shown, "key", "key").as_str()), ("laptop", ""));
        assert!(shown.texts(".message").join(" ").contains("choose the file again") && !shown.answer.body.contains("PRIVATE KEY-----\n"));
    }
}

#[tokio::test]
async fn m8_hostile_kept_forms_lead_to_the_sign_in_page_and_no_further() {
    let (world, app, mut browser, page) = late().await;
    let asked = browser.submit(&page, "version", &[("name", "Renamed")]).await;
    let (kept, csrf) = (value(&asked, "kept", "kept"), value(&asked, "kept", "csrf"));
    let other = world.app(ClientKind::M2m).await;
    let elsewhere = format!("/orgs/acme/apps/{}/settings", other.client_id);
    let login = |kept: &str, csrf: &str| {
        [("kept", kept), ("csrf", csrf), ("email", EMAIL), ("password", PASSWORD)].map(|(name, value)| (name, value.to_owned()))
    };
    let mut broken = kept.clone();
    broken.replace_range(40..41, if &kept[40..41] == "A" { "B" } else { "A" });
    for (path, kept) in [(page.url.as_str(), "x"), (&page.url, &broken), (&elsewhere, &kept), (&format!("{}?a=b", page.url), &kept)] {
        let sent = login(kept, &csrf);
        let sent: Vec<_> = sent.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = browser.post(path, &sent).await;
        assert!(answer.url.starts_with("/login?"), "{path}");
        assert!(browser.open("/account").await.url.starts_with("/login"), "{path}: nobody is signed in");
    }
    // E16: nobody is signed in by a form that this browser was not shown.
    for csrf in ["", &*value(&page, "version", "csrf")] {
        let sent = login(&kept, csrf);
        let sent: Vec<_> = sent.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = browser.post(&page.url, &sent).await;
        assert_eq!((answer.answer.status.as_u16(), answer.heading().as_str()), (403, "Sign in"));
        assert!(answer.form("kept").is_some(), "it is kept still");
    }
    // What has no mark, a made-up one, or is too large, is what it was before: nothing is kept, or nobody gets it.
    let huge = "n".repeat(70_000);
    let mark = value(&page, "version", "csrf");
    for (csrf, name, status) in [("", "Renamed", 200), ("x", "Renamed", 200), (mark.as_str(), huge.as_str(), 200)] {
        let answer = browser.post(&page.url, &[("csrf", csrf), ("version", "1"), ("name", name)]).await;
        assert_eq!((answer.answer.status.as_u16(), answer.url.ends_with("unsaved=true")), (status, true), "{csrf}");
    }
    let made_up = browser.post(&page.url, &[("csrf", "x.y"), ("version", "1"), ("name", "Renamed")]).await;
    let answer = sign_in(&mut browser, &made_up).await;
    assert_eq!(answer.url, "/orgs/acme/apps", "whose it is, nobody knows");
    // From another site it comes not even so far.
    let headers =
        [("content-type", "application/x-www-form-urlencoded"), ("origin", "https://evil.test"), ("sec-fetch-site", "cross-site")];
    browser.send(Method::POST, &page.url, &headers, form(&[("csrf", &mark), ("name", "x")])).await.expect(403);
    world.pass(Duration::hours(25));
    let sent = login(&kept, &csrf);
    let sent: Vec<_> = sent.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert!(browser.post(&page.url, &sent).await.url.starts_with("/login?"), "after a day it is too old");
    assert_eq!(world.record(&app).await.client.profile.name, "The web app");
}

#[tokio::test]
async fn a_page_tells_its_script_when_the_session_ends() {
    let (world, mut browser) = signed_in(Role::Admin).await;
    let seconds = async |browser: &mut Browser| {
        let page = browser.open("/account").await;
        page.attribute("#session-end", "data-ends-in").expect("a signed-in page").parse::<i64>().expect("seconds")
    };
    assert_eq!(seconds(&mut browser).await, 43_200);
    world.pass(Duration::seconds(30));
    assert_eq!(seconds(&mut browser).await, 43_170, "a use is written once a minute");
    world.pass(Duration::hours(11));
    assert_eq!(seconds(&mut browser).await, 43_200);
    for _ in 0..32 {
        world.pass(Duration::hours(10));
        browser.open("/account").await;
    }
    let left = seconds(&mut browser).await;
    assert!(left < 43_200, "never past the absolute end: {left}");
    assert!(Browser::new(&world).open("/login").await.attribute("#session-end", "data-ends-in").is_none());
}
