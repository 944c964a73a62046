//! Which keys may have signed an assertion: the app's own, live, and of the algorithm that the header claims (G18, G19).
//!
//! The key decides the algorithm; a header that claims another finds no key. `kid` only says which to try first: clients of the
//! source systems send none, and what they send need not be a name we know.

use time::{Duration, OffsetDateTime};

use crate::model::client::ClientRecord;
use crate::model::credential::Credential;
use crate::model::ids::CredentialId;
use crate::model::public_key::PublicKey;
use crate::protocol::assertion::fault::Flaw;
use crate::protocol::assertion::{Assertion, Check, Fault, Profile};

/// A key to try.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'r> {
    /// The key.
    pub key: &'r PublicKey,
    /// The credential it is; `None` for one of the app's published set.
    pub credential: Option<&'r Credential>,
}

impl Candidate<'_> {
    /// The id of its credential.
    pub fn id(&self) -> Option<CredentialId> {
        self.credential.map(|credential| credential.id)
    }
}

/// The keys to try, those that `kid` names first; at most as many as an app can have.
///
/// Keys that the app publishes count while the last good reading of its set is at most `trusted_for` old.
pub fn candidates<'r>(
    record: &'r ClientRecord,
    assertion: &Assertion<'_>,
    trusted_for: Duration,
    now: OffsetDateTime,
) -> Vec<Candidate<'r>> {
    let kid = assertion.kid();
    let registered = record.credentials.iter().filter(|credential| credential.is_live(now)).filter_map(|credential| {
        credential.key().map(|key| (Candidate { key, credential: Some(credential) }, Some(key.thumbprint.as_str())))
    });
    let published = record
        .jwks
        .iter()
        .filter(|set| set.is_trusted(now, trusted_for))
        .flat_map(|set| &set.keys)
        .filter(|own| own.key.is_live(now))
        .map(|own| (Candidate { key: &own.key, credential: None }, own.kid.as_deref()));
    let mut found: Vec<_> = registered.chain(published).filter(|(own, _)| own.key.algorithm == assertion.algorithm).collect();
    found.sort_by_key(|(_, name)| kid.is_none() || *name != kid);
    found.into_iter().map(|(candidate, _)| candidate).collect()
}

/// Whether the app may use assertions at this door at all: it is there and enabled, of the right kind, and has a key, live or not.
/// The exchanges and the grant are for apps that act for themselves (J1).
pub fn check_app(record: Option<&ClientRecord>, profile: Profile) -> Result<&ClientRecord, Fault> {
    let fault = |flaw, cause| Err(Fault::new(Check::App, flaw, cause));
    let Some(record) = record else { return Err(no_app()) };
    if !record.is_enabled() {
        return fault(Flaw::Missing, "The app or its org is disabled or deleted.");
    }
    if profile != Profile::ClientAuthentication && record.client.kind.has_users() {
        return fault(Flaw::Wrong, "This kind of app may not use this grant type.");
    }
    if !has_keys(record) {
        return fault(Flaw::Missing, "The app has no public key.");
    }
    Ok(record)
}

/// What is said when nobody is named, or nobody we know.
pub const fn no_app() -> Fault {
    Fault::new(Check::App, Flaw::Missing, "There is no such app.")
}

fn has_keys(record: &ClientRecord) -> bool {
    record.client.profile.jwks_uri.is_some() || record.credentials.iter().any(|credential| credential.key().is_some())
}

/// Why no key was found to try.
pub fn no_candidate(record: &ClientRecord, now: OffsetDateTime) -> Fault {
    let keys = || record.credentials.iter().filter(|credential| credential.key().is_some());
    let cause = if keys().any(|credential| credential.is_live(now)) || record.jwks.as_ref().is_some_and(|set| !set.keys.is_empty()) {
        "No live key of the app has the alg of the assertion."
    } else if record.jwks.as_ref().is_some_and(|set| set.problem.is_some()) {
        "The key set at the app's jwks_uri could not be read, and no other key is live."
    } else {
        "No key of the app is live: each is revoked, expired or not valid yet."
    };
    Fault::new(Check::Key, Flaw::Wrong, cause)
}

/// What is said when none of the keys to try signed it.
pub const fn bad_signature() -> Fault {
    Fault::new(Check::Signature, Flaw::Wrong, "No live key of the app with this alg made the signature.")
}

/// What the key acts as: the subject of its technical account, else the client id (R37).
pub fn subject_of<'r>(record: &'r ClientRecord, credential: Option<&Credential>) -> &'r str {
    credential
        .and_then(|own| own.technical_account)
        .and_then(|id| record.technical_account(id))
        .map_or(record.client.client_id.as_str(), |account| account.subject.as_str())
}
