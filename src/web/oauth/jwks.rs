//! The keys that verify our access tokens (RFC 7517 §5).

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};

use crate::web::AppState;

/// `GET /.well-known/jwks.json`. A new key is published long before it signs, so five minutes in a cache are harmless.
pub async fn show(State(app): State<AppState>) -> Response {
    let keys = serde_json::to_vec(&app.deps.keyring.current().jwks()).expect("keys are text");
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
        (ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    ];
    (headers, keys).into_response()
}
