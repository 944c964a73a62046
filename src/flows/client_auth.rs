//! Who is calling the token, revocation or introspection endpoint: loads the named client, compares digests, counts failures.

use std::net::IpAddr;
use std::sync::Arc;

use time::OffsetDateTime;

use crate::crypto::token::digest;
use crate::flows::assertion::{self, Asked, Judged, Problem, Profile};
use crate::flows::{Deps, Error};
use crate::model::api::Api;
use crate::model::audit::Whence;
use crate::model::client::ClientRecord;
use crate::model::ids::CredentialId;
use crate::model::migration::Shown;
use crate::model::refusal::Refusal;
use crate::protocol::client_auth;
use crate::protocol::migration::check_may_use;
use crate::secret::Secret;
use crate::wire::{AuthMethod, ErrorCode, GrantType};

pub use crate::protocol::client_auth::{Basic, PresentedCredentials};

/// A client that proved itself, or a public one that named itself.
#[derive(Debug, Clone)]
pub struct AuthenticatedClient {
    /// The client as it is now.
    pub record: Arc<ClientRecord>,
    /// What it proved itself with; `None` for a public client, and for a key that it publishes at its `jwks_uri`.
    pub credential: Option<CredentialId>,
    /// How.
    pub method: AuthMethod,
    /// From where, for the audit trail.
    pub whence: Whence,
}

impl AuthenticatedClient {
    /// The same in the request with this reference id.
    #[must_use]
    pub fn in_request(mut self, id: &str) -> Self {
        self.whence.request_id = Some(id.to_owned());
        self
    }

    /// What it proved itself with; `None` for a public client.
    pub fn shown(&self) -> Option<Shown<'_>> {
        let own = self.credential.and_then(|id| self.record.credential(id)).map(Shown::Credential);
        own.or((self.method == AuthMethod::PrivateKeyJwt).then_some(Shown::PublishedKey))
    }

    /// Notes that it got a token for what it showed (R40).
    pub(in crate::flows) fn note_token(&self, deps: &Deps, grant: GrantType, now: OffsetDateTime) {
        match self.credential {
            Some(credential) => deps.last_use.record_credential(credential, Some(grant), now),
            None if self.method == AuthMethod::PrivateKeyJwt => deps.last_use.record_published(self.record.client.key, now),
            None => {}
        }
    }
}

/// Authenticates the client. The right secret always passes; failures are counted for one client id at one address, so that
/// nobody can lock a client out of another address, nor out of his own (G9).
pub async fn authenticate(
    deps: &Deps,
    presented: &PresentedCredentials,
    ip: Option<IpAddr>,
    now: OffsetDateTime,
) -> Result<AuthenticatedClient, Error> {
    let claim = client_auth::claim(presented)?;
    let record = deps.clients.get(deps, &claim.client_id).await?;
    if let Some(assertion) = claim.assertion {
        return Box::pin(by_assertion(deps, record, (&claim.client_id, assertion), ip, now)).await;
    }
    let secret = claim.secret.map(|secret| digest(secret.expose()));
    match client_auth::decide(record.as_deref(), secret.as_ref(), now) {
        Ok(credential) => {
            let record = record.ok_or(Refusal::new(ErrorCode::InvalidClient, "Client authentication failed."))?;
            if let Some(own) = credential.and_then(|id| record.credential(id)) {
                check_may_use(&record, Shown::Credential(own), &deps.policy.jwt_deadlines, now)?;
                deps.last_use.record_credential(own.id, None, now);
            }
            Ok(AuthenticatedClient { record, credential, method: claim.method, whence: Whence { ip, request_id: None } })
        }
        Err(refusal) => Err(count_failure(deps, &claim.client_id, ip, refusal)),
    }
}

/// Authenticates by a signed assertion (RFC 7523 §2.2): once, whatever becomes of the request (G17).
async fn by_assertion(
    deps: &Deps,
    record: Option<Arc<ClientRecord>>,
    (client_id, assertion): (&str, &Secret<String>),
    ip: Option<IpAddr>,
    now: OffsetDateTime,
) -> Result<AuthenticatedClient, Error> {
    let profile = Profile::ClientAuthentication;
    let proved = async {
        let judged = assertion::judge(deps, profile, record, (assertion.expose(), Asked::default()), now).await?;
        assertion::use_once(deps, &judged.record, &judged.accepted, now).await?;
        Ok(judged)
    };
    match proved.await.map_err(|problem: Problem| problem.at(deps, profile)) {
        Ok(Judged { record, credential, .. }) => {
            if let Some(credential) = credential {
                deps.last_use.record_credential(credential, None, now);
            }
            let whence = Whence { ip, request_id: None };
            Ok(AuthenticatedClient { record, credential, method: AuthMethod::PrivateKeyJwt, whence })
        }
        Err(Error::Refused(refusal)) => Err(count_failure(deps, client_id, ip, refusal)),
        Err(trouble) => Err(trouble),
    }
}

/// The API that proved to be itself; `None` when no API of ours is named, so that it may be a client.
pub fn authenticate_api<'d>(deps: &'d Deps, presented: &PresentedCredentials, ip: Option<IpAddr>) -> Result<Option<&'d Api>, Error> {
    let claim = client_auth::claim(presented)?;
    let Some(api) = deps.policy.api(&claim.client_id) else { return Ok(None) };
    let secret = claim.secret.map(|secret| digest(secret.expose()));
    match client_auth::check_api(api, secret.as_ref()) {
        Ok(()) => Ok(Some(api)),
        Err(refusal) => Err(count_failure(deps, &claim.client_id, ip, refusal)),
    }
}

/// The refusal, or that there were too many of them.
pub(in crate::flows) fn count_failure(deps: &Deps, client_id: &str, ip: Option<IpAddr>, refusal: Refusal) -> Error {
    match deps.rate.failed_authentication(client_id, ip) {
        Ok(()) => refusal.into(),
        Err(too_many) => {
            tracing::warn!(cause = refusal.cause, "too many failed client authentications from one address");
            too_many
        }
    }
}

/// Like [`authenticate`], for requests that make tokens: these are also counted per client (R56).
pub async fn authenticate_for_token(
    deps: &Deps,
    presented: &PresentedCredentials,
    ip: Option<IpAddr>,
    now: OffsetDateTime,
) -> Result<AuthenticatedClient, Error> {
    let client = authenticate(deps, presented, ip, now).await?;
    // Anybody can name a public client, so there one address must not use up what belongs to all.
    let from = if client.method == AuthMethod::None { ip } else { None };
    deps.rate.token_request(client.record.client.key, from)?;
    Ok(client)
}
