//! `/api/v1/orgs/{org}`

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::flows::orgs;
use crate::web::api::door::Door;
use crate::web::api::problem::Problem;

/// A JSON answer.
pub(super) fn json_body(body: &Value) -> Response {
    ([(CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// The org with its quota; every token of the org may see it.
pub(super) async fn show(door: Door) -> Result<Response, Problem> {
    let usage = orgs::app_usage(&door.deps, &door.access).await?;
    let org = &door.access.org;
    Ok(json_body(&json!({
        "id": org.id,
        "slug": org.slug,
        "name": org.name,
        "apps": { "used": usage.used, "limit": usage.limit },
    })))
}
