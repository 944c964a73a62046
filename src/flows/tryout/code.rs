//! A round of the code flow in which Grantor's own pages are the app: with PKCE and `state`, a real sign-in, a real consent and a
//! real exchange. It never weakens the app: its address stands in no registration, the approval is not remembered, the tokens are
//! shown to nobody, and what came of it is an authorization like any other, of the person who tried, who ends it by a button.

use std::sync::Arc;

use serde_json::json;
use time::OffsetDateTime;

use crate::db::{authorization_requests, authorizations};
use crate::flows::authorize::{Browser, Next};
use crate::flows::client_auth::AuthenticatedClient;
use crate::flows::clients::{self, Error};
use crate::flows::orgs::OrgAccess;
use crate::flows::token::authorization_code::challenge_of;
use crate::flows::token::{Granted, issue_token};
use crate::flows::traces::{Asked as Noted, Refused};
use crate::flows::tryout::test_token::told;
use crate::flows::{self, Deps, revocation};
use crate::model::audit::Whence;
use crate::model::authorization::EndCause;
use crate::model::authorization_request::{Asked, AuthorizationRequest, RequestStage};
use crate::model::client::{ClientKind, ClientRecord};
use crate::model::field_error::FieldError;
use crate::model::ids::{AuthorizationId, AuthorizationRequestId};
use crate::model::refusal::Refusal;
use crate::model::request_trace::Endpoint;
use crate::protocol::authorize::{PageProblem, check, client};
use crate::secret::Secret;
use crate::wire::authorize::AuthorizationParams;
use crate::wire::token::{TokenRequest, TokenResponse};
use crate::wire::{AuthMethod, GrantType};

/// What is tried.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// The app.
    pub client_id: &'a str,
    /// What it asks for; empty = its default scopes.
    pub scope: &'a str,
    /// The page of ours that the answer comes to.
    pub callback: &'a str,
}

/// What came to our callback.
#[derive(Debug, Clone, Copy)]
pub struct Came<'a> {
    /// The id of the request, by which it is found again.
    pub state: &'a str,
    /// Empty when there is an error.
    pub code: &'a str,
}

/// A finished round.
#[derive(Debug)]
pub struct Tried {
    /// The app.
    pub record: Arc<ClientRecord>,
    /// What was asked.
    pub asked: Asked,
    /// The PKCE verifier.
    pub verifier: Secret<String>,
    /// What became of it.
    pub end: End,
}

/// How a round ends.
#[derive(Debug)]
pub enum End {
    /// The authorization endpoint sent no code.
    NoCode,
    /// The token endpoint refused the code.
    Refused(Refusal),
    /// Tokens.
    Issued(Box<Issued>),
}

/// What was issued.
#[derive(Debug)]
pub struct Issued {
    /// The authorization, to end it.
    pub authorization: AuthorizationId,
    /// As the app would read it.
    pub answer: TokenResponse,
}

/// Begins a round as the app would, and says where the person goes.
pub async fn start(deps: &Deps, access: &OrgAccess, wish: Wish<'_>, browser: &Browser, now: OffsetDateTime) -> Result<Next, Error> {
    access.check_reads_apps()?;
    let record = clients::find(deps, access, wish.client_id).await?;
    check_app(&record)?;
    deps.rate.authorization_request(access.origin.ip).map_err(|error| told(error, "scope"))?;
    let id = AuthorizationRequestId(deps.entropy.uuid(now));
    let state = id.to_string();
    let address = client::prove_own(&record, wish.callback, Some(&state)).map_err(|_: PageProblem| Error::NotFound)?;
    let challenge = challenge_of(&verifier(deps, id));
    let sent = [
        ("response_type", "code"),
        ("client_id", wish.client_id),
        ("redirect_uri", wish.callback),
        ("scope", wish.scope),
        ("state", &state),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("prompt", "consent"),
    ];
    let sent: Vec<_> = sent.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let params = AuthorizationParams::read(&sent);
    let asked = check(&params, &address, &record, &deps.policy).map_err(|refusal| told(refusal.into(), "scope"))?;

    let request = AuthorizationRequest {
        id,
        org: record.client.org,
        client: record.client.key,
        browser: browser.digest,
        asked,
        created_at: now,
        expires_at: now + deps.policy.lifetimes.authorization_request,
        stage: RequestStage::Pending,
        try_out: true,
    };
    let mut transaction = deps.db.begin().await?;
    authorization_requests::insert(&mut transaction, &request).await?;
    authorization_requests::drop_oldest_of_browser(&mut transaction, &browser.digest, deps.policy.limits.requests_per_browser).await?;
    let detail = json!({ "scopes": request.asked.scopes });
    clients::record(deps, &mut transaction, access, ("client.try_out", &record.client), detail, now).await?;
    transaction.commit().await?;
    deps.traces.waiting(&record, noted(access, Endpoint::Authorize, None, now), 303);
    Ok(Next::Consent(id))
}

/// Takes the answer back and redeems its code as the app would; once for each round, and only in the browser that began it.
pub async fn finish(
    deps: &Deps,
    access: &OrgAccess,
    (client_id, came): (&str, Came<'_>),
    browser: &Browser,
    now: OffsetDateTime,
) -> Result<Tried, Error> {
    access.check_reads_apps()?;
    let record = Arc::new(clients::find(deps, access, client_id).await?);
    let id: AuthorizationRequestId = came.state.parse().map_err(|_| Error::NotFound)?;
    let mut transaction = deps.db.begin().await?;
    let request = authorization_requests::lock_by_id(&mut transaction, id).await?;
    let own = request.filter(|own| own.try_out && own.client == record.client.key && own.browser == browser.digest);
    let request = own.ok_or(Error::NotFound)?;
    if !authorization_requests::take_try(&mut transaction, id, now).await? {
        return Err(Error::NotFound);
    }
    // A code of another round, of another person or of the app's own must not be spent here.
    let authorization = match deps.sealer.open_code(came.code) {
        Some(named) => authorizations::find_facts_by_id(&mut transaction, named).await?.map(|facts| facts.authorization),
        None => None,
    };
    transaction.commit().await?;
    let fits = authorization.filter(|row| {
        row.client == record.client.key
            && Some(row.user) == access.user()
            && row.redirect_uri.as_deref() == Some(request.asked.redirect_uri.as_str())
    });
    let verifier = verifier(deps, id);
    let end = match fits {
        None if came.code.is_empty() => End::NoCode,
        None => return Err(Error::NotFound),
        Some(row) => redeem(deps, access, &record, (row.id, came.code, &request.asked, &verifier), now).await?,
    };
    Ok(Tried { record, asked: request.asked, verifier, end })
}

async fn redeem(
    deps: &Deps,
    access: &OrgAccess,
    record: &Arc<ClientRecord>,
    (authorization, code, asked, verifier): (AuthorizationId, &str, &Asked, &Secret<String>),
    now: OffsetDateTime,
) -> Result<End, Error> {
    // The server vouches for the app: its secrets are known to nobody here, and their last use stays what it is.
    let method = if record.client.kind.is_confidential() { AuthMethod::ClientSecretBasic } else { AuthMethod::None };
    let whence = Whence { ip: access.origin.ip, request_id: access.origin.request_id.clone() };
    let client = AuthenticatedClient { record: Arc::clone(record), credential: None, method, whence };
    let request = TokenRequest::AuthorizationCode {
        code: code.into(),
        redirect_uri: Some(asked.redirect_uri.as_str().to_owned()),
        code_verifier: Some(verifier.clone()),
    };
    let noted = noted(access, Endpoint::Token, Some(method), now);
    match issue_token(deps, &client, request, now).await {
        Ok(Granted { response: answer, .. }) => {
            deps.traces.answered(record, noted, 200);
            Ok(End::Issued(Box::new(Issued { authorization, answer })))
        }
        Err(flows::Error::Refused(refusal)) => {
            let contrast = refusal.contrast.as_deref().cloned();
            let why = Refused { error: refusal.error.as_str(), cause: refusal.cause, contrast, sent: &|_| None, secret: None };
            deps.traces.refused(deps, record, noted, 400, &why);
            Ok(End::Refused(refusal))
        }
        Err(error) => Err(told(error, "code")),
    }
}

/// Ends what a round of this person left behind, whatever their role.
pub async fn end(deps: &Deps, access: &OrgAccess, client_id: &str, id: AuthorizationId, now: OffsetDateTime) -> Result<(), Error> {
    access.check_reads_apps()?;
    let record = clients::find(deps, access, client_id).await?;
    let mut transaction = deps.db.begin().await?;
    let facts = authorizations::find_facts_by_id(&mut transaction, id).await?;
    let own = facts.is_some_and(|facts| {
        let row = facts.authorization;
        row.client == record.client.key && Some(row.user) == access.user()
    });
    if !own || !authorizations::end(&mut transaction, id, EndCause::RevokedByUser, now).await? {
        return Err(Error::NotFound);
    }
    clients::record(deps, &mut transaction, access, ("authorization.revoke", &record.client), json!({ "authorization": id }), now).await?;
    Ok(revocation::commit(deps, transaction).await?)
}

fn check_app(record: &ClientRecord) -> Result<(), Error> {
    let refuse = |code, message| Err(Error::Invalid(vec![FieldError::new("", code, message)]));
    if record.client.system {
        return Err(Error::SystemApp);
    }
    if record.client.kind == ClientKind::M2m {
        return refuse("wrong_kind", "A machine-to-machine application has no users to ask; get a token for itself.");
    }
    if record.is_enabled() { Ok(()) } else { refuse("disabled", "The application is disabled. Enable it first.") }
}

/// The PKCE verifier of a round (RFC 7636 §4.1): 43 characters that follow from its id and our key, so none is stored.
fn verifier(deps: &Deps, id: AuthorizationRequestId) -> Secret<String> {
    Secret::new(deps.sealer.form_token("try this app", &id.to_string()))
}

fn noted(access: &OrgAccess, endpoint: Endpoint, method: Option<AuthMethod>, now: OffsetDateTime) -> Noted {
    let grant = (endpoint == Endpoint::Token).then_some(GrantType::AuthorizationCode);
    Noted { at: now, request_id: access.origin.request_id.clone().unwrap_or_default(), endpoint, grant, method }
}
