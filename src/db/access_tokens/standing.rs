//! What decides, beside signature and dates, whether an access token still counts.

use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::{Connection, Error};
use crate::model::ids::{AuthorizationId, CredentialId, OrgId};

/// What an access token says about where it comes from.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'t> {
    /// Its id.
    pub jti: Uuid,
    /// Its end.
    pub expires_at: OffsetDateTime,
    /// Its client.
    pub client_id: &'t str,
    /// The authorization it was issued under, when it acts for a user.
    pub authorization: Option<AuthorizationId>,
    /// The credential it was issued for.
    pub credential: Option<CredentialId>,
}

/// What the database says about it.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The client's org.
    pub org: OrgId,
    /// Whether the client is the operator's.
    pub system: bool,
    /// Whether nothing speaks against the token: neither it nor its credential's tokens are revoked, the client, org, user and
    /// membership are as they were, the authorization has not ended.
    pub is_good: bool,
    /// When its authorization ends in any case.
    pub absolute_expires_at: Option<OffsetDateTime>,
}

/// Reads all that decides in one round trip; `None` when there is no such client.
pub async fn find_standing(connection: &mut Connection, token: Origin<'_>) -> Result<Option<Standing>, Error> {
    let row = sqlx::query!(
        r#"SELECT c.org_id, c.system, a.absolute_expires_at AS "absolute_expires_at?",
                  (c.disabled_at IS NULL AND c.deleted_at IS NULL AND o.disabled_at IS NULL
                   AND NOT EXISTS (SELECT FROM revoked_access_tokens r WHERE r.jti = $2 AND r.expires_at = $3)
                   AND ($4::uuid IS NULL OR (a.id IS NOT NULL AND a.ended_at IS NULL AND u.disabled_at IS NULL AND m.user_id IS NOT NULL))
                   AND ($5::uuid IS NULL OR (k.id IS NOT NULL AND k.tokens_revoked_at IS NULL))) AS "is_good!"
           FROM clients c
           JOIN orgs o ON o.id = c.org_id
           LEFT JOIN authorizations a ON a.id = $4 AND a.client_id = c.id
           LEFT JOIN users u ON u.id = a.user_id
           LEFT JOIN memberships m ON m.org_id = a.org_id AND m.user_id = a.user_id
           LEFT JOIN credentials k ON k.id = $5 AND k.client_id = c.id
           WHERE c.client_id = $1"#,
        token.client_id,
        token.jti,
        token.expires_at,
        token.authorization.map(|id| id.0),
        token.credential.map(|id| id.0),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Standing {
        org: OrgId(row.org_id),
        system: row.system,
        is_good: row.is_good,
        absolute_expires_at: row.absolute_expires_at,
    }))
}
