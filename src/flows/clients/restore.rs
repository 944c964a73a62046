//! Bringing a deleted app back, with its secrets and without its authorizations.

use serde_json::json;
use time::OffsetDateTime;

use crate::db::clients;
use crate::flows::Deps;
use crate::flows::clients::register::{explain, is_app_limit, limit_reached};
use crate::flows::clients::{Error, finish, record};
use crate::flows::orgs::OrgAccess;
use crate::model::client::ClientRecord;

/// Restores an app that was deleted not too long ago, if a slot is free.
pub async fn restore(deps: &Deps, access: &OrgAccess, client_id: &str, now: OffsetDateTime) -> Result<ClientRecord, Error> {
    access.check_manages_apps()?;
    let mut transaction = deps.db.begin().await?;
    let found = clients::lock_record_in_org(&mut transaction, access.org.id, client_id).await?;
    let client = found.filter(|record| record.client.deleted_at.is_some()).ok_or(Error::NotFound)?.client;
    let since = now - deps.policy.lifetimes.restore_app;
    match clients::restore(&mut transaction, client.key, since, now).await {
        Ok(true) => {}
        Ok(false) => return Err(Error::NotFound),
        Err(refused) if is_app_limit(&refused) => return Err(explain(deps, access, transaction, limit_reached(access)).await?),
        Err(trouble) => return Err(trouble.into()),
    }
    record(deps, &mut transaction, access, ("client.restore", &client), json!({}), now).await?;
    finish(deps, transaction, &client).await
}
