//! What the tests on the real database cannot bring about: an answer of the database that was lost.

use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::model::authorization::{Authorization, AuthorizationFacts, EndCause, Standing};
use crate::model::client::RefreshPolicy;
use crate::model::scope::ScopeSet;
use crate::protocol::token::code::{self, check_verifier};
use crate::protocol::token::lifetimes::AccessTokenTimes;
use crate::protocol::token::{invalid_grant, refresh};

const NOW: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);

fn facts(generation: i32, rotated_at: OffsetDateTime) -> AuthorizationFacts {
    let policy = RefreshPolicy {
        enabled: true,
        requires_offline_access: false,
        rotation: true,
        retry_window: 0,
        absolute_lifetime: None,
        idle_lifetime: None,
    };
    let authorization = Authorization {
        id: Uuid::nil().into(),
        org: Uuid::nil().into(),
        client: Uuid::nil().into(),
        user: Uuid::nil().into(),
        generation,
        offline: true,
        scopes: ScopeSet::default(),
        api: String::new(),
        auth_time: NOW,
        created_at: NOW,
        redeemed_at: Some(NOW),
        rotated_at: Some(rotated_at),
        last_used_at: Some(rotated_at),
        idle_expires_at: None,
        absolute_expires_at: None,
        end: None,
        redirect_uri: None,
        code_challenge: None,
        code_expires_at: NOW,
    };
    let standing = Standing { client_enabled: true, user_enabled: true, org_enabled: true, is_member: true };
    AuthorizationFacts { authorization, standing, policy }
}

fn refreshed(facts: &AuthorizationFacts, repeated: bool) -> refresh::Decision {
    let allowed = ScopeSet::default();
    let client = facts.authorization.client;
    refresh::decide(facts, &refresh::Presented { client, generation: 1, scope: None, allowed: &allowed, repeated, now: NOW })
}

#[test]
fn a_rotation_whose_answer_was_lost_between_database_and_server_is_answered_even_without_a_retry_window() {
    assert_eq!(refreshed(&facts(2, NOW), true), refresh::Decision::Retry { successor: 2 });
    let another = facts(2, NOW - Duration::microseconds(1));
    assert!(matches!(refreshed(&another, true), refresh::Decision::Replay(_)), "another request's rotation is not ours");
    assert!(matches!(refreshed(&facts(2, NOW), false), refresh::Decision::Replay(_)), "nothing was lost");
    assert!(matches!(refreshed(&facts(3, NOW), true), refresh::Decision::Replay(_)), "two steps are not one");
}

#[test]
fn a_redemption_whose_answer_was_lost_is_answered_and_any_other_second_use_is_a_replay() {
    let decide = |facts: &AuthorizationFacts, repeated| {
        let client = facts.authorization.client;
        code::decide(facts, &code::Presented { client, redirect_uri: None, challenge: None, repeated, now: NOW })
    };
    assert_eq!(decide(&facts(1, NOW), true), code::Decision::Resume);
    let replay = code::Decision::End(EndCause::CodeReplay, invalid_grant("the code was used before; its tokens are revoked"));
    assert_eq!(decide(&facts(1, NOW), false), replay);
    assert_eq!(decide(&facts(2, NOW), true), replay);
}

#[test]
fn d6_a_verifier_has_43_to_128_unreserved_characters() {
    for good in ["a".repeat(43), "Z".repeat(128), format!("{}-._~", "9".repeat(40))] {
        assert_eq!(check_verifier(&good), Ok(()), "{good}");
    }
    for bad in [String::new(), "a".repeat(42), "a".repeat(129), format!("{} ", "a".repeat(50)), format!("{}/", "a".repeat(50))] {
        assert!(check_verifier(&bad).is_err(), "{bad}");
    }
}

#[test]
fn i9_an_access_token_ends_in_whole_seconds_at_or_before_its_family() {
    let times = |millis, lifetime, end| {
        let times = AccessTokenTimes::new(NOW + Duration::milliseconds(millis), lifetime, end);
        (times.expires_at - NOW.unix_timestamp(), times.expires_in)
    };
    assert_eq!(times(0, 3_600, None), (3_600, 3_600));
    assert_eq!(times(700, 3_600, None), (3_600, 3_600), "r83: exactly as configured at any instant");
    assert_eq!(times(0, 3_600, Some(NOW + Duration::seconds(10))), (10, 10));
    assert_eq!(times(0, 3_600, Some(NOW + Duration::milliseconds(10_900))), (10, 10));
    assert_eq!(times(200, 3_600, Some(NOW + Duration::milliseconds(900))), (0, 1), "never 0 to the client");
}
