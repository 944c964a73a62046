//! The assertion checker: which check an assertion fails, and by how many seconds. Nothing is stored, and nothing is marked as
//! used, so the assertion that was looked at still works.

use std::sync::Arc;

use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::crypto::token::digest;
use crate::db::assertion_uses;
use crate::flows::assertion::{Asked, Problem, Profile, facts, judge, replayed, signer};
use crate::flows::clients::{self, Error};
use crate::flows::orgs::OrgAccess;
use crate::flows::{Deps, Unavailable};
use crate::model::client::ClientRecord;
use crate::model::refusal::Refusal;
use crate::protocol::assertion::fault::Flaw;
use crate::protocol::assertion::jws::Parts;
use crate::protocol::assertion::report::steps;
use crate::protocol::assertion::{Assertion, Fault};

pub use crate::protocol::assertion::Check;
pub use crate::protocol::assertion::report::{Outcome, Step};

/// What became of an assertion at one of the doors.
#[derive(Debug, Clone)]
pub struct Report {
    /// The app it was checked for.
    pub record: Arc<ClientRecord>,
    /// At which door.
    pub profile: Profile,
    /// Every check in order.
    pub steps: Vec<Step>,
    /// What the door would answer; `None` when it would accept it.
    pub refusal: Option<Refusal>,
    /// Header and claims as they stand in it, believed or not; `None` when they cannot be read.
    pub contents: Option<(Map<String, Value>, Map<String, Value>)>,
}

impl Report {
    /// Whether one of the app's live keys signed it.
    pub fn is_signed(&self) -> bool {
        self.steps.iter().any(|step| step.check == Check::Signature && step.outcome == Outcome::Passed)
    }
}

/// Checks `text` as `profile`'s door would, for who may see the app. White space around it is forgiven: it was pasted.
pub async fn check(
    deps: &Deps,
    access: &OrgAccess,
    client_id: &str,
    (profile, text): (Profile, &str),
    now: OffsetDateTime,
) -> Result<Report, Error> {
    let record = Arc::new(clients::find(deps, access, client_id).await?);
    let text = text.trim();
    let fault = match first_fault(deps, profile, &record, text, now).await {
        Ok(()) => None,
        Err(Problem::Fault(fault)) => Some(fault),
        Err(Problem::Ended(refusal)) => Some(Fault::new(Check::App, Flaw::Missing, refusal.description)),
        Err(Problem::Unavailable(trouble)) => return Err(trouble.into()),
    };
    // What the key acts as is told even where a claim is wrong: it is what `sub` should say.
    let acts_as = Assertion::read(profile, text).ok().and_then(|read| signer(deps, &record, &read, now).ok());
    let acts_as = acts_as.map_or_else(|| record.client.client_id.clone(), |(_, acts_as)| acts_as);
    let steps = steps(text, &record, &facts(deps, profile, &record, &acts_as, now), fault.as_ref());
    let contents = Parts::split(text).ok().map(|parts| (parts.header, parts.claims));
    let refusal = fault.map(|fault: Fault| fault.refusal(profile, deps.policy.assertions.bad_signature));
    Ok(Report { record, profile, steps, refusal, contents })
}

async fn first_fault(deps: &Deps, profile: Profile, record: &Arc<ClientRecord>, text: &str, now: OffsetDateTime) -> Result<(), Problem> {
    let judged = judge(deps, profile, Some(record.clone()), (text, Asked::default()), now).await?;
    let Some(once) = judged.accepted.once else { return Ok(()) };
    let (client, digest) = (record.client.key, &digest(&once));
    let used = deps.db.statement(|mut connection| async move { assertion_uses::is_used(&mut connection, client, digest, now).await });
    if used.await.map_err(Unavailable::from)? { Err(replayed().into()) } else { Ok(()) }
}
