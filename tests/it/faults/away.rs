//! The database is gone, and comes back.

use std::time::{Duration, Instant};

use axum::http::Method;
use grantor::db::PoolOptions;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use serde_json::json;

use crate::faults::private_pg::PrivatePg;
use crate::faults::{Holdings, expect_trouble, expect_trouble_page, expect_trouble_problem};
use crate::kit::browser::authorize_url;
use crate::kit::grants::refresh_token;
use crate::kit::http::{basic, pkce};
use crate::kit::world::{CALLBACK, PASSWORD, PATIENT, START, World, policy};

/// Waits a second for a connection, as a server in production does.
const BRISK: PoolOptions = PoolOptions { acquire_timeout: Duration::from_secs(1), ..PATIENT };
/// Several times what one request may wait, for a machine that is busy with other tests.
const BOUNDED: Duration = Duration::from_secs(15);

#[tokio::test]
async fn i13_f5_without_a_database_every_door_says_come_back_and_the_first_request_after_works() {
    let mut postgres = PrivatePg::start("away").await;
    let seeds = World::on(postgres.database.clone(), policy(), START).await;
    let world = seeds.beside(&postgres.database.options, policy(), BRISK).await;
    let mut holdings = Holdings::of(&world).await;
    let (keys, metadata) =
        (world.get("/.well-known/jwks.json").await.expect(200), world.get("/.well-known/oauth-authorization-server").await.expect(200));
    world.get("/readyz").await.expect(200);

    postgres.stop().await;
    // What is remembered without being confirmed is believed for a second.
    world.pass(time::Duration::seconds(2));
    clients_are_told_to_come_back(&world, &holdings).await;
    people_are_told_to_come_back(&world, &mut holdings).await;
    expect_trouble_problem(&holdings.list_apps(&world).await);
    let app = json!({ "kind": "m2m", "name": "New" });
    expect_trouble_problem(&world.api(Method::POST, "/api/v1/orgs/acme/apps", &holdings.management, Some(&app)).await);
    world.get("/healthz").await.expect(200);
    let readiness = world.get("/readyz").await.expect(503);
    assert_eq!(readiness.json()["checks"]["database"], "failing");
    assert_eq!(world.get("/.well-known/jwks.json").await.expect(200).json(), keys.json());
    assert_eq!(world.get("/.well-known/oauth-authorization-server").await.expect(200).json(), metadata.json());

    postgres.start_again().await;
    everything_works(&world, &mut holdings).await;
    world.get("/readyz").await.expect(200);
}

async fn clients_are_told_to_come_back(world: &World, holdings: &Holdings) {
    let started = Instant::now();
    expect_trouble(world.redeem(&holdings.web, &holdings.code).await);
    expect_trouble(world.refresh(&holdings.web, &holdings.refresh).await);
    expect_trouble(world.token(&holdings.robot, &[("grant_type", "client_credentials"), ("scope", "apps:read")]).await);
    let mut stranger = holdings.web.clone();
    stranger.secret = holdings.robot.secret.clone();
    expect_trouble(world.refresh(&stranger, &holdings.refresh).await);
    expect_trouble(holdings.introspect(world).await);
    expect_trouble(holdings.revoke(world).await);
    assert!(started.elapsed() < BOUNDED, "{:?}", started.elapsed());
}

async fn people_are_told_to_come_back(world: &World, holdings: &mut Holdings) {
    let (_, challenge) = pkce();
    let url = authorize_url(&[
        ("client_id", &holdings.web.client_id),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("state", "s"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]);
    let started = Instant::now();
    expect_trouble_page(&world.get(&url).await);
    expect_trouble_page(&holdings.browser.open(&url).await.answer);
    for path in ["/", "/account", "/account/apps", "/orgs/acme/apps"] {
        expect_trouble_page(&holdings.browser.open(path).await.answer);
    }
    let email = holdings.user.email.as_str().to_owned();
    let mut newcomer = crate::kit::browser::Browser::new(world);
    let page = newcomer.open("/login").await;
    if page.form("password").is_some() {
        let page = newcomer.submit(&page, "password", &[("email", &email), ("password", PASSWORD)]).await;
        expect_trouble_page(&page.answer);
    } else {
        expect_trouble_page(&page.answer);
    }
    assert!(started.elapsed() < BOUNDED, "{:?}", started.elapsed());
}

async fn everything_works(world: &World, holdings: &mut Holdings) {
    let next = refresh_token(&world.refresh(&holdings.web, &holdings.refresh).await.expect(200).json());
    world.redeem(&holdings.web, &holdings.code).await.expect(200);
    world.machine_token(&holdings.robot, "apps:read").await;
    holdings.list_apps(world).await.expect(200);
    assert_eq!(holdings.introspect(world).await.expect(200).json()["active"], true);
    holdings.browser.open("/account").await.answer.expect(200);
    world.post_as("/revoke", Some(&basic(&holdings.web)), &[("token", &next)]).await.expect(200);
    world.refresh(&holdings.web, &next).await.expect_error(400, "invalid_grant");
}

#[tokio::test]
async fn f4_i4_a_crash_of_postgres_loses_nothing_that_was_acknowledged() {
    let postgres = PrivatePg::start("crash").await;
    let world = World::on(postgres.database.clone(), policy(), START).await;
    let (app, user) = (world.app(ClientKind::Web).await, world.person(Role::Member).await);
    let first = refresh_token(&world.family(&app, &user).await);
    let revoked = refresh_token(&world.family(&app, &user).await);
    let second = refresh_token(&world.refresh(&app, &first).await.expect(200).json());
    world.post_as("/revoke", Some(&basic(&app)), &[("token", &revoked)]).await.expect(200);

    postgres.crash().await;
    let third = refresh_token(&world.refresh(&app, &second).await.expect(200).json());
    world.refresh(&app, &revoked).await.expect_error(400, "invalid_grant");
    postgres.crash().await;
    // Two generations back: a replay, and the crash has not made anybody forget.
    world.refresh(&app, &first).await.expect_error(400, "invalid_grant");
    world.refresh(&app, &third).await.expect_error(400, "invalid_grant");
}

#[tokio::test]
async fn f5_a_server_process_starts_without_its_database_and_becomes_ready_with_it() {
    let mut postgres = PrivatePg::start("late").await;
    let world = World::on(postgres.database.clone(), policy(), grantor::clock::Clock::now(&grantor::clock::SystemClock)).await;
    let robot =
        world.app_with(ClientKind::M2m, |client| client.profile.scopes = std::iter::once("projects:read".to_owned()).collect()).await;
    postgres.stop().await;
    let server = world.process_with(&[("GRANTOR__DATABASE__ACQUIRE_TIMEOUT", "1")]).await;
    server.get("/healthz").await.expect(200);
    server.get("/readyz").await.expect(503);
    expect_trouble(server.token(&robot, &[("grant_type", "client_credentials")]).await);

    postgres.start_again().await;
    // As a load balancer does: readiness is polled by its nature.
    let started = Instant::now();
    while server.get("/readyz").await.status.as_u16() != 200 {
        assert!(started.elapsed() < BOUNDED, "not ready {:?} after its database", started.elapsed());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server.machine_token(&robot, "projects:read").await;
}
