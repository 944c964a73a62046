//! Metadata and keys (RFC 8414, RFC 7517): what they say, and that it is true.

use axum::http::Method;
use grantor::model::client::ClientKind;

use crate::kit::world::{ISSUER, World, policy};
use crate::oauth::{MACHINE, request};

const METADATA: &str = "/.well-known/oauth-authorization-server";

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
