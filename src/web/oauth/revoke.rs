//! The revocation endpoint (RFC 7009), under its own name and Workfront's.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, PRAGMA};
use axum::response::{IntoResponse as _, Response};

use crate::flows::client_auth::authenticate;
use crate::flows::revocation;
use crate::web::AppState;
use crate::web::oauth::Door;
use crate::web::oauth::error::Failure;

/// `POST /revoke`: 200 with an empty body for every token there is or is not (RFC 7009 §2.2). `token_type_hint` is not needed
/// to find a token, so it is not looked at (L4).
pub async fn revoke(State(app): State<AppState>, request: Request) -> Response {
    let (door, body) = Door::open(app, request);
    let outcome = end(&door, body).await;
    door.answer_cross_origin(outcome).await
}

async fn end(door: &Door, body: Body) -> Result<Response, Failure> {
    let sent = door.parameters(body).await?;
    let (deps, now) = (&door.app.deps, door.context.now);
    let client = authenticate(deps, &door.presented(&sent), door.context.ip, now).await?.in_request(&door.context.request_id);
    door.account.is_of(&client.record);
    let token = match (sent.get("token"), sent.get("refresh_token")) {
        (Some(_), Some(_)) => return Err(Failure::bad_request("Send token or refresh_token, not both.")),
        (token, alias) => token.or(alias).ok_or_else(|| Failure::bad_request("The parameter token is missing."))?,
    };
    revocation::revoke::revoke(deps, &client, token, now).await?;
    Ok((StatusCode::OK, [(CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")]).into_response())
}
