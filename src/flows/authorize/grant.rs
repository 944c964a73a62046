//! The approval itself: an authorization in generation 0, which is its code.

use time::OffsetDateTime;

use crate::db::{Transaction, authorizations};
use crate::flows::authorize::Standing;
use crate::flows::{Deps, Error, audit};
use crate::model::audit::{Actor, AuditEvent, Origin};
use crate::model::authorization_request::Asked;
use crate::model::client::ClientRecord;
use crate::model::ids::AuthorizationId;
use crate::secret::Secret;

/// Inserts the authorization and says its code; it is good only once the transaction has been committed.
pub(super) async fn insert(
    deps: &Deps,
    transaction: &mut Transaction,
    record: &ClientRecord,
    asked: &Asked,
    standing: &Standing,
    origin: &Origin,
    now: OffsetDateTime,
) -> Result<Secret<String>, Error> {
    let id = AuthorizationId(deps.entropy.uuid(now));
    let user = &standing.session.user;
    let new = authorizations::NewAuthorization {
        id,
        org: record.client.org,
        client: record.client.key,
        user: user.id,
        offline: asked.offline,
        scopes: asked.scopes.clone(),
        api: asked.api.clone(),
        auth_time: standing.session.authenticated_at,
        created_at: now,
        redirect_uri: asked.redirect_uri.as_str().to_owned(),
        code_challenge: asked.code_challenge.clone(),
        code_expires_at: now + deps.policy.lifetimes.code,
        nonce: asked.nonce.clone(),
    };
    authorizations::insert(transaction, &new).await?;
    let event = AuditEvent {
        org: Some(record.client.org),
        origin: origin.acting_as(Actor::User { id: user.id, email: user.email.to_string() }),
        action: "authorization.approve",
        target_kind: "client",
        target_id: Some(record.client.client_id.clone()),
        detail: serde_json::json!({ "authorization": id, "app": record.client.profile.name, "scopes": asked.scopes }),
    };
    audit::record(deps, transaction, event, now).await?;
    Ok(deps.sealer.code(id))
}
