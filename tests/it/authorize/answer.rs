//! What goes back: F, A11, R7.

use axum::http::Method;
use grantor::model::client::ClientKind;

use crate::authorize::{MEMBER, Scene, assert_refused};
use crate::kit::browser::parameter;
use crate::kit::http::pkce;
use crate::kit::world::{CALLBACK, ISSUER};

#[tokio::test]
async fn f1_a5_success_has_code_state_and_issuer_and_nothing_more() {
    let mut scene = Scene::new(ClientKind::Web).await;
    let url = scene.url(&[]);
    let left = scene.browser.approve(&url, MEMBER).await;
    let parsed: url::Url = left.parse().expect("a URL");
    let names: Vec<_> = parsed.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["code", "state", "iss"]);
    assert_eq!(parameter(&left, "iss").as_deref(), Some(ISSUER));
    assert_eq!(parameter(&left, "state").as_deref(), Some("the-state"));
    let url = scene.url(&[("state", "")]);
    assert_eq!(parameter(&scene.browser.approve(&url, MEMBER).await, "state"), None);
}

#[tokio::test]
async fn f4_a11_the_redirect_is_a_303_without_body_cache_or_referrer() {
    let mut scene = Scene::new(ClientKind::Web).await;
    let page = scene.consent_page(&[]).await;
    let answer = scene.allow(&page).await.answer;
    assert_eq!(answer.status, 303);
    assert_eq!((answer.header("cache-control"), answer.header("referrer-policy")), ("no-store", "no-referrer"));
    assert_eq!(answer.body, "");
    assert!(!answer.header("location").contains('#'), "F6");
}

#[tokio::test]
async fn f2_f3_the_code_redeems_once_for_its_client_with_its_verifier() {
    let mut scene = Scene::new(ClientKind::Web).await;
    let url = scene.url(&[]);
    let left = scene.browser.approve(&url, MEMBER).await;
    let code = parameter(&left, "code").expect("a code");
    let (verifier, _) = pkce();
    let pairs = [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", CALLBACK), ("code_verifier", &*verifier)];
    let tokens = scene.world.token(&scene.app, &pairs).await.expect(200).json();
    assert_eq!(tokens["scope"], "projects:read projects:write");
    scene.world.token(&scene.app, &pairs).await.expect_error(400, "invalid_grant");
    let stored = scene.world.count("SELECT count(*) FROM authorizations WHERE code_challenge IS NOT NULL").await;
    assert_eq!(stored, 1);
}

#[tokio::test]
async fn offline_access_is_echoed_where_it_was_asked_for() {
    let mut scene = Scene::with(ClientKind::Web, |client| client.profile.refresh_tokens.requires_offline_access = true).await;
    for (scope, expects_refresh) in [("projects:read offline_access", true), ("projects:read", false)] {
        let url = scene.url(&[("scope", scope)]);
        let left = scene.browser.approve(&url, MEMBER).await;
        let (code, (verifier, _)) = (parameter(&left, "code").expect("a code"), pkce());
        let pairs = [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", CALLBACK), ("code_verifier", &*verifier)];
        let tokens = scene.world.token(&scene.app, &pairs).await.expect(200).json();
        assert_eq!((tokens["scope"].as_str(), tokens.get("refresh_token").is_some()), (Some(scope), expects_refresh));
    }
}

#[tokio::test]
async fn r7_the_workfront_switch_adds_domain_and_lane() {
    let mut scene = Scene::with(ClientKind::Web, |client| client.profile.compat.workfront = true).await;
    let url = scene.url(&[]);
    let left = scene.browser.approve(&url, MEMBER).await;
    assert_eq!((parameter(&left, "domain").as_deref(), parameter(&left, "lane").as_deref()), (Some("acme"), Some("my")));
}

#[tokio::test]
async fn e6_r9_no_goes_back_as_access_denied() {
    let mut scene = Scene::new(ClientKind::Web).await;
    let page = scene.consent_page(&[]).await;
    let left = scene.browser.submit(&page, "decision", &[("decision", "deny")]).await;
    assert_refused(&left, "access_denied");
    assert_eq!(scene.codes().await, 0);
}

#[tokio::test]
async fn b19_the_alias_of_the_source_system_is_the_same_endpoint() {
    let mut scene = Scene::new(ClientKind::Web).await;
    let url = format!("/integrations/oauth2{}", scene.url(&[]));
    let left = scene.browser.approve(&url, MEMBER).await;
    assert!(parameter(&left, "code").is_some());
}

#[tokio::test]
async fn a24_a25_pages_carry_their_headers_and_allow_their_own_redirect_only() {
    let mut scene = Scene::new(ClientKind::Web).await;
    let login = scene.open(&[]).await;
    let consent = scene.fill_in(&login).await;
    for page in [&login, &consent] {
        let csp = page.answer.header("content-security-policy");
        assert!(csp.contains("form-action 'self' https://app.example.test https:;"), "{csp}");
        for directive in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'"] {
            assert!(csp.contains(directive), "{csp}");
        }
        assert_eq!(page.answer.header("x-content-type-options"), "nosniff");
        assert_eq!(page.answer.header("cache-control"), "no-store");
        assert_eq!(page.answer.header("cross-origin-opener-policy"), "same-origin");
    }
    let account = scene.browser.open("/account").await;
    assert!(account.answer.header("content-security-policy").contains("form-action 'self';"));
    let wrong = scene.open(&[("client_id", "nobody-has-this-id")]).await;
    assert!(wrong.answer.header("content-security-policy").contains("default-src 'none'"));
    let cross = scene.browser.send(Method::GET, "/login", &[("origin", "https://evil.example.test")], String::new()).await;
    assert_eq!(cross.header("access-control-allow-origin"), "", "A12");
}
