//! The introspection endpoint (RFC 7662), for resource servers; browsers have no business here, so no CORS.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

use crate::flows;
use crate::flows::introspect::Caller;
use crate::secret::Secret;
use crate::web::AppState;
use crate::web::extract::credentials::{Authorization, session_id};
use crate::web::oauth::error::Failure;
use crate::web::oauth::{Door, json};
use crate::wire::Parameters;

/// `POST /introspect`.
pub async fn introspect(State(app): State<AppState>, request: Request) -> Response {
    let (door, body) = Door::open(app, request);
    let anonymous = matches!(door.authorization, Authorization::Absent) && session_id(&door.headers).is_none();
    let outcome = examine(&door, body).await;
    let mut response = door.answer(outcome).await;
    // Who sent nothing learns that a token would do (RFC 6750 §3).
    if response.status() == StatusCode::UNAUTHORIZED && anonymous {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"grantor\""));
    }
    response
}

async fn examine(door: &Door, body: Body) -> Result<Response, Failure> {
    let sent = door.parameters(body).await?;
    let caller = caller(door, &sent).await?;
    let token = sent.get("token").ok_or_else(|| Failure::bad_request("The parameter token is missing."))?;
    let answer = flows::introspect::introspect(&door.app.deps, &caller, token, door.context.now).await?;
    Ok(json(StatusCode::OK, &*answer))
}

async fn caller(door: &Door, sent: &Parameters) -> Result<Caller, Failure> {
    let (deps, now) = (&door.app.deps, door.context.now);
    if let Authorization::Bearer(token) = &door.authorization {
        return Ok(Caller::by_token(deps, token, now).await?);
    }
    let presented = door.presented(sent);
    match session_id(&door.headers).filter(|_| !presented.has_proof()) {
        Some(token) => Ok(Caller::by_session_id(deps, &Secret::from(token), now).await?),
        None => Ok(Caller::by_credentials(deps, &presented, door.context.ip, now).await?),
    }
}
