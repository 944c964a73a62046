//! What a refresh token deserves when the guarded UPDATE of `db::authorizations::rotate` has said no (or was not tried).
//!
//! The checks, in order:
//!
//! | check | outcome |
//! |---|---|
//! | it belongs to another client | refuse; nothing ends (I5) |
//! | the family has ended | refuse (R23) |
//! | the row never had a refresh token | refuse |
//! | an older generation than the living one, and not its predecessor inside the retry window | replay: end the family, refuse (I2) |
//! | app, org, user or membership not in force | refuse (I10) |
//! | the app may no longer refresh | refuse (I11) |
//! | a limit is reached | refuse (I8) |
//! | more scope than was approved, or than the app may still have | `invalid_scope`; the token stays good (I6) |
//! | the predecessor inside the retry window | retry: the same successor again (I3) |
//! | a newer generation than the row knows (an older backup was restored) | fast-forward |
//! | the living one | rotate, or keep where rotation is off (R20) |

use time::{Duration, OffsetDateTime};

use crate::model::authorization::{Authorization, AuthorizationFacts, LiveAuthorization};
use crate::model::client::RefreshPolicy;
use crate::model::ids::ClientKey;
use crate::model::refusal::Refusal;
use crate::model::scope::ScopeSet;
use crate::protocol::explain::redact::instant;
use crate::protocol::token::lifetimes::{Ends, is_use_worth_a_write};
use crate::protocol::token::{bad_standing, ended, invalid_grant, scope};

/// A genuine refresh token as an authenticated client presented it.
#[derive(Debug, Clone, Copy)]
pub struct Presented<'a> {
    /// By whom.
    pub client: ClientKey,
    /// Its number in the family.
    pub generation: i32,
    /// The scope asked for, if any.
    pub scope: Option<&'a ScopeSet>,
    /// What the client may have now.
    pub allowed: &'a ScopeSet,
    /// Whether the database's answer to an earlier attempt of this request was lost.
    pub repeated: bool,
    /// When.
    pub now: OffsetDateTime,
}

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Every check passes: rotate it.
    Rotate,
    /// Rotation is off: the same token again; `write` says whether this use is worth recording.
    Keep {
        /// Record the use and move the idle limit.
        write: bool,
    },
    /// Answer with the successor it already has, by its number.
    Retry {
        /// The living generation.
        successor: i32,
    },
    /// End the family, commit, then refuse.
    Replay(Refusal),
    /// Move the row on to the presented generation, then rotate.
    FastForward,
    /// Refuse and change nothing.
    Refuse(Refusal),
}

/// Names what `presented` deserves.
pub fn decide(facts: &AuthorizationFacts, presented: &Presented<'_>) -> Decision {
    let (row, policy) = (&facts.authorization, &facts.policy);
    if row.client != presented.client {
        return Decision::Refuse(
            invalid_grant("the refresh token belongs to another app").with("a token of this app", "a token of another app"),
        );
    }
    if row.end.is_some() {
        return Decision::Refuse(ended(row));
    }
    if !row.offline || presented.generation < 1 {
        return Decision::Refuse(invalid_grant("the authorization has no refresh token"));
    }
    let is_older = presented.generation < row.generation;
    if is_older && !may_retry(row, policy, presented) {
        return Decision::Replay(used_before(row, policy, presented));
    }
    if let Some(cause) = bad_standing(facts.standing) {
        return Decision::Refuse(invalid_grant(cause));
    }
    if !policy.enabled {
        return Decision::Refuse(invalid_grant("the app no longer gets refresh tokens"));
    }
    if Ends::of(row, policy).are_reached(presented.now) {
        return Decision::Refuse(expired(row, policy, presented.now));
    }
    if let Some(refusal) = presented.scope.and_then(|asked| scope::check_narrower(asked, &row.scopes, presented.allowed).err()) {
        return Decision::Refuse(refusal);
    }
    if is_older {
        Decision::Retry { successor: row.generation }
    } else if presented.generation > row.generation {
        Decision::FastForward
    } else if policy.rotation {
        Decision::Rotate
    } else {
        Decision::Keep { write: is_use_worth_a_write(row, policy, presented.now) }
    }
}

/// Which token of the family came, and which is the living one.
fn used_before(row: &Authorization, policy: &RefreshPolicy, presented: &Presented<'_>) -> Refusal {
    let window = match policy.retry_window {
        0 => String::new(),
        seconds => format!(", or the one before within {seconds} seconds"),
    };
    let replaced = row.rotated_at.filter(|_| row.generation - 1 == presented.generation);
    let when = replaced.map(|at| format!(", which was replaced at {}", instant(at))).unwrap_or_default();
    invalid_grant("the refresh token was used before; the whole family is revoked")
        .with(format!("token {} of its family{window}", row.generation), format!("token {}{when}", presented.generation))
}

/// Which limit was reached.
fn expired(row: &Authorization, policy: &RefreshPolicy, now: OffsetDateTime) -> Refusal {
    let ends = Ends::of(row, policy);
    let told = |name: &str, end: Option<OffsetDateTime>| end.map(|end| format!("before {} ({name})", instant(end)));
    let limits: Vec<String> = [told("absolute limit", ends.absolute), told("idle limit", ends.idle)].into_iter().flatten().collect();
    invalid_grant("the refresh token has expired").with(limits.join(", "), format!("it came at {}", instant(now)))
}

/// Whether an older token is the living one's predecessor, used again so soon that a lost answer explains it.
fn may_retry(row: &Authorization, policy: &RefreshPolicy, presented: &Presented<'_>) -> bool {
    let Some(rotated_at) = row.rotated_at.filter(|_| row.generation - 1 == presented.generation) else { return false };
    let window = Duration::seconds(policy.retry_window.into());
    let in_window = policy.retry_window > 0 && presented.now - rotated_at <= window;
    // Only this request itself can have rotated at its own instant and not know it.
    in_window || (presented.repeated && rotated_at == presented.now)
}

/// The row as it is, for an answer that changes nothing.
pub fn unchanged(facts: &AuthorizationFacts) -> LiveAuthorization {
    let row = &facts.authorization;
    let ends = Ends::of(row, &facts.policy);
    LiveAuthorization {
        id: row.id,
        org: row.org,
        user: row.user,
        generation: row.generation,
        offline: row.offline,
        scopes: row.scopes.clone(),
        api: row.api.clone(),
        auth_time: row.auth_time,
        absolute_expires_at: ends.absolute,
        idle_expires_at: ends.idle,
    }
}
