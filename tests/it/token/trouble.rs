//! Trouble of our own never looks like a bad token: clients throw those away and log everybody out.

use std::sync::Arc;
use std::time::Duration as StdDuration;

use grantor::db::{Database, PoolOptions};
use grantor::flows::token::issue_token;
use grantor::flows::{Deps, Error};
use grantor::model::client::ClientKind;
use grantor::wire::token::TokenRequest;

use crate::token::{Party, code_request, jwt_policy, refresh_request, refresh_token};

/// The same server with its database out of reach.
fn cut_off(deps: &Deps, options: grantor::db::ConnectOptions) -> Deps {
    let pool =
        PoolOptions { max_connections: 1, acquire_timeout: StdDuration::from_millis(50), statement_timeout: StdDuration::from_secs(1) };
    Deps { db: Database::connect_lazy(options.database("no_such_database"), pool), ..deps.clone() }
}

#[tokio::test]
async fn without_a_database_codes_and_refresh_tokens_are_unavailable_not_invalid() {
    for policy in [jwt_policy(), crate::kit::world::policy()] {
        let party = Party::under(policy, ClientKind::Web, |_| ()).await;
        let code = party.approve().await;
        let (_, tokens) = party.connect().await;
        let (client, now) = (party.client().await, party.world.now());
        let server = cut_off(&party.world.deps, party.world.database.options.clone());
        for request in [code_request(&code.text), refresh_request(&refresh_token(&tokens), None)] {
            let outcome = issue_token(&server, &client, request, now).await;
            assert!(matches!(outcome, Err(Error::Unavailable(_))), "{outcome:?}");
        }
        party.redeem(&code).await.expect("nothing was consumed");
        party.refresh(&refresh_token(&tokens)).await.expect("nothing was consumed");
    }
}

#[tokio::test]
async fn without_a_database_an_app_still_gets_its_own_tokens() {
    let party = Party::new().await;
    let app = party.world.app(ClientKind::M2m).await;
    let client = crate::token::authenticated(&party.world, &app).await;
    let server = cut_off(&party.world.deps, party.world.database.options.clone());
    let request = TokenRequest::ClientCredentials { scope: None, resource: None };
    issue_token(&server, &client, request, party.world.now()).await.expect("a JWT needs no database");
}

#[tokio::test]
async fn connections_that_died_while_idle_are_not_noticed_by_anybody() {
    for policy in [jwt_policy(), crate::kit::world::policy()] {
        let party = Party::under(policy, ClientKind::Web, |client| client.profile.refresh_tokens.retry_window = 0).await;
        let (_, tokens) = party.connect().await;
        let client = party.client().await;
        let killer = party.database_pool().await;
        let others = Arc::clone(&party.world.deps);
        let idle = [others.db.acquire().await, others.db.acquire().await, others.db.acquire().await];
        assert!(idle.iter().all(Result::is_ok), "some connections to kill");
        drop(idle);
        sqlx::query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .execute(&killer)
        .await
        .expect("every other connection is cut");
        let request = refresh_request(&refresh_token(&tokens), None);
        issue_token(&party.world.deps, &client, request, party.world.now()).await.expect("the statement runs on a fresh connection");
    }
}
