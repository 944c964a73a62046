//! Client authentication (RFC 6749 §2.3, §3.2.1).
//!
//! The checks on what was presented, in order, before any client is looked up ([`claim`]):
//!
//! 1. the Authorization header is readable, else `invalid_client`
//! 2. one method only, else `invalid_request`
//! 3. header and body name the same client, else `invalid_request`
//! 4. an assertion has its type and is one of JWTs, else `invalid_client`
//! 5. some client is named, else `invalid_client`
//!
//! and on the client it names ([`decide`]), all with the same answer outside, so that nobody learns which client ids exist (G7):
//!
//! 6. the client exists and is enabled
//! 7. a public client sent no secret, a confidential one did
//! 8. the secret is that of a live credential
//!
//! An assertion is judged by `protocol::assertion` instead of 7 and 8.
//!
//! An API that introspects (RFC 7662 §2.1) is asked for less ([`check_api`]): it has a secret, and that was sent.

use std::borrow::Cow;

use time::OffsetDateTime;

use crate::model::api::Api;
use crate::model::client::ClientRecord;
use crate::model::credential::{Credential, CredentialKind};
use crate::model::ids::CredentialId;
use crate::model::refusal::Refusal;
use crate::protocol::assertion::Profile;
use crate::protocol::assertion::jws::named_client;
use crate::secret::{Digest, Secret};
use crate::wire::{AuthMethod, ErrorCode};

/// What a request brought along to say who its client is; nothing is checked yet.
#[derive(Debug, Clone, Default)]
pub struct PresentedCredentials {
    /// From an `Authorization: Basic` header, percent-decoded (RFC 6749 §2.3.1).
    pub basic: Option<Basic>,
    /// There is a Basic header that cannot be read.
    pub malformed_basic: bool,
    /// `client_id` of the body.
    pub client_id: Option<String>,
    /// `client_secret` of the body.
    pub client_secret: Option<Secret<String>>,
    /// `client_assertion_type` of the body (RFC 7521 §4.2).
    pub assertion_type: Option<String>,
    /// `client_assertion` of the body.
    pub assertion: Option<Secret<String>>,
}

impl PresentedCredentials {
    /// Whether anything came that proves or tries to prove something, besides a bare `client_id`.
    pub fn has_proof(&self) -> bool {
        self.basic.is_some() || self.malformed_basic || self.client_secret.is_some() || self.has_assertion()
    }

    const fn has_assertion(&self) -> bool {
        self.assertion.is_some() || self.assertion_type.is_some()
    }
}

/// The one `client_assertion_type` (RFC 7523 §2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The two halves of a Basic header.
#[derive(Debug, Clone)]
pub struct Basic {
    /// The user id.
    pub client_id: String,
    /// The password; empty counts as not sent (RFC 6749 §2.3.1 lets a client without a secret leave it out).
    pub client_secret: Secret<String>,
}

/// Who the client says it is, and by what.
#[derive(Debug)]
pub struct Claim<'p> {
    /// The named client; one named by nothing but its assertion is not proved to be it before its signature is.
    pub client_id: Cow<'p, str>,
    /// The secret, if one was sent.
    pub secret: Option<&'p Secret<String>>,
    /// The assertion, if one was sent.
    pub assertion: Option<&'p Secret<String>>,
    /// By what it came.
    pub method: AuthMethod,
}

/// The public text of every failed authentication.
const FAILED: &str = "Client authentication failed.";

/// Reads the claim, or names the rule that it breaks.
pub fn claim(presented: &PresentedCredentials) -> Result<Claim<'_>, Refusal> {
    check_header(presented)?;
    check_single_method(presented)?;
    check_same_client(presented)?;
    let assertion = check_assertion_type(presented)?;
    let from_basic = presented.basic.as_ref();
    let client_id = from_basic
        .map(|basic| Cow::Borrowed(basic.client_id.as_str()))
        .or(presented.client_id.as_deref().map(Cow::Borrowed))
        .or_else(|| named_client(Profile::ClientAuthentication, assertion?.expose()).map(Cow::Owned))
        .filter(|id| !id.is_empty())
        .ok_or(Refusal::new(ErrorCode::InvalidClient, "The request names no client: client_id is missing."))?;
    let by_header = from_basic.map(|basic| &basic.client_secret).filter(|secret| !secret.expose().is_empty());
    let (secret, method) = match (by_header, presented.client_secret.as_ref(), assertion) {
        (Some(secret), _, _) => (Some(secret), AuthMethod::ClientSecretBasic),
        (None, Some(secret), _) => (Some(secret), AuthMethod::ClientSecretPost),
        (None, None, Some(_)) => (None, AuthMethod::PrivateKeyJwt),
        (None, None, None) => (None, AuthMethod::None),
    };
    Ok(Claim { client_id, secret, assertion, method })
}

fn check_header(presented: &PresentedCredentials) -> Result<(), Refusal> {
    if presented.malformed_basic {
        return Err(Refusal::new(ErrorCode::InvalidClient, "The Authorization header cannot be read."));
    }
    Ok(())
}

fn check_single_method(presented: &PresentedCredentials) -> Result<(), Refusal> {
    let methods = [presented.basic.is_some(), presented.client_secret.is_some(), presented.has_assertion()];
    if methods.into_iter().filter(|used| *used).count() > 1 {
        return Err(Refusal::new(ErrorCode::InvalidRequest, "More than one client authentication method was used."));
    }
    Ok(())
}

fn check_same_client(presented: &PresentedCredentials) -> Result<(), Refusal> {
    match (&presented.basic, &presented.client_id) {
        (Some(basic), Some(other)) if basic.client_id != *other => {
            Err(Refusal::new(ErrorCode::InvalidRequest, "The Authorization header and client_id name different clients."))
        }
        _ => Ok(()),
    }
}

fn check_assertion_type(presented: &PresentedCredentials) -> Result<Option<&Secret<String>>, Refusal> {
    let refused = |description| Err(Refusal::new(ErrorCode::InvalidClient, description));
    match (&presented.assertion_type, &presented.assertion) {
        (None, None) => Ok(None),
        (None, Some(_)) => refused("The parameter client_assertion_type is missing."),
        (Some(kind), _) if kind != ASSERTION_TYPE => refused("The client_assertion_type is not that of a JWT (RFC 7523)."),
        (Some(_), None) => refused("The parameter client_assertion is missing."),
        (Some(_), Some(assertion)) => Ok(Some(assertion)),
    }
}

/// Whether the claim is true: the credential that proves it, or none for a public client.
///
/// `digest` is the SHA-256 of the sent secret; it is computed by the caller for unknown clients too, so that they take as long.
pub fn decide(record: Option<&ClientRecord>, digest: Option<&Digest>, now: OffsetDateTime) -> Result<Option<CredentialId>, Refusal> {
    let matching = match_secret(record.map_or(&[][..], |record| &record.credentials), digest, now);
    let record = check_client(record)?;
    check_kind_of_proof(record, digest)?;
    if digest.is_some() && matching.is_none() {
        return Err(failed("no live secret matches"));
    }
    Ok(matching)
}

/// Whether the sent secret is that of the API, compared in constant time; the refusals read like those of clients (G7).
pub fn check_api(api: &Api, digest: Option<&Digest>) -> Result<(), Refusal> {
    match (api.introspection_digest, digest) {
        (None, _) => Err(failed("the API has no introspection secret")),
        (_, None) => Err(failed("the API sent no secret")),
        (Some(own), Some(sent)) if own != *sent => Err(failed("the secret is not that of the API")),
        _ => Ok(()),
    }
}

fn check_client(record: Option<&ClientRecord>) -> Result<&ClientRecord, Refusal> {
    match record {
        None => Err(failed("unknown client")),
        Some(record) if !record.is_enabled() => Err(failed("client or org is disabled or deleted")),
        Some(record) => Ok(record),
    }
}

fn check_kind_of_proof(record: &ClientRecord, digest: Option<&Digest>) -> Result<(), Refusal> {
    match (record.client.kind.is_confidential(), digest) {
        (true, None) => Err(failed("confidential client sent no secret")),
        (false, Some(_)) => Err(failed("public client sent a secret")),
        _ => Ok(()),
    }
}

/// Compares with every live secret, each in constant time and without stopping at a match; a client without secrets costs one
/// comparison with nothing.
fn match_secret(credentials: &[Credential], digest: Option<&Digest>, now: OffsetDateTime) -> Option<CredentialId> {
    let digest = digest?;
    let nothing = Digest::new([0; 32]);
    let mut found = None;
    if !credentials.iter().any(Credential::is_secret) {
        std::hint::black_box(nothing == *digest);
    }
    for credential in credentials {
        let CredentialKind::Secret { digest: own, .. } = &credential.kind else { continue };
        let equal = own == digest;
        if equal && credential.is_live(now) {
            found = Some(credential.id);
        }
    }
    found
}

const fn failed(cause: &'static str) -> Refusal {
    Refusal::new(ErrorCode::InvalidClient, FAILED).because(cause)
}

#[cfg(test)]
mod tests;
