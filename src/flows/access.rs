//! Access tokens presented to our own API, the management API.

use std::sync::Arc;

use time::OffsetDateTime;
use uuid::Uuid;

use crate::crypto::AccessTokenClaims;
use crate::db;
use crate::db::access_tokens::{self, Ground};
use crate::flows::{Deps, Error, Unavailable};
use crate::model::client::ClientRecord;
use crate::model::ids::UserId;
use crate::model::scope::ScopeSet;

/// An app that presented a good access token of the management API.
#[derive(Debug, Clone)]
pub struct Bearer {
    /// The app.
    pub record: Arc<ClientRecord>,
    /// What the token may do, as far as the app still has it.
    pub scopes: ScopeSet,
}

/// Why a presented token does not count.
#[derive(Debug, thiserror::Error)]
pub enum BearerError {
    /// Unknown, expired, revoked, for another API, or of a disabled app: all the same from outside (RFC 6750 §3.1).
    #[error("invalid access token")]
    InvalidToken,
    /// Our own trouble.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<db::Error> for BearerError {
    fn from(error: db::Error) -> Self {
        Self::Unavailable(error.into())
    }
}

/// The app behind an access token. Every check is made on each request: signature, issuer, audience, time, the token's and
/// its credential's revocation, and whether app and org still stand.
pub async fn authenticate_bearer(deps: &Deps, token: &str, now: OffsetDateTime) -> Result<Bearer, BearerError> {
    let claims = deps.keyring.current().verify(token).ok_or(BearerError::InvalidToken)?.claims;
    check_claims(deps, &claims, now)?;
    let record = match deps.clients.get(deps, &claims.client_id).await {
        Ok(found) => found.filter(|record| record.is_enabled() && record.client.org == claims.org).ok_or(BearerError::InvalidToken)?,
        Err(Error::Unavailable(trouble)) => return Err(trouble.into()),
        Err(_) => return Err(BearerError::InvalidToken),
    };
    if is_revoked(deps, &claims).await? {
        return Err(BearerError::InvalidToken);
    }
    let granted = ScopeSet::parse(&claims.scope).map_err(|_| BearerError::InvalidToken)?;
    let scopes = granted.iter().filter(|scope| record.client.profile.scopes.contains(scope)).map(str::to_owned).collect();
    Ok(Bearer { record, scopes })
}

/// The same for a token in a `sessionID` header, which counts only for an app with the switch for clients of Workfront (R17).
pub async fn authenticate_session_id(deps: &Deps, token: &str, now: OffsetDateTime) -> Result<Bearer, BearerError> {
    let bearer = authenticate_bearer(deps, token, now).await?;
    if bearer.record.client.profile.compat.workfront { Ok(bearer) } else { Err(BearerError::InvalidToken) }
}

/// Tokens with a user in them are refused: the management API knows what an app may do, not what a user lets it do. A technical
/// account is the app itself; its subject never has the form of a user's id.
fn check_claims(deps: &Deps, claims: &AccessTokenClaims, now: OffsetDateTime) -> Result<(), BearerError> {
    let good = claims.iss == deps.policy.issuer
        && claims.aud == deps.policy.management_api()
        && now.unix_timestamp() < claims.exp
        && claims.authz.is_none()
        && claims.sub.parse::<UserId>().is_err();
    if good { Ok(()) } else { Err(BearerError::InvalidToken) }
}

async fn is_revoked(deps: &Deps, claims: &AccessTokenClaims) -> Result<bool, BearerError> {
    let jti: Uuid = claims.jti.parse().map_err(|_| BearerError::InvalidToken)?;
    let expires_at = OffsetDateTime::from_unix_timestamp(claims.exp).map_err(|_| BearerError::InvalidToken)?;
    let revoked_keys_count = deps.policy.assertions.revoked_keys_end_tokens;
    let ground = Ground { jti, expires_at, authorization: None, credential: claims.cred, revoked_keys_count, user: None };
    Ok(access_tokens::find_standing(&deps.db, ground).await?.revoked)
}
