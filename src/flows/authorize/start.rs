//! `/authorize`: checks what was sent, and says where the person goes.

use std::sync::Arc;

use time::OffsetDateTime;

use crate::db::authorization_requests;
use crate::flows::authorize::{Answer, Browser, Halt, Next, PageProblem, Standing, decide, expiry, grant, role_of};
use crate::flows::{Deps, Error};
use crate::model::audit::Origin;
use crate::model::authorization_request::{Asked, AuthorizationRequest, RequestStage};
use crate::model::client::ClientRecord;
use crate::model::ids::AuthorizationRequestId;
use crate::protocol::authorize::interaction::Interaction;
use crate::protocol::authorize::{check, client};
use crate::wire::authorize::AuthorizationParams;

/// Runs both phases of the rules, then stores the request or answers it at once.
pub async fn start(deps: &Deps, sent: &[(String, String)], browser: &Browser, origin: &Origin, now: OffsetDateTime) -> Result<Next, Error> {
    deps.rate.authorization_request(origin.ip)?;
    let params = AuthorizationParams::read(sent);
    let client_id = match client::named_client(&params) {
        Ok(client_id) => client_id,
        Err(problem) => return Ok(Halt { problem, record: None, role: None }.into()),
    };
    let record = deps.clients.get(deps, client_id).await?;
    let address = match client::prove_return_address(&params, record.as_deref()) {
        Ok(address) => address,
        Err(problem) => return halt(deps, browser, record, problem).await,
    };
    let Some(record) = record else { return halt(deps, browser, None, PageProblem::ClientUnknown).await };
    let asked = match check(&params, &address, &record, &deps.policy) {
        Ok(asked) => asked,
        Err(refusal) => {
            tracing::info!(
                client_id = record.client.client_id,
                error = refusal.error.as_str(),
                cause = refusal.cause,
                "refused to authorize"
            );
            return Ok(Next::Redirect(Box::new(Answer::refused(address, refusal, &record))));
        }
    };

    let mut transaction = deps.db.begin().await?;
    let standing = Standing::load(&mut transaction, browser, &record).await?;
    match (decide(deps, &asked, now, &record, standing.as_ref(), now), standing) {
        (Interaction::Refuse(refusal), _) => Ok(Next::Redirect(Box::new(Answer::refused(address, refusal, &record)))),
        (Interaction::Finish, Some(standing)) => {
            let code = grant::insert(deps, &mut transaction, &record, &asked, &standing, origin, now).await?;
            transaction.commit().await?;
            Ok(Next::Redirect(Box::new(Answer::code(address, code, &record))))
        }
        (Interaction::Login | Interaction::Finish, _) => {
            let id = store(deps, transaction, &record, asked, browser, now).await?;
            Ok(Next::Login(id))
        }
        (Interaction::Consent(_) | Interaction::NotAMember, _) => {
            let id = store(deps, transaction, &record, asked, browser, now).await?;
            Ok(Next::Consent(id))
        }
    }
}

async fn halt(deps: &Deps, browser: &Browser, record: Option<Arc<ClientRecord>>, problem: PageProblem) -> Result<Next, Error> {
    tracing::info!(?problem, "refused to authorize without an address to answer to");
    let role = match browser.session {
        Some(_) => role_of(&mut *deps.db.acquire().await?, browser, record.as_deref()).await?,
        None => None,
    };
    Ok(Halt { problem, record, role }.into())
}

async fn store(
    deps: &Deps,
    mut transaction: crate::db::Transaction,
    record: &ClientRecord,
    asked: Asked,
    browser: &Browser,
    now: OffsetDateTime,
) -> Result<AuthorizationRequestId, Error> {
    let id = AuthorizationRequestId(deps.entropy.uuid(now));
    let request = AuthorizationRequest {
        id,
        org: record.client.org,
        client: record.client.key,
        browser: browser.digest,
        asked,
        created_at: now,
        expires_at: expiry(deps, now),
        stage: RequestStage::Pending,
        try_out: false,
    };
    authorization_requests::insert(&mut transaction, &request).await?;
    authorization_requests::drop_oldest_of_browser(&mut transaction, &browser.digest, deps.policy.limits.requests_per_browser).await?;
    transaction.commit().await?;
    Ok(id)
}
