//! `idempotency_keys`: answers to repeat, sealed.

use time::OffsetDateTime;

use crate::db::{Connection, Error};
use crate::model::ids::OrgId;
use crate::secret::Digest;

/// What was asked and answered.
#[derive(Debug)]
pub struct Kept {
    /// SHA-256 of the request.
    pub request: Digest,
    /// The answer, sealed.
    pub response_sealed: Vec<u8>,
}

/// Takes the key until the transaction ends; `false` when another transaction has it now.
pub async fn try_lock(connection: &mut Connection, org: OrgId, actor: &str, key: &str) -> Result<bool, Error> {
    let name = format!("idempotency {org} {actor} {key}");
    let locked = sqlx::query_scalar!(r#"SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS "locked!""#, name);
    Ok(locked.fetch_one(connection).await?)
}

/// The answer that is still kept under the key at `now`.
pub async fn find(connection: &mut Connection, org: OrgId, actor: &str, key: &str, now: OffsetDateTime) -> Result<Option<Kept>, Error> {
    let row = sqlx::query!(
        r#"SELECT request_digest, response_sealed AS "response_sealed!" FROM idempotency_keys
           WHERE org_id = $1 AND actor = $2 AND key = $3 AND $4 < expires_at AND response_sealed IS NOT NULL"#,
        org.0,
        actor,
        key,
        now,
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        let request = Digest::from_slice(&row.request_digest).ok_or_else(|| Error::corrupt("idempotency_keys", "request_digest"))?;
        Ok(Kept { request, response_sealed: row.response_sealed })
    })
    .transpose()
}

/// Keeps an answer under the key, in place of an expired one.
pub async fn replace(
    connection: &mut Connection,
    org: OrgId,
    actor: &str,
    key: &str,
    kept: &Kept,
    created_at: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO idempotency_keys (org_id, actor, key, request_digest, response_sealed, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT ON CONSTRAINT idempotency_keys_pkey DO UPDATE SET request_digest = $4, response_sealed = $5,
             created_at = $6, expires_at = $7",
        org.0,
        actor,
        key,
        kept.request.as_bytes().as_slice(),
        kept.response_sealed,
        created_at,
        expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}
