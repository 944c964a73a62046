//! D1 to D3.

use proptest::prelude::*;

use crate::model::client::{Client, ClientKind, ClientProfile};
use crate::model::policy::RequirePkce;
use crate::protocol::authorize::pkce::{check, is_challenge};
use crate::protocol::authorize::tests::{CHALLENGE, client, request};
use crate::wire::ErrorCode;

fn web(require_pkce: bool) -> Client {
    let web = client(ClientKind::Web);
    Client { profile: ClientProfile { require_pkce, ..web.profile }, ..web }
}

const NONE: [(&str, &str); 2] = [("code_challenge", ""), ("code_challenge_method", "")];

#[test]
fn d1_a_challenge_is_required_of_public_clients_and_where_app_or_server_say_so() {
    let missing = |client: &Client, policy| check(&request(&NONE), client, policy).map_err(|refusal| refusal.error);
    assert_eq!(missing(&client(ClientKind::Spa), RequirePkce::Public), Err(ErrorCode::InvalidRequest));
    assert_eq!(missing(&web(true), RequirePkce::Public), Err(ErrorCode::InvalidRequest));
    assert_eq!(missing(&web(false), RequirePkce::All), Err(ErrorCode::InvalidRequest));
    assert_eq!(missing(&web(false), RequirePkce::Public), Ok(None));
}

#[test]
fn r13_a_challenge_that_was_sent_is_kept_though_not_required() {
    assert_eq!(check(&request(&[]), &web(false), RequirePkce::Public), Ok(Some(CHALLENGE.to_owned())));
}

#[test]
fn d2_every_method_but_s256_is_refused() {
    for method in ["", "plain", "s256", "S512", "S256 ", "none"] {
        let sent = check(&request(&[("code_challenge_method", method)]), &web(false), RequirePkce::Public);
        assert_eq!(sent.map_err(|refusal| refusal.error), Err(ErrorCode::InvalidRequest), "{method:?}");
    }
    let alone = check(&request(&[("code_challenge", "")]), &web(false), RequirePkce::Public);
    assert_eq!(alone.map_err(|refusal| refusal.error), Err(ErrorCode::InvalidRequest));
}

#[test]
fn d3_a_challenge_has_43_base64url_characters() {
    for wrong in [&CHALLENGE[..42], &format!("{CHALLENGE}A"), &format!("{}=", &CHALLENGE[..42]), &format!("{}+", &CHALLENGE[..42]), "é"] {
        let sent = check(&request(&[("code_challenge", wrong)]), &web(false), RequirePkce::Public);
        assert_eq!(sent.map_err(|refusal| refusal.error), Err(ErrorCode::InvalidRequest), "{wrong:?}");
    }
}

proptest! {
    #[test]
    fn d3_nothing_but_the_shape_counts(text in "\\PC{0,60}") {
        let shaped = text.len() == 43 && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        prop_assert_eq!(is_challenge(&text), shaped);
    }

    #[test]
    fn d3_every_base64url_digest_is_a_challenge(text in "[A-Za-z0-9_-]{43}") {
        prop_assert!(is_challenge(&text));
    }
}
