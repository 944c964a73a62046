//! The doors at which machines of the source systems exchange a signed assertion for a token. Browsers have no business here,
//! so no CORS.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::flows::assertion::Profile;
use crate::flows::assertion::exchange::{Sent, exchange};
use crate::secret::Secret;
use crate::web::AppState;
use crate::web::oauth::error::Failure;
use crate::web::oauth::token::announce;
use crate::web::oauth::{Door, json};

/// `POST /integrations/oauth2/api/v1/jwt/exchange` (R32).
pub async fn workfront(State(app): State<AppState>, request: Request) -> Response {
    let (door, body) = Door::open(app, request);
    let outcome = serve(&door, body, Profile::WorkfrontExchange).await;
    door.answer(outcome).await
}

/// `POST /ims/exchange/jwt`, with and without a slash at its end (R58).
pub async fn ims(State(app): State<AppState>, request: Request) -> Response {
    let (door, body) = Door::open(app, request);
    let outcome = serve(&door, body, Profile::ImsExchange).await;
    door.answer(outcome).await
}

async fn serve(door: &Door, body: Body, profile: Profile) -> Result<Response, Failure> {
    let parameters = match profile {
        Profile::ImsExchange => door.parameters_or_parts(body).await?,
        _ => door.parameters(body).await?,
    };
    let sent = Sent { assertion: parameters.get("jwt_token").map(Secret::from), scope: parameters.get("scope") };
    let presented = door.presented(&parameters);
    let granted = exchange(&door.app.deps, profile, &presented, sent, door.context.ip, door.context.now).await?;
    Ok(announce(json(StatusCode::OK, &granted.response), granted.deprecated))
}
