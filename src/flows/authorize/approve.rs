//! The person said yes.

use time::OffsetDateTime;

use crate::db::{authorization_requests, consents};
use crate::flows::authorize::{Answer, Browser, Next, Pending, Standing, decide, grant};
use crate::flows::{Deps, Error};
use crate::model::audit::Origin;
use crate::model::authorization_request::RequestStage;
use crate::model::ids::AuthorizationRequestId;
use crate::protocol::authorize::interaction::Interaction;
use crate::protocol::authorize::scope;

/// Approves a pending request of this browser: once, only as the registration is at this moment, and only by somebody who proved
/// who they are recently enough for what they give.
pub async fn approve(
    deps: &Deps,
    id: AuthorizationRequestId,
    browser: &Browser,
    origin: &Origin,
    now: OffsetDateTime,
) -> Result<Next, Error> {
    let mut transaction = deps.db.begin().await?;
    let pending = match Pending::lock(&mut transaction, id, browser, now).await? {
        Ok(pending) => pending,
        Err(closed) => return Ok(Next::Closed(closed)),
    };
    let (asked, record) = (&pending.request.asked, &pending.record);
    let address = match pending.address() {
        Ok(address) => address,
        Err(problem) => return Ok(pending.halt(&mut transaction, browser, problem).await?.into()),
    };
    if let Err(refusal) = scope::check_still_allowed(&asked.scopes, &record.client) {
        authorization_requests::finish(&mut transaction, id, RequestStage::Denied, now).await?;
        transaction.commit().await?;
        return Ok(Next::Redirect(Box::new(Answer::refused(address, refusal, record))));
    }
    let standing = Standing::load(&mut transaction, browser, record).await?;
    let decision = decide(deps, asked, pending.request.created_at, record, standing.as_ref(), now);
    let Some(standing) = standing else { return Ok(Next::Login(id)) };
    match decision {
        Interaction::Login => Ok(Next::Login(id)),
        Interaction::NotAMember => Ok(Next::Consent(id)),
        Interaction::Refuse(refusal) => Ok(Next::Redirect(Box::new(Answer::refused(address, refusal, record)))),
        // Also when the page was shown to somebody who had just signed in, and was then left open.
        Interaction::Consent(ask) if !ask.unproven.is_empty() => Ok(Next::Prove(id)),
        Interaction::Consent(_) | Interaction::Finish => {
            let code = grant::insert(deps, &mut transaction, record, asked, &standing, origin, now).await?;
            // A try changes nothing for the app: it is asked for again when it asks itself.
            if !pending.request.try_out {
                let parties = (record.client.org, record.client.key, standing.session.user.id);
                consents::remember(&mut transaction, parties, &asked.scopes, record.client.identity_version, now).await?;
            }
            authorization_requests::finish(&mut transaction, id, RequestStage::Approved, now).await?;
            transaction.commit().await?;
            Ok(Next::Redirect(Box::new(Answer::code(address, code, record))))
        }
    }
}
