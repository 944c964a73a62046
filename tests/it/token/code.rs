//! The authorization code grant.

use grantor::model::authorization::EndCause;
use grantor::model::client::ClientKind;
use grantor::secret::Secret;
use grantor::wire::ErrorCode;
use grantor::wire::token::TokenRequest;
use rstest::rstest;
use time::Duration;

use crate::kit::world::{API, CALLBACK, ISSUER};
use crate::token::{Party, VERIFIER, ask, authenticated, challenge, code_request, invalid_grant, refused};

fn request(code: &str, redirect_uri: Option<&str>, verifier: Option<&str>) -> TokenRequest {
    TokenRequest::AuthorizationCode {
        code: code.into(),
        redirect_uri: redirect_uri.map(str::to_owned),
        code_verifier: verifier.map(Secret::from),
    }
}

#[tokio::test]
async fn h1_a_code_becomes_an_access_token_and_a_refresh_token() {
    let party = Party::new().await;
    let (id, tokens) = party.connect().await;
    assert_eq!((tokens.token_type.as_str(), tokens.expires_in, tokens.scope.as_str()), ("Bearer", 3_600, "projects:read projects:write"));
    assert_eq!(tokens.refresh_token_expires_in, Some(30 * 86_400));
    assert!(tokens.refresh_token.as_ref().is_some_and(|token| token.starts_with("grr_")));
    let claims = party.world.deps.keyring.current().verify(&tokens.access_token).expect("our own signature").claims;
    let now = party.world.now().unix_timestamp();
    assert_eq!((claims.iss.as_str(), claims.aud.as_str(), claims.sub), (ISSUER, API, party.user.id.to_string()));
    assert_eq!((claims.iat, claims.exp, claims.auth_time), (now, now + 3_600, Some(now - 300)));
    assert_eq!((claims.authz, claims.cred, claims.org), (Some(id), None, party.world.org.id));
    assert_eq!(claims.client_id, party.app.client_id);
}

#[tokio::test]
async fn h2_r10_a_code_ends_at_its_expiry() {
    let party = Party::new().await;
    let (early, late) = (party.approve().await, party.approve().await);
    party.world.pass(Duration::seconds(59));
    party.redeem(&early).await.expect("one second before its end a code works");
    party.world.pass(Duration::seconds(1));
    assert_eq!(invalid_grant(party.redeem(&late).await), "the code has expired");
    for text in ["", "grc_", "grc_AAAA", &early.text.replace("grc_", "grr_"), &format!("{}A", early.text)] {
        let outcome = ask(&party.world, &party.client().await, code_request(text)).await;
        assert_eq!(invalid_grant(outcome), "the code was not minted by this server");
    }
}

#[tokio::test]
async fn h3_a_foreign_clients_attempt_ends_nothing() {
    let party = Party::new().await;
    let stranger = authenticated(&party.world, &party.world.app(ClientKind::Web).await).await;
    let code = party.approve().await;
    assert_eq!(invalid_grant(ask(&party.world, &stranger, code_request(&code.text)).await), "the code belongs to another app");
    let tokens = party.redeem(&code).await.expect("the rightful client still redeems it");
    assert_eq!(invalid_grant(ask(&party.world, &stranger, code_request(&code.text)).await), "the code belongs to another app");
    party.refresh(&tokens.refresh_token.expect("a refresh token")).await.expect("its tokens live on");
}

#[tokio::test]
async fn h4_r10_a_code_presented_again_ends_the_family_with_an_audit_entry() {
    let party = Party::new().await;
    let code = party.approve().await;
    let tokens = party.redeem(&code).await.expect("a fresh code");
    party.world.pass(Duration::hours(3));
    assert_eq!(invalid_grant(party.redeem(&code).await), "the code was used before; its tokens are revoked");
    assert_eq!(party.end_cause(code.id).await, Some(EndCause::CodeReplay));
    assert_eq!(invalid_grant(party.refresh(&tokens.refresh_token.expect("one")).await), "the authorization has ended");
    assert_eq!(invalid_grant(party.redeem(&code).await), "the authorization has ended");
    assert_eq!(party.world.count("SELECT count(*) FROM audit_events WHERE action = 'authorization.code_replay'").await, 1);
}

#[rstest]
#[case::d4_no_verifier(Some(CALLBACK), None, "code_verifier is missing")]
#[case::d5_wrong_verifier(
    Some(CALLBACK),
    Some("another-verifier-of-more-than-43-characters-"),
    "code_verifier does not match the code_challenge"
)]
#[case::h6_other_redirect_uri(
    Some("https://app.example.test/other"),
    Some(VERIFIER),
    "redirect_uri differs from the one of the authorization request"
)]
#[tokio::test]
async fn d4_d5_h6_a_mismatch_by_the_authenticated_client_ends_the_code(
    #[case] redirect_uri: Option<&str>,
    #[case] verifier: Option<&str>,
    #[case] cause: &str,
) {
    let party = Party::new().await;
    let code = party.approve().await;
    assert_eq!(invalid_grant(ask(&party.world, &party.client().await, request(&code.text, redirect_uri, verifier)).await), cause);
    assert_eq!(party.end_cause(code.id).await, Some(EndCause::CodeMismatch));
    assert_eq!(invalid_grant(party.redeem(&code).await), "the authorization has ended");
}

#[tokio::test]
async fn d6_r11_a_malformed_verifier_is_refused_before_any_hashing_and_touches_nothing() {
    let party = Party::new().await;
    let code = party.approve().await;
    for verifier in ["", &"a".repeat(42), &"a".repeat(129), &format!("{}+", "a".repeat(50)), &format!("{}é", "a".repeat(50))] {
        let outcome = ask(&party.world, &party.client().await, request(&code.text, Some(CALLBACK), Some(verifier))).await;
        assert_eq!(invalid_grant(outcome), "code_verifier is not 43 to 128 unreserved characters");
    }
    party.redeem(&code).await.expect("the code is untouched");
}

#[tokio::test]
async fn d7_a_verifier_for_a_code_without_challenge_is_refused() {
    let party = Party::new().await;
    let code = party.approve_with(|new| new.code_challenge = None).await;
    assert_eq!(invalid_grant(party.redeem(&code).await), "code_verifier was sent, yet the authorization request had no code_challenge");
    assert_eq!(party.end_cause(code.id).await, Some(EndCause::CodeMismatch));
}

#[tokio::test]
async fn r13_r74_a_code_without_challenge_needs_no_verifier() {
    let party = Party::new().await;
    let code = party.approve_with(|new| new.code_challenge = None).await;
    ask(&party.world, &party.client().await, request(&code.text, Some(CALLBACK), None)).await.expect("plain OAuth 2.0 works");
}

#[tokio::test]
async fn h6_redirect_uri_may_be_omitted_only_where_a_challenge_binds_the_code() {
    let party = Party::new().await;
    let bound = party.approve().await;
    ask(&party.world, &party.client().await, request(&bound.text, None, Some(VERIFIER))).await.expect("PKCE stands in for it");
    let unbound = party.approve_with(|new| new.code_challenge = None).await;
    let outcome = ask(&party.world, &party.client().await, request(&unbound.text, None, None)).await;
    assert_eq!(invalid_grant(outcome), "redirect_uri is missing");
}

#[rstest]
#[case::user("UPDATE users SET disabled_at = created_at", "the user is disabled")]
#[case::org("UPDATE orgs SET disabled_at = created_at", "the org is disabled")]
#[case::disabled_client("UPDATE clients SET disabled_at = created_at", "the app is disabled or deleted")]
#[case::deleted_client("UPDATE clients SET deleted_at = created_at", "the app is disabled or deleted")]
#[case::membership("DELETE FROM memberships", "the user is no longer a member of the org")]
#[tokio::test]
async fn h9_i10_nothing_works_once_a_party_is_out_of_force(#[case] statement: &'static str, #[case] cause: &str) {
    let party = Party::new().await;
    let code = party.approve().await;
    let (id, tokens) = party.connect().await;
    party.world.sql(statement).await;
    assert_eq!(invalid_grant(party.redeem(&code).await), cause);
    assert_eq!(invalid_grant(party.refresh(&tokens.refresh_token.expect("one")).await), cause);
    assert_eq!((party.end_cause(code.id).await, party.end_cause(id).await), (None, None), "what may come back ends nothing");
}

#[tokio::test]
async fn h10_a_code_is_redeemed_by_another_server() {
    let party = Party::new().await;
    let code = party.approve().await;
    let second = party.world.second().await;
    let client = authenticated(&second, &party.app).await;
    let tokens = ask(&second, &client, code_request(&code.text)).await.expect("any server redeems it");
    party.refresh(&tokens.refresh_token.expect("one")).await.expect("and any server refreshes");
}

#[tokio::test]
async fn r84_i14_without_refresh_tokens_the_member_is_absent_and_the_flow_can_run_again() {
    let party = Party::with(ClientKind::Web, |client| client.profile.refresh_tokens.enabled = false).await;
    for _ in 0..2 {
        let code = party.approve().await;
        let tokens = party.redeem(&code).await.expect("a fresh code");
        let json = serde_json::to_value(&tokens).expect("an answer is JSON");
        assert!(json.get("refresh_token").is_none() && json.get("refresh_token_expires_in").is_none(), "{json}");
        let row = party.facts(code.id).await.authorization;
        assert_eq!(row.absolute_expires_at, Some(party.world.now() + Duration::seconds(3_600)), "it lives as long as its access token");
        let forged = party.world.deps.sealer.refresh_token(code.id, 1).expose().clone();
        assert_eq!(invalid_grant(party.refresh(&forged).await), "the authorization has no refresh token");
    }
}

#[tokio::test]
async fn r87_authorizing_again_leaves_the_earlier_family_alone() {
    let party = Party::new().await;
    let (_, first) = party.connect().await;
    let (_, second) = party.connect().await;
    for tokens in [first, second] {
        party.refresh(&tokens.refresh_token.expect("one")).await.expect("both families live");
    }
}

#[tokio::test]
async fn j11_a_machine_app_may_not_use_the_grants_of_users() {
    let party = Party::new().await;
    let machine = authenticated(&party.world, &party.world.app(ClientKind::M2m).await).await;
    let code = party.approve().await;
    let refusal = refused(ask(&party.world, &machine, code_request(&code.text)).await);
    assert_eq!(refusal.error, ErrorCode::UnauthorizedClient);
}

#[tokio::test]
async fn h3_r11_the_challenge_of_the_rfc_is_met_by_its_verifier() {
    // RFC 7636 appendix B.
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    assert_eq!(challenge(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    let party = Party::with(ClientKind::Spa, |_| ()).await;
    let code = party.approve_with(|new| new.code_challenge = Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned())).await;
    ask(&party.world, &party.client().await, request(&code.text, Some(CALLBACK), Some(verifier))).await.expect("the pair matches");
}
