//! What the person has to do, row by row.

use time::{Duration, OffsetDateTime, macros::datetime};

use crate::model::authorization_request::{Asked, Prompt};
use crate::model::client::{Client, ClientKind};
use crate::model::consent::Consent;
use crate::model::redirect_uri::RedirectUri;
use crate::model::scope::ScopeSet;
use crate::protocol::authorize::interaction::{Ask, Facts, Interaction, Person, Reason, next};
use crate::protocol::authorize::tests::{client, scopes};
use crate::wire::ErrorCode;

const NOW: OffsetDateTime = datetime!(2026-08-14 09:30 UTC);

fn asked(prompt: &[Prompt], max_age: Option<i32>, redirect_uri: &str) -> Asked {
    Asked {
        redirect_uri: RedirectUri::from_registered(redirect_uri.into()),
        state: None,
        scopes: scopes("projects:read"),
        api: "https://work.example/api".into(),
        offline: true,
        code_challenge: None,
        nonce: None,
        prompt: prompt.to_vec(),
        max_age,
        login_hint: None,
    }
}

fn consent(approved: &str) -> Consent {
    Consent { scopes: scopes(approved), identity_version: 1, granted_at: NOW, updated_at: NOW }
}

fn member(signed_in: Duration, consent: Option<&Consent>) -> Person<'_> {
    Person { authenticated_at: NOW - signed_in, is_member: true, consent }
}

fn decide(asked: &Asked, client: &Client, person: Option<Person<'_>>) -> Interaction {
    decide_with(asked, client, &ScopeSet::default(), person)
}

/// For ten minutes a proof of who one is counts.
const RECENT: Duration = Duration::minutes(10);

fn decide_with(asked: &Asked, client: &Client, sensitive: &ScopeSet, person: Option<Person<'_>>) -> Interaction {
    next(Facts { asked, asked_at: NOW, client, sensitive, recent: RECENT, person, now: NOW })
}

fn ask(reasons: &[Reason]) -> Interaction {
    Interaction::Consent(Ask { reasons: reasons.to_vec(), unproven: ScopeSet::default() })
}

fn refused(interaction: &Interaction) -> Option<ErrorCode> {
    match interaction {
        Interaction::Refuse(refusal) => Some(refusal.error),
        _ => None,
    }
}

const HTTPS: &str = "https://app.example/cb";

#[test]
fn r8_login_first_then_consent_then_nothing_more() {
    let (web, request, approved) = (client(ClientKind::Web), asked(&[], None, HTTPS), consent("projects:read projects:write"));
    assert_eq!(decide(&request, &web, None), Interaction::Login);
    assert_eq!(decide(&request, &web, Some(member(Duration::HOUR, None))), ask(&[]));
    assert_eq!(decide(&request, &web, Some(member(Duration::HOUR, Some(&approved)))), Interaction::Finish);
    let outsider = Person { is_member: false, ..member(Duration::HOUR, Some(&approved)) };
    assert_eq!(decide(&request, &web, Some(outsider)), Interaction::NotAMember);
}

#[test]
fn b13_prompt_none_never_shows_a_page() {
    let (web, request) = (client(ClientKind::Web), asked(&[Prompt::None], None, HTTPS));
    let (approved, less) = (consent("projects:read"), consent("projects:write"));
    assert_eq!(refused(&decide(&request, &web, None)), Some(ErrorCode::LoginRequired));
    assert_eq!(refused(&decide(&request, &web, Some(member(Duration::HOUR, None)))), Some(ErrorCode::ConsentRequired));
    assert_eq!(refused(&decide(&request, &web, Some(member(Duration::HOUR, Some(&less))))), Some(ErrorCode::ConsentRequired));
    let outsider = Person { is_member: false, ..member(Duration::HOUR, None) };
    assert_eq!(refused(&decide(&request, &web, Some(outsider))), Some(ErrorCode::AccessDenied));
    assert_eq!(decide(&request, &web, Some(member(Duration::HOUR, Some(&approved)))), Interaction::Finish);
    let aged = asked(&[Prompt::None], Some(60), HTTPS);
    assert_eq!(refused(&decide(&aged, &web, Some(member(Duration::HOUR, Some(&approved))))), Some(ErrorCode::LoginRequired));
}

#[test]
fn b14_prompt_login_wants_a_sign_in_since_the_request() {
    let (web, approved) = (client(ClientKind::Web), consent("projects:read"));
    for prompt in [Prompt::Login, Prompt::SelectAccount] {
        let request = asked(&[prompt], None, HTTPS);
        assert_eq!(decide(&request, &web, Some(member(Duration::MICROSECOND, Some(&approved)))), Interaction::Login);
        assert_eq!(decide(&request, &web, Some(member(Duration::ZERO, Some(&approved)))), Interaction::Finish);
        assert_eq!(decide(&request, &web, Some(member(-Duration::SECOND, Some(&approved)))), Interaction::Finish);
    }
}

#[test]
fn b15_max_age_counts_from_the_sign_in() {
    let (web, approved) = (client(ClientKind::Web), consent("projects:read"));
    let after =
        |max_age, seconds| decide(&asked(&[], Some(max_age), HTTPS), &web, Some(member(Duration::seconds(seconds), Some(&approved))));
    assert_eq!(after(60, 59), Interaction::Finish);
    assert_eq!(after(60, 60), Interaction::Finish);
    assert_eq!(after(60, 61), Interaction::Login);
    assert_eq!(after(0, 1), Interaction::Login);
    assert_eq!(after(0, 0), Interaction::Finish);
    assert_eq!(after(i32::MAX, 1_000_000), Interaction::Finish);
}

#[test]
fn e7_a_remembered_approval_needs_the_same_scopes_and_an_app_that_can_be_told_from_others() {
    let approved = consent("projects:read");
    let at = |kind, uri| decide(&asked(&[], None, uri), &client(kind), Some(member(Duration::HOUR, Some(&approved))));
    assert_eq!(at(ClientKind::Web, HTTPS), Interaction::Finish);
    assert_eq!(at(ClientKind::Spa, HTTPS), Interaction::Finish);
    assert_eq!(at(ClientKind::Web, "http://127.0.0.1:5000/cb"), Interaction::Finish);
    assert_eq!(at(ClientKind::Spa, "http://127.0.0.1:5000/cb"), ask(&[Reason::Unproven]));
    assert_eq!(at(ClientKind::Spa, "http://localhost/cb"), ask(&[Reason::Unproven]));
    let less = consent("projects:write");
    let more = decide(&asked(&[], None, HTTPS), &client(ClientKind::Web), Some(member(Duration::HOUR, Some(&less))));
    assert_eq!(more, ask(&[Reason::NewScopes]));
}

#[test]
fn e8_a_changed_app_is_asked_about_again() {
    let (approved, request) = (consent("projects:read"), asked(&[], None, HTTPS));
    let renamed = Client { identity_version: 2, ..client(ClientKind::Web) };
    assert_eq!(decide(&request, &renamed, Some(member(Duration::HOUR, Some(&approved)))), ask(&[Reason::AppChanged]));
}

#[test]
fn prompt_consent_asks_again_and_says_why() {
    let (approved, request) = (consent("projects:read"), asked(&[Prompt::Consent], None, HTTPS));
    let again = decide(&request, &client(ClientKind::Web), Some(member(Duration::HOUR, Some(&approved))));
    assert_eq!(again, ask(&[Reason::AppAsked]));
}

#[test]
fn m14_what_is_sensitive_and_new_needs_a_recent_proof() {
    let (web, both) = (client(ClientKind::Web), scopes("projects:read projects:write"));
    let request = Asked { scopes: both.clone(), ..asked(&[], None, HTTPS) };
    let sensitive = scopes("projects:write");
    let unproven = |age, consent: Option<&Consent>| match decide_with(&request, &web, &sensitive, Some(member(age, consent))) {
        Interaction::Consent(ask) => Some(ask.unproven),
        Interaction::Finish => None,
        other => panic!("{other:?}"),
    };
    let just_in_time = RECENT - Duration::MICROSECOND;
    assert_eq!(unproven(just_in_time, None), Some(ScopeSet::default()));
    assert_eq!(unproven(RECENT, None), Some(sensitive.clone()), "as long as the console's changes count a proof, no longer");
    let (less, all) = (consent("projects:read"), consent("projects:read projects:write"));
    assert_eq!(unproven(RECENT, Some(&less)), Some(sensitive.clone()));
    assert_eq!(unproven(just_in_time, Some(&less)), Some(ScopeSet::default()));
    assert_eq!(unproven(Duration::WEEK, Some(&all)), None, "what was allowed is not asked for again");

    let plain = decide_with(&asked(&[], None, HTTPS), &web, &ScopeSet::default(), Some(member(Duration::WEEK, None)));
    assert_eq!(plain, ask(&[]), "nothing sensitive, no password");
}

#[test]
fn m14_an_approval_that_only_has_to_be_repeated_needs_no_proof_and_one_of_another_face_does() {
    let (approved, sensitive) = (consent("projects:read"), scopes("projects:read"));
    let late = Some(member(Duration::WEEK, Some(&approved)));
    let repeated = decide_with(&asked(&[Prompt::Consent], None, HTTPS), &client(ClientKind::Web), &sensitive, late);
    assert_eq!(repeated, ask(&[Reason::AppAsked]));
    let unproven = decide_with(&asked(&[], None, "http://127.0.0.1:5000/cb"), &client(ClientKind::Spa), &sensitive, late);
    assert_eq!(unproven, ask(&[Reason::Unproven]));
    let renamed = Client { identity_version: 2, ..client(ClientKind::Web) };
    let other = decide_with(&asked(&[], None, HTTPS), &renamed, &sensitive, late);
    assert_eq!(other, Interaction::Consent(Ask { reasons: vec![Reason::AppChanged], unproven: sensitive }));
}

#[test]
fn m14_b13_without_a_page_an_old_sign_in_is_login_required() {
    let (web, sensitive, request) = (client(ClientKind::Web), scopes("projects:read"), asked(&[Prompt::None], None, HTTPS));
    let at = |age, consent| refused(&decide_with(&request, &web, &sensitive, Some(member(age, consent))));
    assert_eq!(at(RECENT, None), Some(ErrorCode::LoginRequired));
    assert_eq!(at(Duration::MINUTE, None), Some(ErrorCode::ConsentRequired));
    assert_eq!(at(Duration::WEEK, Some(&consent("projects:read"))), None);
}

/// Over every mixture: a password is asked for exactly where something sensitive is new to this face of the app and the proof is
/// old, nothing that is not sensitive is ever named, and a request without a page never gets one.
#[test]
fn m14_the_password_is_asked_for_exactly_where_something_sensitive_is_new() {
    let sets = ["", "a", "b", "a b"].map(scopes);
    let mut mixtures = 0;
    for wanted in &sets {
        for marked in &sets {
            for given in &sets {
                for (age, version, silent) in (0..16).map(|bits| ([0, 9, 10, 11][bits >> 2], 1 + i32::from(bits & 1 == 1), bits & 2 == 2)) {
                    hold((wanted, marked, given), age, version, silent);
                    mixtures += 1;
                }
            }
        }
    }
    assert_eq!(mixtures, 1_024);
}

fn hold((wanted, marked, given): (&ScopeSet, &ScopeSet, &ScopeSet), minutes: i64, version: i32, silent: bool) {
    let prompt: &[Prompt] = if silent { &[Prompt::None] } else { &[] };
    let request = Asked { scopes: wanted.clone(), ..asked(prompt, None, HTTPS) };
    let sensitive = wanted.difference(&wanted.difference(marked));
    let earlier = Consent { identity_version: version, scopes: given.clone(), ..consent("") };
    let known = if version == 1 { given.clone() } else { ScopeSet::default() };
    let honoured = version == 1 && wanted.is_subset(given);
    let unproven = if minutes < 10 { ScopeSet::default() } else { sensitive.difference(&known) };
    let person = member(Duration::minutes(minutes), Some(&earlier));
    match decide_with(&request, &client(ClientKind::Web), &sensitive, Some(person)) {
        Interaction::Finish => assert!(honoured),
        Interaction::Consent(ask) => {
            assert!(!silent && !honoured);
            assert_eq!(ask.unproven, unproven);
        }
        Interaction::Refuse(refusal) => {
            assert!(silent && !honoured);
            let expected = if unproven.is_empty() { ErrorCode::ConsentRequired } else { ErrorCode::LoginRequired };
            assert_eq!(refusal.error, expected);
        }
        other => panic!("{other:?}"),
    }
}
