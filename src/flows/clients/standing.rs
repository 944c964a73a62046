//! Switching an app off and on again; nothing of it is lost.

use serde_json::json;
use time::OffsetDateTime;

use crate::db::clients;
use crate::flows::Deps;
use crate::flows::clients::{Error, finish_revoking, lock_changeable, record};
use crate::flows::orgs::OrgAccess;
use crate::model::client::ClientRecord;

/// Switches the app off: it gets no tokens, and those it has do not work until it is switched on.
pub async fn disable(deps: &Deps, access: &OrgAccess, client_id: &str, now: OffsetDateTime) -> Result<ClientRecord, Error> {
    switch(deps, access, client_id, Some(now), now).await
}

/// Switches the app on.
pub async fn enable(deps: &Deps, access: &OrgAccess, client_id: &str, now: OffsetDateTime) -> Result<ClientRecord, Error> {
    switch(deps, access, client_id, None, now).await
}

async fn switch(
    deps: &Deps,
    access: &OrgAccess,
    client_id: &str,
    disabled_at: Option<OffsetDateTime>,
    now: OffsetDateTime,
) -> Result<ClientRecord, Error> {
    access.check_manages_apps()?;
    let mut transaction = deps.db.begin().await?;
    let old = lock_changeable(&mut transaction, access, client_id).await?;
    if !clients::set_disabled(&mut transaction, old.client.key, disabled_at, now).await? {
        return Ok(old);
    }
    let action = if disabled_at.is_some() { "client.disable" } else { "client.enable" };
    record(deps, &mut transaction, access, (action, &old.client), json!({}), now).await?;
    finish_revoking(deps, transaction, &old.client).await
}
