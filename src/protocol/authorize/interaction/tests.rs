//! What the person has to do, row by row.

use time::{Duration, OffsetDateTime, macros::datetime};

use crate::model::authorization_request::{Asked, Prompt};
use crate::model::client::{Client, ClientKind};
use crate::model::consent::Consent;
use crate::model::redirect_uri::RedirectUri;
use crate::protocol::authorize::interaction::{Facts, Interaction, Person, Reason, next};
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
    next(Facts { asked, asked_at: NOW, client, person, now: NOW })
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
    assert_eq!(decide(&request, &web, Some(member(Duration::HOUR, None))), Interaction::Consent(vec![]));
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
    assert_eq!(at(ClientKind::Spa, "http://127.0.0.1:5000/cb"), Interaction::Consent(vec![Reason::Unproven]));
    assert_eq!(at(ClientKind::Spa, "http://localhost/cb"), Interaction::Consent(vec![Reason::Unproven]));
    let less = consent("projects:write");
    let more = decide(&asked(&[], None, HTTPS), &client(ClientKind::Web), Some(member(Duration::HOUR, Some(&less))));
    assert_eq!(more, Interaction::Consent(vec![Reason::NewScopes]));
}

#[test]
fn e8_a_changed_app_is_asked_about_again() {
    let (approved, request) = (consent("projects:read"), asked(&[], None, HTTPS));
    let renamed = Client { identity_version: 2, ..client(ClientKind::Web) };
    assert_eq!(decide(&request, &renamed, Some(member(Duration::HOUR, Some(&approved)))), Interaction::Consent(vec![Reason::AppChanged]));
}

#[test]
fn prompt_consent_asks_again_and_says_why() {
    let (approved, request) = (consent("projects:read"), asked(&[Prompt::Consent], None, HTTPS));
    let again = decide(&request, &client(ClientKind::Web), Some(member(Duration::HOUR, Some(&approved))));
    assert_eq!(again, Interaction::Consent(vec![Reason::AppAsked]));
}
