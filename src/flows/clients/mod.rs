//! Apps: registering, changing, deleting, restoring them, and their secrets. The pages and the management API are two doors
//! to these flows; who may do what is asked here, not at the doors.

use serde_json::json;
use time::OffsetDateTime;

use crate::db::{self, Connection, Transaction, clients};
use crate::flows::orgs::OrgAccess;
use crate::flows::{Deps, Unavailable, audit, revocation};
use crate::model::audit::AuditEvent;
use crate::model::client::{Client, ClientRecord};
use crate::model::field_error::FieldError;
use crate::model::migration::Obstacle;
use crate::model::org::AppUsage;
use crate::model::scope::ScopeSet;
use crate::protocol::client_metadata::ScopeRules;

pub mod authorizations;
pub mod delete;
pub mod idempotency;
pub mod keys;
pub mod list;
pub mod logo;
pub mod migrate;
pub(in crate::flows) mod reach;
pub mod register;
pub mod restore;
pub mod secrets;
pub mod standing;
pub mod update;

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing in this org; the same for what another org has (M4).
    #[error("not found")]
    NotFound,
    /// The org is one's own, but one's role or scopes do not reach so far.
    #[error("forbidden")]
    Forbidden {
        /// The scope that a token would have needed.
        scope: Option<&'static str>,
    },
    /// The app is Grantor's own and stays as it is.
    #[error("system apps cannot be changed")]
    SystemApp,
    /// Everything that is wrong with what was sent.
    #[error("{} fields are refused", .0.len())]
    Invalid(Vec<FieldError>),
    /// Every slot of the org is taken.
    #[error("{} of {} apps", .0.used, .0.limit)]
    AppLimitReached(AppUsage),
    /// The app has as many active secrets as it may have.
    #[error("an app has at most {limit} active secrets")]
    SecretLimitReached {
        /// The limit.
        limit: usize,
    },
    /// The app has as many keys as it may have.
    #[error("an app has at most {limit} keys")]
    KeyLimitReached {
        /// The limit.
        limit: usize,
    },
    /// Only a key that is revoked or expired may be deleted.
    #[error("the key still works")]
    KeyStillWorks,
    /// The org has as many technical accounts as it may have.
    #[error("an org has at most {limit} technical accounts")]
    TechnicalAccountLimitReached {
        /// The limit.
        limit: i64,
    },
    /// A technical account goes after its keys.
    #[error("the technical account still has keys")]
    TechnicalAccountHasKeys,
    /// Without this credential the app could not authenticate.
    #[error("the last credential stays")]
    LastCredential,
    /// The typed name is not the app's.
    #[error("the name does not match")]
    NameMismatch,
    /// A migration of its credentials stands in the way, or is not as far.
    #[error("{}", .0.reason())]
    Migration(Obstacle),
    /// Somebody changed the app since it was read.
    #[error("changed meanwhile, now version {current}")]
    VersionConflict {
        /// The version it has now.
        current: i32,
    },
    /// The same `Idempotency-Key` came with another request.
    #[error("the idempotency key was used for another request")]
    IdempotencyKeyReused,
    /// The first request with this `Idempotency-Key` still runs.
    #[error("a request with this idempotency key is in progress")]
    IdempotencyInProgress,
    /// Our own trouble.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<db::Error> for Error {
    fn from(error: db::Error) -> Self {
        Self::Unavailable(error.into())
    }
}

impl From<Obstacle> for Error {
    fn from(obstacle: Obstacle) -> Self {
        Self::Migration(obstacle)
    }
}

/// The living app of the org that the asker may see.
pub async fn find(deps: &Deps, access: &OrgAccess, client_id: &str) -> Result<ClientRecord, Error> {
    access.check_reads_app(client_id)?;
    let org = access.org.id;
    let found =
        deps.db.statement(|mut connection| async move { clients::find_record_in_org(&mut connection, org, client_id).await }).await?;
    found.filter(|record| record.client.deleted_at.is_none()).ok_or(Error::NotFound)
}

/// The living app, locked for a change.
async fn lock(connection: &mut Connection, access: &OrgAccess, client_id: &str) -> Result<ClientRecord, Error> {
    let found = clients::lock_record_in_org(connection, access.org.id, client_id).await?;
    found.filter(|record| record.client.deleted_at.is_none()).ok_or(Error::NotFound)
}

/// Like [`lock`], and not one of Grantor's own apps.
async fn lock_changeable(connection: &mut Connection, access: &OrgAccess, client_id: &str) -> Result<ClientRecord, Error> {
    let record = lock(connection, access, client_id).await?;
    if record.client.system { Err(Error::SystemApp) } else { Ok(record) }
}

/// The app as it stands within this transaction, after a change.
async fn reread(connection: &mut Connection, client: &Client) -> Result<ClientRecord, Error> {
    clients::find_record_by_key(connection, client.key).await?.ok_or(Error::NotFound)
}

/// Tells every server about the change with the commit, and this one after it, even if the commit's answer was lost.
async fn commit(deps: &Deps, mut transaction: Transaction, client_id: &str) -> Result<(), Error> {
    deps.clients.changed(&mut transaction, client_id).await?;
    let outcome = transaction.commit().await;
    deps.clients.forget(client_id);
    Ok(outcome?)
}

/// The same for a change with which tokens or authorizations end.
async fn commit_revoking(deps: &Deps, mut transaction: Transaction, client_id: &str) -> Result<(), Error> {
    deps.clients.changed(&mut transaction, client_id).await?;
    let outcome = revocation::commit(deps, transaction).await;
    deps.clients.forget(client_id);
    Ok(outcome?)
}

/// Commits a change and returns the app with it.
async fn finish(deps: &Deps, mut transaction: Transaction, client: &Client) -> Result<ClientRecord, Error> {
    let changed = reread(&mut transaction, client).await?;
    commit(deps, transaction, &client.client_id).await?;
    Ok(changed)
}

/// The same for a change with which tokens or authorizations end.
async fn finish_revoking(deps: &Deps, mut transaction: Transaction, client: &Client) -> Result<ClientRecord, Error> {
    let changed = reread(&mut transaction, client).await?;
    commit_revoking(deps, transaction, &client.client_id).await?;
    Ok(changed)
}

/// Writes the audit entry of a change of an app.
pub(in crate::flows) async fn record(
    deps: &Deps,
    connection: &mut Connection,
    access: &OrgAccess,
    (action, client): (&'static str, &Client),
    detail: serde_json::Value,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let mut detail = detail;
    if let Some(members) = detail.as_object_mut() {
        members.insert("name".to_owned(), json!(client.profile.name));
    }
    let event = AuditEvent {
        org: Some(access.org.id),
        origin: access.origin.clone(),
        action,
        target_kind: "client",
        target_id: Some(client.client_id.clone()),
        detail,
    };
    Ok(audit::record(deps, connection, event, now).await?)
}

/// Which scopes an app may get from this asker.
fn scope_rules(deps: &Deps, access: &OrgAccess, held: ScopeSet) -> ScopeRules {
    let management = management_scopes(deps);
    let grantable = access.grantable(&management);
    ScopeRules {
        known: deps.policy.all_scopes(),
        management,
        grantable,
        held,
        password_grant: deps.policy.password_grant,
        loopback_keys: deps.policy.keys.fetch_loopback,
    }
}

/// The scopes of the management API.
fn management_scopes(deps: &Deps) -> ScopeSet {
    let api = deps.policy.api(&deps.policy.management_api());
    api.into_iter().flat_map(|api| api.scopes.iter().map(|scope| scope.name.clone())).collect()
}
