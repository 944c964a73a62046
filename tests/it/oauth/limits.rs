//! How often: per client, and per failing address.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use grantor::model::client::ClientKind;
use grantor::model::policy::Policy;
use time::Duration;

use crate::kit::http::{Answer, basic, form, send};
use crate::kit::world::{App, World, policy};
use crate::oauth::MACHINE;

fn limited(change: impl FnOnce(&mut Policy)) -> Policy {
    let mut policy = policy();
    policy.trusted_proxies = vec!["127.0.0.1/32".parse().expect("a network")];
    change(&mut policy);
    policy
}

/// A client-credentials request that a proxy of ours passed on from `ip`.
async fn from(world: &World, ip: &str, authorization: &str) -> Answer {
    let proxy: SocketAddr = "127.0.0.1:4000".parse().expect("an address");
    let request = Request::post("/token")
        .extension(ConnectInfo(proxy))
        .header("x-forwarded-for", ip)
        .header("x-forwarded-proto", "https")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("authorization", authorization)
        .body(Body::from(form(&MACHINE)));
    send(&world.router, request.expect("a request")).await
}

#[tokio::test]
async fn r56_a_client_that_asks_too_often_is_told_when_to_come_back() {
    let world = World::with(limited(|policy| policy.limits.token_requests_per_second = 3)).await;
    let (app, other) = (world.app(ClientKind::M2m).await, world.app(ClientKind::M2m).await);
    for _ in 0..3 {
        world.token(&app, &MACHINE).await.expect(200);
    }
    let answer = world.token(&app, &MACHINE).await.expect_error(429, "temporarily_unavailable");
    assert_eq!(answer.header("retry-after"), "1");
    world.token(&other, &MACHINE).await.expect(200);
    world.pass(Duration::SECOND);
    world.token(&app, &MACHINE).await.expect(200);
}

#[tokio::test]
async fn g9_failures_slow_down_one_address_and_never_the_right_secret() {
    let world = World::with(limited(|policy| policy.limits.client_auth_failures_per_minute = 3)).await;
    let app = world.app(ClientKind::M2m).await;
    let wrong = basic(&App { secret: "grs_wrong".to_owned(), ..app.clone() });
    for _ in 0..3 {
        from(&world, "192.0.2.1", &wrong).await.expect_error(401, "invalid_client");
    }
    let answer = from(&world, "192.0.2.1", &wrong).await.expect_error(429, "temporarily_unavailable");
    assert!(answer.header("retry-after").parse::<u32>().expect("seconds") <= 20);
    from(&world, "192.0.2.1", &basic(&app)).await.expect(200);
    from(&world, "198.51.100.7", &wrong).await.expect_error(401, "invalid_client");
    world.pass(Duration::seconds(20));
    from(&world, "192.0.2.1", &wrong).await.expect_error(401, "invalid_client");
}

#[tokio::test]
async fn a8_a_forged_forwarded_address_does_not_escape_the_limit() {
    let world = World::with(limited(|policy| {
        policy.trusted_proxies.clear();
        policy.secure_cookies = false;
        policy.limits.client_auth_failures_per_minute = 2;
    }))
    .await;
    let app = world.app(ClientKind::M2m).await;
    let wrong = basic(&App { secret: "grs_wrong".to_owned(), ..app });
    from(&world, "192.0.2.1", &wrong).await.expect_error(401, "invalid_client");
    from(&world, "192.0.2.2", &wrong).await.expect_error(401, "invalid_client");
    from(&world, "192.0.2.3", &wrong).await.expect_error(429, "temporarily_unavailable");
}
