//! An authorization that begins without a code: the person gave their password to the app (RFC 6749 §4.3).

use time::OffsetDateTime;

use crate::db::authorizations::steps::LiveRow;
use crate::db::{Connection, Error};
use crate::model::authorization::LiveAuthorization;
use crate::model::ids::{AuthorizationId, ClientKey, UserId};
use crate::model::scope::ScopeSet;
use crate::secret::Secret;

/// A password that was found right.
#[derive(Debug, Clone, Copy)]
pub struct PasswordGrant<'a> {
    /// The id of the new row.
    pub id: AuthorizationId,
    /// The authenticated client.
    pub client: ClientKey,
    /// Whose password it is.
    pub user: UserId,
    /// The stored hash that it was compared with.
    pub password_hash: &'a Secret<String>,
    /// Whether a refresh token goes with it.
    pub offline: bool,
    /// What was asked for.
    pub scopes: &'a ScopeSet,
    /// The API's identifier.
    pub api: &'a str,
    /// When.
    pub now: OffsetDateTime,
}

/// Creates the authorization in generation 1, as if its code had been redeemed at once. `None` when any precondition fails; nothing
/// has changed then.
///
/// The person's row is locked against a change of the password: either this sees the new hash and does nothing, or the change
/// waits and then ends what began here.
pub async fn begin_by_password(connection: &mut Connection, grant: &PasswordGrant<'_>) -> Result<Option<LiveAuthorization>, Error> {
    sqlx::query_as!(
        LiveRow,
        r#"INSERT INTO authorizations AS a (id, org_id, client_id, user_id, generation, offline, scopes, api, auth_time, created_at,
               redeemed_at, rotated_at, last_used_at, absolute_expires_at, idle_expires_at, code_expires_at)
           SELECT $1, c.org_id, c.id, u.id, 1, $5 AND c.refresh_enabled, $6, $7, $8, $8, $8, $8, $8,
               CASE WHEN $5 AND c.refresh_enabled
                   THEN seconds_after($8, c.refresh_absolute_lifetime) ELSE seconds_after($8, c.access_token_lifetime) END,
               CASE WHEN $5 AND c.refresh_enabled
                   THEN least(seconds_after($8, c.refresh_idle_lifetime), seconds_after($8, c.refresh_absolute_lifetime)) END,
               $8
           FROM clients c
           JOIN orgs o ON o.id = c.org_id
           JOIN memberships m ON m.org_id = c.org_id
           JOIN users u ON u.id = m.user_id
           WHERE c.id = $2 AND c.allow_password_grant AND c.disabled_at IS NULL AND c.deleted_at IS NULL
             AND o.disabled_at IS NULL
             AND u.id = $3 AND u.disabled_at IS NULL AND u.password_hash = $4
           FOR SHARE OF u
           RETURNING 1::bigint AS "number!", a.id, a.org_id, a.user_id, a.generation, a.offline, a.scopes, a.api, a.auth_time,
               a.absolute_expires_at, a.idle_expires_at"#,
        grant.id.0,
        grant.client.0,
        grant.user.0,
        grant.password_hash.expose(),
        grant.offline,
        grant.scopes.as_slice(),
        grant.api,
        grant.now,
    )
    .fetch_optional(connection)
    .await
    .map(|row| row.map(LiveAuthorization::from))
    .map_err(Error::from)
}
