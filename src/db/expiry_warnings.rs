//! `expiry_warnings`: which ends of credentials the admins of an org were told of.

use time::OffsetDateTime;

use crate::db::{Connection, Error};
use crate::model::ids::OrgId;

/// A credential that will soon stop working, and whose admins are to be told now.
#[derive(Debug, Clone)]
pub struct Ending {
    /// Whose app.
    pub org: OrgId,
    /// The org in addresses.
    pub slug: String,
    /// The app's public id.
    pub client_id: String,
    /// The app's name.
    pub app: String,
    /// Whether it is a secret; else a key.
    pub is_secret: bool,
    /// The last characters of the secret, or the key's thumbprint.
    pub hint: String,
    /// What people noted about it; may be empty.
    pub note: String,
    /// When it stops working.
    pub ends_at: OffsetDateTime,
}

/// Takes up to `limit` credentials of living apps that end within `days` from `now` and of whose end nobody was told with so few days
/// left. Whoever gets them tells, in the same transaction.
pub async fn take(connection: &mut Connection, days: i32, now: OffsetDateTime, limit: i64) -> Result<Vec<Ending>, Error> {
    let rows = sqlx::query!(
        r#"WITH told AS (
               INSERT INTO expiry_warnings (credential_id, ends_at, days, warned_at)
               SELECT k.id, least(k.expires_at, k.certificate_not_after), $1, $2
               FROM credentials k JOIN clients c ON c.id = k.client_id JOIN orgs o ON o.id = c.org_id
               WHERE k.deleted_at IS NULL AND k.revoked_at IS NULL AND least(k.expires_at, k.certificate_not_after) IS NOT NULL
                 AND least(k.expires_at, k.certificate_not_after) > $2
                 AND least(k.expires_at, k.certificate_not_after) <= $2 + make_interval(days => $1)
                 AND c.deleted_at IS NULL AND c.disabled_at IS NULL AND o.disabled_at IS NULL
                 AND NOT EXISTS (SELECT FROM expiry_warnings w WHERE w.credential_id = k.id
                     AND w.ends_at = least(k.expires_at, k.certificate_not_after) AND w.days <= $1)
               LIMIT $3
               ON CONFLICT ON CONSTRAINT expiry_warnings_pkey DO NOTHING
               RETURNING credential_id, ends_at)
           SELECT o.id, o.slug, c.client_id, c.name, k.kind, coalesce(k.hint, k.thumbprint, '') AS "hint!", k.note, told.ends_at
           FROM told JOIN credentials k ON k.id = told.credential_id JOIN clients c ON c.id = k.client_id JOIN orgs o ON o.id = c.org_id
           ORDER BY told.ends_at"#,
        days,
        now,
        limit,
    )
    .fetch_all(connection)
    .await?;
    let ending = rows.into_iter().map(|row| Ending {
        org: OrgId(row.id),
        slug: row.slug,
        client_id: row.client_id,
        app: row.name,
        is_secret: row.kind == "secret",
        hint: row.hint,
        note: row.note,
        ends_at: row.ends_at,
    });
    Ok(ending.collect())
}
