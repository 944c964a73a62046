//! Counting with a clock that stands still.

use std::net::IpAddr;
use std::sync::Arc;

use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::clock::FixedClock;
use crate::flows::Error;
use crate::flows::rate_limits::{Prefix, RateLimits};
use crate::model::ids::ClientKey;
use crate::model::policy::Limits;

fn limits() -> Limits {
    Limits {
        apps_per_org: 10,
        secrets_per_app: 2,
        requests_per_browser: 20,
        password_hashes: 2,
        password_queue: 16,
        login_attempts_per_account: 10,
        login_attempts_per_ip: 100,
        password_failures_per_client: 100,
        login_window: Duration::minutes(15),
        token_requests_per_second: 3,
        client_auth_failures_per_minute: 5,
        authorization_requests_per_minute: 2,
    }
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn retry_after(outcome: Result<(), Error>) -> u32 {
    match outcome {
        Err(Error::RateLimited { retry_after }) => retry_after,
        other => panic!("not limited: {other:?}"),
    }
}

#[test]
fn r56_token_requests_are_limited_per_client_and_the_wait_is_told() {
    let clock = FixedClock::at(OffsetDateTime::UNIX_EPOCH + Duration::days(20_000));
    let rate = RateLimits::new(&limits(), Arc::new(clock.clone()));
    let (app, other) = (ClientKey(Uuid::from_u128(1)), ClientKey(Uuid::from_u128(2)));
    for _ in 0..3 {
        rate.token_request(app, None).expect("within the limit");
    }
    assert_eq!(retry_after(rate.token_request(app, None)), 1);
    rate.token_request(other, None).expect("another client is not touched");
    clock.advance(Duration::SECOND);
    rate.token_request(app, None).expect("a second later");
}

#[test]
fn g9_failures_count_for_one_client_id_at_one_address() {
    let rate = RateLimits::new(&limits(), Arc::new(FixedClock::at(OffsetDateTime::UNIX_EPOCH + Duration::days(20_000))));
    for _ in 0..5 {
        rate.failed_authentication("app-0001", Some(ip("192.0.2.1"))).expect("within the limit");
    }
    assert!(retry_after(rate.failed_authentication("app-0001", Some(ip("192.0.2.1")))) >= 1);
    rate.failed_authentication("app-0001", Some(ip("192.0.2.2"))).expect("another address");
}

#[test]
fn g9_an_ipv6_customer_is_one_address_and_a_mapped_ipv4_is_itself() {
    assert_eq!(Prefix::of(Some(ip("2001:db8::1"))), Prefix::of(Some(ip("2001:db8::ffff:1"))));
    assert_ne!(Prefix::of(Some(ip("2001:db8::1"))), Prefix::of(Some(ip("2001:db8:0:1::1"))));
    assert_eq!(Prefix::of(Some(ip("::ffff:192.0.2.1"))), Prefix::of(Some(ip("192.0.2.1"))));
    assert_ne!(Prefix::of(Some(ip("192.0.2.1"))), Prefix::of(Some(ip("192.0.2.2"))));
}

#[test]
fn zero_means_unlimited() {
    let unlimited = Limits { token_requests_per_second: 0, ..limits() };
    let rate = RateLimits::new(&unlimited, Arc::new(FixedClock::at(OffsetDateTime::UNIX_EPOCH + Duration::days(20_000))));
    for _ in 0..10_000 {
        rate.token_request(ClientKey(Uuid::from_u128(1)), None).expect("unlimited");
    }
    rate.retain_recent();
}
