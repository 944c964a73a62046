//! Whether an access token was revoked, by itself or with all that its credential was used for.

use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::{Connection, Error};
use crate::model::ids::CredentialId;

/// Whether the JWT with this `jti` and `exp` was revoked, or every token issued for `credential`; in one round trip.
pub async fn is_revoked(
    connection: &mut Connection,
    jti: Uuid,
    expires_at: OffsetDateTime,
    credential: Option<CredentialId>,
) -> Result<bool, Error> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM revoked_access_tokens WHERE jti = $1 AND expires_at = $2)
               OR EXISTS (SELECT FROM credentials WHERE id = $3 AND tokens_revoked_at IS NOT NULL) AS "revoked!""#,
        jti,
        expires_at,
        credential.map(|id| id.0),
    )
    .fetch_one(connection)
    .await?)
}
