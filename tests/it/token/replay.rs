//! Reuse of refresh tokens, and restored backups.

use grantor::model::authorization::EndCause;
use grantor::model::client::ClientKind;
use rstest::rstest;
use time::Duration;

use crate::token::{Party, ask, authenticated, invalid_grant, refresh_request, refresh_token};

const REUSED: &str = "the refresh token was used before; the whole family is revoked";

#[rstest]
#[case::directly_before(4)]
#[case::long_before(1)]
#[tokio::test]
async fn i2_r19_any_older_refresh_token_ends_the_family(#[case] replayed: i32) {
    let party = Party::new().await;
    let (id, tokens) = party.connect().await;
    let mut token = refresh_token(&tokens);
    for _ in 0..4 {
        party.world.pass(Duration::minutes(10));
        token = refresh_token(&party.refresh(&token).await.expect("the newest"));
    }
    party.world.pass(Duration::minutes(10));
    let old = party.world.deps.sealer.refresh_token(id, replayed).expose().clone();
    assert_eq!(invalid_grant(party.refresh(&old).await), REUSED);
    assert_eq!(party.end_cause(id).await, Some(EndCause::Reuse));
    assert_eq!(invalid_grant(party.refresh(&token).await), "the authorization has ended");
    let events = "SELECT count(*) FROM audit_events WHERE action = 'authorization.reuse' AND actor_kind = 'client'";
    assert_eq!(party.world.count(events).await, 1);
    assert_eq!(invalid_grant(party.refresh(&old).await), "the authorization has ended");
    assert_eq!(party.world.count(events).await, 1, "one event, one entry");
}

#[tokio::test]
async fn i2_the_predecessor_of_the_predecessor_is_a_replay_even_inside_the_window() {
    let party = Party::new().await;
    let (_, tokens) = party.connect().await;
    let second = refresh_token(&party.refresh(&refresh_token(&tokens)).await.expect("once"));
    party.refresh(&second).await.expect("twice");
    assert_eq!(invalid_grant(party.refresh(&refresh_token(&tokens)).await), REUSED);
}

#[tokio::test]
async fn i5_a_foreign_clients_replay_ends_nothing() {
    let party = Party::new().await;
    let stranger = authenticated(&party.world, &party.world.app(ClientKind::Web).await).await;
    let (_, tokens) = party.connect().await;
    let newest = refresh_token(&party.refresh(&refresh_token(&tokens)).await.expect("once"));
    party.world.pass(Duration::hours(1));
    let outcome = ask(&party.world, &stranger, refresh_request(&refresh_token(&tokens), None)).await;
    assert_eq!(invalid_grant(outcome), "the refresh token belongs to another app");
    party.refresh(&newest).await.expect("the family lives");
}

#[tokio::test]
async fn i16_a_replay_is_detected_by_a_server_that_started_later() {
    let party = Party::new().await;
    let (id, tokens) = party.connect().await;
    party.refresh(&refresh_token(&tokens)).await.expect("once");
    party.world.pass(Duration::hours(1));
    let later = party.world.second().await;
    let client = authenticated(&later, &party.app).await;
    assert_eq!(invalid_grant(ask(&later, &client, refresh_request(&refresh_token(&tokens), None)).await), REUSED);
    assert_eq!(party.end_cause(id).await, Some(EndCause::Reuse));
}

#[tokio::test]
async fn a_token_newer_than_a_restored_backup_moves_the_row_on() {
    let party = Party::new().await;
    let (id, tokens) = party.connect().await;
    let mut token = refresh_token(&tokens);
    for _ in 0..3 {
        token = refresh_token(&party.refresh(&token).await.expect("rotated"));
    }
    party.world.sql("UPDATE authorizations SET generation = 2").await;
    let next = party.refresh(&token).await.expect("the genuine newest token");
    assert_eq!(party.facts(id).await.authorization.generation, 5);
    let events = "SELECT count(*) FROM audit_events WHERE action = 'authorization.restored_family_advanced'";
    assert_eq!(party.world.count(events).await, 1);
    party.world.pass(Duration::minutes(5));
    party.refresh(&refresh_token(&next)).await.expect("and on it goes");
    assert_eq!(invalid_grant(party.refresh(&token).await), REUSED, "older ones are replays again");
}

#[tokio::test]
async fn a_backup_from_before_the_redemption_grants_no_more_time_than_the_approval() {
    let party = Party::new().await;
    let (id, tokens) = party.connect().await;
    let approved_at = party.world.now();
    let token = refresh_token(&party.refresh(&refresh_token(&tokens)).await.expect("rotated"));
    party.world.sql(
        "UPDATE authorizations SET generation = 0, redeemed_at = NULL, rotated_at = NULL, last_used_at = NULL, idle_expires_at = NULL, absolute_expires_at = NULL",
    )
    .await;
    party.world.pass(Duration::days(1));
    party.refresh(&token).await.expect("the genuine newest token");
    let row = party.facts(id).await.authorization;
    assert_eq!((row.generation, row.absolute_expires_at), (3, Some(approved_at + Duration::days(180))));
}
