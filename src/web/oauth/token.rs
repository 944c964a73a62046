//! The token endpoint (RFC 6749 §3.2), under its own name and those of the source systems, and the door for refreshing only.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::flows::client_auth::authenticate_for_token;
use crate::flows::clients::migrate::deprecation;
use crate::flows::token::issue_token;
use crate::model::refusal::Refusal;
use crate::web::AppState;
use crate::web::oauth::deprecation_headers;
use crate::web::oauth::error::Failure;
use crate::web::oauth::{Door, json};
use crate::wire::token::{TokenRequest, TokenRequestError};
use crate::wire::{ErrorCode, GrantType};

/// `POST /token` and its aliases.
pub async fn token(State(app): State<AppState>, request: Request) -> Response {
    let (door, body) = Door::open(app, request);
    let outcome = issue(&door, body, &GrantType::ALL).await;
    door.answer_cross_origin(outcome).await
}

/// `POST /token/refresh` (R81).
pub async fn refresh(State(app): State<AppState>, request: Request) -> Response {
    let (door, body) = Door::open(app, request);
    let outcome = issue(&door, body, &[GrantType::RefreshToken]).await;
    door.answer_cross_origin(outcome).await
}

async fn issue(door: &Door, body: Body, grants: &[GrantType]) -> Result<Response, Failure> {
    let sent = door.parameters(body).await?;
    let (deps, now) = (&door.app.deps, door.context.now);
    let client = authenticate_for_token(deps, &door.presented(&sent), door.context.ip, now).await?;
    door.account.is_of(&client.record);
    let request = TokenRequest::from_parameters(&sent)?;
    if !grants.contains(&request.grant_type()) {
        return Err(TokenRequestError::UnsupportedGrantType.into());
    }
    let deprecated = deprecation(deps, &client);
    let issued = issue_token(deps, &client, request, now).await?;
    Ok(deprecation_headers::announce(json(StatusCode::OK, &issued), deprecated))
}

impl From<TokenRequestError> for Failure {
    fn from(error: TokenRequestError) -> Self {
        match error {
            TokenRequestError::Missing(name) => Self::bad_request(match name {
                "grant_type" => "The parameter grant_type is missing.",
                "code" => "The parameter code is missing.",
                "refresh_token" => "The parameter refresh_token is missing.",
                "username" => "The parameter username is missing.",
                "password" => "The parameter password is missing.",
                _ => "A required parameter is missing.",
            }),
            TokenRequestError::UnsupportedGrantType => {
                Refusal::new(ErrorCode::UnsupportedGrantType, "This endpoint does not know this grant type.").into()
            }
        }
    }
}
