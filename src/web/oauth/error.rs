//! The one map from what went wrong to what an OAuth client reads (RFC 6749 §5.2, RFC 6750 §3).
//!
//! | what | status | error |
//! |---|---|---|
//! | refused by a rule | 400; 401 for `invalid_client` and `invalid_token` (400 where an exchange says so); 403 for `insufficient_scope` | as the rule says |
//! | wrong method, too large, too slow, wrong content type | 405, 413, 408, 415 | `invalid_request` |
//! | too many requests | 429 with `Retry-After` | `temporarily_unavailable` |
//! | our own trouble | 503 with `Retry-After` | `temporarily_unavailable` |

use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

use crate::flows;
use crate::model::refusal::Refusal;
use crate::model::request_trace::Contrast;
use crate::web::extract::credentials::Authorization;
use crate::web::extract::form::FormError;
use crate::web::oauth::json;
use crate::web::paths;
use crate::wire::ErrorCode;
use crate::wire::error::ErrorDocument;

/// What the client will read, and what the log did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    status: StatusCode,
    error: ErrorCode,
    description: &'static str,
    /// For the log and the app's owner.
    cause: String,
    contrast: Option<Box<Contrast>>,
    retry_after: Option<u32>,
}

impl Failure {
    fn new(status: StatusCode, error: ErrorCode, description: &'static str) -> Self {
        Self { status, error, description, cause: description.to_owned(), contrast: None, retry_after: None }
    }

    /// `invalid_request` with 400.
    pub fn bad_request(description: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, ErrorCode::InvalidRequest, description)
    }

    /// 405; the caller adds `Allow`.
    pub fn wrong_method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, ErrorCode::InvalidRequest, "This endpoint does not answer to this method.")
    }

    /// The status and the reason, for the app's owner. What our own trouble is, is nobody's business but ours.
    pub(super) fn explained(&self) -> (u16, &'static str, &str, Option<Contrast>) {
        let ours = self.status == StatusCode::SERVICE_UNAVAILABLE;
        let cause = if ours { self.description } else { self.cause.as_str() };
        (self.status.as_u16(), self.error.as_str(), cause, self.contrast.as_deref().cloned())
    }

    /// The answer. `error_description` ends with the reference id, under which the owner finds the cause.
    pub(super) fn answer(&self, issuer: &str, request_id: &str, authorization: &Authorization) -> Response {
        let Self { status, error, description, cause, retry_after, .. } = self;
        let code = error.as_str();
        if *error == ErrorCode::TemporarilyUnavailable && *status == StatusCode::SERVICE_UNAVAILABLE {
            tracing::error!(status = status.as_u16(), error = code, cause, "could not answer");
        } else {
            tracing::info!(status = status.as_u16(), error = code, cause, "refused");
        }
        let document = ErrorDocument {
            error: *error,
            error_description: format!("{description} (ref {request_id})"),
            error_uri: paths::error_uri(issuer, code),
        };
        let mut response = json(*status, &document);
        let asks = matches!(*status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
        if let Some(challenge) = challenge(*error, authorization).filter(|_| asks) {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*seconds));
        }
        response
    }
}

/// Basic only for who came with the header (RFC 6749 §5.2): browsers would otherwise ask people for a password.
fn challenge(error: ErrorCode, authorization: &Authorization) -> Option<&'static str> {
    match error {
        ErrorCode::InvalidClient if matches!(authorization, Authorization::Basic(_) | Authorization::Malformed) => {
            Some("Basic realm=\"grantor\"")
        }
        ErrorCode::InvalidToken => Some("Bearer realm=\"grantor\", error=\"invalid_token\""),
        ErrorCode::InsufficientScope => Some("Bearer realm=\"grantor\", error=\"insufficient_scope\""),
        _ => None,
    }
}

impl From<Refusal> for Failure {
    fn from(Refusal { error, description, cause, contrast, bad_request }: Refusal) -> Self {
        let status = match error {
            _ if bad_request => StatusCode::BAD_REQUEST,
            ErrorCode::InvalidClient | ErrorCode::InvalidToken => StatusCode::UNAUTHORIZED,
            ErrorCode::InsufficientScope => StatusCode::FORBIDDEN,
            ErrorCode::TemporarilyUnavailable | ErrorCode::ServerError => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        };
        Self { cause: cause.to_owned(), contrast, ..Self::new(status, error, description) }
    }
}

impl From<flows::Error> for Failure {
    fn from(error: flows::Error) -> Self {
        match error {
            flows::Error::Refused(refusal) => refusal.into(),
            flows::Error::RateLimited { retry_after } => Self {
                retry_after: Some(retry_after),
                ..Self::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    ErrorCode::TemporarilyUnavailable,
                    "Too many requests; wait as long as Retry-After says.",
                )
            },
            flows::Error::Unavailable(trouble) => Self {
                retry_after: Some(trouble.retry_after),
                cause: trouble.cause,
                ..Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    ErrorCode::TemporarilyUnavailable,
                    "The server cannot answer at the moment; try again as Retry-After says.",
                )
            },
        }
    }
}

impl From<FormError> for Failure {
    fn from(error: FormError) -> Self {
        let invalid = |status, description| Self::new(status, ErrorCode::InvalidRequest, description);
        match error {
            FormError::TooLarge => invalid(StatusCode::PAYLOAD_TOO_LARGE, "The body is larger than 64 KiB."),
            FormError::WrongType => invalid(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "The body must be application/x-www-form-urlencoded or application/json in UTF-8.",
            ),
            FormError::TooSlow => invalid(StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time."),
            FormError::Malformed(what) => invalid(StatusCode::BAD_REQUEST, what),
            FormError::Duplicate => invalid(StatusCode::BAD_REQUEST, "A parameter was sent more than once."),
        }
    }
}

#[cfg(test)]
mod tests;
