//! It happened, and nobody heard of it; or it did not happen, and nobody knows.

use std::time::{Duration, Instant};

use axum::middleware::from_fn_with_state;
use grantor::model::client::{Client, ClientKind};
use grantor::model::membership::Role;
use grantor::web::layers::limit_time;
use sqlx::types::Uuid;

use crate::faults::expect_trouble;
use crate::faults::wire::Wire;
use crate::kit::grants::refresh_token;
use crate::kit::world::{API, App, PATIENT, World, policy};

/// A server behind a wire, with one family.
struct Wired {
    seeds: World,
    world: World,
    wire: Wire,
    app: App,
    token: String,
}

impl Wired {
    /// For an API with JWTs, where a step is one statement.
    async fn with_jwts(change: impl FnOnce(&mut Client)) -> Self {
        Self::new(change, (API, "projects:read")).await
    }

    /// For an API with opaque tokens, where a step and the stored token stand in one transaction.
    async fn with_opaque_tokens(change: impl FnOnce(&mut Client)) -> Self {
        Self::new(change, ("https://opaque.example.test", "files:read")).await
    }

    async fn new(change: impl FnOnce(&mut Client), (api, scope): (&str, &str)) -> Self {
        let seeds = World::new().await;
        let wire = Wire::to(&seeds.database).await;
        let world = seeds.beside(&wire.options, policy(), PATIENT).await;
        let change = |client: &mut Client| {
            client.profile.scopes = std::iter::once(scope.to_owned()).collect();
            change(client);
        };
        let (app, user) = (seeds.app_with(ClientKind::Web, change).await, seeds.person(Role::Member).await);
        let code = seeds.approved_for(&app, &user, api, scope).await;
        let token = refresh_token(&seeds.redeem(&app, &code).await.expect(200).json());
        Self { seeds, world, wire, app, token }
    }

    async fn generation(&self) -> i64 {
        self.seeds.count("select generation::bigint from authorizations").await
    }

    /// The family's id as it stands in the statement that rotates.
    async fn family(&self) -> Vec<u8> {
        let id: Uuid =
            sqlx::query_scalar("select id from authorizations").fetch_one(self.seeds.deps.db.pool()).await.expect("there is one");
        id.as_bytes().to_vec()
    }
}

fn without_window(client: &mut Client) {
    client.profile.refresh_tokens.retry_window = 0;
}

#[tokio::test]
async fn f2_i15_an_answer_lost_on_its_way_to_the_client_is_given_again() {
    let world = World::new().await;
    let (app, user) = (world.app(ClientKind::Web).await, world.person(Role::Member).await);
    let first = refresh_token(&world.family(&app, &user).await);
    let lost = refresh_token(&world.refresh(&app, &first).await.expect(200).json());
    world.pass(time::Duration::seconds(30));
    let again = refresh_token(&world.refresh(&app, &first).await.expect(200).json());
    assert_eq!(again, lost);
    world.refresh(&app, &again).await.expect(200);
}

#[tokio::test]
async fn f2_i15_a_rotation_whose_answer_the_database_lost_is_recovered_within_the_request() {
    let wired = Wired::with_jwts(without_window).await;
    wired.wire.cut_after(wired.family().await);
    let second = refresh_token(&wired.world.refresh(&wired.app, &wired.token).await.expect(200).json());
    assert!(wired.wire.was_cut());
    assert_eq!(wired.generation().await, 2, "one rotation, not two");
    wired.world.refresh(&wired.app, &second).await.expect(200);
}

#[tokio::test]
async fn f3_i5_a_rotation_that_never_reached_the_database_is_made_once() {
    let wired = Wired::with_jwts(without_window).await;
    wired.wire.cut_before(wired.family().await);
    let second = refresh_token(&wired.world.refresh(&wired.app, &wired.token).await.expect(200).json());
    assert!(wired.wire.was_cut());
    assert_eq!(wired.generation().await, 2);
    wired.world.refresh(&wired.app, &second).await.expect(200);
}

#[tokio::test]
async fn f2_i15_after_a_commit_whose_answer_was_lost_the_retry_gets_the_same_successor() {
    let wired = Wired::with_opaque_tokens(|_| ()).await;
    wired.wire.cut_after("COMMIT");
    expect_trouble(wired.world.refresh(&wired.app, &wired.token).await);
    assert!(wired.wire.was_cut());
    assert_eq!(wired.generation().await, 2, "it was committed");
    let second = refresh_token(&wired.world.refresh(&wired.app, &wired.token).await.expect(200).json());
    assert_eq!(wired.generation().await, 2, "the retry made no third");
    wired.world.refresh(&wired.app, &second).await.expect(200);
}

#[tokio::test]
async fn f3_i5_without_a_commit_nothing_has_happened_and_the_retry_rotates() {
    let wired = Wired::with_opaque_tokens(without_window).await;
    wired.wire.cut_before("COMMIT");
    expect_trouble(wired.world.refresh(&wired.app, &wired.token).await);
    assert!(wired.wire.was_cut());
    assert_eq!(wired.generation().await, 1, "it was rolled back");
    wired.world.refresh(&wired.app, &wired.token).await.expect(200);
    assert_eq!(wired.generation().await, 2);
}

#[tokio::test]
async fn f2_h4_a_redemption_whose_answer_the_database_lost_is_recovered_within_the_request() {
    let wired = Wired::with_jwts(|_| ()).await;
    wired.seeds.sql("delete from authorizations").await;
    let user = wired.seeds.person_of(&wired.seeds.org, "another", Role::Member).await;
    let code = wired.seeds.approved(&wired.app, &user).await;
    wired.wire.cut_after(wired.family().await);
    let first = refresh_token(&wired.world.redeem(&wired.app, &code).await.expect(200).json());
    assert!(wired.wire.was_cut());
    assert_eq!(wired.generation().await, 1);
    wired.world.refresh(&wired.app, &first).await.expect(200);
}

#[tokio::test]
async fn f11_a_server_cut_off_by_a_silent_network_leaves_readiness_in_time_and_returns() {
    let wired = Wired::with_opaque_tokens(|_| ()).await;
    wired.world.get("/readyz").await.expect(200);
    wired.wire.fall_silent(true);
    let started = Instant::now();
    wired.world.get("/readyz").await.expect(503);
    wired.world.get("/healthz").await.expect(200);
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    wired.wire.fall_silent(false);
    wired.world.get("/readyz").await.expect(200);
    wired.world.refresh(&wired.app, &wired.token).await.expect(200);
}

#[tokio::test]
async fn f8_f11_a_request_whose_database_fell_silent_is_given_up_in_time_and_leaves_the_pool_whole() {
    let wired = Wired::with_jwts(|_| ()).await;
    let patience = from_fn_with_state(Duration::from_millis(300), limit_time);
    let bounded = World { router: wired.world.router.clone().layer(patience), ..wired.world.clone() };
    wired.world.get("/readyz").await.expect(200);
    wired.wire.fall_silent(true);
    let started = Instant::now();
    for _ in 0..3 {
        let answer = bounded.refresh(&wired.app, &wired.token).await.expect(503);
        assert_eq!(answer.header("retry-after"), "2");
    }
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    wired.wire.fall_silent(false);
    let second = refresh_token(&wired.world.refresh(&wired.app, &wired.token).await.expect(200).json());
    assert_eq!(wired.generation().await, 2, "what was given up happened once or not at all");
    wired.world.refresh(&wired.app, &second).await.expect(200);
}
