//! Authorizations that are over, by will or by time, as long as their rows are kept.

use time::OffsetDateTime;

use crate::db::{Connection, Error};
use crate::model::authorization::{EndCause, EndedAuthorization};
use crate::model::ids::{ClientKey, UserId};

/// What a person had allowed and what ended after `since`, the latest end first; codes that nobody redeemed aside.
pub async fn list_ended_by_user(
    connection: &mut Connection,
    user: UserId,
    (since, now): (OffsetDateTime, OffsetDateTime),
    limit: i64,
) -> Result<Vec<EndedAuthorization>, Error> {
    let rows = sqlx::query!(
        "SELECT client_id, created_at, last_used_at, idle_expires_at, absolute_expires_at, ended_at, end_cause
         FROM authorizations
         WHERE user_id = $1 AND redeemed_at IS NOT NULL
           AND coalesce(least(ended_at, absolute_expires_at, idle_expires_at), 'infinity') BETWEEN $2 AND $3
         ORDER BY least(ended_at, absolute_expires_at, idle_expires_at) DESC LIMIT $4",
        user.0,
        since,
        now,
        limit,
    )
    .fetch_all(connection)
    .await?;
    let ended = rows.into_iter().map(|row| {
        let cause =
            row.end_cause.map(|word| EndCause::parse(&word).ok_or_else(|| Error::corrupt("authorizations", format!("end_cause {word:?}"))));
        Ok(EndedAuthorization {
            client: ClientKey(row.client_id),
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            idle_expires_at: row.idle_expires_at,
            absolute_expires_at: row.absolute_expires_at,
            ended: row.ended_at.zip(cause.transpose()?),
        })
    });
    ended.collect()
}
