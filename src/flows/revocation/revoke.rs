//! Revocation (RFC 7009): a client gives back one of its tokens.
//!
//! Unknown, expired and foreign tokens are answered like revoked ones and nothing happens to them; only trouble of our own is
//! told, because a revocation that did not happen must never look like one that did (L6).

use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::crypto::token::digest;
use crate::db::{Connection, access_tokens, authorizations};
use crate::flows::client_auth::AuthenticatedClient;
use crate::flows::{Deps, Error, audit, keys, revocation};
use crate::model::audit::{AuditEvent, Origin};
use crate::model::authorization::EndCause;
use crate::model::ids::AuthorizationId;

/// Revokes `token` if it is one of `client`'s. A refresh token of any generation ends its whole family (L1); an access token
/// ends alone (L2).
pub async fn revoke(deps: &Deps, client: &AuthenticatedClient, token: &str, now: OffsetDateTime) -> Result<(), Error> {
    if let Some(credential) = client.credential {
        deps.last_use.record_credential(credential, None, now);
    }
    if let Some((id, _generation)) = deps.sealer.open_refresh_token(token) {
        return revoke_family(deps, client, id, now).await;
    }
    if let Some(verified) = keys::verify(deps, token, digest(token), now).await? {
        let claims = verified.claims;
        let own = claims.client_id == client.record.client.client_id && claims.exp > now.unix_timestamp();
        return match (claims.jti.parse(), OffsetDateTime::from_unix_timestamp(claims.exp)) {
            (Ok(jti), Ok(expires_at)) if own => revoke_jwt(deps, client, (jti, expires_at), now).await,
            _ => Ok(()),
        };
    }
    revoke_opaque(deps, client, token, now).await
}

async fn revoke_family(deps: &Deps, client: &AuthenticatedClient, id: AuthorizationId, now: OffsetDateTime) -> Result<(), Error> {
    let mut transaction = deps.db.begin().await?;
    let facts = authorizations::find_facts_by_id(&mut transaction, id).await?;
    if facts.is_none_or(|facts| facts.authorization.client != client.record.client.key) {
        return Ok(());
    }
    if authorizations::end(&mut transaction, id, EndCause::RevokedByClient, now).await? {
        let app = &client.record.client.profile.name;
        record(deps, &mut transaction, client, ("authorization.revoke", json!({ "authorization": id, "app": app })), now).await?;
        revocation::commit(deps, transaction).await?;
        tracing::info!(authorization = %id, client_id = client.record.client.client_id, "the client revoked its authorization");
    }
    Ok(())
}

async fn revoke_jwt(
    deps: &Deps,
    client: &AuthenticatedClient,
    (jti, expires_at): (Uuid, OffsetDateTime),
    now: OffsetDateTime,
) -> Result<(), Error> {
    let mut transaction = deps.db.begin().await?;
    if access_tokens::is_jti_revoked(&mut transaction, jti, expires_at).await? {
        return Ok(());
    }
    access_tokens::revoke_jti(&mut transaction, jti, expires_at).await?;
    let app = &client.record.client.profile.name;
    record(deps, &mut transaction, client, ("access_token.revoke", json!({ "access_token": jti, "app": app })), now).await?;
    Ok(revocation::commit(deps, transaction).await?)
}

async fn revoke_opaque(deps: &Deps, client: &AuthenticatedClient, token: &str, now: OffsetDateTime) -> Result<(), Error> {
    let fingerprint = digest(token);
    let mut transaction = deps.db.begin().await?;
    let row = access_tokens::find_by_digest(&mut transaction, &fingerprint).await?;
    if row.is_none_or(|row| row.client != client.record.client.key) {
        return Ok(());
    }
    if access_tokens::revoke(&mut transaction, &fingerprint, now).await? {
        let app = &client.record.client.profile.name;
        record(deps, &mut transaction, client, ("access_token.revoke", json!({ "app": app })), now).await?;
        revocation::commit(deps, transaction).await?;
    }
    Ok(())
}

/// What the app ended, in the trail of its org.
async fn record(
    deps: &Deps,
    connection: &mut Connection,
    client: &AuthenticatedClient,
    (action, detail): (&'static str, serde_json::Value),
    now: OffsetDateTime,
) -> Result<(), Error> {
    let app = &client.record.client;
    let event = AuditEvent {
        org: Some(app.org),
        origin: Origin::of_client(app, &client.whence),
        action,
        target_kind: "client",
        target_id: Some(app.client_id.clone()),
        detail,
    };
    Ok(audit::record(deps, connection, event, now).await?)
}
