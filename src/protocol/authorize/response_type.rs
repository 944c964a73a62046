//! What kind of answer is asked for: a code in the query, and nothing else (OAuth 2.1 §10, RFC 9700 §2.1.2).
//!
//! | sent | error |
//! |---|---|
//! | `request` | `request_not_supported` |
//! | `request_uri` (never fetched) | `request_uri_not_supported` |
//! | no `response_type` | `invalid_request` |
//! | a `response_type` other than `code` | `unsupported_response_type` |
//! | a `response_mode` other than `query` | `invalid_request` |

use crate::model::refusal::Refusal;
use crate::wire::ErrorCode;
use crate::wire::authorize::AuthorizationParams;

/// Runs the table above.
pub fn check(params: &AuthorizationParams) -> Result<(), Refusal> {
    if params.request {
        return Err(Refusal::new(ErrorCode::RequestNotSupported, "Request objects are not supported: send plain parameters."));
    }
    if params.request_uri {
        return Err(Refusal::new(ErrorCode::RequestUriNotSupported, "request_uri is not supported: send plain parameters."));
    }
    match params.response_type.as_deref() {
        Some("code") => {}
        Some(_) => return Err(Refusal::new(ErrorCode::UnsupportedResponseType, "The only response_type is code.")),
        None => return Err(Refusal::new(ErrorCode::InvalidRequest, "response_type is missing.")),
    }
    match params.response_mode.as_deref() {
        None | Some("query") => Ok(()),
        Some(_) => Err(Refusal::new(ErrorCode::InvalidRequest, "The only response_mode is query.")),
    }
}
