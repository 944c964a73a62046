//! `audit_events`: the append-only trail. A trigger refuses every change of a row.

use ipnet::IpNet;
use time::OffsetDateTime;

use crate::db::{Connection, Error};
use crate::model::audit::AuditEvent;
use crate::model::ids::AuditEventId;

/// Appends an entry; call it in the transaction of the change that it tells of.
pub async fn insert(connection: &mut Connection, id: AuditEventId, at: OffsetDateTime, event: &AuditEvent) -> Result<(), Error> {
    let actor = &event.origin.actor;
    sqlx::query!(
        "INSERT INTO audit_events (id, org_id, at, actor_kind, actor_id, actor_label, action, target_kind, target_id, ip, request_id, detail)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        id.0,
        event.org.map(|org| org.0),
        at,
        actor.kind(),
        actor.id(),
        actor.label(),
        event.action,
        event.target_kind,
        event.target_id,
        event.origin.ip.map(IpNet::from),
        event.origin.request_id,
        event.detail,
    )
    .execute(connection)
    .await?;
    Ok(())
}
