//! What a browser may run or load is no address, at whichever door it is written: each URL field by pages and by the API.

use axum::http::Method;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use serde_json::{Value, json};

use crate::apps::{APPS, managed};
use crate::hostile::{SCHEMES, assert_page};
use crate::kit::browser::Browser;
use crate::kit::world::{CALLBACK, World};

const LINKS: [&str; 3] = ["description_url", "privacy_policy_url", "terms_of_service_url"];

/// Each URL field of an app with `address` in it, and the name it is refused by.
fn wishes(address: &str) -> Vec<(Value, String)> {
    let mut wishes: Vec<_> = LINKS.iter().map(|field| (json!({ "links": { *field: address } }), format!("links.{field}"))).collect();
    wishes.push((json!({ "jwks_uri": address }), "jwks_uri".to_owned()));
    wishes.push((json!({ "redirect_uris": [address] }), "redirect_uris[0]".to_owned()));
    wishes
}

#[tokio::test]
async fn e9_no_address_of_an_app_may_be_one_that_runs() {
    let (world, token) = managed().await;
    for address in SCHEMES {
        for (wish, field) in wishes(address) {
            let mut sent = json!({ "kind": "web", "name": "A", "redirect_uris": [CALLBACK] });
            sent.as_object_mut().expect("an object").extend(wish.as_object().expect("an object").clone());
            let refused = world.api(Method::POST, APPS, &token, Some(&sent)).await.expect(422).json();
            assert_eq!(refused["errors"][0]["field"], field, "{address:?}");
        }
        let sent = json!({ "kind": "m2m", "name": "A", "jwks_uri": address });
        let refused = world.api(Method::POST, APPS, &token, Some(&sent)).await.expect(422).json();
        assert_eq!(refused["errors"][0]["field"], "jwks_uri", "{address:?}");
    }
    assert_eq!(world.count("SELECT count(*) FROM clients WHERE NOT system").await, 0);
}

#[tokio::test]
async fn e9_no_address_of_an_app_may_become_one_that_runs() {
    let (world, token) = managed().await;
    let apps = [world.app(ClientKind::Web).await, world.app(ClientKind::M2m).await];
    for address in SCHEMES {
        for (wish, field) in wishes(address) {
            for app in &apps {
                if app.client_id == apps[1].client_id && field != "jwks_uri" {
                    continue;
                }
                let path = format!("{APPS}/{}", app.client_id);
                let refused = world.api(Method::PATCH, &path, &token, Some(&wish)).await.expect(422).json();
                assert_eq!(refused["errors"][0]["field"], field, "{address:?}");
            }
        }
    }
    for app in &apps {
        assert_eq!(world.record(app).await.client.version, 1);
    }
}

/// An admin's browser.
async fn admin(world: &World) -> Browser {
    world.person(Role::Admin).await;
    let mut browser = Browser::new(world);
    browser.sign_in("admin@acme.test").await;
    browser
}

#[tokio::test]
async fn e9_no_address_that_runs_is_taken_by_the_forms_of_an_app() {
    let world = World::new().await;
    let app = world.app(ClientKind::Web).await;
    let mut browser = admin(&world).await;
    let at = format!("/orgs/acme/apps/{}", app.client_id);
    let (settings, credentials) = (browser.open(&format!("{at}/settings")).await, browser.open(&format!("{at}/credentials")).await);
    for address in SCHEMES {
        for field in LINKS.into_iter().chain(["redirect_uris"]) {
            let refused = browser.submit(&settings, "version", &[(field, address)]).await;
            assert_eq!(refused.answer.status, 422, "{field} {address:?}");
            assert_eq!(refused.texts(".summary a").len(), 1, "{field} {address:?}: {}", refused.answer.body);
            assert_page(&refused);
        }
        let refused = browser.submit(&credentials, "jwks_uri", &[("jwks_uri", address)]).await;
        assert_eq!(refused.answer.status, 422, "{address:?}");
        assert_page(&refused);
    }
    assert_eq!(world.record(&app).await.client.version, 1);
}

#[tokio::test]
async fn e9_no_address_that_runs_is_taken_by_the_steps_of_a_new_app() {
    let world = World::new().await;
    let mut browser = admin(&world).await;
    let first = browser.open("/orgs/acme/apps/new?kind=web").await;
    let second = browser.submit(&first, "name", &[("name", "Portal")]).await;
    for address in SCHEMES {
        let mut refusals = Vec::new();
        for field in LINKS {
            refusals.push(browser.submit(&first, "name", &[("name", "Portal"), (field, address)]).await);
        }
        refusals.push(browser.submit(&second, "redirect_uris", &[("redirect_uris", address)]).await);
        for refused in refusals {
            assert_eq!(refused.answer.status, 422, "{} {address:?}", refused.url);
            assert_page(&refused);
        }
    }
    assert_eq!(world.count("SELECT count(*) FROM clients").await, 0);
}
