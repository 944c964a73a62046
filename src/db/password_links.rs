//! `password_links`: one-time links with which a person chooses a password. Only the digest of the link's secret is here.

use sqlx::types::Uuid;
use time::OffsetDateTime;

use crate::db::{Connection, Error, users};
use crate::model::ids::UserId;
use crate::model::user::Email;
use crate::secret::Digest;

/// Stores a link; callers void the older ones first.
pub async fn insert(
    connection: &mut Connection,
    id: Uuid,
    user: UserId,
    token: &Digest,
    created_at: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO password_links (id, user_id, token_digest, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
        id,
        user.0,
        &token.as_bytes()[..],
        created_at,
        expires_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whose link this is, if it is unused, in time, and its person is enabled.
pub async fn find_live(connection: &mut Connection, token: &Digest, now: OffsetDateTime) -> Result<Option<(UserId, Email)>, Error> {
    let row = sqlx::query!(
        "SELECT u.id, u.email FROM password_links l JOIN users u ON u.id = l.user_id
         WHERE l.token_digest = $1 AND l.used_at IS NULL AND $2 < l.expires_at AND u.disabled_at IS NULL",
        &token.as_bytes()[..],
        now
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| Ok((UserId(row.id), users::email(&row.email)?))).transpose()
}

/// Uses a link up; `None` when it is unknown, used or too old. Of two uses at one time one succeeds.
pub async fn consume(connection: &mut Connection, token: &Digest, now: OffsetDateTime) -> Result<Option<UserId>, Error> {
    let user = sqlx::query_scalar!(
        "UPDATE password_links SET used_at = $2 WHERE token_digest = $1 AND used_at IS NULL AND $2 < expires_at RETURNING user_id",
        &token.as_bytes()[..],
        now
    )
    .fetch_optional(connection)
    .await?;
    Ok(user.map(UserId))
}

/// Voids every unused link of a person: a newer link or a changed password makes them worthless (N8).
pub async fn void_all_of_user(connection: &mut Connection, user: UserId, at: OffsetDateTime) -> Result<u64, Error> {
    let done = sqlx::query!("UPDATE password_links SET used_at = $2 WHERE user_id = $1 AND used_at IS NULL", user.0, at)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}
