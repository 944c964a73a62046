//! Cross-origin calls (A12, A13).

use axum::http::Method;
use grantor::model::client::{Client, ClientKind};
use grantor::model::redirect_uri::RedirectUri;

use crate::kit::http::Answer;
use crate::kit::world::World;
use crate::oauth::request;

const OWN: &str = "https://app.example.test";
const DOORS: [&str; 6] =
    ["/token", "/token/refresh", "/integrations/oauth2/api/v1/token", "/ims/token/v3", "/revoke", "/integrations/oauth2/api/v1/revoke"];

async fn preflight(world: &World, door: &str, origin: &str) -> Answer {
    let headers =
        [("origin", origin), ("access-control-request-method", "POST"), ("access-control-request-headers", "authorization, content-type")];
    request(world, Method::OPTIONS, door, &headers, "").await
}

fn callbacks<'u>(uris: &'u [&'u str]) -> impl FnOnce(&mut Client) + 'u {
    |client| client.profile.redirect_uris = uris.iter().map(|uri| RedirectUri::from_registered((*uri).to_owned())).collect()
}

#[tokio::test]
async fn a13_r12_a_preflight_from_a_registered_origin_gets_the_exact_lists() {
    let world = World::new().await;
    world.app(ClientKind::Spa).await;
    for door in DOORS {
        let answer = preflight(&world, door, OWN).await.expect(204);
        assert_eq!(answer.header("access-control-allow-origin"), OWN);
        assert_eq!(answer.header("access-control-allow-methods"), "POST");
        assert_eq!(answer.header("access-control-allow-headers"), "authorization, content-type");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        assert_eq!(answer.header("vary"), "Origin");
    }
}

#[tokio::test]
async fn a12_other_origins_get_no_permission() {
    let world = World::new().await;
    world.app(ClientKind::Spa).await;
    for origin in [
        "https://evil.example",
        "http://app.example.test",
        "https://app.example.test:8443",
        "https://sub.app.example.test",
        "null",
        "https://app.example.test.evil.example",
        "app.example.test",
    ] {
        let answer = preflight(&world, "/token", origin).await.expect(204);
        assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control-")), "{origin}: {:?}", answer.headers);
        let answer = request(&world, Method::POST, "/token", &[("origin", origin)], "").await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
    }
}

#[tokio::test]
async fn a12_errors_are_readable_from_a_registered_origin() {
    let world = World::new().await;
    world.app(ClientKind::Web).await;
    let answer = request(&world, Method::POST, "/token", &[("origin", OWN)], "").await.expect_error(415, "invalid_request");
    assert_eq!(answer.header("access-control-allow-origin"), OWN);
    assert!(answer.header("access-control-expose-headers").contains("www-authenticate"));
}

#[tokio::test]
async fn a12_origins_follow_the_apps_as_they_change() {
    let world = World::new().await;
    let app = world.app_with(ClientKind::Spa, callbacks(&["https://Spa.Example:443/cb", "http://127.0.0.1:9000/cb", "myapp://cb"])).await;
    for origin in ["https://spa.example", "http://127.0.0.1:5173", "http://127.0.0.1"] {
        assert_eq!(preflight(&world, "/token", origin).await.header("access-control-allow-origin"), origin);
    }
    assert_eq!(preflight(&world, "/token", "http://localhost:5173").await.header("access-control-allow-origin"), "");
    world.sql("UPDATE clients SET disabled_at = created_at").await;
    world.deps.clients.forget(&app.client_id);
    assert_eq!(preflight(&world, "/token", "https://spa.example").await.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn a12_documents_are_for_everybody_and_introspection_pages_and_login_for_no_other_origin() {
    let world = World::new().await;
    world.app(ClientKind::Spa).await;
    for document in ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration", "/.well-known/jwks.json"] {
        let answer = request(&world, Method::GET, document, &[("origin", "https://anybody.example")], "").await.expect(200);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        preflight(&world, document, "https://anybody.example").await.expect(204);
    }
    for door in ["/introspect", "/authorize", "/login", "/account", "/healthz"] {
        for method in [Method::GET, Method::POST, Method::OPTIONS] {
            let answer = request(&world, method.clone(), door, &[("origin", OWN)], "").await;
            assert!(
                answer.headers.keys().all(|name| !name.as_str().starts_with("access-control-")),
                "{method} {door}: {:?}",
                answer.headers
            );
        }
    }
}
