//! The client credentials grant.

use grantor::flows::Error;
use grantor::model::client::ClientKind;
use grantor::model::scope::ScopeSet;
use grantor::wire::ErrorCode;
use grantor::wire::token::{TokenRequest, TokenResponse};
use rstest::rstest;

use crate::kit::world::{API, App, ISSUER, World};
use crate::token::{ask, authenticated, refused};

const FILES: &str = "https://opaque.example.test";

async fn machine(scopes: &str) -> (World, App) {
    let world = World::new().await;
    let scopes = ScopeSet::parse(scopes).expect("a scope");
    let app = world.app_with(ClientKind::M2m, |client| client.profile.scopes = scopes).await;
    (world, app)
}

async fn token(world: &World, app: &App, scope: Option<&str>, resource: Option<&str>) -> Result<TokenResponse, Error> {
    let request = TokenRequest::ClientCredentials { scope: scope.map(str::to_owned), resource: resource.map(str::to_owned) };
    ask(world, &authenticated(world, app).await, request).await
}

#[tokio::test]
async fn r77_j3_without_a_scope_an_app_gets_its_own_and_is_its_own_subject() {
    let (world, app) = machine("projects:read projects:write").await;
    let issued = token(&world, &app, None, None).await.expect("a token");
    assert_eq!((issued.token_type.as_str(), issued.expires_in, issued.scope.as_str()), ("Bearer", 86_400, "projects:read projects:write"));
    assert_eq!((issued.refresh_token, issued.refresh_token_expires_in), (None, None), "r24: never a refresh token");
    let claims = world.deps.keyring.current().verify(&issued.access_token).expect("our own signature").claims;
    assert_eq!((&claims.sub, &claims.client_id), (&app.client_id, &app.client_id));
    assert_eq!((claims.iss.as_str(), claims.aud.as_str(), claims.auth_time, claims.authz), (ISSUER, API, None, None));
    assert_eq!(claims.cred, world.record(&app).await.credentials.first().map(|credential| credential.id));
}

#[rstest]
#[case::spaces("projects:write projects:read")]
#[case::commas("projects:write,projects:read")]
#[tokio::test]
async fn r75_j2_scopes_are_separated_by_spaces_or_commas(#[case] scope: &str) {
    let (world, app) = machine("projects:read projects:write files:read").await;
    assert_eq!(token(&world, &app, Some(scope), None).await.expect("a token").scope, "projects:write projects:read");
}

#[rstest]
#[case::unknown(Some("nonsense"), None, ErrorCode::InvalidScope)]
#[case::not_allowed(Some("apps:read"), None, ErrorCode::InvalidScope)]
#[case::partly_allowed(Some("projects:read apps:read"), None, ErrorCode::InvalidScope)]
#[case::two_apis(Some("projects:read files:read"), None, ErrorCode::InvalidScope)]
#[case::malformed(Some("a\"b"), None, ErrorCode::InvalidScope)]
#[case::unknown_resource(None, Some("https://elsewhere.example.test"), ErrorCode::InvalidTarget)]
#[case::resource_of_another_scope(Some("projects:read"), Some(FILES), ErrorCode::InvalidTarget)]
#[case::nothing_of_that_resource(None, Some("https://auth.example.test/api/v1"), ErrorCode::InvalidScope)]
#[tokio::test]
async fn j2_b11_scopes_and_resources_beyond_the_app_are_refused(
    #[case] scope: Option<&str>,
    #[case] resource: Option<&str>,
    #[case] error: ErrorCode,
) {
    let (world, app) = machine("projects:read projects:write files:read").await;
    assert_eq!(refused(token(&world, &app, scope, resource).await).error, error);
}

#[tokio::test]
async fn an_app_without_scopes_has_nothing_to_ask_for() {
    let (world, app) = machine("").await;
    assert_eq!(refused(token(&world, &app, None, None).await).error, ErrorCode::InvalidScope);
}

#[tokio::test]
async fn an_api_that_asks_for_opaque_tokens_gets_them_and_only_their_digest_is_kept() {
    let (world, app) = machine("projects:read files:read").await;
    let issued = token(&world, &app, None, Some(FILES)).await.expect("a token");
    assert!(issued.access_token.starts_with("gra_"));
    assert_eq!(issued.scope, "files:read");
    let mut connection = world.deps.db.acquire().await.expect("a connection");
    let digest = grantor::crypto::token::digest(&issued.access_token);
    let stored = grantor::db::access_tokens::find_by_digest(&mut connection, &digest).await.expect("read").expect("stored");
    assert_eq!((stored.client, stored.user, stored.api.as_str()), (app.key, None, FILES));
    assert_eq!((stored.expires_at - world.now()).whole_seconds(), 86_400);
}

#[rstest]
#[case(ClientKind::Spa)]
#[case(ClientKind::Web)]
#[tokio::test]
async fn j1_j11_apps_for_users_may_not_act_for_themselves(#[case] kind: ClientKind) {
    let world = World::new().await;
    let app = world.app(kind).await;
    assert_eq!(refused(token(&world, &app, None, None).await).error, ErrorCode::UnauthorizedClient);
}

#[rstest]
#[case(300)]
#[case(1_800)]
#[case(86_400)]
#[case(7_776_000)]
#[tokio::test]
async fn r83_the_apps_lifetime_is_shown_exactly(#[case] lifetime: i32) {
    let world = World::new().await;
    let app = world.app_with(ClientKind::M2m, |client| client.profile.access_token_lifetime = lifetime).await;
    assert_eq!(token(&world, &app, None, None).await.expect("a token").expires_in, i64::from(lifetime));
}
