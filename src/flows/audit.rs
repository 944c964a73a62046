//! The audit trail: written in the transaction of what it tells of, or not at all.

pub mod trail;

use time::OffsetDateTime;

use crate::db::{self, Connection, audit_events};
use crate::flows::Deps;
use crate::model::audit::AuditEvent;
use crate::model::ids::AuditEventId;

/// Appends an entry within the caller's transaction.
pub async fn record(deps: &Deps, connection: &mut Connection, event: AuditEvent, now: OffsetDateTime) -> Result<(), db::Error> {
    audit_events::insert(connection, AuditEventId(deps.entropy.uuid(now)), now, &event).await
}
