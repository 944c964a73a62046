//! The tab, as a person without scripts uses it.

use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use time::Duration;

use crate::kit::browser::Browser;
use crate::kit::world::{App, World};
use crate::migration::{keyed, new_key};

async fn admin() -> (World, Browser) {
    let world = World::new().await;
    world.person(Role::Admin).await;
    let mut browser = Browser::new(&world);
    browser.sign_in("admin@acme.test").await;
    (world, browser)
}

fn tab(app: &App) -> String {
    format!("/orgs/acme/apps/{}/migration", app.client_id)
}

/// The secret on a page.
fn secret(body: &str) -> String {
    let at = body.find("value=\"grs_").expect("the secret is on the page") + 7;
    body[at..].chars().take_while(|c| *c != '"').collect()
}

#[tokio::test]
async fn r36_r42_an_admin_takes_an_app_from_its_key_to_a_secret() {
    let (world, mut browser) = admin().await;
    let app = keyed(&world).await;
    let page = browser.open(&tab(&app)).await;
    let shown = browser.submit(&page, "direction", &[]).await;
    assert_eq!((shown.answer.status.as_u16(), shown.answer.header("cache-control")), (201, "no-store"));
    let moved = App { secret: secret(&shown.answer.body), ..app.clone() };
    world.by_key(&moved).await.expect(200);
    let page = browser.open(&tab(&app)).await;
    assert!(page.answer.body.contains("none yet") && !page.answer.body.contains(&moved.secret));
    assert!(page.answer.body.contains("Not yet"));
    let early = browser.submit(&page, "confirm_name", &[("confirm_name", "The m2m app")]).await;
    assert_eq!(early.answer.status, 409);
    assert!(early.answer.body.contains("override-error"), "{}", early.answer.body);
    let wrong = browser.submit(&early, "confirm_name", &[("confirm_name", "the m2m app"), ("override", "on")]).await;
    assert_eq!(wrong.answer.status, 422);
    assert!(wrong.answer.body.contains("Type the name exactly: The m2m app."));
    let (brown_out, fields) = page.form_to(&format!("{}/brown-out", tab(&app))).expect("a form");
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let begun = browser.post(&brown_out, &fields).await;
    assert!(begun.answer.body.contains("Refused on trial"), "{}", begun.answer.body);
    world.by_key(&moved).await.expect_error(401, "invalid_client");
    let (end, _) = begun.form_to(&format!("{}/brown-out/end", tab(&app))).expect("a form");
    assert_eq!(browser.post(&end, &fields).await.answer.status, 200);
    world.by_key(&moved).await.expect(200);
    world.pass(Duration::minutes(1));
    world.by_secret(&moved).await.expect(200);
    world.pass(Duration::DAY);
    let mut browser = Browser::new(&world);
    browser.sign_in("admin@acme.test").await;
    let page = browser.open(&tab(&app)).await;
    assert!(
        page.answer.body.contains("Passed") && !page.answer.body.contains("Not yet") && !page.answer.body.contains("name=\"override\"")
    );
    let done = browser.submit(&page, "confirm_name", &[("confirm_name", "The m2m app")]).await;
    assert_eq!(done.url, format!("{}?done=migration-completed", tab(&app)));
    assert!(done.answer.body.contains("The migration is complete"));
    world.by_key(&moved).await.expect_error(401, "invalid_client");
    world.by_secret(&moved).await.expect(200);
}

#[tokio::test]
async fn r39_an_admin_starts_towards_a_key_and_cancels() {
    let (world, mut browser) = admin().await;
    let app = world.app(ClientKind::Web).await;
    let page = browser.open(&tab(&app)).await;
    let refused = browser.submit(&page, "public_key", &[("public_key", "not a key")]).await;
    assert_eq!(refused.answer.status, 422);
    assert!(refused.answer.body.contains("not a key") && refused.answer.body.contains("public_key-error"));
    let started = browser.submit(&refused, "public_key", &[("public_key", &new_key())]).await;
    assert_eq!(started.url, format!("{}?done=migration-started", tab(&app)));
    let (cancel, fields) = started.form_to(&format!("{}/cancel", tab(&app))).expect("a form");
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let cancelled = browser.post(&cancel, &fields).await;
    assert!(cancelled.answer.body.contains("The migration is cancelled."), "{}", cancelled.answer.body);
    assert!(world.record(&app).await.credentials.iter().all(grantor::model::credential::Credential::is_secret));
    let again = browser.post(&cancel, &fields).await;
    assert_eq!(again.answer.status, 409);
    assert!(again.answer.body.contains("No migration of this app is running."));
}

#[tokio::test]
async fn a_developer_sees_the_migration_and_changes_nothing() {
    let (world, mut browser) = admin().await;
    let app = keyed(&world).await;
    let page = browser.open(&tab(&app)).await;
    browser.submit(&page, "direction", &[]).await;
    world.person(Role::Developer).await;
    let mut developer = Browser::new(&world);
    developer.sign_in("developer@acme.test").await;
    let seen = developer.open(&tab(&app)).await;
    assert_eq!(seen.answer.status, 200);
    assert!(seen.answer.body.contains("Review") && seen.form("confirm_name").is_none());
    assert!(seen.form_to(&format!("{}/cancel", tab(&app))).is_none());
}
