//! Registering an app step by step, without scripts: nothing is lost on the way, nothing is stored before the end, and a double
//! click makes one app.

use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use rstest::rstest;
use time::Duration;

use crate::apps::console::signed_in;
use crate::kit::browser::{Browser, Page};
use crate::kit::world::{CALLBACK, World};

const NEW: &str = "/orgs/acme/apps/new";

async fn admin() -> (World, Browser) {
    signed_in(Role::Admin).await
}

async fn apps(world: &World) -> i64 {
    world.count("SELECT count(*) FROM clients").await
}

/// Presses a button that sends the form elsewhere.
async fn press(browser: &mut Browser, page: &Page, button: &str) -> Page {
    let target = page.attribute(&format!("button[formaction*='/{button}?']"), "formaction").expect("such a button");
    let (_, fields) = page.form("access_token_lifetime").expect("the form");
    let pairs: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post(&target, &pairs).await
}

#[tokio::test]
async fn r30_each_step_asks_for_its_own_fields_and_has_an_address_of_its_own() {
    let (world, mut browser) = admin().await;
    let page = browser.open(&format!("{NEW}?kind=web")).await;
    assert_eq!((page.heading().as_str(), page.asks_for("name"), page.asks_for("redirect_uris")), ("Name and links", true, false));
    let page = browser.submit(&page, "name", &[("name", "Portal"), ("description", "For partners")]).await;
    assert_eq!((page.url.as_str(), page.heading().as_str()), ("/orgs/acme/apps/new/access?kind=web", "Redirect URIs and scopes"));
    let page = browser.submit(&page, "redirect_uris", &[("redirect_uris", CALLBACK), ("require_pkce", "on")]).await;
    assert_eq!((page.url.as_str(), page.heading().as_str()), ("/orgs/acme/apps/new/limits?kind=web", "Token limits"));
    let page = browser.submit(&page, "idle_lifetime", &[("idle_lifetime", "604800")]).await;
    assert_eq!((page.url.as_str(), page.heading().as_str()), ("/orgs/acme/apps/new/review?kind=web", "Check and create"));
    for said in ["Portal", "For partners", CALLBACK, "required", "7 days", "place 1 of 10"] {
        assert!(page.answer.body.contains(said), "{said}: {}", page.answer.body);
    }
    assert_eq!(apps(&world).await, 0, "nothing is stored before the end");
    let made = browser.submit(&page, "once", &[]).await;
    assert_eq!((made.answer.status.as_u16(), made.answer.header("cache-control")), (201, "no-store"));
    assert!(made.answer.body.contains("grs_") && made.answer.body.contains("/quickstart"));
    let profile = "SELECT name || '|' || description || '|' || require_pkce || '|' || refresh_idle_lifetime FROM clients";
    assert_eq!(world.words(profile).await, ["Portal|For partners|true|604800"]);
}

#[rstest]
#[case("m2m", &["redirect_uris", "refresh_tokens", "privacy_policy_url", "require_pkce"])]
#[case("spa", &["require_pkce", "rotation", "allow_password_grant"])]
#[case("web", &["developer_name"])]
#[tokio::test]
async fn r30_fields_of_other_kinds_are_hidden(#[case] kind: &str, #[case] hidden: &[&str]) {
    let (world, mut browser) = admin().await;
    let mut page = browser.open(&format!("{NEW}?kind={kind}")).await;
    for (named, value) in [("name", "An app"), ("redirect_uris", CALLBACK), ("access_token_lifetime", "3600")] {
        assert!(hidden.iter().all(|field| !page.asks_for(field)), "{kind}, {}", page.url);
        let values: Vec<_> = [(named, value)].into_iter().filter(|(name, _)| page.asks_for(name)).collect();
        page = browser.submit(&page, "access_token_lifetime", &values).await;
    }
    assert_eq!(page.heading(), "Check and create");
    assert_eq!(browser.submit(&page, "once", &[]).await.answer.status, 201);
    assert_eq!(apps(&world).await, 1);
}

#[tokio::test]
async fn r27_what_was_typed_stays_on_a_refused_step_and_on_the_way_back() {
    let (world, mut browser) = admin().await;
    let page = browser.open(&format!("{NEW}?kind=web")).await;
    let refused = browser.submit(&page, "name", &[("name", " "), ("description", "Publishes files")]).await;
    assert_eq!((refused.answer.status.as_u16(), refused.heading().as_str()), (422, "Name and links"));
    assert!(refused.answer.body.contains("Publishes files") && refused.texts(".summary a").len() == 1);
    let page = browser.submit(&refused, "name", &[("name", "Portal")]).await;
    let wrong = "https://a.example/cb\n\nhttp://b.example/cb";
    let refused = browser.submit(&page, "redirect_uris", &[("redirect_uris", wrong), ("scopes", "projects:read")]).await;
    assert_eq!((refused.answer.status.as_u16(), refused.heading().as_str()), (422, "Redirect URIs and scopes"));
    assert!(refused.answer.body.contains("Redirect URI 3:") && refused.answer.body.contains("http://b.example/cb"));
    // Back with the wrong line, and forwards again: it is still there and still stops.
    let back = press(&mut browser, &refused, "details").await;
    assert_eq!((back.answer.status.as_u16(), back.heading().as_str()), (200, "Name and links"));
    let (_, fields) = back.form("name").expect("the form");
    assert!(fields.contains(&("name".to_owned(), "Portal".to_owned())));
    let again = browser.submit(&back, "name", &[("name", "Partner portal")]).await;
    assert!(again.answer.status == 200 && again.answer.body.contains("http://b.example/cb"));
    let page = browser.submit(&again, "redirect_uris", &[("redirect_uris", "https://a.example/cb")]).await;
    let review = browser.submit(&page, "idle_lifetime", &[]).await;
    let changed = press(&mut browser, &review, "details").await;
    assert_eq!(changed.heading(), "Name and links", "each part can be changed from the review");
    assert_eq!(browser.submit(&review, "once", &[]).await.answer.status, 201);
    let told = "SELECT name || '|' || description || '|' || array_to_string(scopes, ' ') FROM clients";
    assert_eq!(world.words(told).await, ["Partner portal|Publishes files|projects:read"]);
}

#[tokio::test]
async fn a_step_is_not_reached_past_a_mistake_and_without_its_form_it_leads_to_the_beginning() {
    let (world, mut browser) = admin().await;
    for step in ["details", "access", "limits", "review"] {
        let led = browser.open(&format!("{NEW}/{step}?kind=spa")).await;
        assert_eq!((led.url.as_str(), led.heading().as_str()), ("/orgs/acme/apps/new?kind=spa", "Name and links"));
    }
    let page = browser.open(&format!("{NEW}?kind=web")).await;
    let (_, mut fields) = page.form("name").expect("the form");
    fields.push(("redirect_uris".to_owned(), "javascript:alert(1)".to_owned()));
    fields.retain(|(name, value)| name != "name" && (name != "redirect_uris" || !value.is_empty()));
    let pairs: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    for target in ["/review?kind=web", "?kind=web"] {
        let stopped = browser.post(&format!("{NEW}{target}"), &pairs).await;
        assert_eq!((stopped.answer.status.as_u16(), stopped.heading().as_str()), (422, "Name and links"), "{target}");
    }
    assert_eq!(apps(&world).await, 0);
}

#[tokio::test]
async fn m6_a_double_click_makes_one_app_and_shows_its_secret_both_times_for_a_moment_only() {
    let (world, mut browser) = admin().await;
    let mut page = browser.open(&format!("{NEW}?kind=m2m")).await;
    for values in [vec![("name", "Sync")], vec![], vec![]] {
        page = browser.submit(&page, "access_token_lifetime", &values).await;
    }
    let secret = |page: &Page| page.attribute("#client_secret", "value").expect("a secret");
    let first = browser.submit(&page, "once", &[]).await;
    let second = browser.submit(&page, "once", &[]).await;
    assert_eq!((second.answer.status.as_u16(), secret(&second)), (201, secret(&first)));
    assert_eq!((apps(&world).await, world.count("SELECT count(*) FROM credentials").await), (1, 1));
    let other = browser.submit(&page, "once", &[("name", "Another")]).await;
    assert_eq!(other.answer.status, 409, "the same page with other words is refused");
    world.pass(Duration::minutes(11));
    let late = browser.submit(&page, "once", &[]).await;
    assert!(late.url.ends_with("/settings") && !late.answer.body.contains(&secret(&first)), "{}", late.url);
    assert_eq!(apps(&world).await, 1);
}

#[tokio::test]
async fn m1_at_ten_apps_the_form_gives_way_to_the_reason() {
    let (world, mut browser) = admin().await;
    for _ in 0..9 {
        world.app(ClientKind::M2m).await;
    }
    let mut page = browser.open(&format!("{NEW}?kind=m2m")).await;
    for values in [vec![("name", "Eleventh")], vec![], vec![]] {
        page = browser.submit(&page, "access_token_lifetime", &values).await;
    }
    assert!(page.answer.body.contains("place 10 of 10"), "{}", page.answer.body);
    let last = world.app(ClientKind::M2m).await;
    let refused = browser.submit(&page, "once", &[]).await;
    assert_eq!((refused.answer.status.as_u16(), refused.heading().as_str()), (409, "All 10 applications are in use"));
    assert!(refused.answer.body.contains("What you typed for") && refused.answer.body.contains("Eleventh"));
    assert_eq!(browser.open(NEW).await.heading(), "All 10 applications are in use");
    assert!(browser.open(&format!("{NEW}?kind=web")).await.form("name").is_none());
    assert_eq!(apps(&world).await, 10);
    let still = browser.submit(&refused, "name", &[]).await;
    assert_eq!(still.answer.status, 409);
    let settings = browser.open(&format!("/orgs/acme/apps/{}/settings", last.client_id)).await;
    browser.submit(&settings, "confirm_name", &[("confirm_name", &world.record(&last).await.client.profile.name)]).await;
    let review = browser.submit(&still, "name", &[]).await;
    assert_eq!(review.heading(), "Check and create", "what was typed was kept");
    assert_eq!(browser.submit(&review, "once", &[]).await.answer.status, 201);
}

#[tokio::test]
async fn r30_a_program_registers_an_app_by_one_post_with_what_matters() {
    let (world, mut browser) = admin().await;
    let page = browser.open(&format!("{NEW}?kind=web")).await;
    let (_, fields) = page.form("name").expect("the form");
    let csrf = fields.into_iter().find(|(name, _)| name == "csrf").expect("the token").1;
    let fields = [("csrf", csrf.as_str()), ("kind", "web"), ("name", "Made"), ("redirect_uris", CALLBACK)];
    assert_eq!(browser.post(NEW, &fields).await.answer.status, 201);
    assert_eq!(world.words("SELECT refresh_rotation || '|' || refresh_idle_lifetime FROM clients").await, ["true|2592000"]);
}
