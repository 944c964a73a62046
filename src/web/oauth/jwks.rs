//! The keys that verify our access tokens (RFC 7517 §5).

use axum::extract::State;
use axum::response::Response;

use crate::web::AppState;
use crate::web::oauth::public_document;

/// `GET /.well-known/jwks.json`. A new key is published long before it signs, so five minutes in a cache are harmless.
pub async fn show(State(app): State<AppState>) -> Response {
    public_document(&app.deps.keyring.current().jwks())
}
