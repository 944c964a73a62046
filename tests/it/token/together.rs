//! Requests that come at one moment share a statement, and none pays for another.

use std::collections::HashSet;
use std::sync::Arc;

use grantor::flows::Error;
use grantor::flows::token::issue_token;
use grantor::model::client::ClientKind;
use grantor::wire::token::{TokenRequest, TokenResponse};
use sqlx::Row as _;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::token::{Party, authenticated, code_request, invalid_grant, jwt_policy, refresh_request, refresh_token};

const MANY: usize = 40;

/// Asks all of it at one moment; the answers in the order of the requests.
async fn at_once(party: &Party, requests: Vec<TokenRequest>) -> Vec<Result<TokenResponse, Error>> {
    let client = Arc::new(authenticated(&party.world, &party.app).await);
    let start = Arc::new(Barrier::new(requests.len()));
    let mut tasks = JoinSet::new();
    for (place, request) in requests.into_iter().enumerate() {
        let (deps, client, start) = (Arc::clone(&party.world.deps), client.clone(), start.clone());
        tasks.spawn(async move {
            start.wait().await;
            (place, issue_token(&deps, &client, request, deps.clock.now()).await.map(|granted| granted.response))
        });
    }
    let mut answers = tasks.join_all().await;
    answers.sort_unstable_by_key(|(place, _)| *place);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// By how many transactions the authorizations were last written.
async fn writers(party: &Party) -> usize {
    let rows = sqlx::query("SELECT xmin::text AS writer FROM authorizations").fetch_all(&party.database_pool().await).await;
    rows.expect("the rows").iter().map(|row| row.get::<String, _>("writer")).collect::<HashSet<_>>().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn codes_and_tokens_that_come_together_share_statements_and_each_gets_its_own_answer() {
    let party = Party::under(jwt_policy(), ClientKind::Web, |_| ()).await;
    let mut codes = Vec::new();
    for _ in 0..MANY {
        codes.push(party.approve().await);
    }
    let redeemed = at_once(&party, codes.iter().map(|code| code_request(&code.text)).collect()).await;
    assert!(writers(&party).await < MANY, "each code had a statement of its own");
    let tokens: Vec<_> = redeemed.into_iter().map(|answer| refresh_token(&answer.expect("redeemed"))).collect();
    let refreshed = at_once(&party, tokens.iter().map(|token| refresh_request(token, None)).collect()).await;
    assert!(writers(&party).await < MANY, "each token had a statement of its own");
    for (code, answer) in codes.iter().zip(refreshed) {
        let successor = refresh_token(&answer.expect("refreshed"));
        assert_eq!(party.world.deps.sealer.open_refresh_token(&successor), Some((code.id, 2)));
        assert_eq!(party.facts(code.id).await.authorization.generation, 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_token_whose_row_is_held_waits_alone_and_works_after_the_row_has_changed() {
    let party = Party::under(jwt_policy(), ClientKind::Web, |_| ()).await;
    let (held, of_held) = party.connect().await;
    let (free, of_free) = party.connect().await;
    let pool = party.database_pool().await;
    let mut holder = pool.begin().await.expect("a transaction");
    let change = sqlx::query("UPDATE authorizations SET idle_expires_at = idle_expires_at - interval '1 hour' WHERE id = $1").bind(held.0);
    change.execute(&mut *holder).await.expect("the row is held");

    let client = authenticated(&party.world, &party.app).await;
    let deps = Arc::clone(&party.world.deps);
    let request = refresh_request(&refresh_token(&of_held), None);
    let waiting = tokio::spawn(async move { issue_token(&deps, &client, request, deps.clock.now()).await.map(|granted| granted.response) });
    party.refresh(&refresh_token(&of_free)).await.expect("nobody waits for another's row");
    assert_eq!(party.facts(free).await.authorization.generation, 2);
    assert!(!waiting.is_finished(), "the held row was written");

    holder.commit().await.expect("the row is let go");
    let answer = waiting.await.expect("it ends").expect("it refreshes");
    assert_eq!(party.world.deps.sealer.open_refresh_token(&refresh_token(&answer)), Some((held, 2)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_request_that_spoils_a_statement_spoils_it_for_nobody_else() {
    let party = Party::under(jwt_policy(), ClientKind::Web, |_| ()).await;
    let mut requests = Vec::new();
    for place in 0..MANY {
        let mut request = code_request(&party.approve().await.text);
        // The door refuses NUL; Postgres would too, and with it the whole statement.
        if let TokenRequest::AuthorizationCode { redirect_uri, .. } = &mut request
            && place % 8 == 1
        {
            *redirect_uri = Some("https://client.example/\0".to_owned());
        }
        requests.push(request);
    }
    for (place, answer) in at_once(&party, requests).await.into_iter().enumerate() {
        match answer {
            Ok(_) => assert_ne!(place % 8, 1),
            refused => {
                assert_eq!(invalid_grant(refused), "redirect_uri differs from the one of the authorization request");
                assert_eq!(place % 8, 1);
            }
        }
    }
}
