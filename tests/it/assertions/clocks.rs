//! The limits of time, a second before, at and after each of them.

use serde_json::{Map, Value};
use time::Duration;

use crate::assertions::{DOORS, Door, Machine};

/// Shows an assertion whose `claim` stands so many seconds from the start; the clock stands `clock` seconds after it.
async fn outcome(machine: &Machine, door: Door, claim: &str, seconds: i64, exp: i64) -> bool {
    let start = machine.now();
    let jti = format!("{door:?} {claim} {seconds} {exp} {start}");
    let change = |claims: &mut Map<String, Value>| {
        claims.insert("exp".to_owned(), (start + exp).into());
        claims.insert(claim.to_owned(), (start + seconds).into());
        claims.remove("jti");
        if door != Door::Ims {
            claims.insert("jti".to_owned(), jti.clone().into());
        }
    };
    let answer = machine.show(door, &machine.signed(door, "", change)).await;
    assert!(matches!(answer.status.as_u16(), 200 | 400 | 401), "{}", answer.body);
    answer.status == 200
}

#[tokio::test]
async fn g15_r33_an_assertion_ends_at_its_second() {
    let machine = Machine::new().await;
    for door in DOORS {
        let made = machine.signed(door, &format!("{door:?}"), |claims| claims["exp"] = (machine.now() + 10).into());
        for (wait, alive) in [(9, true), (0, false), (1, false), (1, false)] {
            machine.world.pass(Duration::seconds(wait));
            if alive {
                let fresh = machine.signed(door, &format!("{door:?} fresh"), |claims| claims["exp"] = (machine.now() + 1).into());
                machine.show(door, &fresh).await.expect(200);
                continue;
            }
            let answer = machine.show(door, &made).await;
            // At nine seconds it still lives; from ten on it is dead.
            let expected = machine.now() < machine_end(&made);
            assert_eq!(answer.status == 200, expected, "{door:?} {}", answer.body);
        }
    }
}

fn machine_end(assertion: &str) -> i64 {
    use base64::Engine as _;
    let payload = assertion.split('.').nth(1).expect("a payload");
    let claims: Value = serde_json::from_slice(&base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(payload).expect("base64url")).expect("JSON");
    claims["exp"].as_i64().expect("a number")
}

#[tokio::test]
async fn g15_r34_nbf_and_iat_may_be_59_seconds_ahead_and_no_more() {
    let machine = Machine::new().await;
    for door in DOORS {
        for claim in ["nbf", "iat"] {
            for (ahead, accepted) in [(0, true), (8, true), (59, true), (60, false), (61, false)] {
                assert_eq!(outcome(&machine, door, claim, ahead, 120).await, accepted, "{claim} {ahead} s ahead at {door:?}");
            }
        }
    }
}

#[tokio::test]
async fn r66_the_cap_counts_from_now_and_from_iat_to_the_second() {
    let machine = Machine::new().await;
    for door in DOORS {
        let cap = if matches!(door, Door::Client | Door::Grant) { 3_600 } else { 86_460 };
        for (over, accepted) in [(-1, true), (0, true), (1, false)] {
            assert_eq!(outcome(&machine, door, "other", 0, cap + over).await, accepted, "exp {over} s over the cap at {door:?}");
            assert_eq!(outcome(&machine, door, "iat", 60 - cap - over, 60).await, accepted, "iat {over} s over the cap at {door:?}");
        }
    }
}

#[tokio::test]
async fn r34_the_allowance_and_the_caps_are_settings() {
    let mut policy = crate::assertions::patient();
    policy.assertions.skew = Duration::ZERO;
    policy.assertions.lifetime = Duration::minutes(5);
    policy.assertions.exchange_lifetime = Duration::minutes(10);
    let machine = Machine::under(policy, |_| ()).await;
    for door in DOORS {
        assert!(outcome(&machine, door, "nbf", 0, 60).await);
        assert!(!outcome(&machine, door, "nbf", 1, 60).await);
        let cap = if matches!(door, Door::Client | Door::Grant) { 300 } else { 600 };
        assert!(outcome(&machine, door, "other", 0, cap).await);
        assert!(!outcome(&machine, door, "other", 0, cap + 1).await);
    }
}
