//! Proof Key for Code Exchange at the authorization endpoint (RFC 7636 §4.3, §4.4.1; RFC 9700 §2.1.1): S256 or nothing.
//!
//! | sent | result |
//! |---|---|
//! | no challenge, required | `invalid_request` |
//! | no challenge, not required | goes on without; the token endpoint then refuses a verifier |
//! | a method without a challenge | `invalid_request` |
//! | a challenge without a method (that is `plain`), or any method but `S256` | `invalid_request` |
//! | a challenge that no SHA-256 digest encodes to | `invalid_request` |

use crate::model::client::{Client, ClientKind};
use crate::model::policy::RequirePkce;
use crate::model::refusal::Refusal;
use crate::wire::ErrorCode;
use crate::wire::authorize::AuthorizationParams;

/// The length of an unpadded base64url SHA-256 digest (RFC 7636 §4.2).
const CHALLENGE_LENGTH: usize = 43;

/// The challenge to bind the code to, if any.
pub fn check(params: &AuthorizationParams, client: &Client, policy: RequirePkce) -> Result<Option<String>, Refusal> {
    let refuse = |description: &'static str| Err(Refusal::new(ErrorCode::InvalidRequest, description));
    let Some(challenge) = params.code_challenge.as_deref() else {
        if params.code_challenge_method.is_some() {
            return refuse("code_challenge_method came without code_challenge.");
        }
        if is_required(client, policy) {
            return refuse("code_challenge is missing: this app has to use PKCE with S256.");
        }
        return Ok(None);
    };
    match params.code_challenge_method.as_deref() {
        Some("S256") => {}
        Some(_) => return refuse("The only code_challenge_method is S256."),
        None => return refuse("code_challenge_method is missing, which means plain: send S256."),
    }
    if !is_challenge(challenge) {
        return refuse("code_challenge is not a base64url SHA-256 digest of 43 characters.");
    }
    Ok(Some(challenge.to_owned()))
}

/// Whether `client` has to send a challenge.
pub fn is_required(client: &Client, policy: RequirePkce) -> bool {
    client.kind == ClientKind::Spa || client.profile.require_pkce || policy == RequirePkce::All
}

/// Whether `text` has the shape of an S256 challenge.
pub fn is_challenge(text: &str) -> bool {
    text.len() == CHALLENGE_LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests;
