//! Assertions at work: the keys are tried, the database is asked what only it knows, and the use is written down.
//!
//! [`judge`] runs every check and changes nothing.
//! [`use_once`] comes last, after everything else passed: a request that fails burns nothing.

use std::sync::Arc;

use time::OffsetDateTime;

use crate::crypto::public_key;
use crate::crypto::token::digest;
use crate::db::assertion_uses::{self, Use};
use crate::db::memberships;
use crate::flows::token::issue::Subject;
use crate::flows::{Deps, Error, Unavailable};
use crate::model::api::Api;
use crate::model::client::ClientRecord;
use crate::model::ids::{CredentialId, UserId};
use crate::model::migration::Shown;
use crate::model::policy::Metascope;
use crate::model::refusal::Refusal;
use crate::model::scope::ScopeSet;
use crate::protocol::assertion::fault::Flaw;
use crate::protocol::assertion::keys::{self, Candidate};
use crate::protocol::assertion::{Accepted, Assertion, Check, Facts, claims};
use crate::protocol::migration::check_may_use;
use crate::protocol::token::scope;

pub mod check;
pub mod exchange;
mod published;

pub use crate::protocol::assertion::Profile;
pub use crate::protocol::assertion::fault::Fault;

/// What an assertion asks for besides being accepted; nothing at client authentication.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::flows) struct Asked<'a> {
    /// Space- or comma-separated.
    pub(in crate::flows) scope: Option<&'a str>,
    /// RFC 8707 §2
    pub(in crate::flows) resource: Option<&'a str>,
}

/// An assertion that passed every check but the last.
#[derive(Debug)]
pub(in crate::flows) struct Judged<'d> {
    /// The client.
    pub(in crate::flows) record: Arc<ClientRecord>,
    /// The credential that signed; `None` for a key of the app's published set.
    pub(in crate::flows) credential: Option<CredentialId>,
    /// What it says.
    pub(in crate::flows) accepted: Accepted,
    /// For whom tokens are.
    pub(in crate::flows) subject: Subject,
    /// What tokens are for; `None` at client authentication.
    pub(in crate::flows) grant: Option<(&'d Api, ScopeSet)>,
}

/// Why an assertion is not accepted.
#[derive(Debug)]
pub(in crate::flows) enum Problem {
    /// By the rules.
    Fault(Fault),
    /// By the app's migration away from keys, or the end of keys on this server; said to whoever signed well.
    Ended(Refusal),
    /// Our own trouble.
    Unavailable(Unavailable),
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl<E: Into<Unavailable>> From<E> for Problem {
    fn from(error: E) -> Self {
        Self::Unavailable(error.into())
    }
}

impl Problem {
    /// What the door says.
    pub(in crate::flows) fn at(self, deps: &Deps, profile: Profile) -> Error {
        match self {
            Self::Fault(fault) => fault.refusal(profile, deps.policy.assertions.bad_signature).into(),
            Self::Ended(refusal) => refusal.into(),
            Self::Unavailable(trouble) => trouble.into(),
        }
    }
}

/// What an assertion of this client is held against; `acts_as` follows from the key.
fn facts<'a>(deps: &'a Deps, profile: Profile, record: &'a ClientRecord, acts_as: &'a str, now: OffsetDateTime) -> Facts<'a> {
    let rules = &deps.policy.assertions;
    Facts {
        profile,
        now,
        issuer: &deps.policy.issuer,
        client_id: &record.client.client_id,
        org: record.client.org,
        acts_as,
        legacy_audience: record.client.profile.compat.token_endpoint_audience,
        most: if profile.is_exchange() { rules.exchange_lifetime } else { rules.lifetime },
        skew: rules.skew,
    }
}

/// Runs every check but that of an earlier use. `record` is the client that the request names, if there is one.
pub(in crate::flows) async fn judge<'d>(
    deps: &'d Deps,
    profile: Profile,
    record: Option<Arc<ClientRecord>>,
    (text, asked): (&str, Asked<'_>),
    now: OffsetDateTime,
) -> Result<Judged<'d>, Problem> {
    let assertion = Assertion::read(profile, text)?;
    keys::check_app(record.as_deref(), profile)?;
    let mut record = record.ok_or(keys::no_app())?;
    let mut signed = signer(deps, &record, &assertion, now);
    if let Some(newer) = published::instead(deps, &record, &signed, now).await? {
        record = newer;
        signed = signer(deps, &record, &assertion, now);
    }
    let (credential, acts_as) = signed?;
    let shown = credential.and_then(|id| record.credential(id)).map_or(Shown::PublishedKey, Shown::Credential);
    check_may_use(&record, shown, &deps.policy.jwt_deadlines, now).map_err(Problem::Ended)?;
    let accepted = claims::check(&assertion, &facts(deps, profile, &record, &acts_as, now))?;
    let subject = subject(deps, profile, &record, &accepted, acts_as).await?;
    let grant = grant(deps, profile, &record, &accepted, asked)?;
    Ok(Judged { record, credential, accepted, subject, grant })
}

/// The credential that signed, `None` for a key that the app publishes; and what it acts as.
type Signer = (Option<CredentialId>, String);

/// The key that signed, and what it acts as.
fn signer(deps: &Deps, record: &ClientRecord, assertion: &Assertion<'_>, now: OffsetDateTime) -> Result<Signer, Fault> {
    let candidates = keys::candidates(record, assertion, deps.policy.keys.fetch.trusted_for, now);
    if candidates.is_empty() {
        return Err(keys::no_candidate(record, now));
    }
    let signed = |own: &&Candidate<'_>| public_key::verify(own.key, assertion.signing_input.as_bytes(), &assertion.signature);
    let found = candidates.iter().find(signed).ok_or(keys::bad_signature())?;
    Ok((found.id(), keys::subject_of(record, found.credential).to_owned()))
}

/// For whom tokens are (R33, R37): a person only at Workfront's exchange, who must be there and enabled (J6).
async fn subject(deps: &Deps, profile: Profile, record: &ClientRecord, accepted: &Accepted, acts_as: String) -> Result<Subject, Problem> {
    if profile != Profile::WorkfrontExchange {
        return Ok(Subject::acting_as(record, acts_as));
    }
    let no_person = Fault::new(Check::Person, Flaw::Wrong, "The claim sub is not the id of an enabled member of the org.");
    let user: UserId = accepted.subject.parse().map_err(|_| no_person)?;
    let org = record.client.org;
    if !deps.db.statement(|mut connection| async move { memberships::is_enabled(&mut connection, org, user).await }).await? {
        return Err(no_person.into());
    }
    Ok(Subject::User(user))
}

/// The API and the scope that tokens are for.
fn grant<'d>(
    deps: &'d Deps,
    profile: Profile,
    record: &ClientRecord,
    accepted: &Accepted,
    asked: Asked<'_>,
) -> Result<Option<(&'d Api, ScopeSet)>, Fault> {
    let own = &record.client.profile.scopes;
    let sent = match profile {
        Profile::ClientAuthentication => return Ok(None),
        Profile::JwtBearer | Profile::WorkfrontExchange => scope::parse(asked.scope).map_err(|refusal| Fault::of_scope(&refusal))?,
        Profile::ImsExchange => Some(named_by(&deps.policy.assertions.metascopes, &accepted.metascopes)),
    };
    let found = scope::for_client(&deps.policy.apis, own, sent.as_ref(), asked.resource);
    found.map(Some).map_err(|refusal| Fault::of_scope(&refusal))
}

/// What metascopes stand for (R62).
fn named_by(known: &[Metascope], sent: &[String]) -> ScopeSet {
    let scopes = |name: &String| match known.iter().find(|own| own.name == *name) {
        Some(own) => own.scopes.clone(),
        None => std::iter::once(name.clone()).collect(),
    };
    sent.iter().map(scopes).fold(ScopeSet::default(), |all, more| all.union(&more))
}

/// Writes down that the assertion was used; a second use anywhere is a fault (G17, J7). Does nothing for one that may be used
/// again. A database that does not answer is our trouble: nobody gets in unseen (P6).
pub(in crate::flows) async fn use_once(
    deps: &Deps,
    record: &ClientRecord,
    accepted: &Accepted,
    now: OffsetDateTime,
) -> Result<(), Problem> {
    let Some(once) = &accepted.once else { return Ok(()) };
    let used = Use { client: record.client.key, digest: digest(once), id: deps.entropy.uuid(now), expires_at: accepted.expires_at, now };
    if assertion_uses::insert(&deps.db, &used).await? { Ok(()) } else { Err(replayed().into()) }
}

const fn replayed() -> Fault {
    Fault::new(Check::Replay, Flaw::Wrong, "The assertion was used before; make a new one for each request.")
}
