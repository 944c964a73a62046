//! What wraps the doors: headers, limits, https, same-origin posts. Each group of routes takes what belongs to it.

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody as _};
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, ORIGIN, REFERRER_POLICY, RETRY_AFTER, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use http_body_util::Limited;
use tower_http::catch_panic::CatchPanicLayer;

use crate::web::context::{self, RequestContext};
use crate::web::extract::recent;
use crate::web::pages::error::render;
use crate::web::{AppState, paths};

/// The largest body that any door reads, in bytes.
pub const BODY_LIMIT: usize = 64 * 1024;
/// The longest query that any door reads, in bytes (A19).
pub const QUERY_LIMIT: usize = 8 * 1024;
/// The largest body that enters the server at all, in bytes.
const BODY_WALL: u64 = 2 * 1024 * 1024;
/// How long a handler may take before the client is told to come back.
const HANDLER_TIMEOUT: Duration = Duration::from_secs(30);

/// The policy of a page that does not set its own: nothing from elsewhere, no inline script or style, no framing (A24).
pub const PAGE_CSP: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'";

const COOP: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");

/// What wraps every route. One layer does nearly all of it: axum clones everything below a layer for each request, so eight
/// layers cost a token request several microseconds.
pub fn around_everything(router: Router<AppState>, app: &AppState) -> Router<AppState> {
    router.layer(CatchPanicLayer::custom(|_: Box<dyn Any + Send>| after_panic())).layer(from_fn_with_state(app.clone(), context::establish))
}

/// Answers one request with what every answer has: limits before it, headers after it.
pub(super) async fn guard(app: &AppState, request: Request, next: Next) -> Response {
    let mut response = match check(app, &request) {
        Ok(()) => limit_time(State(HANDLER_TIMEOUT), wall(request), next).await,
        Err(refusal) => refusal.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(REFERRER_POLICY).or_insert(HeaderValue::from_static("no-referrer"));
    if app.deps.policy.secure_cookies {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000"));
    }
    response
}

/// What no door needs to see.
fn check(app: &AppState, request: &Request) -> Result<(), (StatusCode, &'static str)> {
    check_https(app, request)?;
    if request.uri().query().is_some_and(|query| query.len() > QUERY_LIMIT) {
        return Err((StatusCode::URI_TOO_LONG, "The query is too long.\n"));
    }
    if request.body().size_hint().lower() > BODY_WALL && !takes_files(request) {
        return Err((StatusCode::PAYLOAD_TOO_LARGE, "The body is too large.\n"));
    }
    Ok(())
}

/// With an https issuer nothing but the health checks is served over plain http: credentials would travel in the open (A9).
fn check_https(app: &AppState, request: &Request) -> Result<(), (StatusCode, &'static str)> {
    let plain = request.extensions().get::<RequestContext>().is_some_and(|context| context.https == Some(false));
    if !plain || !app.deps.policy.secure_cookies || [paths::HEALTHZ, paths::READYZ].contains(&request.uri().path()) {
        return Ok(());
    }
    tracing::warn!("refused a request over plain http: let the TLS proxy send X-Forwarded-Proto and name it in trusted_proxies");
    Err((StatusCode::FORBIDDEN, "This server is reached over https only.\n"))
}

/// Whether the door reads a file, within bounds of its own, so that it can tell people when theirs is too large.
fn takes_files(request: &Request) -> bool {
    let path = request.uri().path();
    path.ends_with("/logo") || path.ends_with("/credentials/keys/new")
}

/// Doors refuse at a limit of their own, in their own form; a body of unknown length meets this wall behind them.
fn wall(request: Request) -> Request {
    if request.body().size_hint().exact().is_some() || takes_files(&request) {
        return request;
    }
    request.map(|body| Body::new(Limited::new(body, usize::try_from(BODY_WALL).unwrap_or(usize::MAX))))
}

/// What wraps pages: they are never cached, framed or fed from elsewhere, and only they themselves may post to them.
pub fn around_pages(router: Router<AppState>, app: &AppState) -> Router<AppState> {
    router
        .layer(from_fn_with_state(app.clone(), same_origin_posts))
        .layer(from_fn_with_state(app.clone(), render))
        .layer(from_fn(recent::hand_out))
        .layer(from_fn(page_headers))
}

/// Headers of pages, for routes such as the authorization endpoint that others may post to.
pub fn with_page_headers(router: Router<AppState>, app: &AppState) -> Router<AppState> {
    router.layer(from_fn_with_state(app.clone(), render)).layer(from_fn(page_headers))
}

async fn page_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, PAGE_CSP),
        (CACHE_CONTROL, "no-store"),
        // `no-referrer` would turn the Origin of our own form posts into `null`; this way nothing leaves our origin either.
        (REFERRER_POLICY, "same-origin"),
        (COOP, "same-origin"),
        (PERMISSIONS, "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
        (X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// A post to a page must come from our own pages (E2, E16, M8). Browsers say so in `Sec-Fetch-Site`; older ones only in
/// `Origin`. Who sends neither is no browser, and still needs the form's token.
async fn same_origin_posts(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let own = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) || is_own_post(&app, request.headers());
    if own {
        next.run(request).await
    } else {
        tracing::warn!("refused a form post from another site");
        (StatusCode::FORBIDDEN, "This form was sent from another site. Open the page here and send it again.\n").into_response()
    }
}

fn is_own_post(app: &AppState, headers: &HeaderMap) -> bool {
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    match (header("sec-fetch-site"), header(ORIGIN.as_str())) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => origin == app.deps.policy.issuer_origin(),
        (None, None) => true,
    }
}

/// Gives a request up that waits for something that will not come, such as a database behind a silent network. What it may
/// have changed is what a lost answer leaves behind: whoever tries again is told.
pub async fn limit_time(State(patience): State<Duration>, request: Request, next: Next) -> Response {
    let Ok(answer) = tokio::time::timeout(patience, next.run(request)).await else {
        tracing::error!(seconds = patience.as_secs(), "a handler took too long and was given up");
        let headers = [(RETRY_AFTER, HeaderValue::from_static("2"))];
        return (StatusCode::SERVICE_UNAVAILABLE, headers, "The server cannot answer at the moment.\n").into_response();
    };
    answer
}

fn after_panic() -> Response<Body> {
    // Never what it said: a panic's message could quote what a request sent (P1). The panic hook logs where it was.
    tracing::error!("a handler panicked");
    (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on our side. The reference id is in the X-Request-Id header.\n")
        .into_response()
}
