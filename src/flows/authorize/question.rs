//! What the consent page shows. Looking never grants (E5).

use std::sync::Arc;

use time::OffsetDateTime;

use crate::flows::authorize::{Browser, Closed, Next, Pending, Reason, Standing, decide};
use crate::flows::{Deps, Error};
use crate::model::api::Scope;
use crate::model::authorization_request::Asked;
use crate::model::client::ClientRecord;
use crate::model::ids::AuthorizationRequestId;
use crate::model::scope::{OFFLINE_ACCESS, ScopeSet};
use crate::protocol::authorize::interaction::{Ask, Interaction};

/// What a person is asked.
#[derive(Debug)]
pub struct Question {
    /// Who asks.
    pub record: Arc<ClientRecord>,
    /// What for.
    pub asked: Asked,
    /// The scopes in words, in the order asked.
    pub scopes: Vec<AskedScope>,
    /// Why an earlier approval is not enough.
    pub reasons: Vec<Reason>,
    /// Whether the person belongs to the app's org; if not there is nothing to allow.
    pub is_member: bool,
}

/// A scope that is asked for.
#[derive(Debug)]
pub struct AskedScope {
    /// Its words.
    pub scope: Scope,
    /// Whether it was not approved before, though others were.
    pub is_new: bool,
    /// Whether allowing it needs the password first, as of now.
    pub is_unproven: bool,
}

/// Loads the question, or says why there is none to show.
pub async fn question(
    deps: &Deps,
    id: AuthorizationRequestId,
    browser: &Browser,
    now: OffsetDateTime,
) -> Result<Result<Question, Next>, Error> {
    let mut connection = deps.db.acquire().await?;
    let pending = match Pending::find(&mut connection, id, browser, now).await? {
        Ok(pending) => pending,
        Err(closed) => return Ok(Err(Next::Closed(closed))),
    };
    if let Err(problem) = pending.address() {
        return Ok(Err(pending.halt(&mut connection, browser, problem).await?.into()));
    }
    let standing = Standing::load(&mut connection, browser, &pending.record).await?;
    let Pending { request, record } = pending;
    let (ask, is_member) = match decide(deps, &request.asked, request.created_at, &record, standing.as_ref(), now) {
        Interaction::Login | Interaction::Refuse(_) => return Ok(Err(Next::Login(id))),
        Interaction::NotAMember => (Ask::default(), false),
        Interaction::Consent(ask) => (ask, true),
        // An approval given in another tab: shown nevertheless, since looking never grants.
        Interaction::Finish => (Ask::default(), true),
    };
    let approved = standing.and_then(|standing| standing.consent).map(|consent| consent.scopes);
    let in_words =
        |name| AskedScope { is_unproven: ask.unproven.contains(name), ..asked_scope(deps, &request.asked, name, approved.as_ref()) };
    let scopes = request.asked.scopes.iter().map(in_words).collect();
    Ok(Ok(Question { record, asked: request.asked, scopes, reasons: ask.reasons, is_member }))
}

/// The app that waits behind a sign-in and the address it returns to, for the sign-in page; `None` when nothing of this browser waits.
pub async fn waiting(
    deps: &Deps,
    id: AuthorizationRequestId,
    browser: &Browser,
    now: OffsetDateTime,
) -> Result<Option<(Arc<ClientRecord>, Asked)>, Error> {
    let mut connection = deps.db.acquire().await?;
    match Pending::find(&mut connection, id, browser, now).await? {
        Ok(pending) => Ok(Some((pending.record, pending.request.asked))),
        Err(Closed::Unknown | Closed::Foreign | Closed::Answered(..) | Closed::Expired(_)) => Ok(None),
    }
}

fn asked_scope(deps: &Deps, asked: &Asked, name: &str, approved: Option<&ScopeSet>) -> AskedScope {
    let known = deps.policy.api(&asked.api).and_then(|api| api.scope(name)).cloned();
    let scope = known.unwrap_or_else(|| unlisted(name));
    AskedScope { scope, is_new: approved.is_some_and(|approved| !approved.contains(name)), is_unproven: false }
}

/// Words for `offline_access`, which belongs to no API, and for a scope that the operator took away meanwhile.
pub fn unlisted(name: &str) -> Scope {
    let (title, description) = match name {
        OFFLINE_ACCESS => ("Stay connected while you are away", "It can renew its access without asking you each time."),
        other => (other, ""),
    };
    Scope { name: name.to_owned(), title: title.to_owned(), description: description.to_owned(), sensitive: false }
}
