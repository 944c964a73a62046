//! Which checks a request passes, in order, and which of them a refusal is about.
//!
//! The order here is the order in which the rules ask; [`causes`] names the check of every cause, and `tests/it/inspector/causes.rs`
//! holds it complete. [`contrast`] says what was expected and what came, as far as the request and the registration tell; a rule that
//! knows more puts it into its `Refusal`. Nothing that leaves here holds a secret: see [`redact`].

pub mod causes;
pub mod contrast;
pub mod redact;

use crate::model::check::Check;
use crate::model::request_trace::{Endpoint, Outcome, RequestTrace};
use crate::wire::GrantType;

/// One check with what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The check.
    pub check: Check,
    /// What became of it.
    pub result: StepResult,
}

/// What became of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepResult {
    /// It holds, or does not concern this request.
    Passed,
    /// It does not hold.
    Failed,
    /// The person was asked and has not answered yet.
    Waiting,
    /// An earlier one failed.
    NotReached,
}

impl StepResult {
    /// The API word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Waiting => "waiting",
            Self::NotReached => "not_reached",
        }
    }
}

const AUTHORIZE: &[Check] = &[
    Check::WellFormed,
    Check::ClientNamed,
    Check::ClientEnabled,
    Check::RedirectUriSent,
    Check::RedirectUriRegistered,
    Check::Parameters,
    Check::ResponseType,
    Check::HasUsers,
    Check::Pkce,
    Check::ScopeAllowed,
    Check::Resource,
    Check::Prompt,
];
/// What the person decides, in order.
const PERSON: &[Check] = &[Check::SignedIn, Check::Member, Check::Consented];
const CLIENT: &[Check] = &[
    Check::WellFormed,
    Check::AuthorizationHeader,
    Check::OneMethod,
    Check::SameClient,
    Check::ClientNamed,
    Check::ClientEnabled,
    Check::ProofFits,
];
const ASSERTION: &[Check] = &[
    Check::AssertionReadable,
    Check::AssertionAlgorithm,
    Check::AssertionKey,
    Check::AssertionSignature,
    Check::AssertionIssuer,
    Check::AssertionSubject,
    Check::AssertionAudience,
    Check::AssertionTimes,
    Check::AssertionUnused,
];
const REQUEST: &[Check] = &[Check::Parameters, Check::GrantKnown, Check::GrantAllowed];
const CODE: &[Check] = &[
    Check::CodeGenuine,
    Check::VerifierShape,
    Check::OwnGrant,
    Check::AuthorizationLive,
    Check::Unused,
    Check::PartiesStand,
    Check::NotExpired,
    Check::RedirectUriSame,
    Check::Verifier,
];
const REFRESH: &[Check] = &[
    Check::TokenGenuine,
    Check::ScopeShape,
    Check::OwnGrant,
    Check::AuthorizationLive,
    Check::HasRefreshToken,
    Check::Unused,
    Check::PartiesStand,
    Check::RefreshEnabled,
    Check::NotExpired,
    Check::ScopeAllowed,
];
const MACHINE: &[Check] = &[Check::ScopeShape, Check::ScopeAllowed, Check::Resource];

/// The checks of a request, in order.
pub fn checks(trace: &RequestTrace) -> Vec<Check> {
    let mut list: Vec<Check> = match trace.endpoint {
        Endpoint::Authorize => [AUTHORIZE, PERSON].concat(),
        Endpoint::Token => [CLIENT, proof(trace), &[Check::RateLimit], REQUEST, of_grant(trace.grant)].concat(),
        Endpoint::Revoke => [CLIENT, proof(trace), &[Check::Parameters]].concat(),
        Endpoint::Introspect => [CLIENT, proof(trace), &[Check::MayIntrospect, Check::Parameters]].concat(),
        Endpoint::JwtExchange => {
            [CLIENT, &[Check::Secret, Check::RateLimit, Check::Parameters], ASSERTION, &[Check::CredentialInUse]].concat()
        }
        Endpoint::ImsExchange => {
            [CLIENT, &[Check::Secret, Check::RateLimit, Check::Parameters], ASSERTION, &[Check::CredentialInUse, Check::MetaScopes]]
                .concat()
        }
    };
    // An assertion beside another proof of the client asks some things a second time; they are told where they come first.
    let mut told = Vec::with_capacity(list.len());
    list.retain(|check| {
        !told.contains(check) && {
            told.push(*check);
            true
        }
    });
    // A refusal may be about something that this kind of request is seldom asked.
    if let Some(failed) = trace.fault().map(|fault| fault.check).filter(|failed| !list.contains(failed)) {
        list.push(failed);
    }
    list
}

/// How the client proves itself, where the method says so.
fn proof(trace: &RequestTrace) -> &'static [Check] {
    match trace.method.map(crate::wire::AuthMethod::as_str) {
        Some("private_key_jwt") => const { &proof_by_key() },
        Some("none") => &[],
        _ => &[Check::Secret, Check::CredentialInUse],
    }
}

const fn proof_by_key() -> [Check; 10] {
    let mut list = [Check::CredentialInUse; 10];
    let mut index = 0;
    while index < ASSERTION.len() {
        list[index] = ASSERTION[index];
        index += 1;
    }
    list
}

fn of_grant(grant: Option<GrantType>) -> &'static [Check] {
    match grant.map(GrantType::as_str) {
        Some("authorization_code") => CODE,
        Some("refresh_token") => REFRESH,
        Some("client_credentials") => MACHINE,
        Some("password") => &[Check::PasswordAllowed, Check::ScopeShape, Check::ScopeAllowed, Check::Password, Check::PartiesStand],
        Some(_) => const { &bearer() },
        None => &[],
    }
}

/// RFC 7523 §2.1
const fn bearer() -> [Check; 12] {
    let mut list = [Check::ScopeAllowed; 12];
    let mut index = 0;
    while index < ASSERTION.len() {
        list[index] = ASSERTION[index];
        index += 1;
    }
    list[9] = Check::CredentialInUse;
    list[10] = Check::ScopeShape;
    list
}

/// Every check of a request with its result.
pub fn steps(trace: &RequestTrace) -> Vec<Step> {
    let list = checks(trace);
    let failed = trace.fault().and_then(|fault| list.iter().position(|check| *check == fault.check)).unwrap_or(list.len());
    let result = |index: usize, check: Check| match &trace.outcome {
        Outcome::Waiting if PERSON.contains(&check) => StepResult::Waiting,
        Outcome::Answered | Outcome::Waiting => StepResult::Passed,
        // When we cannot answer, nobody knows which of the others hold.
        Outcome::Refused(_) if index == failed => StepResult::Failed,
        Outcome::Refused(fault) if index < failed && fault.check != Check::ServerWell => StepResult::Passed,
        Outcome::Refused(_) => StepResult::NotReached,
    };
    list.iter().enumerate().map(|(index, check)| Step { check: *check, result: result(index, *check) }).collect()
}

#[cfg(test)]
mod tests;
