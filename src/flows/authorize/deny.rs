//! The person said no.

use time::OffsetDateTime;

use crate::db::authorization_requests;
use crate::flows::authorize::{Answer, Browser, Next, Pending};
use crate::flows::{Deps, Error, audit};
use crate::model::audit::{Actor, AuditEvent, Origin};
use crate::model::authorization_request::RequestStage;
use crate::model::ids::AuthorizationRequestId;
use crate::model::refusal::Refusal;
use crate::wire::ErrorCode;

/// Denies a pending request of this browser.
pub async fn deny(deps: &Deps, id: AuthorizationRequestId, browser: &Browser, origin: &Origin, now: OffsetDateTime) -> Result<Next, Error> {
    let mut transaction = deps.db.begin().await?;
    let pending = match Pending::lock(&mut transaction, id, browser, now).await? {
        Ok(pending) => pending,
        Err(closed) => return Ok(Next::Closed(closed)),
    };
    let address = match pending.address() {
        Ok(address) => address,
        Err(problem) => return Ok(pending.halt(&mut transaction, browser, problem).await?.into()),
    };
    authorization_requests::finish(&mut transaction, id, RequestStage::Denied, now).await?;
    let client = &pending.record.client;
    let actor = browser
        .session
        .as_ref()
        .map_or(Actor::Anonymous, |session| Actor::User { id: session.user.id, email: session.user.email.to_string() });
    let event = AuditEvent {
        org: Some(client.org),
        origin: origin.acting_as(actor),
        action: "authorization.deny",
        target_kind: "client",
        target_id: Some(client.client_id.clone()),
        detail: serde_json::json!({ "app": client.profile.name }),
    };
    audit::record(deps, &mut transaction, event, now).await?;
    transaction.commit().await?;
    let refusal = Refusal::new(ErrorCode::AccessDenied, "The person did not allow it.");
    Ok(Next::Redirect(Box::new(Answer::refused(address, refusal, &pending.record))))
}
