//! What is asked: B, C, D of the checklist at the door.

use axum::http::Method;
use grantor::model::client::ClientKind;
use grantor::model::policy::{Policy, RequirePkce};
use grantor::model::redirect_uri::RedirectUri;

use crate::authorize::{MEMBER, Scene, assert_refused, assert_stayed};
use crate::kit::browser::Browser;
use crate::kit::world::{API, CALLBACK, ISSUER, policy};

#[tokio::test]
async fn b1_unknown_disabled_and_deleted_clients_are_a_page() {
    let mut scene = Scene::new(ClientKind::Web).await;
    for client_id in ["", "nobody-has-this-id", "x", "<script>alert(1)</script>", &"a".repeat(3_000)] {
        let page = scene.open(&[("client_id", client_id)]).await;
        assert_stayed(&page, 400);
        assert!(!page.answer.body.contains("<script>alert"), "input is shown as text");
    }
    scene.world.sql("UPDATE clients SET disabled_at = now()").await;
    scene.world.deps.clients.forget_all();
    assert_stayed(&scene.open(&[]).await, 400);
    scene.world.sql("UPDATE clients SET disabled_at = NULL, deleted_at = now()").await;
    scene.world.deps.clients.forget_all();
    assert_stayed(&scene.open(&[]).await, 400);
    assert_eq!(scene.world.count("SELECT count(*) FROM authorization_requests").await, 0);
}

#[tokio::test]
async fn b2_a_bad_redirect_uri_is_a_page_whatever_else_is_wrong() {
    let mut scene = Scene::new(ClientKind::Web).await;
    for uri in ["", "https://app.example.test/callback/", "https://evil.example.test/", "javascript:alert(1)", "/callback"] {
        assert_stayed(&scene.open(&[("redirect_uri", uri)]).await, 400);
        assert_stayed(&scene.open(&[("redirect_uri", uri), ("response_type", "token"), ("scope", "nonsense")]).await, 400);
    }
}

#[tokio::test]
async fn b3_b4_b5_the_rest_goes_back_to_the_app() {
    let mut scene = Scene::new(ClientKind::Web).await;
    for (name, value, error) in [
        ("response_type", "", "invalid_request"),
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "CODE", "unsupported_response_type"),
        ("response_mode", "form_post", "invalid_request"),
        ("scope", "made:up", "invalid_scope"),
        ("scope", "files:read", "invalid_scope"),
        ("scope", "a\"b", "invalid_scope"),
        ("request", "eyJ", "request_not_supported"),
        ("request_uri", "https://evil.example.test/", "request_uri_not_supported"),
        ("resource", "https://other.example.test", "invalid_target"),
        ("resource", "relative", "invalid_target"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("max_age", "-1", "invalid_request"),
        ("max_age", "soon", "invalid_request"),
        ("prompt", "none login", "invalid_request"),
    ] {
        let page = scene.open(&[(name, value)]).await;
        assert_refused(&page, error);
        assert_eq!(page.parameter("error_uri"), Some(format!("{ISSUER}/errors/{error}")));
        let description = page.parameter("error_description").expect("a description");
        assert!(value.len() < 4 || !description.contains(value), "F5: {description}");
    }
    for (name, value) in [("max_age", "9223372036854775808"), ("resource", API), ("search", "anything"), ("ui_locales", "de")] {
        let page = scene.open(&[(name, value)]).await;
        assert!(page.form("password").is_some(), "{name}={value} goes on to the sign-in page");
    }
    let machine = scene.world.app(ClientKind::M2m).await;
    assert_stayed(&scene.open(&[("client_id", &machine.client_id)]).await, 400);
}

#[tokio::test]
async fn b6_b7_state_comes_back_byte_for_byte_and_only_if_it_was_sent() {
    let mut scene = Scene::new(ClientKind::Web).await;
    let long = "s".repeat(2_048);
    for state in ["x", "a+b c%20&=?#", "ünï", "\"'<script>", "%2B%25", long.as_str()] {
        let page = scene.open(&[("state", state), ("scope", "unknown")]).await;
        assert_eq!(page.parameter("state").as_deref(), Some(state));
    }
    assert_eq!(scene.open(&[("state", ""), ("scope", "unknown")]).await.parameter("state"), None);
    let page = scene.open(&[("state", &"s".repeat(2_049))]).await;
    assert_eq!((page.parameter("error").as_deref(), page.parameter("state")), (Some("invalid_request"), None));
}

#[tokio::test]
async fn b8_a_post_works_like_a_get_and_one_from_another_site_comes_back_as_a_get() {
    let mut scene = Scene::new(ClientKind::Web).await;
    scene.sign_in().await;
    let body = scene.url(&[]).trim_start_matches("/authorize?").to_owned();
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let direct = scene.browser.send(Method::POST, "/authorize", &[kind], body.clone()).await;
    assert!(direct.header("location").starts_with("/consent/"), "{} {}", direct.status, direct.body);
    let mut bare = Browser::new(&scene.world);
    let blind = bare.send(Method::POST, "/authorize", &[kind, ("sec-fetch-site", "cross-site")], body.clone()).await;
    assert_eq!(blind.status, 303);
    assert_eq!(blind.header("location"), format!("/authorize?{body}"));
    let twice = bare.send(Method::POST, "/authorize?state=other", &[kind], body).await;
    assert!(twice.header("location").contains("error=invalid_request"), "once in the query and once in the body is twice");
}

#[tokio::test]
async fn a15_a_repeated_parameter_is_an_error_and_a_repeated_address_a_page() {
    let mut scene = Scene::new(ClientKind::Web).await;
    let url = scene.url(&[]);
    for again in ["client_id=x", "redirect_uri=https%3A%2F%2Fapp.example.test%2Fcallback", "redirect_uri="] {
        assert_stayed(&scene.browser.open(&format!("{url}&{again}")).await, 400);
    }
    assert_refused(&scene.browser.open(&format!("{url}&scope=a&scope=b")).await, "invalid_request");
    let page = scene.browser.open(&format!("{url}&state=other")).await;
    assert_eq!((page.parameter("error").as_deref(), page.parameter("state")), (Some("invalid_request"), None));
    let page = scene.browser.open(&format!("{url}&resource={API}&resource={API}")).await;
    assert!(page.form("password").is_some(), "resource may be repeated");
}

#[tokio::test]
async fn a22_what_cannot_be_read_is_a_page() {
    let mut scene = Scene::new(ClientKind::Web).await;
    let url = scene.url(&[("state", "")]);
    for bad in ["%ff", "%00", "%0d%0aSet-Cookie:%20a=b", "%ED%A0%80", "%C0%AF", "%zz", "%"] {
        let page = scene.browser.open(&format!("{url}&state={bad}")).await;
        assert_stayed(&page, 400);
    }
}

#[tokio::test]
async fn c2_c3_a_loopback_redirect_may_have_any_port_and_nothing_else_may_differ() {
    let mut scene = Scene::with(ClientKind::Spa, |client| {
        client.profile.redirect_uris.push(RedirectUri::from_registered("http://127.0.0.1/cb".into()));
    })
    .await;
    let page = scene.open(&[("redirect_uri", "http://127.0.0.1:51004/cb"), ("scope", "unknown")]).await;
    assert!(page.left() && page.url.starts_with("http://127.0.0.1:51004/cb?error=invalid_scope"), "{}", page.url);
    for uri in ["http://127.0.0.1:51004/other", "https://127.0.0.1:51004/cb", "http://localhost:51004/cb", "http://127.0.0.1.evil.test/cb"]
    {
        assert_stayed(&scene.open(&[("redirect_uri", uri)]).await, 400);
    }
}

#[tokio::test]
async fn c7_r6_a_registered_query_is_kept() {
    const WITH_QUERY: &str = "https://app.example.test/cb?tenant=A%20b&x=1";
    let mut scene = Scene::with(ClientKind::Web, |client| {
        client.profile.redirect_uris = vec![RedirectUri::from_registered(WITH_QUERY.into())];
    })
    .await;
    let url = scene.url(&[("redirect_uri", WITH_QUERY)]);
    let left = scene.browser.approve(&url, MEMBER).await;
    assert!(left.starts_with(&format!("{WITH_QUERY}&code=grc_")), "{left}");
}

#[tokio::test]
async fn d1_r2_r11_pkce_is_required_of_single_page_apps_and_where_app_or_server_say_so() {
    let none = [("code_challenge", ""), ("code_challenge_method", "")];
    assert_refused(&Scene::new(ClientKind::Spa).await.open(&none).await, "invalid_request");
    let mut strict = Scene::with(ClientKind::Web, |client| client.profile.require_pkce = true).await;
    assert_refused(&strict.open(&none).await, "invalid_request");
    let all = Policy { require_pkce: RequirePkce::All, ..policy() };
    assert_refused(&Scene::under(all, ClientKind::Web, |_| ()).await.open(&none).await, "invalid_request");
    let bare = [("code_challenge", ""), ("code_challenge_method", ""), ("state", ""), ("scope", "")];
    let page = Scene::new(ClientKind::Web).await.open(&bare).await;
    assert!(page.form("password").is_some(), "a plain link of a web app works");
}

#[tokio::test]
async fn error_pages_tell_details_to_the_apps_people_only() {
    let mut scene = Scene::with(ClientKind::Web, |client| client.profile.links.developer_email = Some("dev@acme.test".into())).await;
    scene.world.person(grantor::model::membership::Role::Admin).await;
    let wrong = scene.url(&[("redirect_uri", "https://app.example.test/wrong")]);
    let outside = scene.browser.open(&wrong).await;
    assert!(!outside.answer.body.contains(CALLBACK) && outside.answer.body.contains("dev@acme.test"));
    let mut admin = Browser::new(&scene.world);
    admin.sign_in("admin@acme.test").await;
    let inside = admin.open(&wrong).await;
    assert_stayed(&inside, 400);
    assert!(inside.answer.body.contains(CALLBACK) && inside.answer.body.contains("https://app.example.test/wrong"));
}

#[tokio::test]
async fn b17_pending_requests_are_capped_for_a_browser_and_expire() {
    let mut policy = policy();
    policy.limits.requests_per_browser = 3;
    let mut scene = Scene::under(policy, ClientKind::Web, |_| ()).await;
    let first = scene.open(&[]).await;
    for _ in 0..5 {
        scene.world.pass(time::Duration::SECOND);
        scene.open(&[]).await;
    }
    assert_eq!(scene.world.count("SELECT count(*) FROM authorization_requests").await, 3);
    let gone = scene.fill_in(&first).await;
    assert_stayed(&gone, 404);
    let late = scene.open(&[]).await;
    scene.world.pass(time::Duration::minutes(30));
    assert_stayed(&scene.browser.open(&late.url).await, 410);
    assert_eq!(scene.codes().await, 0);
}

#[tokio::test]
async fn requests_from_one_address_are_limited() {
    let mut policy = policy();
    policy.limits.authorization_requests_per_minute = 2;
    let mut scene = Scene::under(policy, ClientKind::Web, |_| ()).await;
    scene.open(&[]).await;
    scene.open(&[]).await;
    let third = scene.open(&[]).await;
    assert_stayed(&third, 429);
    assert_ne!(third.answer.header("retry-after"), "");
    assert!(third.answer.body.contains("<h1"), "a person reads it: {}", third.answer.body);
}
