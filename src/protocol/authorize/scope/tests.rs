//! B5, B11, R75, and what holds for any set of scopes.

use proptest::prelude::*;

use crate::model::client::{Client, ClientKind, ClientProfile, RefreshPolicy};
use crate::model::scope::ScopeSet;
use crate::protocol::authorize::scope::{Granted, check_still_allowed, decide};
use crate::protocol::authorize::tests::{client, policy, request, scopes};
use crate::wire::ErrorCode;

fn asked(changes: &[(&str, &str)], client: &Client) -> Result<Granted, ErrorCode> {
    decide(&request(changes), client, &policy()).map_err(|refusal| refusal.error)
}

fn web() -> Client {
    client(ClientKind::Web)
}

fn with_refresh(enabled: bool, requires_offline_access: bool) -> Client {
    let web = web();
    let refresh_tokens = RefreshPolicy { enabled, requires_offline_access, ..web.profile.refresh_tokens };
    Client { profile: ClientProfile { refresh_tokens, ..web.profile }, ..web }
}

#[test]
fn b5_unknown_not_allowed_and_malformed_scopes_are_refused() {
    for wrong in ["unknown", "assets:read", "projects:read unknown", "projects:read assets:read", "a\"b", "a\\b", "é", "a\u{1}"] {
        assert_eq!(asked(&[("scope", wrong)], &web()), Err(ErrorCode::InvalidScope), "{wrong:?}");
    }
    assert_eq!(asked(&[("scope", "projects:read people:see")], &web()), Err(ErrorCode::InvalidScope), "two APIs at once");
    assert_eq!(asked(&[("scope", &"projects:read ".repeat(400))], &web()), Err(ErrorCode::InvalidScope), "too long to read");
}

#[test]
fn r75_spaces_and_commas_separate_and_absent_means_the_default() {
    let both = scopes("projects:read projects:write");
    for text in [
        "projects:read projects:write",
        "projects:read,projects:write",
        "projects:read, projects:write",
        " projects:read  projects:write ",
        "",
    ] {
        let granted = asked(&[("scope", text)], &web()).expect("all are the app's");
        assert_eq!((granted.scopes, granted.api.as_str()), (both.clone(), "https://work.example/api"), "{text:?}");
    }
}

#[test]
fn b11_resource_names_one_known_api_that_fits_the_scopes() {
    for wrong in ["/relative", "work", "https://work.example/api#x", "https://other.example/", "https://work.example/api/"] {
        assert_eq!(asked(&[("resource", wrong)], &web()), Err(ErrorCode::InvalidTarget), "{wrong}");
    }
    let people = asked(&[("resource", "https://people.example/api")], &web()).expect("the app has a scope there");
    assert_eq!(people.scopes, scopes("people:see"));
    let clash = [("resource", "https://people.example/api"), ("scope", "projects:read")];
    assert_eq!(asked(&clash, &web()), Err(ErrorCode::InvalidTarget));
    let mut twice = request(&[("resource", "https://work.example/api")]);
    twice.resource.push("https://people.example/api".into());
    assert_eq!(decide(&twice, &web(), &policy()).map_err(|refusal| refusal.error), Err(ErrorCode::InvalidTarget));
    twice.resource[1] = "https://work.example/api".into();
    assert!(decide(&twice, &web(), &policy()).is_ok());
}

#[test]
fn offline_access_governs_refresh_tokens_where_the_app_says_so() {
    let offline = |scope, client: &Client| asked(&[("scope", scope)], client).map(|granted| granted.offline);
    assert_eq!(offline("projects:read", &with_refresh(true, false)), Ok(true));
    assert_eq!(offline("projects:read", &with_refresh(true, true)), Ok(false));
    assert_eq!(offline("projects:read offline_access", &with_refresh(true, true)), Ok(true));
    assert_eq!(offline("projects:read", &with_refresh(false, false)), Ok(false));
    assert_eq!(offline("offline_access", &with_refresh(false, false)), Err(ErrorCode::InvalidScope));
    let granted = asked(&[("scope", "offline_access projects:read")], &web()).expect("allowed");
    assert_eq!(granted.scopes, scopes("projects:read offline_access"), "the answer echoes what was granted");
}

#[test]
fn an_app_without_scopes_connects_a_person_to_the_first_api() {
    let bare = Client { profile: ClientProfile { scopes: ScopeSet::default(), ..web().profile }, ..web() };
    let granted = asked(&[], &bare).expect("nothing is asked, nothing is refused");
    assert_eq!((granted.scopes.is_empty(), granted.api.as_str()), (true, "https://work.example/api"));
}

#[test]
fn a_scope_that_the_app_lost_meanwhile_is_refused() {
    assert!(check_still_allowed(&scopes("projects:read offline_access"), &web()).is_ok());
    assert!(check_still_allowed(&scopes("assets:read"), &web()).is_err());
}

proptest! {
    #[test]
    fn b5_what_is_granted_was_asked_is_allowed_and_is_of_one_api(names in prop::collection::vec("(projects:read|projects:write|people:see|assets:read|other)", 0..5)) {
        let (app, policy) = (web(), policy());
        let text = names.join(" ");
        match decide(&request(&[("scope", &text)]), &app, &policy) {
            Ok(granted) => {
                prop_assert!(granted.scopes.is_subset(&app.profile.scopes));
                prop_assert!(names.is_empty() || granted.scopes == ScopeSet::from(names.clone()));
                let api = policy.api(&granted.api).expect("a known API");
                prop_assert_eq!(api.own(&granted.scopes), granted.scopes);
            }
            Err(refusal) => prop_assert_eq!(refusal.error, ErrorCode::InvalidScope),
        }
    }

    #[test]
    fn any_scope_text_is_decided(text in "\\PC{0,80}", resource in "\\PC{0,40}") {
        let _ = decide(&request(&[("scope", &text), ("resource", &resource)]), &web(), &policy());
    }
}
