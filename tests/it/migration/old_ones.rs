//! Everything that completing cuts off counts as old and is seen in use before: secrets that came with keys, and secrets shown
//! beside an assertion. And the new credential acts as what the old ones act as.

use axum::http::Method;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use serde_json::{Value, json};
use time::Duration;

use crate::apps::APPS;
use crate::assertions::{Door, JWT_BEARER, claims_for};
use crate::kit::browser::Browser;
use crate::kit::http::Answer;
use crate::kit::signer::Pair;
use crate::kit::world::{App, START, World};
use crate::migration::{OLD, QUIET, lasting, path};

/// A machine with a service-credentials file: the app as the file knows it, and the subject of its tokens.
async fn with_file(world: &World, token: &str, app: &App) -> (App, String) {
    let path = format!("{APPS}/{}/service-credentials", app.client_id);
    let file = world.api(Method::POST, &path, token, Some(&json!({}))).await.expect(201).json();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let secret = text(&file["integration"]["technicalAccount"]["clientSecret"]);
    (App { secret, ..app.clone() }, text(&file["integration"]["id"]))
}

/// The last token of the old credentials, and whether they were unused for a day.
async fn old(world: &World, token: &str, app: &App) -> (Value, bool) {
    let told = world.migration(token, app).await;
    let quiet = told["checks"]["old_unused_for_24_hours"]["passed"].as_bool().expect("a verdict");
    (told["old"]["last_token_issued_at"].clone(), quiet)
}

fn subject(world: &World, answer: &Answer) -> String {
    world.deps.keyring.current().verify(&answer.text("access_token")).expect("our own signature").claims.sub
}

#[tokio::test]
async fn r41_r42_an_installation_by_the_secret_of_a_file_is_warned_and_seen_before_it_is_cut_off() {
    let (world, token) = lasting().await;
    let app = world.app(ClientKind::M2m).await;
    let (by_file, _) = with_file(&world, &token, &app).await;
    let moved = world.start(&token, &app).await;
    assert_eq!(world.migration(&token, &app).await["old"]["credentials"].as_array().map(Vec::len), Some(2), "the key and its secret");
    let warned = world.by_secret(&by_file).await.expect(200);
    assert_eq!(warned.header("deprecation"), format!("@{}", START.unix_timestamp()));
    assert_eq!(world.by_secret(&app).await.expect(200).header("deprecation"), "", "the app's own secret stays");
    assert_eq!(old(&world, &token, &app).await, (json!("2026-03-01T12:00:00Z"), false));
    world.pass(Duration::SECOND);
    world.by_secret(&moved).await.expect(200);
    let early = world.complete(&token, &app, false).await.expect(409);
    assert_eq!(early.text("type"), "https://auth.example.test/problems/checks-not-passed");

    let brown_out = format!("{}/brown-out", path(&app));
    world.api(Method::POST, &brown_out, &token, None).await.expect(200);
    let refused = world.by_secret(&by_file).await.expect_error(401, "invalid_client");
    assert!(refused.text("error_description").starts_with("Brown-out: this secret came with a key"), "{}", refused.body);
    world.by_secret(&app).await.expect(200);
    world.by_secret(&moved).await.expect(200);
    world.api(Method::DELETE, &brown_out, &token, None).await.expect(200);
    world.by_secret(&by_file).await.expect(200);

    world.pass(QUIET);
    assert!(old(&world, &token, &app).await.1);
    world.by_secret(&moved).await.expect(200);
    world.complete(&token, &app, false).await.expect(200);
    world.by_secret(&by_file).await.expect_error(401, "invalid_client");
    world.by_secret(&app).await.expect(200);
    world.by_secret(&moved).await.expect(200);
}

#[tokio::test]
async fn r41_the_page_lists_the_secret_of_a_file_among_the_old_keys() {
    let (world, token) = lasting().await;
    let app = world.app(ClientKind::M2m).await;
    let (by_file, _) = with_file(&world, &token, &app).await;
    let moved = world.start(&token, &app).await;
    world.person(Role::Admin).await;
    let mut browser = Browser::new(&world);
    browser.sign_in("admin@acme.test").await;
    let page = browser.open(&format!("/orgs/acme/apps/{}/migration", app.client_id)).await;
    let end = |app: &App| format!("grs_…{}", &app.secret[app.secret.len() - 4..]);
    let names = |side: &str| page.texts(&format!(".{side} .names code"));
    assert_eq!(names("leaving").len(), 2);
    assert!(names("leaving").contains(&end(&by_file)) && page.answer.body.contains("Secrets that came with a key"));
    assert_eq!(names("arriving"), [end(&moved)]);
}

#[tokio::test]
async fn r41_a_secret_used_beside_an_assertion_alone_is_in_use() {
    let (world, token) = lasting().await;
    world.person(Role::Member).await;
    let app = world.app(ClientKind::M2m).await;
    world.signer(&app, Pair::Rsa).await;
    world.start_to_key(&token, &app).await.expect(201);
    assert_eq!(old(&world, &token, &app).await, (Value::Null, true));
    for door in [Door::Workfront, Door::Ims] {
        world.pass(QUIET);
        assert!(old(&world, &token, &app).await.1);
        world.signed(&App { secret: "grs_wrong".to_owned(), ..app.clone() }, Pair::Rsa, door).await.expect(401);
        assert!(old(&world, &token, &app).await.1, "a refusal is no use");
        world.signed(&app, Pair::Rsa, door).await.expect(200);
        let (at, quiet) = old(&world, &token, &app).await;
        assert!(!quiet && at.is_string(), "{door:?}");
    }
    world.pass(QUIET);
    let claims = claims_for(&world, &app, "", Door::Grant, "beside");
    let assertion = Pair::Rsa.get().assertion(&Value::Object(claims));
    world.token(&app, &[("grant_type", JWT_BEARER), ("assertion", &assertion)]).await.expect(200);
    assert!(!old(&world, &token, &app).await.1);
    let beside = "SELECT count(*) FROM credentials WHERE kind = 'secret' AND last_token_at IS NOT NULL AND last_used_grant = \
                  'urn:ietf:params:oauth:grant-type:jwt-bearer'";
    assert_eq!(world.count(beside).await, 1);
}

#[tokio::test]
async fn r36_r37_where_the_old_credentials_act_as_different_subjects_the_start_says_which_one_goes_on() {
    let (world, token) = lasting().await;
    let app = world.app(ClientKind::M2m).await;
    world.signer(&app, OLD).await;
    let (_, account_subject) = with_file(&world, &token, &app).await;
    let account = world.words("SELECT id::text FROM technical_accounts").await.remove(0);
    let start = async |body: Value| world.api(Method::POST, &path(&app), &token, Some(&body)).await;
    for refused in [start(json!({})).await, start(json!({ "direction": "key_to_secret" })).await, world.start_to_key(&token, &app).await] {
        let refused = refused.expect(409);
        assert_eq!(refused.text("type"), "https://auth.example.test/problems/subjects-differ");
        assert!(refused.text("detail").contains("act as different subjects"), "{}", refused.body);
    }
    for unknown in ["01890000-0000-7000-8000-000000000000", "nobody", ""] {
        let refused = start(json!({ "technical_account": unknown })).await.expect(422).json();
        assert_eq!(refused["errors"][0]["field"], "technical_account", "{unknown}");
    }
    assert_eq!(world.count("SELECT count(*) FROM credential_migrations").await, 0);
    for (named, subject_expected) in [(Value::Null, &app.client_id), (json!(account), &account_subject)] {
        let started = start(json!({ "technical_account": named })).await.expect(201);
        let moved = App { secret: started.text("client_secret"), ..app.clone() };
        assert_eq!(&subject(&world, &world.by_secret(&moved).await.expect(200)), subject_expected);
        world.cancel(&token, &app).await.expect(204);
    }
}

#[tokio::test]
async fn r36_the_page_asks_whom_the_new_credential_acts_as() {
    let (world, token) = lasting().await;
    let app = world.app(ClientKind::M2m).await;
    world.signer(&app, OLD).await;
    let (_, account_subject) = with_file(&world, &token, &app).await;
    let account = world.words("SELECT id::text FROM technical_accounts").await.remove(0);
    world.person(Role::Admin).await;
    let mut browser = Browser::new(&world);
    browser.sign_in("admin@acme.test").await;
    let page = browser.open(&format!("/orgs/acme/apps/{}/migration", app.client_id)).await;
    assert!(page.answer.body.contains("The application itself") && page.answer.body.contains(&account_subject));
    let unsaid = browser.submit(&page, "technical_account", &[]).await;
    assert_eq!(unsaid.answer.status, 409);
    assert!(unsaid.answer.body.contains("Choose whom the new credential acts as."));
    let begun = browser.submit(&unsaid, "technical_account", &[("technical_account", &account)]).await;
    assert_eq!(begun.answer.status, 201);
    assert_eq!(
        world
            .count("SELECT count(*) FROM credentials WHERE technical_account_id IS NOT NULL AND paired_key_id IS NULL AND kind = 'secret'")
            .await,
        1
    );
}
