//! `audit_events`: the append-only trail. A trigger refuses every change of a row.

use ipnet::IpNet;
use time::OffsetDateTime;

use crate::db::{Connection, Error};
use crate::model::audit::{AuditEvent, TrailEntry};
use crate::model::ids::{AuditEventId, OrgId};

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

/// What a page of the trail is asked for; what is `None` does not narrow it.
#[derive(Debug, Clone, Default)]
pub struct TrailFilter {
    /// About or by this app, by client id.
    pub app: Option<String>,
    /// By this actor: the id, or the label that was shown.
    pub actor: Option<String>,
    /// Exactly this action, or every one of a noun, as `client`.
    pub action: Option<String>,
    /// Not before.
    pub from: Option<OffsetDateTime>,
    /// Before.
    pub to: Option<OffsetDateTime>,
    /// Older than this entry.
    pub before: Option<AuditEventId>,
    /// At most so many.
    pub limit: i64,
}

/// Entries of an org's trail, newest first.
pub async fn list(connection: &mut Connection, org: OrgId, filter: &TrailFilter) -> Result<Vec<TrailEntry>, Error> {
    let rows = sqlx::query!(
        r#"SELECT id, at, actor_kind, actor_id, actor_label, action, target_kind, target_id, ip AS "ip: IpNet", request_id, detail
           FROM audit_events
           WHERE org_id = $1 AND ($2::uuid IS NULL OR id < $2)
             AND ($3::text IS NULL OR target_id = $3 OR actor_id = $3 OR detail ->> 'client_id' = $3)
             AND ($4::text IS NULL OR actor_id = $4 OR actor_label = $4)
             AND ($5::text IS NULL OR action = $5 OR starts_with(action, $5 || '.'))
             AND ($6::timestamptz IS NULL OR at >= $6) AND ($7::timestamptz IS NULL OR at < $7)
           ORDER BY id DESC LIMIT $8"#,
        org.0,
        filter.before.map(|id| id.0),
        filter.app,
        filter.actor,
        filter.action,
        filter.from,
        filter.to,
        filter.limit,
    )
    .fetch_all(connection)
    .await?;
    let entry = rows.into_iter().map(|row| TrailEntry {
        id: AuditEventId(row.id),
        at: row.at,
        actor_kind: row.actor_kind,
        actor_id: row.actor_id,
        actor: row.actor_label,
        action: row.action,
        target_kind: row.target_kind,
        target_id: row.target_id,
        ip: row.ip.map(|net| net.addr()),
        request_id: row.request_id,
        detail: row.detail,
    });
    Ok(entry.collect())
}
