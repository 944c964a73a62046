//! Too few connections, and statements that take too long.

use std::time::{Duration, Instant};

use grantor::db::PoolOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::task::JoinSet;

use crate::faults::{Holdings, expect_trouble};
use crate::kit::grants::refresh_token;
use crate::kit::world::{PATIENT, World, policy};

/// Several times what one request may wait, for a machine that is busy with other tests.
const BOUNDED: Duration = Duration::from_secs(10);

#[tokio::test]
async fn f7_an_exhausted_pool_answers_503_in_time_and_recovers_at_once() {
    let seeds = World::new().await;
    let holdings = Holdings::of(&seeds).await;
    let narrow = PoolOptions { max_connections: 2, acquire_timeout: Duration::from_millis(200), ..PATIENT };
    let world = seeds.beside(&seeds.database.options, policy(), narrow).await;
    let held = (world.deps.db.acquire().await.expect("one"), world.deps.db.acquire().await.expect("the other"));

    let started = Instant::now();
    let mut waiting = JoinSet::new();
    for _ in 0..20 {
        let (world, app, token) = (world.clone(), holdings.web.clone(), holdings.refresh.clone());
        waiting.spawn(async move { world.refresh(&app, &token).await });
    }
    waiting.join_all().await.into_iter().for_each(|answer| drop(expect_trouble(answer)));
    assert!(started.elapsed() < BOUNDED, "{:?}", started.elapsed());
    world.get("/healthz").await.expect(200);

    drop(held);
    let next = refresh_token(&world.refresh(&holdings.web, &holdings.refresh).await.expect(200).json());
    assert_eq!(world.count("select max(generation)::bigint from authorizations").await, 2, "nobody rotated while waiting");
    world.refresh(&holdings.web, &next).await.expect(200);
}

#[tokio::test]
async fn f8_a_statement_that_waits_too_long_is_503_and_changes_nothing() {
    let seeds = World::new().await;
    let holdings = Holdings::of(&seeds).await;
    let hasty = PoolOptions { statement_timeout: Duration::from_millis(300), ..PATIENT };
    let world = seeds.beside(&seeds.database.options, policy(), hasty).await;
    let mut other = seeds.database.options.connect().await.expect("a connection");
    let mut locked = other.begin().await.expect("a transaction");
    sqlx::raw_sql("select from authorizations for update").execute(&mut *locked).await.expect("the rows are locked");

    let started = Instant::now();
    expect_trouble(world.refresh(&holdings.web, &holdings.refresh).await);
    expect_trouble(world.redeem(&holdings.web, &holdings.code).await);
    expect_trouble(holdings.revoke(&world).await);
    assert!(started.elapsed() < BOUNDED, "{:?}", started.elapsed());
    assert_eq!(holdings.introspect(&world).await.expect(200).json()["active"], true, "readers do not wait for writers");

    locked.rollback().await.expect("the lock is given back");
    world.redeem(&holdings.web, &holdings.code).await.expect(200);
    let next = refresh_token(&world.refresh(&holdings.web, &holdings.refresh).await.expect(200).json());
    assert_eq!(world.count("select max(generation)::bigint from authorizations").await, 2);
    world.refresh(&holdings.web, &next).await.expect(200);
}
