//! How long things live (R21, R22, I7, I9).
//!
//! - The absolute limit counts from redemption and never moves.
//! - The idle limit counts from the last use and never passes the absolute one.
//! - When the app's limits change, a living authorization keeps the earlier of old and new.
//! - An access token never outlives the absolute limit.
//! - At the instant of a limit the thing has ended.
//!
//! `db::authorizations` says the same in SQL; a property test holds both equal.

use time::{Duration, OffsetDateTime};

use crate::model::authorization::{Authorization, AuthorizationFacts, LiveAuthorization};
use crate::model::client::RefreshPolicy;

/// From this many seconds on, a thousand years, a lifetime is no limit.
const FOREVER: i64 = 31_536_000_000;
/// The idle span whose hundredth paces the writes of an authorization that has no limit at all: 30 days.
const UNLIMITED_PACE: Duration = Duration::days(30);

/// The limits in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// In any case; `None` = no expiration.
    pub absolute: Option<OffsetDateTime>,
    /// Without another use, never later than `absolute`; `None` = no expiration.
    pub idle: Option<OffsetDateTime>,
}

impl Ends {
    /// The limits of `authorization` under the app's present `policy`.
    pub fn of(authorization: &Authorization, policy: &RefreshPolicy) -> Self {
        if !authorization.offline {
            // Nothing to refresh: it lives as long as its one access token.
            return Self { absolute: authorization.absolute_expires_at, idle: authorization.idle_expires_at };
        }
        let counted = |from: Option<OffsetDateTime>, seconds: Option<i64>| from.and_then(|from| seconds_after(from, seconds?));
        let absolute = earlier(authorization.absolute_expires_at, counted(authorization.redeemed_at, policy.absolute_lifetime));
        let idle = earlier(authorization.idle_expires_at, counted(authorization.last_used_at, policy.idle_lifetime));
        Self { absolute, idle: earlier(idle, absolute) }
    }

    /// The limits that a use at `now` leaves behind.
    pub fn after_use(authorization: &Authorization, policy: &RefreshPolicy, now: OffsetDateTime) -> Self {
        let absolute = Self::of(authorization, policy).absolute;
        let own = idle_span(authorization).and_then(|span| now.checked_add(span));
        let given = policy.idle_lifetime.and_then(|seconds| seconds_after(now, seconds));
        Self { absolute, idle: earlier(earlier(own, given), absolute) }
    }

    /// Whether a limit has been reached at `now`.
    pub fn are_reached(&self, now: OffsetDateTime) -> bool {
        earlier(self.absolute, self.idle).is_some_and(|end| now >= end)
    }
}

/// Whether access tokens of this authorization are good at `now`: redeemed, not ended, within its absolute limit, all parties in
/// good standing. The idle limit is the refresh token's alone; an access token has its own `exp`.
pub fn is_live(facts: &AuthorizationFacts, now: OffsetDateTime) -> bool {
    let authorization = &facts.authorization;
    let absolute = Ends::of(authorization, &facts.policy).absolute;
    authorization.generation > 0 && authorization.end.is_none() && facts.standing.is_good() && absolute.is_none_or(|end| now < end)
}

/// Whether its newest refresh token is good at `now`.
pub fn is_refreshable(facts: &AuthorizationFacts, now: OffsetDateTime) -> bool {
    let AuthorizationFacts { authorization, policy, .. } = facts;
    is_live(facts, now) && authorization.offline && policy.enabled && !Ends::of(authorization, policy).are_reached(now)
}

/// Whether a use at `now` is worth a write when the token stays the same: once per hundredth of the idle span.
pub fn is_use_worth_a_write(authorization: &Authorization, policy: &RefreshPolicy, now: OffsetDateTime) -> bool {
    let given = policy.idle_lifetime.filter(|seconds| *seconds < FOREVER).map(Duration::seconds);
    let span = [idle_span(authorization), given].into_iter().flatten().min().unwrap_or(UNLIMITED_PACE);
    authorization.last_used_at.is_none_or(|last| now - last >= span / 100)
}

/// The times of an access token in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessTokenTimes {
    /// `iat`
    pub issued_at: i64,
    /// `exp`
    pub expires_at: i64,
    /// `expires_in`; never 0, which clients read as "no limit" or "never valid".
    pub expires_in: i64,
}

impl AccessTokenTimes {
    /// For a token issued `now` that lives `lifetime` seconds, or less if `end` comes first.
    pub fn new(now: OffsetDateTime, lifetime: i32, end: Option<OffsetDateTime>) -> Self {
        let issued_at = now.unix_timestamp();
        let expires_at = issued_at + i64::from(lifetime);
        let expires_at = end.map_or(expires_at, |end| expires_at.min(end.unix_timestamp()));
        Self { issued_at, expires_at, expires_in: (expires_at - issued_at).max(1) }
    }
}

/// `refresh_token_expires_in`: whole seconds left until the refresh token ends (R79, R80).
pub fn seconds_left(live: &LiveAuthorization, now: OffsetDateTime) -> Option<i64> {
    earlier(live.absolute_expires_at, live.idle_expires_at).map(|end| (end - now).whole_seconds().max(0))
}

/// How long it may lie unused, as it was when last used.
fn idle_span(authorization: &Authorization) -> Option<Duration> {
    Some(authorization.idle_expires_at? - authorization.last_used_at?)
}

fn seconds_after(from: OffsetDateTime, seconds: i64) -> Option<OffsetDateTime> {
    (seconds < FOREVER).then(|| from.checked_add(Duration::seconds(seconds))).flatten()
}

/// The earlier of two limits, either of which may be missing.
fn earlier(one: Option<OffsetDateTime>, other: Option<OffsetDateTime>) -> Option<OffsetDateTime> {
    [one, other].into_iter().flatten().min()
}
