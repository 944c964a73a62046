//! Whether an access token was revoked, by itself or with all that its credential was used for.

use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::{Connection, Error};
use crate::model::ids::{CredentialId, OrgId, UserId};

/// What a token stands on besides its signature or row.
#[derive(Debug, Clone, Copy)]
pub struct Ground {
    /// The credential it was got with, if it stands on no authorization.
    pub credential: Option<CredentialId>,
    /// Whether a revoked key takes its tokens along (R71).
    pub revoked_keys_count: bool,
    /// The user it is for and the org of its client, if it stands on no authorization that would tell.
    pub user: Option<(UserId, OrgId)>,
}

/// Whether the JWT with this `jti` and `exp` was revoked, or every token issued for its credential, or its user may not act any
/// more; in one round trip.
pub async fn is_revoked(connection: &mut Connection, jti: Uuid, expires_at: OffsetDateTime, ground: Ground) -> Result<bool, Error> {
    let Ground { credential, revoked_keys_count, user } = ground;
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM revoked_access_tokens WHERE jti = $1 AND expires_at = $2)
               OR EXISTS (SELECT FROM credentials WHERE id = $3
                   AND (tokens_revoked_at IS NOT NULL OR ($4 AND revoked_at IS NOT NULL)))
               OR ($5::uuid IS NOT NULL AND NOT EXISTS (SELECT FROM memberships m JOIN users u ON u.id = m.user_id
                   WHERE m.user_id = $5 AND m.org_id = $6 AND u.disabled_at IS NULL)) AS "revoked!""#,
        jti,
        expires_at,
        credential.map(|id| id.0),
        revoked_keys_count,
        user.map(|(user, _)| user.0),
        user.map(|(_, org)| org.0),
    )
    .fetch_one(connection)
    .await?)
}
