//! Errors of the management API as RFC 9457 `application/problem+json`; the only place that knows their statuses.

use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::flows::Unavailable;
use crate::flows::access::BearerError;
use crate::flows::clients::Error;
use crate::model::field_error::FieldError;
use crate::model::migration::Obstacle;
use crate::web::AppState;
use crate::web::context::RequestContext;

/// A refusal; [`render`] writes it out with the issuer and the request's id.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    status: StatusCode,
    /// The last part of `type`.
    name: &'static str,
    title: &'static str,
    detail: String,
    errors: Vec<FieldError>,
    /// The challenge of a 401 or 403 (RFC 6750 §3).
    challenge: Option<String>,
    retry_after: Option<u32>,
}

impl Problem {
    fn new(status: StatusCode, name: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status, name, title, detail: detail.into(), errors: Vec::new(), challenge: None, retry_after: None }
    }

    /// Unknown, or another org's: nobody can tell which (M4).
    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found", "There is nothing here that this token may see.")
    }

    /// The path exists, not with this method.
    pub(super) fn method_not_allowed() -> Self {
        let detail = "This address does not know the method; the Allow header names those it knows.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "Method not allowed", detail)
    }

    /// Fields that are at fault, all of them.
    pub(super) fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = "Some fields are not as they should be; errors names each of them.";
        Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-field", "Invalid field", detail) }
    }

    /// The body or a header cannot be read at all.
    pub(super) fn malformed(detail: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed-request", "Malformed request", detail)
    }

    /// Not JSON.
    pub(super) fn wrong_type() -> Self {
        let detail = "Send the body as application/json, or application/merge-patch+json for PATCH.";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "Unsupported media type", detail)
    }

    /// More than 64 KiB.
    pub(super) fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Too large", "A body has at most 64 KiB.")
    }

    /// The body did not arrive in time.
    pub(super) fn too_slow() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "too-slow", "Too slow", "The body did not arrive in time.")
    }

    /// `If-Match` names another version.
    pub(super) fn precondition_failed() -> Self {
        let detail = "The app was changed since it was read; read it again and repeat the change.";
        Self::new(StatusCode::PRECONDITION_FAILED, "precondition-failed", "Precondition failed", detail)
    }

    /// No token came (RFC 6750 §3: then without an error code).
    pub(super) fn no_token() -> Self {
        let detail = "Send an access token of this API in the Authorization header, as Bearer.";
        let problem = Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "Unauthorized", detail);
        Self { challenge: Some("Bearer".to_owned()), ..problem }
    }

    fn invalid_token() -> Self {
        let detail = "The access token is unknown, expired, revoked or for another API.";
        let challenge = "Bearer error=\"invalid_token\", error_description=\"The access token is not valid here\"";
        let problem = Self::new(StatusCode::UNAUTHORIZED, "invalid-token", "Invalid token", detail);
        Self { challenge: Some(challenge.to_owned()), ..problem }
    }

    /// The asker's scopes do not reach so far.
    pub(super) fn forbidden(scope: Option<&'static str>) -> Self {
        let detail = scope.map_or("This token may not do this.".to_owned(), |scope| format!("This needs the scope {scope}."));
        let challenge = scope.map(|scope| format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\""));
        Self { challenge, ..Self::new(StatusCode::FORBIDDEN, "forbidden", "Forbidden", detail) }
    }

    /// A state that does not allow it now.
    pub(super) fn conflict(name: &'static str, title: &'static str, detail: &'static str) -> Self {
        Self::new(StatusCode::CONFLICT, name, title, detail)
    }

    /// A person or role above whoever asks.
    pub(super) fn above(detail: &'static str) -> Self {
        Self { detail: detail.to_owned(), ..Self::forbidden(None) }
    }

    /// Too often.
    pub(super) fn rate_limited(retry_after: u32) -> Self {
        let detail = "Too many requests; wait as long as Retry-After says.";
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "rate-limited", "Rate limited", detail);
        Self { retry_after: Some(retry_after), ..problem }
    }

    pub(super) fn unavailable(trouble: &Unavailable) -> Self {
        tracing::error!(cause = trouble.cause, "the management API cannot answer");
        let detail = "The server cannot answer now; try again soon.";
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Unavailable", detail);
        Self { retry_after: Some(trouble.retry_after), ..problem }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let conflict = |name, title, detail: String| Self::new(StatusCode::CONFLICT, name, title, detail);
        match error {
            Error::NotFound => Self::not_found(),
            Error::Forbidden { scope } => Self::forbidden(scope),
            Error::SystemApp => {
                Self { detail: "This app belongs to the server; only its operator changes it.".to_owned(), ..Self::forbidden(None) }
            }
            Error::Invalid(errors) => Self::invalid(errors),
            Error::AppLimitReached(usage) => {
                let detail = format!("{} of {} apps are in use; delete one, or ask the operator for more.", usage.used, usage.limit);
                conflict("app-limit-reached", "App limit reached", detail)
            }
            Error::SecretLimitReached { limit } => {
                let detail = format!("An app has at most {limit} active secrets; delete one first.");
                conflict("secret-limit-reached", "Secret limit reached", detail)
            }
            Error::KeyLimitReached { limit } => {
                let detail = format!("An app has at most {limit} keys, revoked and expired ones included; delete one first.");
                conflict("key-limit-reached", "Key limit reached", detail)
            }
            Error::KeyStillWorks => {
                conflict("key-still-works", "Key still works", "Only a revoked or expired key can be deleted; revoke it first.".to_owned())
            }
            Error::TechnicalAccountLimitReached { limit } => {
                let detail = format!("An org has at most {limit} technical accounts; delete one first.");
                conflict("technical-account-limit-reached", "Technical account limit reached", detail)
            }
            Error::TechnicalAccountHasKeys => {
                let detail = "The technical account still has keys; revoke and delete them first.";
                conflict("technical-account-in-use", "Technical account in use", detail.to_owned())
            }
            Error::LastCredential => {
                let detail = "This is the only credential of the app; add another one first.";
                conflict("last-credential", "Last credential", detail.to_owned())
            }
            Error::NameMismatch => {
                let detail = "The name is not the app's; it must be the same, letter by letter.";
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "name-mismatch", "Name mismatch", detail)
            }
            Error::Migration(obstacle) => conflict(obstacle.name(), obstacle_title(obstacle), obstacle.reason().to_owned()),
            Error::VersionConflict { .. } => Self::precondition_failed(),
            Error::IdempotencyKeyReused => {
                let detail = "This Idempotency-Key came with another request before; use a new one.";
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused", "Idempotency key reused", detail)
            }
            Error::IdempotencyInProgress => {
                let detail = "The first request with this Idempotency-Key still runs; try again soon.";
                Self { retry_after: Some(1), ..conflict("request-in-progress", "Request in progress", detail.to_owned()) }
            }
            Error::Unavailable(trouble) => Self::unavailable(&trouble),
        }
    }
}

const fn obstacle_title(obstacle: Obstacle) -> &'static str {
    match obstacle {
        Obstacle::Running(_) => "Migration in progress",
        Obstacle::Completed(_) => "Migration completed",
        Obstacle::NotRunning => "Migration not running",
        Obstacle::NothingToMigrate(_) => "Nothing to migrate",
        Obstacle::SubjectsDiffer => "Subjects differ",
        Obstacle::ChecksNotPassed(_) => "Checks not passed",
        Obstacle::DeadlinePassed => "Deadline passed",
    }
}

impl From<BearerError> for Problem {
    fn from(error: BearerError) -> Self {
        match error {
            BearerError::InvalidToken => Self::invalid_token(),
            BearerError::Unavailable(trouble) => Self::unavailable(&trouble),
        }
    }
}

/// Travels as an extension to [`render`], which knows the request.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes out the problem that a handler answered with.
pub(super) async fn render(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let request_id = request.extensions().get::<RequestContext>().map(|context| context.request_id.clone());
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return response };
    let mut body = json!({
        "type": format!("{}/problems/{}", app.deps.policy.issuer, problem.name),
        "title": problem.title,
        "status": problem.status.as_u16(),
        "detail": problem.detail,
        "request_id": request_id,
    });
    if !problem.errors.is_empty() {
        body["errors"] =
            problem.errors.iter().map(|error| json!({ "field": error.field, "code": error.code, "message": error.message })).collect();
    }
    *response.body_mut() = body.to_string().into();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(challenge) = problem.challenge.and_then(|challenge| HeaderValue::from_str(&challenge).ok()) {
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
    if let Some(seconds) = problem.retry_after {
        headers.insert(RETRY_AFTER, seconds.into());
    }
    response
}
