//! Connections that broke while nobody looked.

use axum::http::Method;
use serde_json::json;
use sqlx::{ConnectOptions as _, Connection as _};

use crate::faults::Holdings;
use crate::kit::grants::refresh_token;
use crate::kit::http::basic;
use crate::kit::world::World;

/// As many idle connections as `count`, each of them alive.
async fn warm_up(world: &World, count: usize) {
    let db = &world.deps.db;
    let mut held = Vec::new();
    while held.len() < count {
        let mut connection = db.acquire().await.expect("a connection");
        if sqlx::query("select 1").execute(&mut *connection).await.is_ok() {
            held.push(connection);
        } else {
            // A statement that meets the dead one makes the database forget it.
            drop(connection);
            db.retrying(async |connection| Ok(sqlx::query("select 1").execute(connection).await.map(drop)?)).await.expect("a living one");
        }
    }
    drop(held);
    // Connections that the pool holds come back to it in tasks of their own.
    while db.idle() < count {
        tokio::task::yield_now().await;
    }
}

/// Ends every backend of the world's database and waits until all are gone.
async fn end_backends(world: &World) -> i64 {
    let mut admin = world.database.options.connect().await.expect("a connection");
    let all =
        "with others as materialized (select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid())
        select count(pg_terminate_backend(pid, 20000)) from others";
    let ended = sqlx::query_scalar(all).fetch_one(&mut admin).await.expect("the role may end its own backends");
    admin.close().await.expect("the server says goodbye");
    ended
}

/// Leaves the pool full of connections whose other end is gone.
async fn break_all(world: &World) {
    warm_up(world, 8).await;
    assert!(end_backends(world).await >= 8);
}

#[tokio::test]
async fn f6_when_all_backends_are_terminated_the_very_next_requests_work() {
    let world = World::new().await;
    let mut holdings = Holdings::of(&world).await;
    break_all(&world).await;
    let token = refresh_token(&world.refresh(&holdings.web, &holdings.refresh).await.expect(200).json());
    break_all(&world).await;
    world.redeem(&holdings.web, &holdings.code).await.expect(200);
    break_all(&world).await;
    world.machine_token(&holdings.robot, "files:read").await;
    break_all(&world).await;
    holdings.introspect(&world).await.expect(200);
    break_all(&world).await;
    world.post_as("/revoke", Some(&basic(&holdings.web)), &[("token", &token)]).await.expect(200);
    break_all(&world).await;
    let app = json!({ "kind": "m2m", "name": "New" });
    world.api(Method::POST, "/api/v1/orgs/acme/apps", &holdings.management, Some(&app)).await.expect(201);
    break_all(&world).await;
    holdings.list_apps(&world).await.expect(200);
    break_all(&world).await;
    holdings.browser.open("/account").await.answer.expect(200);
}

#[tokio::test]
async fn f6_a_replay_found_over_broken_connections_still_ends_the_family() {
    let world = World::new().await;
    let holdings = Holdings::of(&world).await;
    let second = refresh_token(&world.refresh(&holdings.web, &holdings.refresh).await.expect(200).json());
    let third = refresh_token(&world.refresh(&holdings.web, &second).await.expect(200).json());
    warm_up(&world, 8).await;
    end_backends(&world).await;
    world.refresh(&holdings.web, &holdings.refresh).await.expect_error(400, "invalid_grant");
    world.refresh(&holdings.web, &third).await.expect_error(400, "invalid_grant");
    assert_eq!(world.count("select count(*) from audit_events where action = 'authorization.reuse'").await, 1);
}
