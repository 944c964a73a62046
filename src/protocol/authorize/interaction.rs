//! What the person has to do before a request is answered.
//!
//! In order: sign in (again, where `prompt` or `max_age` say so); be a member of the app's org; approve, unless an earlier
//! approval is honoured (RFC 8252 §8.6, RFC 6819 §5.2.3.2). An approval that newly gives something sensitive counts only from
//! somebody who proved who they are a short while ago. Under `prompt=none` each of these is an error instead of a page
//! (OpenID Connect Core §3.1.2.6).

use time::{Duration, OffsetDateTime};

use crate::model::authorization_request::{Asked, Prompt};
use crate::model::client::Client;
use crate::model::consent::Consent;
use crate::model::refusal::Refusal;
use crate::model::scope::ScopeSet;
use crate::wire::ErrorCode;

/// Everything that decides.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// What is asked.
    pub asked: &'a Asked,
    /// When it was asked; a sign-in since then satisfies `prompt=login` and any `max_age`.
    pub asked_at: OffsetDateTime,
    /// Who asks.
    pub client: &'a Client,
    /// What of the scopes asked for is sensitive.
    pub sensitive: &'a ScopeSet,
    /// For how long a proof of who one is counts where something sensitive is allowed.
    pub recent: Duration,
    /// The signed-in person, if any.
    pub person: Option<Person<'a>>,
    /// The instant of this request.
    pub now: OffsetDateTime,
}

/// The signed-in person.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    /// When they last proved who they are.
    pub authenticated_at: OffsetDateTime,
    /// Whether they belong to the app's org.
    pub is_member: bool,
    /// What they approved for this app before.
    pub consent: Option<&'a Consent>,
}

/// What is to happen next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Interaction {
    /// Sign in.
    Login,
    /// Say that this person cannot use this app, and offer to sign in as someone else.
    NotAMember,
    /// Ask for approval.
    Consent(Ask),
    /// Mint a code.
    Finish,
    /// Answer with an error.
    Refuse(Refusal),
}

/// What a person is asked to approve.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ask {
    /// Why an earlier approval is not enough; none = there is no earlier one.
    pub reasons: Vec<Reason>,
    /// The sensitive scopes that an approval would newly give, while the sign-in is too old for that: the person proves who they
    /// are before the approval counts. None = it counts at once.
    pub unproven: ScopeSet,
}

/// Why an earlier approval is not enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// More scopes than were approved.
    NewScopes,
    /// `prompt=consent`.
    AppAsked,
    /// A public client at an address that any program can claim (E7).
    Unproven,
    /// The app looks different from what was approved (E8).
    AppChanged,
}

/// Decides.
pub fn next(facts: Facts<'_>) -> Interaction {
    let silent = facts.asked.prompt.contains(&Prompt::None);
    let refuse = |error, description| Interaction::Refuse(Refusal::new(error, description));
    let Some(person) = facts.person.filter(|person| is_fresh(&facts, person)) else {
        return if silent {
            refuse(ErrorCode::LoginRequired, "Nobody is signed in who may answer without a page.")
        } else {
            Interaction::Login
        };
    };
    if !person.is_member {
        return if silent {
            refuse(ErrorCode::AccessDenied, "The person does not belong to the org of this app.")
        } else {
            Interaction::NotAMember
        };
    }
    let reasons = person.consent.map(|consent| reasons(&facts, consent));
    if reasons.as_ref().is_some_and(Vec::is_empty) {
        return Interaction::Finish;
    }
    let unproven = unproven(&facts, &person);
    match (silent, unproven.is_empty(), reasons) {
        (false, _, reasons) => Interaction::Consent(Ask { reasons: reasons.unwrap_or_default(), unproven }),
        (true, false, _) => refuse(ErrorCode::LoginRequired, "The sign-in is too old to allow something sensitive."),
        (true, true, None) => refuse(ErrorCode::ConsentRequired, "The person has not approved this app yet."),
        (true, true, Some(_)) => refuse(ErrorCode::ConsentRequired, "The person has to approve this on a page."),
    }
}

/// Whether the person proved who they are recently enough.
fn is_fresh(facts: &Facts<'_>, person: &Person<'_>) -> bool {
    if person.authenticated_at >= facts.asked_at {
        return true;
    }
    let asks = |prompt| facts.asked.prompt.contains(&prompt);
    let too_old = |age: i32| facts.now - person.authenticated_at > Duration::seconds(i64::from(age));
    !asks(Prompt::Login) && !asks(Prompt::SelectAccount) && !facts.asked.max_age.is_some_and(too_old)
}

/// What an approval would newly give although the sign-in is too old for it. An approval of the same face of the app has given its
/// scopes already, also where it is asked for again; one of another face has given nothing to this one.
fn unproven(facts: &Facts<'_>, person: &Person<'_>) -> ScopeSet {
    if facts.now - person.authenticated_at < facts.recent {
        return ScopeSet::default();
    }
    match person.consent.filter(|consent| consent.identity_version == facts.client.identity_version) {
        Some(consent) => facts.sensitive.difference(&consent.scopes),
        None => facts.sensitive.clone(),
    }
}

fn reasons(facts: &Facts<'_>, consent: &Consent) -> Vec<Reason> {
    let all = [
        (Reason::NewScopes, !facts.asked.scopes.is_subset(&consent.scopes)),
        (Reason::AppChanged, consent.identity_version != facts.client.identity_version),
        (Reason::Unproven, !is_proven(facts)),
        (Reason::AppAsked, facts.asked.prompt.contains(&Prompt::Consent)),
    ];
    all.into_iter().filter(|(_, holds)| *holds).map(|(reason, _)| reason).collect()
}

/// Whether the app at the other end is surely the registered one: it has a secret, or it is reached over https.
fn is_proven(facts: &Facts<'_>) -> bool {
    facts.client.kind.is_confidential() || facts.asked.redirect_uri.as_str().starts_with("https://")
}

#[cfg(test)]
mod tests;
