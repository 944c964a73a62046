//! Lists of an org's clients.

use sqlx::types::Json;
use time::OffsetDateTime;

use crate::db::client_jwks::JsonSet;
use crate::db::clients::Row;
use crate::db::credentials::JsonRow;
use crate::db::{Connection, Error, migrations_of_clients, technical_accounts};
use crate::model::client::{ClientKind, ClientRecord, Compat, Sort};
use crate::model::ids::{ClientKey, OrgId};
use crate::model::migration::Proof;

/// The instants that decide which apps need attention.
#[derive(Debug, Clone, Copy)]
pub struct AttentionBounds {
    /// Apps without a token since then are unused.
    pub unused_since: OffsetDateTime,
    /// Credentials that end until then are about to expire.
    pub expires_until: OffsetDateTime,
}

/// What of an org's clients is listed, in which order.
#[derive(Debug, Clone, Default)]
pub struct ListFilter {
    /// Part of the name, in any case, or the whole client id.
    pub q: Option<String>,
    /// Of this kind only.
    pub kind: Option<ClientKind>,
    /// With a credential of this kind only.
    pub credential: Option<Proof>,
    /// Only those that need attention (`protocol::attention` gives the same reasons).
    pub attention: Option<AttentionBounds>,
    /// Enabled ones only, or disabled ones only.
    pub enabled: Option<bool>,
    /// The operator's only, or the org's own only.
    pub system: Option<bool>,
    /// The order.
    pub sort: Sort,
    /// Those behind this one.
    pub after: Option<ClientKey>,
    /// At most so many.
    pub limit: i64,
}

/// The org's living clients.
///
/// A place in the list is the client that stands there: its sort key is read anew, so that no value has to travel.
pub async fn list_records(connection: &mut Connection, org: OrgId, filter: &ListFilter) -> Result<Vec<ClientRecord>, Error> {
    // Without the escapes, a name with "%" or "_" would match everything.
    let escaped = |text: &String| text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let pattern = filter.q.as_ref().map(|q| format!("%{}%", escaped(q)));
    select_records!(
        "WHERE c.org_id = $1 AND c.deleted_at IS NULL AND NOT c.development
           AND ($2::text IS NULL OR c.name ILIKE $2 OR c.client_id = $3)
           AND ($4::text IS NULL OR c.kind = $4)
           AND ($5::boolean IS NULL OR (c.disabled_at IS NULL) = $5)
           AND ($6::boolean IS NULL OR c.system = $6)
           AND ($7::uuid IS NULL OR CASE WHEN $9
               THEN (client_sort_key(c, $8), c.id) > (SELECT client_sort_key(l, $8), l.id FROM clients l WHERE l.id = $7 AND l.org_id = $1)
               ELSE (client_sort_key(c, $8), c.id) < (SELECT client_sort_key(l, $8), l.id FROM clients l WHERE l.id = $7 AND l.org_id = $1) END)
           AND ($11::text IS NULL OR ($11 = 'key' AND c.jwks_uri IS NOT NULL) OR EXISTS (
               SELECT FROM credentials k WHERE k.client_id = c.id AND k.deleted_at IS NULL AND k.revoked_at IS NULL AND k.kind = $11))
           AND ($12::timestamptz IS NULL OR coalesce(c.last_used_at, c.created_at) <= $12
               OR EXISTS (SELECT FROM credentials k WHERE k.client_id = c.id AND k.deleted_at IS NULL AND k.revoked_at IS NULL
                   AND least(k.expires_at, k.certificate_not_after) <= $13::timestamptz)
               OR ((c.jwks_uri IS NOT NULL OR EXISTS (SELECT FROM credentials k
                       WHERE k.client_id = c.id AND k.deleted_at IS NULL AND k.revoked_at IS NULL AND k.kind = 'key'))
                   AND NOT EXISTS (SELECT FROM credential_migrations m
                       WHERE m.client_id = c.id AND m.state = 'completed' AND m.direction = 'secret_to_key')))
         ORDER BY CASE WHEN $9 THEN client_sort_key(c, $8) END, CASE WHEN $9 THEN c.id END,
             CASE WHEN NOT $9 THEN client_sort_key(c, $8) END DESC, CASE WHEN NOT $9 THEN c.id END DESC
         LIMIT $10",
        org.0,
        pattern,
        filter.q.as_deref(),
        filter.kind.map(ClientKind::as_str),
        filter.enabled,
        filter.system,
        filter.after.map(|key| key.0),
        filter.sort.by.as_str(),
        filter.sort.ascending,
        filter.limit,
        filter.credential.map(Proof::as_str),
        filter.attention.map(|bounds| bounds.unused_since),
        filter.attention.map(|bounds| bounds.expires_until),
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(TryInto::try_into)
    .collect()
}

/// The org's clients deleted after `since`, latest first, at most 100.
pub async fn list_deleted(connection: &mut Connection, org: OrgId, since: OffsetDateTime) -> Result<Vec<ClientRecord>, Error> {
    select_records!("WHERE c.org_id = $1 AND c.deleted_at > $2 ORDER BY c.deleted_at DESC, c.id LIMIT 100", org.0, since)
        .fetch_all(connection)
        .await?
        .into_iter()
        .map(TryInto::try_into)
        .collect()
}
