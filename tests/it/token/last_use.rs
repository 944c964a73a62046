//! Last uses are written later, together, and never lost.

use std::time::Duration as StdDuration;

use grantor::db::{Database, PoolOptions};
use grantor::model::client::ClientKind;
use grantor::wire::GrantType;
use grantor::wire::token::TokenRequest;
use time::Duration;

use crate::kit::world::World;
use crate::token::{ask, authenticated};

#[tokio::test]
async fn r28_last_uses_are_gathered_and_written_by_one_flush() {
    let world = World::new().await;
    let (one, other) = (world.app(ClientKind::M2m).await, world.app(ClientKind::M2m).await);
    for app in [&one, &other, &one] {
        world.pass(Duration::seconds(1));
        let request = TokenRequest::ClientCredentials { scope: None, resource: None };
        ask(&world, &authenticated(&world, app).await, request).await.expect("a token");
    }
    assert_eq!(world.record(&one).await.client.last_used_at, None, "no write with the request");
    assert_eq!(world.deps.last_use.flush(&world.deps.db).await.expect("written"), 4, "two secrets and two apps");
    let record = world.record(&one).await;
    assert_eq!(record.client.last_used_at, Some(world.now()));
    let last = record.credentials[0].last_use.expect("the secret was used");
    assert_eq!((last.at, last.grant_type), (world.now(), Some(GrantType::ClientCredentials)));
    assert_eq!(world.record(&other).await.client.last_used_at, Some(world.now() - Duration::seconds(1)));
    assert_eq!(world.deps.last_use.flush(&world.deps.db).await.expect("nothing to do"), 0);
}

#[tokio::test]
async fn a_failed_flush_keeps_what_it_could_not_write_and_an_older_use_never_replaces_a_newer() {
    let world = World::new().await;
    let app = world.app(ClientKind::M2m).await;
    let credential = authenticated(&world, &app).await.credential.expect("a secret");
    let newer = world.now() + Duration::seconds(10);
    world.deps.last_use.record_credential(credential, Some(GrantType::ClientCredentials), newer);
    let pool =
        PoolOptions { max_connections: 1, acquire_timeout: StdDuration::from_millis(50), statement_timeout: StdDuration::from_secs(1) };
    let dead = Database::connect_lazy(world.database.options.clone().database("no_such_database"), pool);
    world.deps.last_use.flush(&dead).await.expect_err("no database");
    assert_eq!(world.deps.last_use.flush(&world.deps.db).await.expect("written"), 1);
    world.deps.last_use.record_credential(credential, None, newer - Duration::seconds(5));
    world.deps.last_use.flush(&world.deps.db).await.expect("written");
    let last = world.record(&app).await.credentials[0].last_use.expect("used");
    assert_eq!((last.at, last.grant_type), (newer, Some(GrantType::ClientCredentials)));
}
