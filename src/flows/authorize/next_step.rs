//! What follows a sign-in, for a request that waited for it.

use time::OffsetDateTime;

use crate::db::authorization_requests;
use crate::flows::authorize::{Answer, Browser, Next, Pending, Standing, decide, grant};
use crate::flows::{Deps, Error};
use crate::model::audit::Origin;
use crate::model::authorization_request::RequestStage;
use crate::model::ids::AuthorizationRequestId;
use crate::protocol::authorize::interaction::Interaction;
use crate::protocol::authorize::scope;

/// Goes on with a pending request of this browser; an approval that is still honoured finishes it at once.
pub async fn next_step(
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
    let standing = Standing::load(&mut transaction, browser, record).await?;
    let decision = match scope::check_still_allowed(&asked.scopes, &record.client) {
        Ok(()) => decide(deps, asked, pending.request.created_at, record, standing.as_ref(), now),
        Err(refusal) => Interaction::Refuse(refusal),
    };
    match (decision, standing) {
        (Interaction::Refuse(refusal), _) => {
            authorization_requests::finish(&mut transaction, id, RequestStage::Denied, now).await?;
            transaction.commit().await?;
            Ok(Next::Redirect(Box::new(Answer::refused(address, refusal, record))))
        }
        (Interaction::Finish, Some(standing)) => {
            let code = grant::insert(deps, &mut transaction, record, asked, &standing, origin, now).await?;
            authorization_requests::finish(&mut transaction, id, RequestStage::Approved, now).await?;
            transaction.commit().await?;
            Ok(Next::Redirect(Box::new(Answer::code(address, code, record))))
        }
        (Interaction::Login | Interaction::Finish, _) => Ok(Next::Login(id)),
        (Interaction::Consent(_) | Interaction::NotAMember, _) => Ok(Next::Consent(id)),
    }
}
