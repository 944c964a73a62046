//! Moving an app from keys to secrets or back, without a pause (R36-R46). Everything here is asked with the record that a
//! request sees, so it holds over all processes; a brown-out and the deadlines end or begin by the clock alone.
//!
//! | state | allowed | refused |
//! |---|---|---|
//! | none | start | |
//! | running | tokens by either credential, brown-out, cancel, complete | other scopes, secrets added or deleted; keys too, when a key is the new credential |
//! | completed | everything with the new kind | the old kind, for good; another migration |
//!
//! Before a start ([`check_may_start`]): no migration stands in the way, there is an old credential, deadline A has not passed
//! for a new key. Before completing ([`check_may_complete`]): both [`checks`] pass, or an override says that they need not.

use time::OffsetDateTime;

use crate::model::client::ClientRecord;
use crate::model::credential::Credential;
use crate::model::jwt_deadlines::JwtDeadlines;
use crate::model::migration::{Change, Checks, Direction, Migration, MigrationState, Obstacle, Proof, QUIET};
use crate::model::refusal::Refusal;
use crate::wire::ErrorCode;

/// Whether a migration in this direction may begin.
pub fn check_may_start(record: &ClientRecord, direction: Direction, deadlines: &JwtDeadlines, now: OffsetDateTime) -> Result<(), Obstacle> {
    match &record.migration {
        Some(migration) if migration.is_running() => return Err(Obstacle::Running(None)),
        Some(migration) => return Err(Obstacle::Completed(migration.direction)),
        None => {}
    }
    if !has_proof(record, direction.old()) {
        return Err(Obstacle::NothingToMigrate(direction));
    }
    if direction.successor() == Proof::Key { check_may_add_key(record, deadlines, now) } else { Ok(()) }
}

/// The migration, if it runs.
pub fn check_is_running(record: &ClientRecord) -> Result<&Migration, Obstacle> {
    match &record.migration {
        Some(migration) if migration.is_running() => Ok(migration),
        Some(migration) => Err(Obstacle::Completed(migration.direction)),
        None => Err(Obstacle::NotRunning),
    }
}

/// The two questions of the review (R41), from the last tokens of the credentials.
pub fn checks(record: &ClientRecord, migration: &Migration, now: OffsetDateTime) -> Checks {
    let last_token = |credential: &Credential| credential.last_use.and_then(|last| last.token_at);
    let is_new = |credential: &&Credential| credential.id == migration.new_credential;
    let new = record.credentials.iter().find(is_new).and_then(last_token);
    let old = old_credentials(record, migration).filter_map(last_token).max().max(unseen_use(record, migration, new));
    Checks {
        new_last_token_at: new,
        old_last_token_at: old,
        new_is_ahead: new.is_some() && new > old,
        old_is_quiet: old.is_none_or(|at| now - at >= QUIET),
    }
}

/// Keys at a `jwks_uri` are no rows and have no last use of their own. What the app got later than with the new credential was
/// got with one of them; short of that they count as used when the migration began.
fn unseen_use(record: &ClientRecord, migration: &Migration, new: Option<OffsetDateTime>) -> Option<OffsetDateTime> {
    if migration.direction.old() != Proof::Key || record.client.profile.jwks_uri.is_none() {
        return None;
    }
    record.client.last_used_at.filter(|at| Some(*at) > new).or(Some(migration.started_at))
}

/// Whether completing may go on.
pub const fn check_may_complete(checks: Checks, overridden: bool) -> Result<(), Obstacle> {
    if checks.pass() || overridden { Ok(()) } else { Err(Obstacle::ChecksNotPassed(checks)) }
}

/// The credentials that the migration leaves behind.
pub fn old_credentials<'r>(record: &'r ClientRecord, migration: &'r Migration) -> impl Iterator<Item = &'r Credential> {
    let old = migration.direction.old();
    record.credentials.iter().filter(move |credential| Proof::of(credential) == old && credential.id != migration.new_credential)
}

/// Whether the client may use proof of this kind at all: not after it has migrated away from it, not during a brown-out of
/// the old kind, and keys not after deadline C. For whoever has shown a good credential; nobody else learns of it.
pub fn check_may_use(record: &ClientRecord, proof: Proof, deadlines: &JwtDeadlines, now: OffsetDateTime) -> Result<(), Refusal> {
    if let Some(migration) = record.migration.as_ref().filter(|migration| migration.direction.old() == proof) {
        if migration.state == MigrationState::Completed {
            return Err(match proof {
                Proof::Key => refused("This app has migrated from keys to a client secret; its keys are no longer accepted."),
                Proof::Secret => refused("This app has migrated from client secrets to a key; its secrets are no longer accepted."),
            });
        }
        if migration.brown_out(now).is_some() {
            return Err(match proof {
                Proof::Key => refused(
                    "Brown-out: this app is migrating to a client secret and its keys are refused on trial for a few minutes; use the secret.",
                ),
                Proof::Secret => refused(
                    "Brown-out: this app is migrating to a key and its old secrets are refused on trial for a few minutes; use the key.",
                ),
            });
        }
    }
    if proof == Proof::Key && deadlines.forbid_use(now) {
        return Err(refused("This server no longer accepts keys and assertions; the app has to use a client secret."));
    }
    Ok(())
}

/// Whether something about the app may be changed beside its migration (R38), or after it.
pub fn check_may_change(record: &ClientRecord, change: Change) -> Result<(), Obstacle> {
    let Some(migration) = &record.migration else { return Ok(()) };
    match (migration.state, change) {
        (MigrationState::Running, Change::Scopes | Change::Secrets) => Err(Obstacle::Running(Some(change))),
        (MigrationState::Running, Change::Keys) if migration.direction.successor() == Proof::Key => Err(Obstacle::Running(Some(change))),
        (MigrationState::Completed, Change::Keys) if migration.direction.old() == Proof::Key => {
            Err(Obstacle::Completed(migration.direction))
        }
        (MigrationState::Completed, Change::Secrets) if migration.direction.old() == Proof::Secret => {
            Err(Obstacle::Completed(migration.direction))
        }
        _ => Ok(()),
    }
}

/// Whether a key may be added as far as the operator's deadlines go: after A no first one, after B none at all (R46).
pub fn check_may_add_key(record: &ClientRecord, deadlines: &JwtDeadlines, now: OffsetDateTime) -> Result<(), Obstacle> {
    let closed = if has_proof(record, Proof::Key) { deadlines.forbid_renewal(now) } else { deadlines.forbid_new_apps(now) };
    if closed { Err(Obstacle::DeadlinePassed) } else { Ok(()) }
}

/// Since when what a token was got with is deprecated (RFC 9745), and when it ends (RFC 8594): for the old kind while the
/// app migrates, and for keys when the operator set a deadline.
pub fn deprecation(record: &ClientRecord, proof: Proof, deadlines: &JwtDeadlines) -> Option<(OffsetDateTime, Option<OffsetDateTime>)> {
    let by_operator = if proof == Proof::Key { deadlines.earliest() } else { None };
    let by_app = record.migration.as_ref().filter(|own| own.is_running() && own.direction.old() == proof).map(|own| own.started_at);
    let since = [by_operator, by_app].into_iter().flatten().min()?;
    Some((since, if proof == Proof::Key { deadlines.disabled } else { None }))
}

/// Whether the app has proof of this kind that was not revoked; perhaps it has expired.
pub fn has_proof(record: &ClientRecord, proof: Proof) -> bool {
    let revoked = |credential: &Credential| credential.key().is_some_and(|key| key.revoked_at.is_some());
    let has = record.credentials.iter().any(|credential| Proof::of(credential) == proof && !revoked(credential));
    has || (proof == Proof::Key && record.client.profile.jwks_uri.is_some())
}

const fn refused(description: &'static str) -> Refusal {
    Refusal::new(ErrorCode::InvalidClient, description)
}

#[cfg(test)]
pub(crate) mod tests;
