//! The doors of OAuth in process: client authentication, bad input, revocation, introspection, discovery, CORS, caches.

mod bad_input;
mod caches;
mod client_auth;
mod cors;
mod discovery;
pub(crate) mod introspect;
mod introspect_by_api;
mod kept;
mod limits;
mod promises;
mod revoke;
mod session_id;
mod token;

use axum::body::Body;
use axum::http::{Method, Request};
use grantor::db;
use grantor::db::authorizations::NewAuthorization;
use grantor::model::client::{Client, ClientKind};
use grantor::model::ids::AuthorizationId;
use grantor::model::user::User;
use serde_json::Value;
use time::Duration;

use crate::kit::http::{Answer, pkce, send};
use crate::kit::world::{API, App, CALLBACK, World};

/// The grant that needs nothing but a client.
const MACHINE: [(&str, &str); 1] = [("grant_type", "client_credentials")];

/// One request with anything in it.
async fn request(world: &World, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(&world.router, request.body(body.into()).expect("a request")).await
}

/// What an approval leaves behind, without the pages.
async fn approve(world: &World, app: &App, user: &User) -> AuthorizationId {
    let now = world.now();
    let id = AuthorizationId(world.deps.entropy.uuid(now));
    let (_, challenge) = pkce();
    let new = NewAuthorization {
        id,
        org: world.org.id,
        client: app.key,
        user: user.id,
        offline: true,
        scopes: ["projects:read", "projects:write"].into_iter().map(str::to_owned).collect(),
        api: API.to_owned(),
        auth_time: now,
        created_at: now,
        redirect_uri: CALLBACK.to_owned(),
        code_challenge: Some(challenge),
        code_expires_at: now + Duration::seconds(60),
        nonce: None,
    };
    let mut connection = world.deps.db.acquire().await.expect("a connection");
    db::authorizations::insert(&mut connection, &new).await.expect("an authorization is added");
    id
}

/// The token answer for a fresh code of `user`.
async fn tokens(world: &World, app: &App, user: &User) -> Value {
    let code = world.deps.sealer.code(approve(world, app, user).await);
    let (verifier, _) = pkce();
    let pairs = [("grant_type", "authorization_code"), ("code", code.expose()), ("redirect_uri", CALLBACK), ("code_verifier", &*verifier)];
    world.token(app, &pairs).await.expect(200).json()
}

fn text<'a>(json: &'a Value, member: &str) -> &'a str {
    json[member].as_str().unwrap_or_else(|| panic!("no {member} in {json}"))
}

/// An app that may introspect.
async fn inspector(world: &World) -> App {
    world.app_with(ClientKind::M2m, may_introspect).await
}

fn may_introspect(client: &mut Client) {
    client.profile.scopes = ["introspect".to_owned()].into_iter().collect();
}
