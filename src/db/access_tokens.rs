//! `access_tokens` (opaque ones, by digest) and `revoked_access_tokens` (JWTs revoked one by one, by `jti`).

use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::{Connection, Error};
use crate::model::ids::{AuthorizationId, ClientKey, CredentialId, OrgId, UserId};
use crate::model::scope::ScopeSet;
use crate::secret::Digest;

mod standing;

pub(super) use standing::answer_all;
pub use standing::{Ground, Standing, find_standing};

/// An opaque access token as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// SHA-256 of the token.
    pub digest: Digest,
    /// Its `jti`.
    pub id: Uuid,
    /// The client's org.
    pub org: OrgId,
    /// To whom.
    pub client: ClientKey,
    /// For whom; `None` = for the client itself.
    pub user: Option<UserId>,
    /// The technical account that the client acts as, by its subject.
    pub subject: Option<String>,
    /// The authorization it stands on, if for a user.
    pub authorization: Option<AuthorizationId>,
    /// The credential it was got with, if for the client itself.
    pub credential: Option<CredentialId>,
    /// What it may do.
    pub scopes: ScopeSet,
    /// The API's identifier.
    pub api: String,
    /// When the person had proved who they are.
    pub auth_time: Option<OffsetDateTime>,
    /// When it was issued.
    pub issued_at: OffsetDateTime,
    /// From when on it is refused.
    pub expires_at: OffsetDateTime,
    /// When it was revoked by itself, if it was.
    pub revoked_at: Option<OffsetDateTime>,
}

/// Stores a token. May be repeated: the same token is stored once.
pub async fn insert(connection: &mut Connection, token: &AccessToken) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO access_tokens (token_digest, id, org_id, client_id, user_id, authorization_id, credential_id, scopes, api,
             auth_time, issued_at, expires_at, revoked_at, subject)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         ON CONFLICT (token_digest) DO NOTHING",
        token.digest.as_bytes(),
        token.id,
        token.org.0,
        token.client.0,
        token.user.map(|id| id.0),
        token.authorization.map(|id| id.0),
        token.credential.map(|id| id.0),
        token.scopes.as_slice(),
        token.api,
        token.auth_time,
        token.issued_at,
        token.expires_at,
        token.revoked_at,
        token.subject,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The token with this digest, whatever its state.
pub async fn find_by_digest(connection: &mut Connection, digest: &Digest) -> Result<Option<AccessToken>, Error> {
    let row = sqlx::query!("SELECT * FROM access_tokens WHERE token_digest = $1", digest.as_bytes()).fetch_optional(connection).await?;
    Ok(row.map(|row| AccessToken {
        digest: *digest,
        id: row.id,
        org: row.org_id.into(),
        client: row.client_id.into(),
        user: row.user_id.map(UserId),
        subject: row.subject,
        authorization: row.authorization_id.map(AuthorizationId),
        credential: row.credential_id.map(CredentialId),
        scopes: row.scopes.into(),
        api: row.api,
        auth_time: row.auth_time,
        issued_at: row.issued_at,
        expires_at: row.expires_at,
        revoked_at: row.revoked_at,
    }))
}

/// Revokes an opaque token; false when it was revoked already or is unknown.
pub async fn revoke(connection: &mut Connection, digest: &Digest, at: OffsetDateTime) -> Result<bool, Error> {
    let done =
        sqlx::query!("UPDATE access_tokens SET revoked_at = $2 WHERE token_digest = $1 AND revoked_at IS NULL", digest.as_bytes(), at)
            .execute(connection)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Revokes a JWT by its `jti`, remembered until it would have expired. Doing it twice is doing it once.
pub async fn revoke_jti(connection: &mut Connection, jti: Uuid, expires_at: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!("SELECT revoke_access_token($1, $2)", jti, expires_at).execute(connection).await?;
    Ok(())
}

/// Whether the JWT with this `jti` and `exp` was revoked.
pub async fn is_jti_revoked(connection: &mut Connection, jti: Uuid, expires_at: OffsetDateTime) -> Result<bool, Error> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM revoked_access_tokens WHERE jti = $1 AND expires_at = $2) AS "revoked!""#,
        jti,
        expires_at,
    )
    .fetch_one(connection)
    .await?)
}
