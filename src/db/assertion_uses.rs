//! `assertion_uses`: assertions that were used and may not be used again before they expire.

use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::{Connection, Error};
use crate::model::ids::ClientKey;
use crate::secret::Digest;

/// One use of an assertion.
#[derive(Debug, Clone, Copy)]
pub struct Use {
    /// Whose assertion.
    pub client: ClientKey,
    /// What it is known by.
    pub digest: Digest,
    /// This use, told from any other.
    pub id: Uuid,
    /// When the assertion expires by itself.
    pub expires_at: OffsetDateTime,
}

/// Marks the assertion as used; false when another use came first. May be repeated: the same use is one use.
pub async fn insert(connection: &mut Connection, used: &Use, now: OffsetDateTime) -> Result<bool, Error> {
    let done = sqlx::query!(
        "INSERT INTO assertion_uses (client_id, digest, use_id, expires_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT ON CONSTRAINT assertion_uses_pkey DO UPDATE SET use_id = excluded.use_id, expires_at = excluded.expires_at
         WHERE assertion_uses.use_id = excluded.use_id OR assertion_uses.expires_at <= $5",
        used.client.0,
        used.digest.as_bytes().as_slice(),
        used.id,
        used.expires_at,
        now,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether the assertion was used and has not expired since.
pub async fn is_used(connection: &mut Connection, client: ClientKey, digest: &Digest, now: OffsetDateTime) -> Result<bool, Error> {
    let used = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM assertion_uses WHERE client_id = $1 AND digest = $2 AND $3 < expires_at) AS "used!""#,
        client.0,
        digest.as_bytes().as_slice(),
        now,
    );
    Ok(used.fetch_one(connection).await?)
}
