//! Authorizations of the org's hidden app for development tokens: a developer's permission to themself, without code and refresh token.

use time::OffsetDateTime;

use crate::db::authorizations::steps::LiveRow;
use crate::db::{Connection, Error};
use crate::model::authorization::{EndCause, LiveAuthorization};
use crate::model::ids::{AuthorizationId, ClientKey, OrgId, UserId};
use crate::model::scope::ScopeSet;

/// A development token that is about to be.
#[derive(Debug, Clone, Copy)]
pub struct DeveloperGrant<'a> {
    /// The id of the new row.
    pub id: AuthorizationId,
    /// The org's hidden app.
    pub client: ClientKey,
    /// Who gets it, and for whom it speaks.
    pub user: UserId,
    /// What for.
    pub scopes: &'a ScopeSet,
    /// The API's identifier.
    pub api: &'a str,
    /// When the person had proved who they are.
    pub auth_time: OffsetDateTime,
    /// Its end.
    pub expires_at: OffsetDateTime,
    /// When.
    pub now: OffsetDateTime,
}

/// Creates the authorization in generation 1. `None` when the person is no enabled developer of the org any more; nothing has changed
/// then. Their row and their membership are locked against a change that would have to end this.
pub async fn begin_for_developer(connection: &mut Connection, grant: &DeveloperGrant<'_>) -> Result<Option<LiveAuthorization>, Error> {
    sqlx::query_as!(
        LiveRow,
        r#"INSERT INTO authorizations AS a (id, org_id, client_id, user_id, generation, offline, scopes, api, auth_time, created_at,
               redeemed_at, rotated_at, last_used_at, absolute_expires_at, code_expires_at)
           SELECT $1, c.org_id, c.id, u.id, 1, false, $4, $5, $6, $8, $8, $8, $8, $7, $8
           FROM clients c
           JOIN orgs o ON o.id = c.org_id
           JOIN memberships m ON m.org_id = c.org_id
           JOIN users u ON u.id = m.user_id
           WHERE c.id = $2 AND c.development AND c.disabled_at IS NULL AND c.deleted_at IS NULL AND o.disabled_at IS NULL
             AND u.id = $3 AND u.disabled_at IS NULL AND m.role IN ('owner', 'admin', 'developer')
           FOR SHARE OF u, m
           RETURNING 1::bigint AS "number!", a.id, a.org_id, a.user_id, a.generation, a.offline, a.scopes, a.api, a.auth_time,
               a.absolute_expires_at, a.idle_expires_at"#,
        grant.id.0,
        grant.client.0,
        grant.user.0,
        grant.scopes.as_slice(),
        grant.api,
        grant.auth_time,
        grant.expires_at,
        grant.now,
    )
    .fetch_optional(connection)
    .await
    .map(|row| row.map(LiveAuthorization::from))
    .map_err(Error::from)
}

/// Ends every development token of a person in one org, who is no developer there any more; says how many.
pub async fn end_all_of_developer(
    connection: &mut Connection,
    (user, org): (UserId, OrgId),
    cause: EndCause,
    at: OffsetDateTime,
) -> Result<u64, Error> {
    let done = sqlx::query!(
        "UPDATE authorizations SET ended_at = $3, end_cause = $4
         WHERE user_id = $1 AND ended_at IS NULL AND client_id = (SELECT id FROM clients WHERE org_id = $2 AND development)",
        user.0,
        org.0,
        at,
        cause.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}
