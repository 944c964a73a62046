//! Who may call from a browser (A12, A13, R12): pages of origins that apps registered by their redirect URIs, at the doors
//! where apps get and give back tokens; anybody for public documents. Never with cookies.

use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS,
    ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use crate::flows::Deps;
use crate::web::AppState;

/// What a page may read of an answer beside its body.
const EXPOSED: &str = "www-authenticate, retry-after, x-request-id";

/// Answers `OPTIONS` at a door that apps post to.
pub async fn preflight(State(app): State<AppState>, request: Request) -> Response {
    let mut response = allow(&app.deps, request.headers(), StatusCode::NO_CONTENT.into_response()).await;
    let headers = response.headers_mut();
    if headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN) {
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, content-type"));
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        headers.remove(ACCESS_CONTROL_EXPOSE_HEADERS);
    }
    response
}

/// Answers `OPTIONS` at a public document.
pub async fn public_preflight() -> Response {
    let headers = [
        (ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET")),
        (ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("*")),
        (ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400")),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// Lets the asking page read `response` if its origin is that of an app. An origin that cannot be looked up is not let in;
/// the answer itself stands.
pub(super) async fn allow(deps: &Deps, request: &HeaderMap, mut response: Response) -> Response {
    response.headers_mut().append(VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = request.get(ORIGIN) else { return response };
    let registered = match origin.to_str() {
        Ok(text) => deps.clients.is_registered_origin(deps, text).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "an origin could not be looked up");
            false
        }),
        Err(_) => false,
    };
    if registered {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    }
    response
}
