//! The doors of OAuth: they answer JSON, are never cached unless they say so, and refuse in the words of RFC 6749 §5.2.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CACHE_CONTROL, CONTENT_TYPE, PRAGMA};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get, post};
use serde::Serialize;

use crate::flows::client_auth::PresentedCredentials;
use crate::web::context::RequestContext;
use crate::web::extract::credentials::{Authorization, presented};
use crate::web::extract::form;
use crate::web::{AppState, paths};
use crate::wire::Parameters;

pub mod authorize;
pub mod cors;
pub mod error;
pub mod introspect;
pub mod jwks;
pub mod metadata;
pub mod redirect;
pub mod revoke;
pub mod token;
mod traced;

use error::Failure;
use traced::Account;

/// Every door of this area but the authorization endpoint, which is a page.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route(paths::TOKEN, posts(token::token))
        .route(paths::alias::TOKEN, posts(token::token))
        .route(paths::alias::IMS_TOKEN, posts(token::token))
        .route(paths::alias::JWT_EXCHANGE, post(token::exchange::workfront).fallback(post_only))
        .route(paths::alias::IMS_EXCHANGE, post(token::exchange::ims).fallback(post_only))
        .route(paths::alias::IMS_EXCHANGE_SLASH, post(token::exchange::ims).fallback(post_only))
        .route(paths::TOKEN_REFRESH, posts(token::refresh))
        .route(paths::REVOKE, posts(revoke::revoke))
        .route(paths::alias::REVOKE, posts(revoke::revoke))
        .route(paths::INTROSPECT, post(introspect::introspect).fallback(post_only))
        .route(paths::METADATA, public(metadata::show))
        .route(paths::METADATA_OF_PATH, public(metadata::show_of_path))
        .route(paths::METADATA_OPENID, public(metadata::show))
        .route(paths::JWKS, public(jwks::show))
}

/// A door that apps post to, from browsers too.
fn posts<H: Handler<T, AppState>, T: 'static>(handler: H) -> MethodRouter<AppState> {
    post(handler).options(cors::preflight).fallback(post_or_options)
}

/// A document that anybody may read from anywhere.
fn public<H: Handler<T, AppState>, T: 'static>(handler: H) -> MethodRouter<AppState> {
    get(handler).options(cors::public_preflight).fallback(get_only)
}

async fn post_or_options(state: State<AppState>, request: Request) -> Response {
    wrong_method(state, request, "POST, OPTIONS")
}

async fn post_only(state: State<AppState>, request: Request) -> Response {
    wrong_method(state, request, "POST")
}

async fn get_only(state: State<AppState>, request: Request) -> Response {
    wrong_method(state, request, "GET, HEAD, OPTIONS")
}

fn wrong_method(State(app): State<AppState>, request: Request, allowed: &'static str) -> Response {
    let (door, _) = Door::open(app, request);
    let mut response = door.refuse(&Failure::wrong_method());
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

/// One request at one of these doors, without its body.
struct Door {
    app: AppState,
    context: RequestContext,
    authorization: Authorization,
    headers: HeaderMap,
    query: Option<String>,
    /// What the app's owner is told of this request.
    account: Account,
}

impl Door {
    fn open(app: AppState, request: Request) -> (Self, Body) {
        let (parts, body) = request.into_parts();
        let context = parts.extensions.get::<RequestContext>().expect("the router puts a context into every request").clone();
        let query = parts.uri.query().map(str::to_owned);
        let account = Account::of(parts.uri.path());
        (Self { app, context, authorization: Authorization::read(&parts.headers), headers: parts.headers, query, account }, body)
    }

    /// The parameters of the body, once it is sure that none stand in the query.
    async fn parameters(&self, body: Body) -> Result<Arc<Parameters>, Failure> {
        check_query(self.query.as_deref())?;
        let sent = Arc::new(form::read(&self.headers, body).await?);
        Ok(self.account.keep(sent))
    }

    /// The same for a door that also takes `multipart/form-data`.
    async fn parameters_or_parts(&self, body: Body) -> Result<Arc<Parameters>, Failure> {
        check_query(self.query.as_deref())?;
        let sent = Arc::new(form::read_or_parts(&self.headers, body).await?);
        Ok(self.account.keep(sent))
    }

    fn presented(&self, sent: &Parameters) -> PresentedCredentials {
        presented(&self.authorization, sent)
    }

    /// The answer, readable from a browser where the origin is that of an app.
    async fn answer_cross_origin(self, outcome: Result<Response, Failure>) -> Response {
        let client = self.client().await;
        self.note(client, &outcome);
        let response = outcome.unwrap_or_else(|failure| self.refuse(&failure));
        cors::allow(&self.app.deps, &self.headers, response).await
    }

    async fn answer(self, outcome: Result<Response, Failure>) -> Response {
        let client = self.client().await;
        self.note(client, &outcome);
        outcome.unwrap_or_else(|failure| self.refuse(&failure))
    }

    fn refuse(&self, failure: &Failure) -> Response {
        failure.answer(&self.app.deps.policy.issuer, &self.context.request_id, &self.authorization)
    }
}

/// What may not stand in a query: queries end up in logs, histories and `Referer` headers (G10, R49).
const BODY_ONLY: [&str; 20] = [
    "access_token",
    "assertion",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "code",
    "code_verifier",
    "grant_type",
    "jwt_token",
    "password",
    "redirect_uri",
    "refresh_token",
    "resource",
    "audience",
    "scope",
    "token",
    "token_type_hint",
    "username",
    "state",
];

fn check_query(query: Option<&str>) -> Result<(), Failure> {
    let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    if pairs.into_iter().any(|(name, _)| BODY_ONLY.contains(&name.as_ref())) {
        return Err(Failure::bad_request("Parameters belong in the body, never in the query."));
    }
    Ok(())
}

/// A JSON answer that nobody may keep (RFC 6749 §5.1).
fn json(status: StatusCode, document: &impl Serialize) -> Response {
    // Room for tokens at once, in place of growing towards it.
    let mut body = Vec::with_capacity(1_024);
    serde_json::to_writer(&mut body, document).expect("our documents have text keys and finite numbers");
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (PRAGMA, HeaderValue::from_static("no-cache")),
    ];
    (status, headers, body).into_response()
}

/// A JSON document that anybody may read and keep for five minutes.
fn public_document(document: &impl Serialize) -> Response {
    let mut response = json(StatusCode::OK, document);
    let headers = response.headers_mut();
    headers.remove(PRAGMA);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

#[cfg(test)]
mod tests;
