//! Absolute and idle limits, with the clock one second before, at, and one second after each.

use grantor::flows::Error;
use grantor::model::client::ClientKind;
use grantor::model::ids::AuthorizationId;
use grantor::wire::token::TokenResponse;
use proptest::prelude::*;
use rstest::rstest;
use time::{Duration, OffsetDateTime};

use crate::token::{Party, invalid_grant, jwt_policy, refresh_token};

const DAY: i64 = 86_400;

async fn party(rotation: bool, absolute: Option<i64>, idle: Option<i64>) -> Party {
    Party::under(jwt_policy(), ClientKind::Web, |client| {
        let policy = &mut client.profile.refresh_tokens;
        (policy.rotation, policy.absolute_lifetime, policy.idle_lifetime) = (rotation, absolute, idle);
    })
    .await
}

fn expired(outcome: Result<TokenResponse, Error>) -> bool {
    match outcome {
        Ok(_) => false,
        refused => invalid_grant(refused) == "the refresh token has expired",
    }
}

#[rstest]
#[tokio::test]
async fn i7_r22_the_idle_limit_ends_at_its_second(#[values(true, false)] rotation: bool, #[values(-1, 0, 1)] offset: i64) {
    let party = party(rotation, None, Some(30 * DAY)).await;
    let (_, tokens) = party.connect().await;
    party.world.pass(Duration::days(29));
    let tokens = party.refresh(&refresh_token(&tokens)).await.expect("used in time");
    party.world.pass(Duration::days(30) + Duration::seconds(offset));
    assert_eq!(expired(party.refresh(&refresh_token(&tokens)).await), offset >= 0);
}

#[rstest]
#[tokio::test]
async fn i7_r21_the_absolute_limit_counts_from_redemption_and_never_moves(
    #[values(true, false)] rotation: bool,
    #[values(-1, 0, 1)] offset: i64,
) {
    let party = party(rotation, Some(90 * DAY), Some(30 * DAY)).await;
    let (_, mut tokens) = party.connect().await;
    let start = party.world.now();
    for _ in 0..4 {
        party.world.pass(Duration::days(20));
        tokens = party.refresh(&refresh_token(&tokens)).await.expect("used in time");
    }
    assert_eq!(tokens.refresh_token_expires_in, Some(10 * DAY), "r80: what is left of the absolute limit, not a new span");
    party.world.clock.set(start + Duration::days(90) + Duration::seconds(offset));
    assert_eq!(expired(party.refresh(&refresh_token(&tokens)).await), offset >= 0);
}

#[tokio::test]
async fn i9_an_access_token_never_outlives_the_absolute_limit() {
    let party = party(true, Some(DAY), None).await;
    let (_, tokens) = party.connect().await;
    assert_eq!(tokens.expires_in, 3_600);
    party.world.pass(Duration::days(1) - Duration::seconds(100));
    let last = party.refresh(&refresh_token(&tokens)).await.expect("still in time");
    assert_eq!((last.expires_in, last.refresh_token_expires_in), (100, Some(100)));
    party.world.pass(Duration::milliseconds(99_900));
    let very_last = party.refresh(&refresh_token(&last)).await.expect("still in time");
    assert_eq!(very_last.expires_in, 1, "never 0");
}

#[tokio::test]
async fn r21_r79_without_limits_nothing_is_said_and_nothing_ends() {
    let party = party(true, None, None).await;
    let (_, tokens) = party.connect().await;
    assert_eq!(tokens.refresh_token_expires_in, None);
    party.world.pass(Duration::days(20 * 365));
    let next = party.refresh(&refresh_token(&tokens)).await.expect("no expiration");
    assert_eq!(next.refresh_token_expires_in, None);
}

#[rstest]
#[case(Some(DAY), Some(30 * DAY), DAY)]
#[case(Some(365 * DAY), Some(14 * DAY), 14 * DAY)]
#[case(None, Some(3_600), 3_600)]
#[case(Some(8 * 3_600), None, 8 * 3_600)]
#[case(Some(i64::MAX), Some(7 * DAY), 7 * DAY)]
#[tokio::test]
async fn r79_refresh_token_expires_in_is_the_lesser_of_both_limits(
    #[case] absolute: Option<i64>,
    #[case] idle: Option<i64>,
    #[case] expected: i64,
) {
    let (_, tokens) = party(true, absolute, idle).await.connect().await;
    assert_eq!(tokens.refresh_token_expires_in, Some(expected));
}

#[tokio::test]
async fn living_authorizations_keep_the_earlier_of_old_and_new_limits() {
    let party = party(true, Some(180 * DAY), Some(30 * DAY)).await;
    let (_, tokens) = party.connect().await;
    party
        .change(|client| {
            let policy = &mut client.profile.refresh_tokens;
            (policy.absolute_lifetime, policy.idle_lifetime) = (Some(365 * DAY), None);
        })
        .await;
    party.world.pass(Duration::days(1));
    let longer = party.refresh(&refresh_token(&tokens)).await.expect("good");
    assert_eq!(longer.refresh_token_expires_in, Some(30 * DAY), "longer limits are for new authorizations");
    party.change(|client| client.profile.refresh_tokens.absolute_lifetime = Some(10 * DAY)).await;
    let shorter = party.refresh(&refresh_token(&longer)).await.expect("good");
    assert_eq!(shorter.refresh_token_expires_in, Some(9 * DAY), "shorter ones count from redemption");
    party.change(|client| client.profile.refresh_tokens.idle_lifetime = Some(DAY)).await;
    party.world.pass(Duration::days(1));
    assert!(expired(party.refresh(&refresh_token(&shorter)).await), "and from the last use");
}

#[derive(Debug, Clone)]
enum Act {
    /// Seconds pass.
    Wait(i64),
    /// The newest token is used.
    Refresh,
    /// The one before it is used again.
    Retry,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        3 => prop_oneof![0..90_i64, 0..5_000_i64].prop_map(Act::Wait),
        3 => Just(Act::Refresh),
        1 => Just(Act::Retry),
    ];
    prop::collection::vec(act, 1..14)
}

/// No sequence of refreshes and retries moves a limit past what a plain model of it says.
async fn obeys_limits(party: &Party, absolute: Option<i64>, idle: Option<i64>, acts: Vec<Act>) {
    let (id, tokens) = party.connect().await;
    let start = party.world.now();
    let (mut newest, mut previous) = (refresh_token(&tokens), None::<String>);
    let (mut last_use, mut rotated_at) = (start, start);
    for act in acts {
        let now = party.world.now();
        let is_over = [absolute.map(|span| start + Duration::seconds(span)), idle.map(|span| last_use + Duration::seconds(span))]
            .into_iter()
            .flatten()
            .any(|end| now >= end);
        match act {
            Act::Wait(seconds) => party.world.pass(Duration::seconds(seconds)),
            Act::Refresh => {
                let outcome = party.refresh(&newest).await;
                if is_over {
                    assert!(expired(outcome), "a limit was passed");
                    return;
                }
                let tokens = outcome.expect("within all limits");
                check_answer(party, id, &tokens, absolute.map(|span| start + Duration::seconds(span))).await;
                previous = Some(std::mem::replace(&mut newest, refresh_token(&tokens)));
                (last_use, rotated_at) = (now, now);
            }
            Act::Retry => {
                let Some(previous) = &previous else { continue };
                let outcome = party.refresh(previous).await;
                if now - rotated_at > Duration::seconds(30) {
                    assert_eq!(invalid_grant(outcome), "the refresh token was used before; the whole family is revoked");
                    return;
                }
                if is_over {
                    assert!(expired(outcome), "a limit was passed by a retry");
                    return;
                }
                assert_eq!(refresh_token(&outcome.expect("a retry")), newest);
            }
        }
    }
}

async fn check_answer(party: &Party, id: AuthorizationId, tokens: &TokenResponse, absolute: Option<OffsetDateTime>) {
    let row = party.facts(id).await.authorization;
    assert_eq!(row.absolute_expires_at, absolute, "the absolute limit never moves");
    let now = party.world.now();
    let left = [row.absolute_expires_at, row.idle_expires_at].into_iter().flatten().min().map(|end| (end - now).whole_seconds());
    assert_eq!(tokens.refresh_token_expires_in, left);
    assert!(absolute.is_none_or(|end| now + Duration::seconds(tokens.expires_in) <= end), "the access token outlives the family");
}

#[test]
fn i7_no_sequence_of_refreshes_and_retries_passes_a_limit() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let spans = [(Some(8_000), Some(3_600)), (None, Some(3_600)), (Some(7_200), None), (Some(3_600), Some(7_200))];
    for (absolute, idle) in spans {
        let party = runtime.block_on(party(true, absolute, idle));
        let mut runner =
            proptest::test_runner::TestRunner::new(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() });
        runner
            .run(&acts(), |acts| {
                runtime.block_on(obeys_limits(&party, absolute, idle, acts));
                Ok(())
            })
            .expect("limits hold");
    }
}
