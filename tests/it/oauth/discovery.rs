//! Metadata and keys (RFC 8414, RFC 7517): what they say, and that it is true.

use axum::http::Method;
use grantor::model::client::ClientKind;
use serde_json::Value;

use crate::kit::http::basic;
use crate::kit::world::{ISSUER, World, policy};
use crate::oauth::{MACHINE, request};

const METADATA: &str = "/.well-known/oauth-authorization-server";

fn list(json: &Value, member: &str) -> Vec<String> {
    json[member].as_array().unwrap_or_else(|| panic!("no {member}")).iter().map(|item| item.as_str().expect("text").to_owned()).collect()
}

#[tokio::test]
async fn a1_a2_both_well_known_names_tell_the_same() {
    let world = World::new().await;
    let answer = world.get(METADATA).await.expect(200);
    assert_eq!((answer.header("content-type"), answer.text("issuer")), ("application/json", ISSUER.to_owned()));
    assert_eq!(answer.json(), world.get("/.well-known/openid-configuration").await.expect(200).json());
    insta::assert_json_snapshot!("metadata", answer.json());
}

#[tokio::test]
async fn a1_an_issuer_with_a_path_has_the_inserted_name_too() {
    let mut of_path = policy();
    of_path.issuer = format!("{ISSUER}/tenant/one");
    let world = World::with(of_path).await;
    let answer = world.get(&format!("{METADATA}/tenant/one")).await.expect(200);
    assert_eq!(answer.text("issuer"), format!("{ISSUER}/tenant/one"));
    world.get(&format!("{METADATA}/tenant/two")).await.expect(404);
    World::new().await.get(&format!("{METADATA}/tenant/one")).await.expect(404);
}

#[tokio::test]
async fn a3_every_listed_endpoint_answers_and_every_listed_grant_and_method_is_known() {
    let world = World::new().await;
    let app = world.app(ClientKind::M2m).await;
    let json = world.get(METADATA).await.json();
    for member in ["token_endpoint", "revocation_endpoint", "introspection_endpoint"] {
        let path = json[member].as_str().and_then(|url| url.strip_prefix(ISSUER)).expect("a URL of ours").to_owned();
        let answer = world.post_as(&path, Some(&basic(&app)), &[]).await;
        assert_ne!(answer.status.as_u16(), 404, "{member}");
    }
    let keys = json["jwks_uri"].as_str().and_then(|url| url.strip_prefix(ISSUER)).expect("a URL of ours").to_owned();
    world.get(&keys).await.expect(200);
    for grant in list(&json, "grant_types_supported") {
        let answer = world.token(&app, &[("grant_type", &grant)]).await;
        assert!(answer.status.is_success() || answer.text("error") != "unsupported_grant_type", "{grant}: {}", answer.body);
    }
    assert_eq!(
        list(&json, "token_endpoint_auth_methods_supported"),
        ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]
    );
    assert_eq!(list(&json, "code_challenge_methods_supported"), ["S256"], "a4");
    assert_eq!(json["authorization_response_iss_parameter_supported"], true, "a5");
    assert_eq!(list(&json, "response_types_supported"), ["code"], "a6");
}

#[tokio::test]
async fn a7_r89_a_forged_host_changes_nothing() {
    let world = World::new().await;
    let expected = world.get(METADATA).await.json();
    let forged = [("host", "evil.example"), ("x-forwarded-host", "evil.example"), ("forwarded", "host=evil.example;proto=http")];
    let answer = request(&world, Method::GET, METADATA, &forged, "").await.expect(200);
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn the_key_set_is_public_and_holds_no_private_member() {
    let world = World::new().await;
    let answer = world.get("/.well-known/jwks.json").await.expect(200);
    assert_eq!((answer.header("cache-control"), answer.header("access-control-allow-origin")), ("public, max-age=300", "*"));
    let json = answer.json();
    let keys = json["keys"].as_array().expect("keys");
    assert!(!keys.is_empty());
    for key in keys {
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(key.get(private).is_none(), "{private}");
        }
        assert_eq!(key["use"], "sig");
    }
    let app = world.app(ClientKind::M2m).await;
    world.token(&app, &MACHINE).await.expect(200);
}
