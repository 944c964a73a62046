//! `throttles`: how often something was tried in a window. They stand in the database, so that every server counts together.

use time::{Duration, OffsetDateTime};

use crate::db::{Connection, Error};

/// What a counter shows after counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Tries in this window, this one included.
    pub attempts: i32,
    /// When the window ends and counting begins anew.
    pub window_ends_at: OffsetDateTime,
}

/// Counts one try and says which it is. One statement, outside any transaction: of a hundred parallel tries each gets its own number (N5).
pub async fn count(connection: &mut Connection, key: &str, now: OffsetDateTime, window: Duration) -> Result<Counted, Error> {
    let row = sqlx::query_as!(
        Counted,
        "INSERT INTO throttles (key, attempts, window_ends_at) VALUES ($1, 1, $3)
         ON CONFLICT ON CONSTRAINT throttles_pkey DO UPDATE SET
             attempts = CASE WHEN throttles.window_ends_at <= $2 THEN 1 ELSE LEAST(throttles.attempts, 1000000) + 1 END,
             window_ends_at = CASE WHEN throttles.window_ends_at <= $2 THEN EXCLUDED.window_ends_at ELSE throttles.window_ends_at END
         RETURNING attempts, window_ends_at",
        key,
        now,
        now + window
    )
    .fetch_one(connection)
    .await?;
    Ok(row)
}

/// Takes one try back that turned out to be none; false when there is nothing to take back.
pub async fn take_back(connection: &mut Connection, key: &str, now: OffsetDateTime) -> Result<bool, Error> {
    let done =
        sqlx::query!("UPDATE throttles SET attempts = attempts - 1 WHERE key = $1 AND attempts > 0 AND window_ends_at > $2", key, now)
            .execute(connection)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets a counter.
pub async fn clear(connection: &mut Connection, key: &str) -> Result<bool, Error> {
    let done = sqlx::query!("DELETE FROM throttles WHERE key = $1", key).execute(connection).await?;
    Ok(done.rows_affected() == 1)
}
