//! The authorization endpoint and what follows it, until the answer goes back to the app.
//!
//! [`start`] checks a request and stores it; [`next_step`] goes on after a sign-in; [`question`] loads what the consent page
//! shows; [`approve`] and [`deny`] answer. Each ends in a [`Next`].

use std::sync::Arc;

use crate::crypto::token;
use crate::db::{self, Transaction, authorization_requests, clients, consents, memberships};
use crate::flows::Deps;
use crate::model::authorization_request::{Asked, AuthorizationRequest, RequestStage};
use crate::model::browser_session::BrowserSession;
use crate::model::client::ClientRecord;
use crate::model::consent::Consent;
use crate::model::ids::{AuthorizationRequestId, UserId};
use crate::model::membership::{Membership, Role};
use crate::model::refusal::Refusal;
use crate::model::scope::ScopeSet;
use crate::protocol::authorize::client;
use crate::protocol::authorize::interaction::{self, Facts, Interaction, Person};
use crate::secret::{Digest, Secret};
use time::OffsetDateTime;

pub mod approve;
pub mod deny;
mod grant;
pub mod next_step;
pub mod question;
pub mod start;

pub use crate::protocol::authorize::interaction::Reason;
pub use crate::protocol::authorize::{PageProblem, ReturnAddress};

/// Whose browser asks: its own cookie, and who is signed in.
#[derive(Debug, Clone)]
pub struct Browser {
    /// SHA-256 of the browser's cookie.
    pub digest: Digest,
    /// The signed-in person.
    pub session: Option<BrowserSession>,
}

impl Browser {
    /// The browser that holds `cookie`.
    pub fn with_cookie(cookie: &str, session: Option<BrowserSession>) -> Self {
        Self { digest: token::digest(cookie), session }
    }

    /// A cookie for a browser that has none.
    pub fn mint_cookie(deps: &Deps) -> Secret<String> {
        token::mint_cookie(&*deps.entropy).value
    }
}

/// Where the person goes.
#[derive(Debug)]
pub enum Next {
    /// To the sign-in page, which then goes on with this request.
    Login(AuthorizationRequestId),
    /// To the page of this request.
    Consent(AuthorizationRequestId),
    /// To the password: the approval of this request counts after it.
    Prove(AuthorizationRequestId),
    /// Back to the app.
    Redirect(Box<Answer>),
    /// Nowhere: there is no proved address to go back to.
    Page(Box<Halt>),
    /// Nowhere: the request is over or not this browser's.
    Closed(Closed),
}

/// An answer to an authorization request. It can only be made of a proved address.
#[derive(Debug, Clone)]
pub struct Answer {
    address: ReturnAddress,
    content: Content,
    workfront: Option<String>,
    record: Arc<ClientRecord>,
}

/// What an answer says.
#[derive(Debug, Clone)]
pub enum Content {
    /// The code (RFC 6749 §4.1.2).
    Code(Secret<String>),
    /// The error (RFC 6749 §4.1.2.1).
    Refused(Refusal),
}

impl Answer {
    fn code(address: ReturnAddress, code: Secret<String>, record: &Arc<ClientRecord>) -> Self {
        let workfront = record.client.profile.compat.workfront.then(|| record.org_slug.clone());
        Self { address, content: Content::Code(code), workfront, record: Arc::clone(record) }
    }

    fn refused(address: ReturnAddress, refusal: Refusal, record: &Arc<ClientRecord>) -> Self {
        Self { address, content: Content::Refused(refusal), workfront: None, record: Arc::clone(record) }
    }

    /// Where it goes.
    pub fn address(&self) -> &ReturnAddress {
        &self.address
    }

    /// What it says.
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// Whose request it answers.
    pub fn record(&self) -> &ClientRecord {
        &self.record
    }

    /// The org's slug, where the app's Workfront switch wants `domain` and `lane` beside the code (R7).
    pub fn workfront_domain(&self) -> Option<&str> {
        self.workfront.as_deref()
    }
}

/// A request that is answered by a page, with what helps to repair it.
#[derive(Debug)]
pub struct Halt {
    /// What is wrong.
    pub problem: PageProblem,
    /// The client, if it is known.
    pub record: Option<Arc<ClientRecord>>,
    /// What the signed-in person is in the client's org.
    pub role: Option<Role>,
}

impl From<Halt> for Next {
    fn from(halt: Halt) -> Self {
        Self::Page(Box::new(halt))
    }
}

/// A request that cannot go on.
#[derive(Debug, Clone)]
pub enum Closed {
    /// There is no such request (any more).
    Unknown,
    /// Another browser started it (E3).
    Foreign,
    /// It was answered (E4).
    Answered(Arc<ClientRecord>, RequestStage),
    /// Nobody answered in time (B17).
    Expired(Arc<ClientRecord>),
}

/// A request that waits, with everything that decides about it.
struct Pending {
    request: AuthorizationRequest,
    record: Arc<ClientRecord>,
}

impl Pending {
    /// Loads a request of this browser and keeps its row until the transaction ends.
    async fn lock(
        transaction: &mut Transaction,
        id: AuthorizationRequestId,
        browser: &Browser,
        now: OffsetDateTime,
    ) -> Result<Result<Self, Closed>, db::Error> {
        let request = authorization_requests::lock_by_id(transaction, id).await?;
        Self::open(transaction, request, browser, now).await
    }

    /// Loads a request of this browser to look at it.
    async fn find(
        connection: &mut db::Connection,
        id: AuthorizationRequestId,
        browser: &Browser,
        now: OffsetDateTime,
    ) -> Result<Result<Self, Closed>, db::Error> {
        let request = authorization_requests::find_by_id(connection, id).await?;
        Self::open(connection, request, browser, now).await
    }

    async fn open(
        connection: &mut db::Connection,
        request: Option<AuthorizationRequest>,
        browser: &Browser,
        now: OffsetDateTime,
    ) -> Result<Result<Self, Closed>, db::Error> {
        let Some(request) = request else { return Ok(Err(Closed::Unknown)) };
        if request.browser != browser.digest {
            return Ok(Err(Closed::Foreign));
        }
        // Read afresh, not from the cache: the answer must follow the registration as it is at this moment (C8).
        let Some(record) = clients::find_record_by_key(connection, request.client).await?.map(Arc::new) else {
            return Ok(Err(Closed::Unknown));
        };
        if request.stage != RequestStage::Pending {
            return Ok(Err(Closed::Answered(record, request.stage)));
        }
        if request.expires_at <= now {
            return Ok(Err(Closed::Expired(record)));
        }
        Ok(Ok(Self { request, record }))
    }

    /// Proves the address again, as the registration is now (C8).
    fn address(&self) -> Result<ReturnAddress, PageProblem> {
        let asked = &self.request.asked;
        if self.request.try_out {
            return client::prove_own(&self.record, asked.redirect_uri.as_str(), asked.state.as_deref());
        }
        client::prove(&self.record, asked.redirect_uri.as_str(), asked.state.as_deref())
    }

    /// The page for an address that is good no more.
    async fn halt(&self, connection: &mut db::Connection, browser: &Browser, problem: PageProblem) -> Result<Halt, db::Error> {
        let role = role_of(connection, browser, Some(&self.record)).await?;
        Ok(Halt { problem, record: Some(Arc::clone(&self.record)), role })
    }
}

/// What decides about the signed-in person.
struct Standing {
    session: BrowserSession,
    membership: Option<Membership>,
    consent: Option<Consent>,
}

impl Standing {
    async fn load(connection: &mut db::Connection, browser: &Browser, record: &ClientRecord) -> Result<Option<Self>, db::Error> {
        let Some(session) = browser.session.clone() else { return Ok(None) };
        let membership = memberships::find(connection, record.client.org, session.user.id).await?;
        let consent = consents::find(connection, session.user.id, record.client.key).await?;
        Ok(Some(Self { session, membership, consent }))
    }

    fn person(&self) -> Person<'_> {
        Person { authenticated_at: self.session.authenticated_at, is_member: self.membership.is_some(), consent: self.consent.as_ref() }
    }
}

fn decide(
    deps: &Deps,
    asked: &Asked,
    asked_at: OffsetDateTime,
    record: &ClientRecord,
    standing: Option<&Standing>,
    now: OffsetDateTime,
) -> Interaction {
    let api = deps.policy.api(&asked.api);
    let is_sensitive = |name: &str| api.and_then(|api| api.scope(name)).is_some_and(|scope| scope.sensitive);
    let sensitive: ScopeSet = asked.scopes.iter().filter(|name| is_sensitive(name)).map(str::to_owned).collect();
    let recent = deps.policy.lifetimes.reauthentication;
    let person = standing.map(Standing::person);
    interaction::next(Facts { asked, asked_at, client: &record.client, sensitive: &sensitive, recent, person, now })
}

async fn role_of(connection: &mut db::Connection, browser: &Browser, record: Option<&ClientRecord>) -> Result<Option<Role>, db::Error> {
    let user: Option<UserId> = browser.session.as_ref().map(|session| session.user.id);
    let (Some(user), Some(record)) = (user, record) else { return Ok(None) };
    Ok(memberships::find(connection, record.client.org, user).await?.map(|membership| membership.role))
}

/// How long requests wait and codes live is policy; what a flow needs of it in one place.
fn expiry(deps: &Deps, now: OffsetDateTime) -> OffsetDateTime {
    now + deps.policy.lifetimes.authorization_request
}
