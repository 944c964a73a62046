//! What a change of an app's limits does to its living authorizations: each keeps the earlier of old and new.

use time::OffsetDateTime;

use crate::db::{Connection, Error};
use crate::model::ids::ClientKey;

/// New limits in seconds; `None` = no expiration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From redemption.
    pub absolute: Option<i64>,
    /// From the last use.
    pub idle: Option<i64>,
}

/// How many authorizations a change touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touched {
    /// Living ones that can be renewed.
    pub living: i64,
    /// Those that end earlier than they would have.
    pub earlier: i64,
    /// Those of them that end at once.
    pub at_once: i64,
}

/// Counts what [`shorten`] would touch.
pub async fn count_shortened(connection: &mut Connection, client: ClientKey, to: Limits, now: OffsetDateTime) -> Result<Touched, Error> {
    let row = sqlx::query!(
        r#"SELECT count(*) AS "living!",
               count(*) FILTER (WHERE (absolute_to, idle_to) IS DISTINCT FROM (absolute_expires_at, idle_expires_at)) AS "earlier!",
               count(*) FILTER (WHERE least(absolute_to, idle_to) <= $2) AS "at_once!"
           FROM (SELECT absolute_expires_at, idle_expires_at,
                     least(absolute_expires_at, seconds_after(redeemed_at, $3)) AS absolute_to,
                     least(idle_expires_at, seconds_after(last_used_at, $4), absolute_expires_at, seconds_after(redeemed_at, $3)) AS idle_to
                 FROM authorizations
                 WHERE client_id = $1 AND redeemed_at IS NOT NULL AND ended_at IS NULL AND offline
                   AND $2 < coalesce(least(absolute_expires_at, idle_expires_at), 'infinity')) AS living"#,
        client.0,
        now,
        to.absolute,
        to.idle,
    )
    .fetch_one(connection)
    .await?;
    Ok(Touched { living: row.living, earlier: row.earlier, at_once: row.at_once })
}

/// Brings the ends of the client's living authorizations forward where the new limits say so, never back; how many.
pub async fn shorten(connection: &mut Connection, client: ClientKey, to: Limits) -> Result<u64, Error> {
    let done = sqlx::query!(
        "UPDATE authorizations
         SET absolute_expires_at = least(absolute_expires_at, seconds_after(redeemed_at, $2)),
             idle_expires_at = least(idle_expires_at, seconds_after(last_used_at, $3), absolute_expires_at, seconds_after(redeemed_at, $2))
         WHERE client_id = $1 AND redeemed_at IS NOT NULL AND ended_at IS NULL AND offline
           AND (absolute_expires_at, idle_expires_at) IS DISTINCT FROM
               (least(absolute_expires_at, seconds_after(redeemed_at, $2)),
                least(idle_expires_at, seconds_after(last_used_at, $3), absolute_expires_at, seconds_after(redeemed_at, $2)))",
        client.0,
        to.absolute,
        to.idle,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}
