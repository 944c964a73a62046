//! The colours that a browser chose and the brand of the operator, on every page and from our own origin.

use std::sync::Arc;

use axum::http::Method;
use grantor::model::brand::{Accent, Brand, Logo};
use grantor::model::membership::Role;

use crate::kit::browser::Browser;
use crate::kit::http::{form, send};
use crate::kit::process::{run, said};
use crate::kit::world::{ISSUER, World, policy};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[tokio::test]
async fn the_colours_are_chosen_without_a_script_and_hold_on_every_page() {
    let world = World::new().await;
    world.person(Role::Member).await;
    let mut browser = Browser::new(&world);
    browser.sign_in("member@acme.test").await;
    let referer = format!("{ISSUER}/account");
    let headers = [FORM, ("origin", ISSUER), ("sec-fetch-site", "same-origin"), ("referer", &*referer)];
    let chosen = browser.send(Method::POST, "/theme", &headers, form(&[("theme", "dark")])).await.expect(303);
    assert_eq!(chosen.header("location"), "/account", "back to where it was chosen");
    assert_eq!(chosen.header("set-cookie"), "theme=dark; Path=/; Max-Age=31536000; SameSite=Lax; Secure");
    for path in ["/account", "/account/apps", "/login", "/nowhere", "/authorize", "/errors/invalid_grant"] {
        let page = browser.open(path).await.answer.body;
        assert!(page.contains("<html lang=\"en\" data-theme=\"dark\">"), "{path}");
        assert!(page.contains("value=\"dark\" aria-pressed=\"true\""), "{path}");
    }
    let back = browser.send(Method::POST, "/theme", &headers, form(&[("theme", "system")])).await.expect(303);
    assert!(back.header("set-cookie").starts_with("theme=; Path=/; Max-Age=0"));
    assert!(browser.open("/account").await.answer.body.contains("data-theme=\"system\""));
}

#[tokio::test]
async fn e17_the_choice_of_colours_leads_nowhere_else_and_keeps_only_its_own_words() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    for referer in
        ["https://evil.example/account", "https://auth.example.test.evil.example/", "", "https://auth.example.test//evil.example"]
    {
        let headers = [FORM, ("sec-fetch-site", "same-origin"), ("referer", referer)];
        let answer = browser.send(Method::POST, "/theme", &headers, form(&[("theme", "dark; Domain=evil.example")])).await.expect(303);
        assert_eq!((answer.header("location"), answer.header("set-cookie").starts_with("theme=; ")), ("/", true), "{referer}");
    }
    let foreign = [FORM, ("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];
    browser.send(Method::POST, "/theme", &foreign, form(&[("theme", "dark")])).await.expect(403);
    browser.plant("theme", "dark\" onload=alert(1)");
    assert!(browser.open("/login").await.answer.body.contains("data-theme=\"system\""));
}

#[tokio::test]
async fn e15_the_operators_brand_is_on_every_page_and_comes_from_our_own_origin() {
    let logo = Logo { png: b"\x89PNG of the operator".to_vec(), digest: "0123456789abcdef0123".to_owned() };
    let accent = Accent::parse("#8c2f6b").expect("a readable colour");
    let brand = Brand { logo: Some(Arc::new(logo)), accent: Some(accent) };
    let world = World::with(grantor::model::policy::Policy { brand_name: "Northwind Work".to_owned(), brand, ..policy() }).await;
    world.person(Role::Admin).await;
    let mut browser = Browser::new(&world);
    let mut bodies = vec![browser.open("/login").await.answer.body];
    browser.sign_in("admin@acme.test").await;
    for path in ["/", "/account", "/orgs/acme/apps", "/nowhere", "/authorize", "/errors/invalid_grant", "/docs/api"] {
        bodies.push(browser.open(path).await.answer.body);
    }
    let css = format!("/brand/accent-8c2f6b-{}.css", env!("CARGO_PKG_VERSION"));
    for body in bodies {
        assert!(body.contains("<img src=\"/brand/logo-0123456789abcdef.png\" alt=\"\"><span>Northwind Work</span>"), "{body}");
        assert!(
            body.contains(&format!("<link rel=\"stylesheet\" href=\"{css}\">")) && body.contains(" · Northwind Work</title>"),
            "{body}"
        );
    }
    let sheet = world.get(&css).await.expect(200);
    assert_eq!(sheet.header("content-type"), "text/css; charset=utf-8");
    assert!(sheet.body.starts_with("@layer tokens { :root { --accent: light-dark(#8c2f6b, #"), "{}", sheet.body);
    let picture = world.get("/brand/logo-0123456789abcdef.png").await.expect(200);
    assert_eq!(picture.header("content-type"), "image/png");
    assert_eq!(picture.header("content-security-policy"), "default-src 'none'; sandbox");
    for other in ["/brand/accent-000000-0.1.0.css", "/brand/logo-ffffffffffffffff.png", "/brand/..%2flogo.png"] {
        let request = axum::http::Request::get(other).body(axum::body::Body::empty()).expect("a request");
        assert_eq!(send(&world.router, request).await.status, 404, "{other}");
    }
}

#[tokio::test]
async fn a_server_does_not_start_with_a_brand_that_cannot_be_shown() {
    let refused = run(&["settings", "check"], &[("GRANTOR__BRAND_ACCENT", "#ffcc00")]).await;
    let words = said(&refused.stderr) + &said(&refused.stdout);
    assert!(!refused.status.success() && words.contains("`#ffcc00` cannot be read on light pages"), "{words}");
}
