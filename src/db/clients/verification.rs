//! The operator's mark on a client.

use time::OffsetDateTime;

use crate::db::{Connection, Error};
use crate::model::ids::ClientKey;
use crate::model::verification::Verification;

/// The state that the two columns stand for; both at once are refused.
pub(super) fn read(verified_at: Option<OffsetDateTime>, lapsed_at: Option<OffsetDateTime>) -> Result<Verification, Error> {
    Verification::from_stored(verified_at, lapsed_at).ok_or_else(|| Error::corrupt("clients", "both verified and lapsed"))
}

/// Marks a living client as verified (`Some`) or takes the mark, and the note that it was lost, away (`None`); says whether that
/// changed it.
pub async fn set_verified(
    connection: &mut Connection,
    key: ClientKey,
    verified_at: Option<OffsetDateTime>,
    at: OffsetDateTime,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE clients SET verified_at = $2, verification_lapsed_at = NULL, updated_at = $3, version = version + 1
         WHERE id = $1 AND deleted_at IS NULL
             AND CASE WHEN $2::timestamptz IS NULL THEN num_nonnulls(verified_at, verification_lapsed_at) > 0 ELSE verified_at IS NULL END",
        key.0,
        verified_at,
        at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes the mark from a client that was changed at `at`, and keeps that it had one; false when it had none.
pub async fn lapse_verification(connection: &mut Connection, key: ClientKey, at: OffsetDateTime) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE clients SET verified_at = NULL, verification_lapsed_at = $2 WHERE id = $1 AND verified_at IS NOT NULL",
        key.0,
        at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}
