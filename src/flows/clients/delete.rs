//! Deleting an app: its slot is free, its authorizations end, in one transaction (M10, R29).

use serde_json::json;
use time::OffsetDateTime;

use crate::db::{authorizations, clients};
use crate::flows::Deps;
use crate::flows::clients::{Error, commit_revoking, find, lock_changeable, record};
use crate::flows::orgs::OrgAccess;
use crate::model::authorization::EndCause;

/// What deleting an app ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Impact {
    /// Living authorizations.
    pub authorizations: u64,
    /// The people they belong to.
    pub users: u64,
}

/// What deleting the app would end, for those who ask first.
pub async fn impact(deps: &Deps, access: &OrgAccess, client_id: &str, now: OffsetDateTime) -> Result<Impact, Error> {
    let key = find(deps, access, client_id).await?.client.key;
    let counted =
        deps.db.statement(|mut connection| async move { authorizations::count_live_by_client(&mut connection, key, now).await }).await?;
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    Ok(Impact { authorizations: count(counted.0), users: count(counted.1) })
}

/// Deletes the app. With `confirm_name` its name must be typed exactly; with `expected` it must still have that version.
pub async fn delete(
    deps: &Deps,
    access: &OrgAccess,
    client_id: &str,
    confirm_name: Option<&str>,
    expected: Option<i32>,
    now: OffsetDateTime,
) -> Result<(), Error> {
    access.check_manages_apps()?;
    let mut transaction = deps.db.begin().await?;
    let client = lock_changeable(&mut transaction, access, client_id).await?.client;
    if expected.is_some_and(|version| version != client.version) {
        return Err(Error::VersionConflict { current: client.version });
    }
    if confirm_name.is_some_and(|typed| typed.trim() != client.profile.name) {
        return Err(Error::NameMismatch);
    }
    if !clients::delete(&mut transaction, client.key, now).await? {
        return Err(Error::NotFound);
    }
    let ended = authorizations::end_all_of_client(&mut transaction, client.key, EndCause::ClientDeleted, now).await?;
    let detail = json!({ "ended_authorizations": ended });
    record(deps, &mut transaction, access, ("client.delete", &client), detail, now).await?;
    commit_revoking(deps, transaction, client_id).await
}
