//! Requests with their checks, and test tokens.

use time::OffsetDateTime;
use utoipa::ToSchema;

/// One page of requests.
#[derive(ToSchema)]
pub struct RequestList {
    /// The app.
    pub client_id: String,
    /// Its requests, newest first.
    pub requests: Vec<Request>,
    /// Send it as `cursor` for the next page.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// A request of an app at one of the OAuth endpoints, without anything secret.
#[derive(ToSchema)]
pub struct Request {
    /// Its reference, as in the answer's `X-Request-Id`.
    pub request_id: String,
    /// When it came.
    pub at: OffsetDateTime,
    /// Where it came.
    pub endpoint: String,
    /// The grant it used.
    #[schema(required)]
    pub grant_type: Option<String>,
    /// How the app proved itself.
    #[schema(required)]
    pub auth_method: Option<String>,
    /// What it came to.
    pub outcome: String,
    /// The status it was answered with.
    pub status: u16,
    /// The error it was answered with.
    #[schema(required)]
    pub error: Option<String>,
    /// A page about that error.
    #[schema(required)]
    pub error_uri: Option<String>,
    /// The exact cause.
    #[schema(required)]
    pub cause: Option<String>,
    /// The check that failed.
    #[schema(required)]
    pub failed_check: Option<String>,
}

/// The same with every check in its order.
#[derive(ToSchema)]
pub struct RequestWithChecks {
    /// The app.
    pub client_id: String,
    /// Its reference, as in the answer's `X-Request-Id`.
    pub request_id: String,
    /// When it came.
    pub at: OffsetDateTime,
    /// Where it came.
    pub endpoint: String,
    /// The grant it used.
    #[schema(required)]
    pub grant_type: Option<String>,
    /// How the app proved itself.
    #[schema(required)]
    pub auth_method: Option<String>,
    /// What it came to.
    pub outcome: String,
    /// The status it was answered with.
    pub status: u16,
    /// The error it was answered with.
    #[schema(required)]
    pub error: Option<String>,
    /// A page about that error.
    #[schema(required)]
    pub error_uri: Option<String>,
    /// The exact cause.
    #[schema(required)]
    pub cause: Option<String>,
    /// The check that failed.
    #[schema(required)]
    pub failed_check: Option<String>,
    /// Every check.
    pub checks: Vec<Check>,
}

/// One check of a request.
#[derive(ToSchema)]
pub struct Check {
    /// A stable word.
    pub check: String,
    /// The same for people.
    pub title: String,
    /// How it went.
    pub result: String,
    /// What was expected, if it failed; never a secret.
    #[schema(required)]
    pub expected: Option<String>,
    /// What came instead, redacted.
    #[schema(required)]
    pub came: Option<String>,
}

/// A wish for a test token.
#[derive(ToSchema)]
pub struct TokenWish {
    /// Scopes, separated by spaces; the app's own when absent.
    pub scope: Option<String>,
}

/// A token answer as the app itself would get it (RFC 6749 §5.1).
#[derive(ToSchema)]
pub struct TestToken {
    /// The access token.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: String,
    /// Seconds it lives.
    pub expires_in: i64,
    /// What it is for.
    #[schema(required = false, nullable = false)]
    pub scope: Option<String>,
}
