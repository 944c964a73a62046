//! The pages, as a person without scripts uses them.

use grantor::model::client::ClientKind;
use grantor::model::membership::Role;

use crate::kit::browser::{Browser, Page};
use crate::kit::world::{CALLBACK, World};

async fn admin() -> (World, Browser) {
    let world = World::new().await;
    world.person(Role::Admin).await;
    let mut browser = Browser::new(&world);
    browser.sign_in("admin@acme.test").await;
    (world, browser)
}

async fn create(browser: &mut Browser, kind: &str, values: &[(&str, &str)]) -> Page {
    browser.register("acme", kind, values).await
}

#[tokio::test]
async fn m6_r28_an_admin_registers_an_app_and_sees_its_secret_once() {
    let (world, mut browser) = admin().await;
    let chosen = browser.open("/orgs/acme/apps/new").await;
    assert!(["web", "spa", "m2m"].iter().all(|kind| chosen.answer.body.contains(&format!("kind={kind}"))));
    let made = create(&mut browser, "web", &[("name", "Brand Portal"), ("redirect_uris", CALLBACK)]).await;
    assert_eq!((made.answer.status.as_u16(), made.answer.header("cache-control")), (201, "no-store"));
    let at = made.answer.body.find("grs_").expect("the secret is on the page");
    let secret: String = made.answer.body[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_' || *c == '-').collect();
    let list = browser.open("/orgs/acme/apps").await;
    assert!(list.answer.body.contains("Brand Portal") && list.answer.body.contains("Web Application"));
    let client_id: String = sqlx::query_scalar("SELECT client_id FROM clients").fetch_one(world.deps.db.pool()).await.expect("one app");
    for tab in ["", "/settings", "/credentials"] {
        let page = browser.open(&format!("/orgs/acme/apps/{client_id}{tab}")).await;
        assert_eq!(page.answer.status, 200, "{tab}");
        assert!(!page.answer.body.contains(&secret), "{tab}");
    }
}

#[tokio::test]
async fn r76_an_admin_allows_the_password_grant_and_takes_it_back() {
    let (world, mut browser) = admin().await;
    for kind in [ClientKind::Web, ClientKind::M2m] {
        let app = world.app(kind).await;
        let settings = format!("/orgs/acme/apps/{}/settings", app.client_id);
        let has = |page: &Page| page.form("version").expect("the form").1.iter().any(|(name, _)| name == "allow_password_grant");
        let page = browser.open(&settings).await;
        assert!(!has(&page), "off by default");
        let page = browser.submit(&page, "version", &[("allow_password_grant", "on")]).await;
        assert!(has(&page) && page.answer.body.contains("type their password"), "{}", page.answer.body);
        assert!(world.record(&app).await.client.profile.allow_password_grant);
        let (_, mut fields) = page.form("version").expect("the form");
        fields.retain(|(name, _)| name != "allow_password_grant");
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert!(!has(&browser.post(&settings, &fields).await));
    }
    let spa = world.app(ClientKind::Spa).await;
    let page = browser.open(&format!("/orgs/acme/apps/{}/settings", spa.client_id)).await;
    assert!(!page.answer.body.contains("allow_password_grant"));
}

#[tokio::test]
async fn e9_a_hostile_name_is_text_on_every_page() {
    let (_world, mut browser) = admin().await;
    let name = "<img src=x onerror=alert(1)> \"'{{7*7}}";
    create(&mut browser, "web", &[("name", name), ("redirect_uris", CALLBACK)]).await;
    let list = browser.open("/orgs/acme/apps").await;
    assert!(!list.answer.body.contains("<img src=x") && list.answer.body.contains("onerror=alert(1)"));
    let hidden = create(&mut browser, "web", &[("name", "Brand\u{202e}Portal"), ("redirect_uris", CALLBACK)]).await;
    assert_eq!(hidden.answer.status, 422);
}

#[tokio::test]
async fn m7_two_admins_who_save_at_one_time_lose_nothing() {
    let (world, mut browser) = admin().await;
    let app = world.app(ClientKind::Web).await;
    let path = format!("/orgs/acme/apps/{}/settings", app.client_id);
    let (mine, theirs) = (browser.open(&path).await, browser.open(&path).await);
    let saved = browser.submit(&theirs, "name", &[("name", "Theirs")]).await;
    assert!(saved.url.ends_with("/settings?done=saved") && saved.answer.status == 200);
    let conflict = browser.submit(&mine, "name", &[("name", "Mine")]).await;
    assert_eq!(conflict.answer.status, 409);
    assert_eq!(world.record(&app).await.client.profile.name, "Theirs");
    let over = browser.submit(&conflict, "name", &[]).await;
    assert_eq!(over.answer.status, 200);
    assert_eq!(world.record(&app).await.client.profile.name, "Mine", "what was typed was kept, and the newer version with it");
}

#[tokio::test]
async fn saving_untouched_settings_changes_nothing() {
    let (world, mut browser) = admin().await;
    for kind in ClientKind::ALL {
        let app = world.app(kind).await;
        let before = world.record(&app).await.client;
        let page = browser.open(&format!("/orgs/acme/apps/{}/settings", app.client_id)).await;
        let saved = browser.submit(&page, "version", &[]).await;
        assert_eq!(saved.answer.status, 200, "{}", saved.answer.body);
        // The form shows no scopes of the profile twice and invents none.
        assert_eq!(world.record(&app).await.client.profile.name, before.profile.name);
        assert_eq!(world.record(&app).await.client.profile.refresh_tokens, before.profile.refresh_tokens, "{kind:?}");
    }
}

#[tokio::test]
async fn deleting_needs_the_name_typed_and_restoring_brings_it_back() {
    let (world, mut browser) = admin().await;
    let app = world.app(ClientKind::Web).await;
    let path = format!("/orgs/acme/apps/{}", app.client_id);
    let page = browser.open(&format!("{path}/settings")).await;
    let refused = browser.submit(&page, "confirm_name", &[("confirm_name", "the web app")]).await;
    assert_eq!(refused.answer.status, 422);
    assert!(world.record(&app).await.client.is_enabled());
    let deleted = browser.submit(&refused, "confirm_name", &[("confirm_name", "The web app")]).await;
    assert_eq!(deleted.url, "/orgs/acme/apps?done=deleted");
    assert!(world.record(&app).await.client.deleted_at.is_some());
    let (_, fields) = deleted.form("csrf").expect("a form with the token");
    let csrf = fields.into_iter().find(|(name, _)| name == "csrf").expect("the token").1;
    let restored = browser.post(&format!("{path}/restore"), &[("csrf", &csrf)]).await;
    assert_eq!((restored.answer.status.as_u16(), world.record(&app).await.client.deleted_at), (200, None));
}

#[tokio::test]
async fn r50_secrets_are_added_noted_and_deleted_on_their_tab() {
    let (world, mut browser) = admin().await;
    let app = world.app(ClientKind::Web).await;
    let path = format!("/orgs/acme/apps/{}/credentials", app.client_id);
    let page = browser.open(&path).await;
    let added = browser.submit(&page, "once", &[("note", "Second"), ("expires_in", "2592000")]).await;
    assert_eq!(added.answer.status, 201);
    assert!(added.answer.body.contains("grs_"));
    let credentials = world.record(&app).await.credentials;
    let second = credentials.iter().find(|credential| credential.note == "Second").expect("the second secret");
    assert_eq!(second.expires_at, Some(world.now() + time::Duration::days(30)));
    let csrf = csrf(&mut browser, &path).await;
    let note = format!("{path}/{}/note", second.id);
    assert_eq!(browser.post(&note, &[("csrf", &csrf), ("note", &"a".repeat(65))]).await.answer.status, 422);
    assert_eq!(browser.post(&note, &[("csrf", &csrf), ("note", "Renamed")]).await.answer.status, 200);
    assert_eq!(browser.post(&path, &[("csrf", &csrf), ("expires_in", "none")]).await.answer.status, 409);
    let delete = format!("{path}/{}/delete", second.id);
    assert!(browser.open(&path).await.answer.body.contains("name=\"revoke_tokens\""));
    assert_eq!(browser.post(&delete, &[("csrf", &csrf), ("revoke_tokens", "on")]).await.answer.status, 200);
    let revoked = "SELECT count(*) FROM credentials WHERE tokens_revoked_at IS NOT NULL";
    assert_eq!(world.count(revoked).await, 1, "r53: the box ends what was issued with the secret");
    let last = format!("{path}/{}/delete", world.record(&app).await.credentials[0].id);
    assert_eq!(browser.post(&last, &[("csrf", &csrf)]).await.answer.status, 409);
    assert_eq!(world.record(&app).await.credentials.len(), 1);
}

async fn csrf(browser: &mut Browser, path: &str) -> String {
    let page = browser.open(path).await;
    let (_, fields) = page.form("csrf").expect("a form with the token");
    fields.into_iter().find(|(name, _)| name == "csrf").expect("the token").1
}

#[tokio::test]
async fn m8_a_post_without_the_forms_token_changes_nothing() {
    let (world, mut browser) = admin().await;
    let app = world.app(ClientKind::Web).await;
    let path = format!("/orgs/acme/apps/{}", app.client_id);
    for token in ["", "nonsense"] {
        let refused = browser.post(&format!("{path}/disable"), &[("csrf", token)]).await;
        assert_eq!(refused.answer.status, 403);
    }
    let mut stranger = Browser::new(&world);
    world.person(Role::Owner).await;
    stranger.sign_in("owner@acme.test").await;
    let theirs = csrf(&mut stranger, "/orgs/acme/apps").await;
    assert_eq!(browser.post(&format!("{path}/disable"), &[("csrf", &theirs)]).await.answer.status, 403);
    assert!(world.record(&app).await.client.is_enabled());
}

#[tokio::test]
async fn whoever_is_not_signed_in_signs_in_first_and_comes_back() {
    let world = World::new().await;
    world.person(Role::Developer).await;
    let mut browser = Browser::new(&world);
    let page = browser.open("/orgs/acme/apps").await;
    assert!(page.form("password").is_some(), "{}", page.url);
    let back = browser.submit(&page, "password", &[("email", "developer@acme.test"), ("password", crate::kit::world::PASSWORD)]).await;
    assert_eq!((back.url.as_str(), back.answer.status.as_u16()), ("/orgs/acme/apps", 200));
    assert!(!back.answer.body.contains("/orgs/acme/apps/new"), "a developer reads only");
}
