//! Whether somebody has an account must not show in how long the answer takes: the same work is done for everybody (N4, G7). What
//! a clock would show depends on the machine, so the statements that reach the database are compared, and who waits for a hash.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::pin;
use std::task::Poll;

use axum::extract::ConnectInfo;
use axum::http::Method;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use grantor::secret::Secret;

use crate::authorize::{MEMBER, assert_stayed};
use crate::kit::browser::{Browser, Page};
use crate::kit::heard::hear;
use crate::kit::http::basic;
use crate::kit::world::{App, PASSWORD, World, policy};

/// The statements of `work` that reached the database.
async fn statements<T>(work: impl Future<Output = T>) -> Vec<String> {
    hear(work).await.1.statements
}

async fn sign_in(browser: &mut Browser, page: &Page, email: &str, password: &str) -> Page {
    browser.submit(page, "password", &[("email", email), ("password", password)]).await
}

#[tokio::test]
async fn n4_a_failed_sign_in_costs_the_same_statements_whoever_was_meant() {
    let world = World::new().await;
    for role in [Role::Member, Role::Developer, Role::Admin] {
        world.person(role).await;
    }
    world.sql("UPDATE users SET disabled_at = now() WHERE email = 'developer@acme.test'").await;
    world.sql("UPDATE users SET password_hash = NULL WHERE email = 'admin@acme.test'").await;
    let mut browser = Browser::new(&world);
    let page = browser.open("/login").await;
    let mut costs = Vec::new();
    for (email, password) in
        [(MEMBER, "wrong"), ("nobody@acme.test", PASSWORD), ("developer@acme.test", PASSWORD), ("admin@acme.test", PASSWORD)]
    {
        costs.push(statements(async { assert_stayed(&sign_in(&mut browser, &page, email, password).await, 401) }).await);
    }
    assert!(costs[0].len() >= 4, "{costs:#?}");
    assert!(costs.iter().all(|cost| *cost == costs[0]), "{costs:#?}");
}

#[tokio::test]
async fn n4_a_failed_password_grant_costs_the_same_statements_whoever_was_meant() {
    let world = World::new().await;
    world.person(Role::Member).await;
    let other = world.org("globex").await;
    world.person_of(&other, "stranger", Role::Owner).await;
    let app = world.app_with(ClientKind::Web, |client| client.profile.allow_password_grant = true).await;
    let ask = async |name: &str, password: &str| {
        let pairs = [("grant_type", "password"), ("username", name), ("password", password)];
        world.token(&app, &pairs).await.expect_error(400, "invalid_grant");
    };
    ask(MEMBER, "the first one reads the app").await;
    let mut costs = Vec::new();
    for (name, password) in [(MEMBER, "wrong"), ("nobody@acme.test", PASSWORD), ("stranger@globex.test", PASSWORD)] {
        costs.push(statements(ask(name, password)).await);
    }
    assert!(costs[0].len() >= 4, "{costs:#?}");
    assert!(costs.iter().all(|cost| *cost == costs[0]), "{costs:#?}");
}

#[tokio::test]
async fn g7_an_unknown_client_and_a_wrong_secret_cost_the_same_statements() {
    let world = World::new().await;
    let app = world.app(ClientKind::M2m).await;
    let wrong = App { secret: "grs_wrong".to_owned(), ..app.clone() };
    let unknown = App { client_id: "abcdefghijklmnopqrstuvwxyz".to_owned(), ..wrong.clone() };
    let ask = async |app: &App| {
        world.post_as("/token", Some(&basic(app)), &[("grant_type", "client_credentials")]).await.expect_error(401, "invalid_client");
    };
    for round in ["read from the database", "remembered"] {
        let (known, nobody) = (statements(ask(&wrong)).await, statements(ask(&unknown)).await);
        assert_eq!(known, nobody, "{round}");
        assert_eq!(known.is_empty(), round == "remembered", "{known:?}");
    }
}

#[tokio::test]
async fn n7_n4_a_full_queue_of_password_checks_is_503_at_the_sign_in_page_whoever_is_meant() {
    let mut policy = policy();
    policy.limits.password_hashes = 1;
    policy.limits.password_queue = 0;
    let world = World::with(policy).await;
    world.person(Role::Member).await;
    let mut browser = Browser::new(&world);
    let page = browser.open("/login").await;
    let secret = Secret::from("somebody else's");
    let mut somebody = pin!(world.deps.passwords.hash(&secret));
    poll_fn(|context| {
        assert!(somebody.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await;
    for email in [MEMBER, "nobody@acme.test"] {
        let told = sign_in(&mut browser, &page, email, PASSWORD).await;
        assert_stayed(&told, 503);
        assert_ne!(told.answer.header("retry-after"), "", "{email}");
    }
    world.get("/healthz").await.expect(200);
    world.get("/.well-known/jwks.json").await.expect(200);
    somebody.await.unwrap_or_else(|busy| panic!("{busy}"));
    assert_eq!(sign_in(&mut browser, &page, MEMBER, PASSWORD).await.answer.status, 200);
}

#[tokio::test]
async fn n5_guesses_from_one_address_are_slowed_down_whoever_they_are_about() {
    let mut policy = policy();
    policy.trusted_proxies = vec!["127.0.0.1/32".parse().expect("a network")];
    policy.limits.login_attempts_per_ip = 3;
    let mut world = World::with(policy).await;
    world.person(Role::Member).await;
    let proxy: SocketAddr = "127.0.0.1:4000".parse().expect("an address");
    world.router = world.router.layer(axum::Extension(ConnectInfo(proxy)));
    let from = async |ip: &str, email: &str, password: &str| {
        let mut browser = Browser::new(&world);
        let headers = [("x-forwarded-proto", "https"), ("x-forwarded-for", ip)];
        let answer = browser.send(Method::GET, "/login", &headers, String::new()).await;
        let (_, mut fields) = Page { url: "/login".to_owned(), answer }.form("password").expect("the form");
        fields.retain(|(name, _)| !["email", "password"].contains(&name.as_str()));
        fields.extend([("email".to_owned(), email.to_owned()), ("password".to_owned(), password.to_owned())]);
        let pairs: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let kind = ("content-type", "application/x-www-form-urlencoded");
        let answer = browser.send(Method::POST, "/login", &[headers[0], headers[1], kind], crate::kit::http::form(&pairs)).await;
        (answer.status.as_u16(), answer.header("retry-after").to_owned())
    };
    for number in 0..3 {
        assert_eq!(from("192.0.2.1", &format!("somebody{number}@acme.test"), "guess").await.0, 401);
    }
    assert_eq!(from("192.0.2.1", MEMBER, PASSWORD).await, (429, "900".to_owned()));
    assert_eq!(from("192.0.2.1", "nobody@acme.test", "guess").await, (429, "900".to_owned()), "it tells nothing");
    assert_eq!(from("198.51.100.7", MEMBER, PASSWORD).await.0, 303, "others sign in");
    for number in 0..3 {
        assert_eq!(from(&format!("2001:db8:1:2::{number}"), "nobody@acme.test", "guess").await.0, 401);
    }
    assert_eq!(from("2001:db8:1:2:ffff::1", MEMBER, PASSWORD).await.0, 429, "an IPv6 customer has a whole /64");
    world.pass(time::Duration::minutes(15));
    assert_eq!(from("192.0.2.1", MEMBER, PASSWORD).await.0, 303);
}
