//! `/api/v1/orgs/{org}/apps/{client_id}/authorizations` and below: who connected.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::flows::clients::authorizations::{self, Connected};
use crate::web::api::app_json::{instant, instant_or_null};
use crate::web::api::door::Door;
use crate::web::api::orgs::json_body;
use crate::web::api::problem::Problem;
use crate::web::api::query::Query;

/// `?cursor=&limit=`
pub(super) async fn list(door: Door, query: Query) -> Result<Response, Problem> {
    let query = query.only(&["cursor", "limit"])?;
    let place = (query.text("cursor"), query.limit()?);
    let page = authorizations::list(&door.deps, &door.access, door.client_id(), place, door.now).await?;
    let shown: Vec<Value> = page.items.iter().map(authorization).collect();
    Ok(json_body(&json!({ "authorizations": shown, "next_cursor": page.next })))
}

/// 204
pub(super) async fn remove(door: Door) -> Result<Response, Problem> {
    authorizations::end(&door.deps, &door.access, door.client_id(), door.id()?, door.now).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn authorization(connected: &Connected) -> Value {
    let row = &connected.authorization;
    json!({
        "id": row.id,
        "user": { "id": row.user, "email": connected.email, "name": connected.name },
        "scopes": row.scopes,
        "api": row.api,
        "refresh_token": row.offline,
        "created_at": instant(row.created_at),
        "last_used_at": instant_or_null(row.last_used_at),
        "idle_expires_at": instant_or_null(row.idle_expires_at),
        "absolute_expires_at": instant_or_null(row.absolute_expires_at),
    })
}
