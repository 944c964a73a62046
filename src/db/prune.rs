//! Deleting what has expired, a bounded batch a statement. `SKIP LOCKED`: a row that is in use is left for the next time.

use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::{Connection, Error};

pub mod deleted_clients;

/// Takes the right to prune until the transaction ends; `false` when another server has it.
pub async fn take_turn(connection: &mut Connection) -> Result<bool, Error> {
    let taken = sqlx::query_scalar!(r#"SELECT pg_try_advisory_xact_lock(hashtext('grantor prune')) AS "taken!""#);
    Ok(taken.fetch_one(connection).await?)
}

/// Authorization requests that expired before `before`.
pub async fn authorization_requests(connection: &mut Connection, before: OffsetDateTime, batch: i64) -> Result<u64, Error> {
    let delete = sqlx::query!(
        "DELETE FROM authorization_requests WHERE id IN
         (SELECT id FROM authorization_requests WHERE expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
        before,
        batch
    );
    Ok(delete.execute(connection).await?.rows_affected())
}

/// Browser sessions whose absolute end is before `before`.
pub async fn browser_sessions(connection: &mut Connection, before: OffsetDateTime, batch: i64) -> Result<u64, Error> {
    let delete = sqlx::query!(
        "DELETE FROM browser_sessions WHERE id IN
         (SELECT id FROM browser_sessions WHERE absolute_expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
        before,
        batch
    );
    Ok(delete.execute(connection).await?.rows_affected())
}

/// Throttle counters whose window ended before `before`.
pub async fn throttles(connection: &mut Connection, before: OffsetDateTime, batch: i64) -> Result<u64, Error> {
    let delete = sqlx::query!(
        "DELETE FROM throttles WHERE key IN (SELECT key FROM throttles WHERE window_ends_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
        before,
        batch
    );
    Ok(delete.execute(connection).await?.rows_affected())
}

/// Set-password links that expired before `before`.
pub async fn password_links(connection: &mut Connection, before: OffsetDateTime, batch: i64) -> Result<u64, Error> {
    let delete = sqlx::query!(
        "DELETE FROM password_links WHERE id IN (SELECT id FROM password_links WHERE expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
        before,
        batch
    );
    Ok(delete.execute(connection).await?.rows_affected())
}

/// Answers to idempotency keys that expired before `before`.
pub async fn idempotency_keys(connection: &mut Connection, before: OffsetDateTime, batch: i64) -> Result<u64, Error> {
    let delete = sqlx::query!(
        "DELETE FROM idempotency_keys WHERE (org_id, actor, key) IN
         (SELECT org_id, actor, key FROM idempotency_keys WHERE expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
        before,
        batch
    );
    Ok(delete.execute(connection).await?.rows_affected())
}

/// Uses of assertions that expired before `before`.
pub async fn assertion_uses(connection: &mut Connection, before: OffsetDateTime, batch: i64) -> Result<u64, Error> {
    let delete = sqlx::query!(
        "DELETE FROM assertion_uses WHERE (client_id, digest) IN
         (SELECT client_id, digest FROM assertion_uses WHERE expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
        before,
        batch
    );
    Ok(delete.execute(connection).await?.rows_affected())
}

/// Opaque access tokens that expired before `before`.
pub async fn access_tokens(connection: &mut Connection, before: OffsetDateTime, batch: i64) -> Result<u64, Error> {
    let delete = sqlx::query!(
        "DELETE FROM access_tokens WHERE token_digest IN
         (SELECT token_digest FROM access_tokens WHERE expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
        before,
        batch
    );
    Ok(delete.execute(connection).await?.rows_affected())
}

/// Authorizations whose code expired before `before` and was never redeemed.
pub async fn unredeemed_authorizations(connection: &mut Connection, before: OffsetDateTime, batch: i64) -> Result<u64, Error> {
    let delete = sqlx::query!(
        "DELETE FROM authorizations WHERE id IN
         (SELECT id FROM authorizations WHERE redeemed_at IS NULL AND code_expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
        before,
        batch
    );
    Ok(delete.execute(connection).await?.rows_affected())
}

/// Authorizations that were ended before `before`.
pub async fn ended_authorizations(connection: &mut Connection, before: OffsetDateTime, batch: i64) -> Result<u64, Error> {
    let delete = sqlx::query!(
        "DELETE FROM authorizations WHERE id IN
         (SELECT id FROM authorizations WHERE ended_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
        before,
        batch
    );
    Ok(delete.execute(connection).await?.rows_affected())
}

/// Authorizations whose absolute limit passed before `before`.
pub async fn expired_authorizations(connection: &mut Connection, before: OffsetDateTime, batch: i64) -> Result<u64, Error> {
    let delete = sqlx::query!(
        "DELETE FROM authorizations WHERE id IN
         (SELECT id FROM authorizations WHERE absolute_expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
        before,
        batch
    );
    Ok(delete.execute(connection).await?.rows_affected())
}

/// What apps' requests came to before `before`.
pub async fn request_traces(connection: &mut Connection, before: OffsetDateTime, batch: i64) -> Result<u64, Error> {
    let delete = sqlx::query!(
        "DELETE FROM request_traces WHERE (client_id, at, request_id) IN
         (SELECT client_id, at, request_id FROM request_traces WHERE at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
        before,
        batch
    );
    Ok(delete.execute(connection).await?.rows_affected())
}

/// One step of a walk over authorizations by id, for which no index on a changing column is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The last id seen; `None` when the walk has reached the end.
    pub last: Option<Uuid>,
    /// How many were deleted.
    pub deleted: u64,
}

/// Looks at the `batch` authorizations after `after` and deletes those whose idle limit passed before `before`.
pub async fn idle_authorizations(connection: &mut Connection, after: Uuid, before: OffsetDateTime, batch: i64) -> Result<Step, Error> {
    let step = sqlx::query!(
        r#"WITH page AS MATERIALIZED (
               SELECT id, idle_expires_at FROM authorizations WHERE id > $1 ORDER BY id LIMIT $3
           ), gone AS (
               DELETE FROM authorizations WHERE id IN (
                   SELECT a.id FROM authorizations a JOIN page USING (id)
                   WHERE page.idle_expires_at < $2 AND a.idle_expires_at < $2 FOR UPDATE OF a SKIP LOCKED
               ) RETURNING 1
           )
           SELECT (SELECT id FROM page ORDER BY id DESC LIMIT 1) AS last, (SELECT count(*) FROM gone) AS "deleted!""#,
        after,
        before,
        batch
    );
    let row = step.fetch_one(connection).await?;
    Ok(Step { last: row.last, deleted: row.deleted.unsigned_abs() })
}

/// Drops the days of revoked token ids that all lie before `before`. The parent table is locked for an instant, so the wait for
/// that lock is kept short: other statements queue behind it.
pub async fn revocations(connection: &mut Connection, before: OffsetDateTime) -> Result<u64, Error> {
    sqlx::query_scalar!("SELECT set_config('lock_timeout', '200ms', true)").fetch_one(&mut *connection).await?;
    let dropped = sqlx::query_scalar!(r#"SELECT drop_expired_revocations($1) AS "dropped!""#, before).fetch_one(connection).await?;
    Ok(dropped.unsigned_abs().into())
}
