//! `/healthz`: the process lives. `/readyz`: it can serve, part by part; 503 while it is shutting down.

use std::sync::atomic::Ordering;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::flows::health::{Readiness, readiness};
use crate::web::{AppState, paths};

/// The two routes.
pub fn routes() -> Router<AppState> {
    Router::new().route(paths::HEALTHZ, get(healthz)).route(paths::READYZ, get(readyz))
}

async fn healthz() -> Response {
    answer(StatusCode::OK, r#"{"status":"ok"}"#.to_owned())
}

async fn readyz(State(app): State<AppState>) -> Response {
    if app.draining.load(Ordering::Relaxed) {
        return answer(StatusCode::SERVICE_UNAVAILABLE, r#"{"status":"draining"}"#.to_owned());
    }
    let readiness = readiness(&app.deps).await;
    let status = if readiness.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    answer(status, body(&readiness))
}

fn body(readiness: &Readiness) -> String {
    let word = |good: bool| if good { "ok" } else { "failing" };
    let checks = serde_json::json!({
        "database": word(readiness.database),
        "migrations": word(readiness.migrations),
        "signing_key": word(readiness.signing_key),
    });
    serde_json::json!({ "status": if readiness.is_ready() { "ready" } else { "not ready" }, "checks": checks }).to_string()
}

fn answer(status: StatusCode, body: String) -> Response {
    (status, [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")], body).into_response()
}
