//! Moving an app to the other kind of credential while both work (R36-R46): start, look, try without the old one, cancel or
//! complete. The app's row is locked for each step and the step itself is a guarded statement, so of several at one time, on
//! whatever servers, exactly one wins.

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::db::migrations_of_clients::{self, End};
use crate::db::{Connection, clients, credentials};
use crate::flows::Deps;
use crate::flows::client_auth::AuthenticatedClient;
use crate::flows::clients::{Error, find, finish, finish_revoking, reach, record};
use crate::flows::orgs::OrgAccess;
use crate::model::client::ClientRecord;
use crate::model::ids::{CredentialId, MigrationId};
use crate::model::migration::{ActsAs, Checks, Direction, Migration, MigrationState, Obstacle, Proof};
use crate::protocol::migration::{self, check_is_running, check_may_complete, check_may_start};
use crate::protocol::quota::is_last_credential;
use crate::secret::Secret;

mod new_credential;

pub use new_credential::Wish;

/// A migration that began.
#[derive(Debug)]
pub struct Started {
    /// The app with both credentials.
    pub review: Review,
    /// The new one.
    pub credential: CredentialId,
    /// Its value if it is a secret, told this once.
    pub client_secret: Option<Secret<String>>,
}

/// An app with what is to be known before its migration starts or ends.
#[derive(Debug)]
pub struct Review {
    /// The app.
    pub record: ClientRecord,
    /// The two checks, while a migration runs.
    pub checks: Option<Checks>,
    /// In which directions one could start now, and whom the new credential could act as.
    pub possible: Vec<(Direction, Vec<ActsAs>)>,
}

/// What a token was got with is on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deprecated {
    /// Since when, or from when on (RFC 9745).
    pub since: OffsetDateTime,
    /// When it ends, if that is known (RFC 8594).
    pub sunset: Option<OffsetDateTime>,
}

/// The migration as it stands, with last uses up to this moment at this server, and up to a few seconds ago at the others.
pub async fn review(deps: &Deps, access: &OrgAccess, client_id: &str, now: OffsetDateTime) -> Result<Review, Error> {
    access.check_reads_app(client_id)?;
    write_last_uses(deps).await;
    let record = find(deps, access, client_id).await?;
    Ok(look(deps, record, now))
}

/// Starts: a new credential beside the old ones, for the same client id, subject and scopes (R36).
pub async fn start(deps: &Deps, access: &OrgAccess, client_id: &str, wish: Wish, now: OffsetDateTime) -> Result<Started, Error> {
    check_rights(access, client_id)?;
    let direction = wish.direction();
    let (mut transaction, old) = reach::begin(deps, access, client_id).await?;
    check_may_start(&old, direction, &deps.policy.jwt_deadlines, now)?;
    let made = new_credential::add(deps, &mut transaction, access, &old, wish, now).await?;
    let migration = Migration {
        id: MigrationId(deps.entropy.uuid(now)),
        direction,
        state: MigrationState::Running,
        new_credential: made.id,
        started_at: now,
        finished_at: None,
        brown_out_until: None,
    };
    if !migrations_of_clients::insert(&mut transaction, old.client.org, old.client.key, &migration).await? {
        return Err(Obstacle::Running(None).into());
    }
    let change = ("migration.start", "none", "running");
    tell(deps, &mut transaction, access, &old, &migration, change, json!({ "new_credential": made.id }), now).await?;
    let record = finish(deps, transaction, &old.client).await?;
    Ok(Started { review: look(deps, record, now), credential: made.id, client_secret: made.client_secret })
}

/// Cancels: the new credential is deleted at once, the old ones stay as they were (R39). Not when it is the only one that still
/// works, since the old ones were revoked or expired meanwhile: the app would be cut off.
pub async fn cancel(deps: &Deps, access: &OrgAccess, client_id: &str, now: OffsetDateTime) -> Result<ClientRecord, Error> {
    check_rights(access, client_id)?;
    let (mut transaction, old) = reach::begin(deps, access, client_id).await?;
    let migration = check_is_running(&old)?;
    if is_last_credential(&old, migration.new_credential, now) {
        return Err(Error::LastCredential);
    }
    if !migrations_of_clients::finish(&mut transaction, migration.id, End::Cancelled, now).await? {
        return Err(Obstacle::NotRunning.into());
    }
    credentials::delete(&mut transaction, old.client.key, migration.new_credential, now, false).await?;
    let change = ("migration.cancel", "running", "none");
    tell(deps, &mut transaction, access, &old, migration, change, json!({}), now).await?;
    finish_revoking(deps, transaction, &old.client).await
}

/// Completes: every old credential is gone for good. The app's name must be typed, and the checks pass or be overridden (R42).
pub async fn complete(
    deps: &Deps,
    access: &OrgAccess,
    client_id: &str,
    (confirm_name, overridden): (&str, bool),
    now: OffsetDateTime,
) -> Result<Review, Error> {
    check_rights(access, client_id)?;
    write_last_uses(deps).await;
    let (mut transaction, old) = reach::begin(deps, access, client_id).await?;
    let migration = check_is_running(&old)?;
    if confirm_name.trim() != old.client.profile.name {
        return Err(Error::NameMismatch);
    }
    let checks = migration::checks(&old, migration, deps.policy.last_use_interval, now);
    check_may_complete(checks, overridden)?;
    if !migrations_of_clients::finish(&mut transaction, migration.id, End::Completed, now).await? {
        return Err(Obstacle::NotRunning.into());
    }
    let deleted = delete_old(&mut transaction, &old, migration, now).await?;
    let detail = json!({ "deleted_credentials": deleted, "checks_passed": checks.pass(), "override": overridden });
    tell(deps, &mut transaction, access, &old, migration, ("migration.complete", "running", "completed"), detail, now).await?;
    let record = finish_revoking(deps, transaction, &old.client).await?;
    Ok(look(deps, record, now))
}

/// Begins or ends a brown-out: the old credentials are refused for a few minutes, to find out who still uses them. It ends by
/// itself, and at once when it is ended.
pub async fn set_brown_out(deps: &Deps, access: &OrgAccess, client_id: &str, on: bool, now: OffsetDateTime) -> Result<Review, Error> {
    check_rights(access, client_id)?;
    let (mut transaction, old) = reach::begin(deps, access, client_id).await?;
    let migration = check_is_running(&old)?;
    if !on && migration.brown_out(now).is_none() {
        return Ok(look(deps, old, now));
    }
    let until = on.then_some(now + deps.policy.lifetimes.brown_out);
    if !migrations_of_clients::set_brown_out(&mut transaction, migration.id, until).await? {
        return Err(Obstacle::NotRunning.into());
    }
    let action = if on { "migration.brown_out" } else { "migration.brown_out_end" };
    let detail = json!({ "until": until.map(OffsetDateTime::unix_timestamp) });
    tell(deps, &mut transaction, access, &old, migration, (action, "running", "running"), detail, now).await?;
    let record = finish(deps, transaction, &old.client).await?;
    Ok(look(deps, record, now))
}

/// What to tell a client that got a token with what it showed; `None` when that is here to stay.
pub fn deprecation(deps: &Deps, client: &AuthenticatedClient) -> Option<Deprecated> {
    let (since, sunset) = migration::deprecation(&client.record, client.shown()?, &deps.policy.jwt_deadlines)?;
    Some(Deprecated { since, sunset })
}

/// Whoever manages the app and its credentials; an app that only rotates its own secrets does not migrate itself.
fn check_rights(access: &OrgAccess, client_id: &str) -> Result<(), Error> {
    access.check_manages_apps()?;
    access.check_manages_secrets(client_id)
}

fn look(deps: &Deps, record: ClientRecord, now: OffsetDateTime) -> Review {
    let running = record.migration.as_ref().filter(|own| own.is_running());
    let checks = running.map(|own| migration::checks(&record, own, deps.policy.last_use_interval, now));
    let possible = |direction: &Direction| check_may_start(&record, *direction, &deps.policy.jwt_deadlines, now).is_ok();
    let with_subjects = |direction| (direction, migration::subjects(&record, direction, now));
    let possible = Direction::ALL.into_iter().filter(possible).map(with_subjects).collect();
    Review { record, checks, possible }
}

/// The checks look at last uses, which wait in memory for a few seconds. Trouble with writing them shows at the next step.
async fn write_last_uses(deps: &Deps) {
    if let Err(error) = deps.last_use.flush(&deps.db).await {
        tracing::warn!(%error, "last uses could not be written before a migration was looked at");
    }
}

async fn delete_old(connection: &mut Connection, old: &ClientRecord, migration: &Migration, now: OffsetDateTime) -> Result<u64, Error> {
    let proof = migration.direction.old();
    if proof == Proof::Key && old.client.profile.jwks_uri.is_some() {
        clients::clear_jwks_uri(connection, old.client.key, now).await?;
    }
    Ok(credentials::delete_all_of_kind(connection, old.client.key, proof, now).await?)
}

/// The audit entry of a step: who, when and from where stand in every entry; here from what to what (R45).
async fn tell(
    deps: &Deps,
    connection: &mut Connection,
    access: &OrgAccess,
    old: &ClientRecord,
    migration: &Migration,
    (action, from, to): (&'static str, &str, &str),
    mut detail: Value,
    now: OffsetDateTime,
) -> Result<(), Error> {
    detail["direction"] = json!(migration.direction.as_str());
    detail["from"] = json!(from);
    detail["to"] = json!(to);
    record(deps, connection, access, (action, &old.client), detail, now).await
}
