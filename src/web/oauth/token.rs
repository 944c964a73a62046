//! The token endpoint (RFC 6749 §3.2), under its own name and those of the source systems, and the door for refreshing only.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use time::UtcOffset;
use time::macros::format_description;

use crate::flows::client_auth::authenticate_for_token;
use crate::flows::clients::migrate::Deprecated;
use crate::flows::token::{issue_for_assertion, issue_token};
use crate::model::refusal::Refusal;
use crate::web::AppState;
use crate::web::oauth::error::Failure;
use crate::web::oauth::{Door, json};
use crate::wire::token::{TokenRequest, TokenRequestError};
use crate::wire::{ErrorCode, GrantType, Parameters};

pub mod exchange;

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");

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
    let presented = door.presented(&sent);
    if grants.contains(&GrantType::JwtBearer) && !presented.has_proof() && is_jwt_bearer(&sent) {
        return Box::pin(issue_for_assertion_alone(door, &sent)).await;
    }
    let client = authenticate_for_token(deps, &presented, door.context.ip, now).await?.in_request(&door.context.request_id);
    door.account.is_of(&client.record);
    let request = TokenRequest::from_parameters(&sent)?;
    if !grants.contains(&request.grant_type()) {
        return Err(TokenRequestError::UnsupportedGrantType.into());
    }
    let granted = issue_token(deps, &client, request, now).await?;
    Ok(announce(json(StatusCode::OK, &granted.response), granted.deprecated))
}

/// The answer; if what the client showed is on its way out, with the headers that its monitoring can read (RFC 9745, RFC 8594).
pub(super) fn announce(mut response: Response, deprecated: Option<Deprecated>) -> Response {
    let Some(Deprecated { since, sunset }) = deprecated else { return response };
    // A structured field of type Date (RFC 9651 §3.3.7).
    let since = HeaderValue::from_str(&format!("@{}", since.unix_timestamp())).ok();
    // An HTTP-date (RFC 9110 §5.6.7).
    let form = format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
    let sunset = sunset.and_then(|at| HeaderValue::from_str(&at.to_offset(UtcOffset::UTC).format(form).ok()?).ok());
    let headers = response.headers_mut();
    for (name, value) in [(DEPRECATION, since), (SUNSET, sunset)] {
        if let Some(value) = value {
            headers.insert(name, value);
        }
    }
    response
}

fn is_jwt_bearer(sent: &Parameters) -> bool {
    sent.get("grant_type").and_then(GrantType::parse) == Some(GrantType::JwtBearer)
}

/// The one grant that needs no client authentication besides itself (RFC 7521 §4.1).
async fn issue_for_assertion_alone(door: &Door, sent: &Parameters) -> Result<Response, Failure> {
    let TokenRequest::JwtBearer { assertion, scope, resource } = TokenRequest::from_parameters(sent)? else {
        return Err(TokenRequestError::UnsupportedGrantType.into());
    };
    let request = (&assertion, scope.as_deref(), resource.as_deref());
    let (deps, now) = (&door.app.deps, door.context.now);
    let granted = issue_for_assertion(deps, sent.get("client_id"), request, door.context.ip, now).await?;
    Ok(announce(json(StatusCode::OK, &granted.response), granted.deprecated))
}

impl From<TokenRequestError> for Failure {
    fn from(error: TokenRequestError) -> Self {
        match error {
            TokenRequestError::Missing(name) => Self::bad_request(match name {
                "grant_type" => "The parameter grant_type is missing.",
                "code" => "The parameter code is missing.",
                "assertion" => "The parameter assertion is missing.",
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
