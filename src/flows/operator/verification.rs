//! The operator's mark on an app: people see on the consent page that somebody besides its own org has looked at it.
//!
//! No door of the web leads here: an org cannot vouch for itself in the operator's name. A change of what was looked at takes the
//! mark away (`flows::clients::update`).

use serde_json::json;
use time::OffsetDateTime;

use crate::db::clients;
use crate::flows::operator::Error;
use crate::flows::{Deps, audit};
use crate::model::audit::{AuditEvent, Origin};
use crate::model::client::ClientRecord;

/// Marks an app as verified (`true`) or takes the mark away. Says how the app is, and whether that changed anything.
pub async fn set_app_verified(deps: &Deps, client_id: &str, verified: bool, now: OffsetDateTime) -> Result<(ClientRecord, bool), Error> {
    let no_such_app = || Error::NoSuchApp(client_id.to_owned());
    let mut transaction = deps.db.begin().await?;
    let found = clients::find_record_by_client_id(&mut transaction, client_id).await?.ok_or_else(no_such_app)?;
    // Locked, so that what is told to have been verified is what was.
    let locked = clients::lock_record_in_org(&mut transaction, found.client.org, client_id).await?;
    let record = locked.filter(|record| record.client.deleted_at.is_none()).ok_or_else(no_such_app)?;
    if !clients::set_verified(&mut transaction, record.client.key, verified.then_some(now), now).await? {
        return Ok((record, false));
    }
    let event = AuditEvent {
        org: Some(record.client.org),
        origin: Origin::operator(),
        action: if verified { "client.verify" } else { "client.unverify" },
        target_kind: "client",
        target_id: Some(record.client.client_id.clone()),
        detail: json!({ "name": record.client.profile.name }),
    };
    audit::record(deps, &mut transaction, event, now).await?;
    deps.clients.changed(&mut transaction, client_id).await?;
    let outcome = transaction.commit().await;
    deps.clients.forget(client_id);
    outcome?;
    Ok((record, true))
}
