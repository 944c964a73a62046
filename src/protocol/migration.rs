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
//! for a new key; and the old credentials act as one subject, or the start names one of theirs ([`check_subject`]). Before completing ([`check_may_complete`]): both [`checks`] pass, or an override says that they need not.

use time::{Duration, OffsetDateTime};

use crate::model::client::ClientRecord;
use crate::model::credential::Credential;
use crate::model::jwt_deadlines::JwtDeadlines;
use crate::model::migration::{ActsAs, Change, Checks, Direction, Migration, MigrationState, Obstacle, Proof, QUIET, Shown};
use crate::model::public_key::{FetchedJwks, FetchedKey};
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

/// Whom the credentials act as that a migration in this direction leaves behind, each once. Those that work now say it; those
/// that do not, only where none does.
pub fn subjects(record: &ClientRecord, direction: Direction, now: OffsetDateTime) -> Vec<ActsAs> {
    let old = |own: &&Credential| direction.leaves(Shown::Credential(own)) && !is_revoked(own);
    let all: Vec<&Credential> = record.credentials.iter().filter(old).collect();
    let publishes = direction.old() == Proof::Key && record.client.profile.jwks_uri.is_some();
    let any_is_live = publishes || all.iter().any(|own| own.is_live(now));
    let counting = all.into_iter().filter(|own| !any_is_live || own.is_live(now)).map(ActsAs::of);
    let mut subjects = Vec::new();
    for subject in counting.chain(publishes.then_some(ActsAs::App)) {
        if !subjects.contains(&subject) {
            subjects.push(subject);
        }
    }
    subjects
}

/// Whom the new credential acts as, so that tokens stay the same whoever asks for them (R36, R37): the one subject of the old ones, or
/// that of theirs which the start names; `None` when they do not act as what it names.
pub fn check_subject(subjects: &[ActsAs], named: Option<ActsAs>) -> Result<Option<ActsAs>, Obstacle> {
    match (subjects, named) {
        (_, Some(named)) => Ok(subjects.contains(&named).then_some(named)),
        ([], None) => Ok(Some(ActsAs::App)),
        ([only], None) => Ok(Some(*only)),
        (_, None) => Err(Obstacle::SubjectsDiffer),
    }
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
///
/// What other servers saw is known here only `lag` later. So the old credentials count as quiet when they were for the whole of
/// [`QUIET`] as things stood `lag` ago: else whatever asks exactly once a day would be missed in the seconds after it asked elsewhere.
pub fn checks(record: &ClientRecord, migration: &Migration, lag: Duration, now: OffsetDateTime) -> Checks {
    let last_token = |credential: &Credential| credential.last_use.and_then(|last| last.token_at);
    let is_new = |credential: &&Credential| credential.id == migration.new_credential;
    let new = record.credentials.iter().find(is_new).and_then(last_token);
    let published = record.published_token_at.filter(|_| migration.leaves(Shown::PublishedKey) && record.client.profile.jwks_uri.is_some());
    let old = old_credentials(record, migration).filter_map(last_token).max().max(published);
    let quiet_from = old.map(|at| at + QUIET + lag);
    Checks {
        new_last_token_at: new,
        old_last_token_at: old,
        new_is_ahead: new.is_some() && new > old,
        old_is_quiet: quiet_from.is_none_or(|from| from <= now),
        quiet_from,
    }
}

/// Whether completing may go on.
pub const fn check_may_complete(checks: Checks, overridden: bool) -> Result<(), Obstacle> {
    if checks.pass() || overridden { Ok(()) } else { Err(Obstacle::ChecksNotPassed(checks)) }
}

/// The credentials that the migration leaves behind, which completing deletes.
pub fn old_credentials<'r>(record: &'r ClientRecord, migration: &'r Migration) -> impl Iterator<Item = &'r Credential> {
    record.credentials.iter().filter(|credential| migration.leaves(Shown::Credential(credential)))
}

/// Whether the client may use what it showed at all: not after it has migrated away from it, not during a brown-out of
/// the old credentials, and keys not after deadline C. For whoever has shown a good credential; nobody else learns of it.
pub fn check_may_use(record: &ClientRecord, shown: Shown<'_>, deadlines: &JwtDeadlines, now: OffsetDateTime) -> Result<(), Refusal> {
    if let Some(migration) = record.migration.as_ref().filter(|migration| migration.leaves(shown)) {
        let way = (migration.direction, shown.proof());
        if migration.state == MigrationState::Completed {
            return Err(refused(migrated(way)));
        }
        if migration.brown_out(now).is_some() {
            return Err(refused(browned_out(way)));
        }
    }
    if shown.proof() == Proof::Key && deadlines.forbid_use(now) {
        return Err(refused("This server no longer accepts keys and assertions; the app has to use a client secret."));
    }
    Ok(())
}

const fn migrated(way: (Direction, Proof)) -> &'static str {
    match way {
        (Direction::KeyToSecret, Proof::Key) => "This app has migrated from keys to a client secret; its keys are no longer accepted.",
        (Direction::KeyToSecret, Proof::Secret) => {
            "This app has migrated from keys to another client secret; the secrets that came with its keys are no longer accepted."
        }
        (Direction::SecretToKey, _) => "This app has migrated from client secrets to a key; its secrets are no longer accepted.",
    }
}

const fn browned_out(way: (Direction, Proof)) -> &'static str {
    match way {
        (Direction::KeyToSecret, Proof::Key) => {
            "Brown-out: this app is migrating to a client secret and its keys are refused on trial for a few minutes; use the secret."
        }
        (Direction::KeyToSecret, Proof::Secret) => {
            "Brown-out: this secret came with a key, and this app is migrating from its keys to a new secret: both are refused on trial for a few minutes; use the new one."
        }
        (Direction::SecretToKey, _) => {
            "Brown-out: this app is migrating to a key and its old secrets are refused on trial for a few minutes; use the key."
        }
    }
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

/// The keys of a published set that count: after deadline B those of the last reading alone (R46). A set that was never read may have
/// had its keys before, so its first reading counts whole.
pub fn without_renewals(
    old: Option<&FetchedJwks>,
    mut read: Vec<FetchedKey>,
    deadlines: &JwtDeadlines,
    now: OffsetDateTime,
) -> Vec<FetchedKey> {
    if let Some(old) = old.filter(|set| set.fetched_at.is_some() && deadlines.forbid_renewal(now)) {
        read.retain(|own| old.keys.iter().any(|known| known.key.thumbprint == own.key.thumbprint));
    }
    read
}

/// Since when what a token was got with is deprecated (RFC 9745), and when it ends (RFC 8594): for the old credentials while
/// the app migrates, and for keys when the operator set a deadline.
pub fn deprecation(record: &ClientRecord, shown: Shown<'_>, deadlines: &JwtDeadlines) -> Option<(OffsetDateTime, Option<OffsetDateTime>)> {
    let proof = shown.proof();
    let by_operator = if proof == Proof::Key { deadlines.earliest() } else { None };
    let by_app = record.migration.as_ref().filter(|own| own.is_running() && own.leaves(shown)).map(|own| own.started_at);
    let since = [by_operator, by_app].into_iter().flatten().min()?;
    Some((since, if proof == Proof::Key { deadlines.disabled } else { None }))
}

/// Whether the app has proof of this kind that was not revoked; perhaps it has expired.
pub fn has_proof(record: &ClientRecord, proof: Proof) -> bool {
    let has = record.credentials.iter().any(|credential| Proof::of(credential) == proof && !is_revoked(credential));
    has || (proof == Proof::Key && record.client.profile.jwks_uri.is_some())
}

fn is_revoked(credential: &Credential) -> bool {
    credential.key().is_some_and(|key| key.revoked_at.is_some())
}

const fn refused(description: &'static str) -> Refusal {
    Refusal::new(ErrorCode::InvalidClient, description)
}

#[cfg(test)]
pub(crate) mod tests;
