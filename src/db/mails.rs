//! `mails`: what waits to be sent. A row is taken for a while by moving its due time on, so that of two servers one sends it, and
//! a server that dies with it loses nothing.

use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::db::{Connection, Error};
use crate::model::ids::MailId;

/// A mail that is this server's to send until its due time comes again.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Row id.
    pub id: MailId,
    /// The sealed message.
    pub sealed: Vec<u8>,
    /// What it is, for the log.
    pub kind: String,
    /// How often it was taken, this time included.
    pub attempts: i32,
    /// Worth nothing from here on.
    pub expires_at: OffsetDateTime,
}

/// Puts a mail in the line.
pub async fn insert(
    connection: &mut Connection,
    id: MailId,
    (kind, sealed): (&str, &[u8]),
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO mails (id, sealed, kind, created_at, due_at, expires_at) VALUES ($1, $2, $3, $4, $4, $5)",
        id.0,
        sealed,
        kind,
        now,
        expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes up to `limit` due mails; each comes due again after `patience` times the number of its attempts, squared.
pub async fn take_due(connection: &mut Connection, now: OffsetDateTime, patience: Duration, limit: i64) -> Result<Vec<Waiting>, Error> {
    let rows = sqlx::query!(
        "UPDATE mails SET attempts = attempts + 1, due_at = $1 + make_interval(secs => $2::float8 * (attempts + 1) * (attempts + 1))
         WHERE id IN (SELECT id FROM mails WHERE due_at <= $1 ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)
         RETURNING id, sealed, kind, attempts, expires_at",
        now,
        patience.as_seconds_f64(),
        limit,
    )
    .fetch_all(connection)
    .await?;
    let waiting = |id: Uuid, sealed, kind, attempts, expires_at| Waiting { id: MailId(id), sealed, kind, attempts, expires_at };
    Ok(rows.into_iter().map(|row| waiting(row.id, row.sealed, row.kind, row.attempts, row.expires_at)).collect())
}

/// Takes a mail out of the line: it was sent, or will never be.
pub async fn delete(connection: &mut Connection, id: MailId) -> Result<bool, Error> {
    let done = sqlx::query!("DELETE FROM mails WHERE id = $1", id.0).execute(connection).await?;
    Ok(done.rows_affected() == 1)
}
