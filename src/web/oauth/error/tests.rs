//! The map of errors.

use axum::body::to_bytes;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::response::Response;

use crate::flows::client_auth::Basic;
use crate::flows::{Error, Unavailable};
use crate::model::refusal::Refusal;
use crate::web::extract::credentials::Authorization;
use crate::web::extract::form::FormError;
use crate::web::oauth::error::Failure;
use crate::wire::ErrorCode;
use crate::wire::error::ErrorDocument;

const ISSUER: &str = "https://id.example";

fn answer(failure: impl Into<Failure>, authorization: &Authorization) -> Response {
    failure.into().answer(ISSUER, "0123456789", authorization)
}

fn header(response: &Response, name: axum::http::HeaderName) -> Option<&str> {
    response.headers().get(name).map(|value| value.to_str().expect("text"))
}

#[tokio::test]
async fn a20_a21_an_error_is_json_without_input_that_nobody_keeps() {
    for code in ErrorCode::ALL {
        let response = answer(Refusal::new(code, "One sentence.").because("for the log only"), &Authorization::Absent);
        assert_eq!(header(&response, CONTENT_TYPE), Some("application/json"));
        assert_eq!(header(&response, CACHE_CONTROL), Some("no-store"));
        assert_eq!(header(&response, PRAGMA), Some("no-cache"));
        let body = to_bytes(response.into_body(), 4_096).await.expect("a body");
        let document: ErrorDocument = serde_json::from_slice(&body).expect("an error document");
        assert_eq!(document.error, code);
        assert_eq!(document.error_description, "One sentence. (ref 0123456789)");
        assert_eq!(document.error_uri, format!("{ISSUER}/errors/{}", code.as_str()));
    }
}

#[test]
fn g2_basic_is_asked_for_only_where_the_header_was_used() {
    let refusal = || Refusal::new(ErrorCode::InvalidClient, "No.");
    let basic = Authorization::Basic(Basic { client_id: "app-0001".to_owned(), client_secret: "x".into() });
    for used in [basic, Authorization::Malformed] {
        let response = answer(refusal(), &used);
        assert_eq!((response.status(), header(&response, WWW_AUTHENTICATE)), (StatusCode::UNAUTHORIZED, Some("Basic realm=\"grantor\"")));
    }
    let response = answer(refusal(), &Authorization::Absent);
    assert_eq!((response.status(), header(&response, WWW_AUTHENTICATE)), (StatusCode::UNAUTHORIZED, None));
}

#[test]
fn r56_l6_limits_and_our_own_trouble_tell_when_to_come_back() {
    let limited = answer(Error::RateLimited { retry_after: 7 }, &Authorization::Absent);
    assert_eq!((limited.status(), header(&limited, RETRY_AFTER)), (StatusCode::TOO_MANY_REQUESTS, Some("7")));
    let trouble = answer(Error::from(Unavailable::because("no database")), &Authorization::Absent);
    assert_eq!(trouble.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(header(&trouble, RETRY_AFTER).is_some());
}

#[test]
fn k10_r91_bearer_errors_have_their_status_and_challenge() {
    let status = |code| {
        let response = answer(Refusal::new(code, "No."), &Authorization::Absent);
        (response.status(), header(&response, WWW_AUTHENTICATE).map(str::to_owned))
    };
    assert_eq!(
        status(ErrorCode::InvalidToken),
        (StatusCode::UNAUTHORIZED, Some("Bearer realm=\"grantor\", error=\"invalid_token\"".to_owned()))
    );
    assert_eq!(
        status(ErrorCode::InsufficientScope),
        (StatusCode::FORBIDDEN, Some("Bearer realm=\"grantor\", error=\"insufficient_scope\"".to_owned()))
    );
}

#[test]
fn a18_a19_bodies_that_cannot_be_read_have_their_own_status() {
    for (error, status) in [
        (FormError::TooLarge, StatusCode::PAYLOAD_TOO_LARGE),
        (FormError::WrongType, StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (FormError::TooSlow, StatusCode::REQUEST_TIMEOUT),
        (FormError::Malformed("x"), StatusCode::BAD_REQUEST),
        (FormError::Duplicate, StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(answer(error, &Authorization::Absent).status(), status);
    }
}
