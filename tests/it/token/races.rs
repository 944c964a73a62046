//! Many at once, over two servers on one database.

use std::collections::HashSet;
use std::sync::Arc;

use grantor::flows::Error;
use grantor::flows::token::issue_token;
use grantor::model::authorization::EndCause;
use grantor::model::client::ClientKind;
use grantor::wire::token::{TokenRequest, TokenResponse};
use tokio::task::JoinSet;

use crate::token::{Party, authenticated, code_request, invalid_grant, jwt_policy, refresh_request, refresh_token};

const MANY: usize = 64;

/// Asks the same of both servers, 32 times each, all at once.
async fn all_at_once(party: &Party, request: &TokenRequest) -> Vec<Result<TokenResponse, Error>> {
    let servers = [party.world.second().await.deps, Arc::clone(&party.world.deps)];
    let client = Arc::new(authenticated(&party.world, &party.app).await);
    let start = Arc::new(tokio::sync::Barrier::new(MANY));
    let mut tasks = JoinSet::new();
    for server in servers.iter().cycle().take(MANY) {
        let (server, client, start, request) = (server.clone(), client.clone(), start.clone(), request.clone());
        tasks.spawn(async move {
            start.wait().await;
            issue_token(&server, &client, request, server.clock.now()).await.map(|granted| granted.response)
        });
    }
    tasks.join_all().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i4_r86_parallel_refreshes_converge_on_one_successor() {
    for (policy, rotation) in [(jwt_policy(), true), (crate::kit::world::policy(), true), (jwt_policy(), false)] {
        let party = Party::under(policy, ClientKind::Web, |client| client.profile.refresh_tokens.rotation = rotation).await;
        let (id, tokens) = party.connect().await;
        let outcomes = all_at_once(&party, &refresh_request(&refresh_token(&tokens), None)).await;
        let successors: HashSet<_> = outcomes.into_iter().map(|outcome| refresh_token(&outcome.expect("everybody is answered"))).collect();
        assert_eq!(successors.len(), 1, "two living successors");
        let row = party.facts(id).await.authorization;
        assert_eq!((row.generation, row.end), (if rotation { 2 } else { 1 }, None));
        for successor in successors {
            party.refresh(&successor).await.expect("the one successor lives");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i4_without_a_retry_window_at_most_one_refresh_succeeds_and_the_rest_end_the_family() {
    let party = Party::under(jwt_policy(), ClientKind::Web, |client| client.profile.refresh_tokens.retry_window = 0).await;
    let (id, tokens) = party.connect().await;
    let outcomes = all_at_once(&party, &refresh_request(&refresh_token(&tokens), None)).await;
    let (good, bad): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(good.len(), 1);
    for outcome in bad {
        invalid_grant(outcome);
    }
    assert_eq!(party.end_cause(id).await, Some(EndCause::Reuse));
    assert_eq!(party.world.count("SELECT count(*) FROM audit_events WHERE action = 'authorization.reuse'").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn h5_parallel_redemptions_of_one_code_have_one_winner_and_end_the_family() {
    for policy in [jwt_policy(), crate::kit::world::policy()] {
        let party = Party::under(policy, ClientKind::Web, |_| ()).await;
        let code = party.approve().await;
        let outcomes = all_at_once(&party, &code_request(&code.text)).await;
        let (good, bad): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!(good.len(), 1);
        for outcome in bad {
            invalid_grant(outcome);
        }
        assert_eq!(party.end_cause(code.id).await, Some(EndCause::CodeReplay));
        assert_eq!(party.world.count("SELECT count(*) FROM audit_events WHERE action = 'authorization.code_replay'").await, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i10_no_refresh_succeeds_after_an_end_was_acknowledged() {
    let party = Party::under(jwt_policy(), ClientKind::Web, |_| ()).await;
    let (id, tokens) = party.connect().await;
    let mut connection = party.world.deps.db.acquire().await.expect("a connection");
    let ended = grantor::db::authorizations::end(&mut connection, id, EndCause::RevokedByUser, party.world.now()).await;
    assert!(ended.expect("the row is ended"));
    for outcome in all_at_once(&party, &refresh_request(&refresh_token(&tokens), None)).await {
        assert_eq!(invalid_grant(outcome), "the authorization has ended");
    }
    assert_eq!(party.end_cause(id).await, Some(EndCause::RevokedByUser), "the first cause stands");
}
