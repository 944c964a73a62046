//! The database server itself: what a diagnosis asks it.

use time::OffsetDateTime;

use crate::db::{Connection, Error};

/// The server's own clock. For a diagnosis only: no decision reads it.
pub async fn clock(connection: &mut Connection) -> Result<OffsetDateTime, Error> {
    Ok(sqlx::query_scalar!(r#"SELECT clock_timestamp() AS "now!""#).fetch_one(connection).await?)
}
