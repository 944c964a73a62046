//! The authorization endpoint's rules (RFC 6749 §4.1, RFC 9700 §2.1), in two phases.
//!
//! **Phase one**, [`client::prove_return_address`], asks who sends and where the answer goes. Each no is a page, never a redirect
//! (RFC 6749 §4.1.2.1).
//!
//! **Phase two**, [`check`], needs the [`ReturnAddress`] of phase one; each no is an error that goes there. In order:
//!
//! | check | error |
//! |---|---|
//! | a parameter came twice; `state`, `nonce` or `login_hint` too long | `invalid_request` |
//! | `request`, `request_uri` | `request_not_supported`, `request_uri_not_supported` |
//! | `response_type`, `response_mode` | `invalid_request`, `unsupported_response_type` |
//! | the client has no users | `unauthorized_client` |
//! | PKCE | `invalid_request` |
//! | `scope` and `resource` | `invalid_scope`, `invalid_target` |
//! | `prompt`, `max_age` | `invalid_request` |
//!
//! Then [`interaction::next`] says what the person has to do.

pub mod client;
pub mod interaction;
pub mod pkce;
pub mod prompt;
pub mod redirect_uri;
pub mod response_type;
pub mod scope;

use crate::model::authorization_request::Asked;
use crate::model::client::ClientRecord;
use crate::model::policy::Policy;
use crate::model::refusal::Refusal;
use crate::wire::ErrorCode;
use crate::wire::authorize::AuthorizationParams;

pub use client::{PageProblem, ReturnAddress};

/// The longest `state` that is carried, in bytes.
pub const MAX_STATE: usize = 2_048;
/// The longest `nonce` that is carried, in bytes.
const MAX_NONCE: usize = 512;
/// The longest `login_hint` that is shown, in bytes; no address is longer.
const MAX_LOGIN_HINT: usize = 254;

/// Phase two: everything but who and where.
pub fn check(params: &AuthorizationParams, address: &ReturnAddress, record: &ClientRecord, policy: &Policy) -> Result<Asked, Refusal> {
    check_lengths(params)?;
    response_type::check(params)?;
    client::check_has_users(&record.client)?;
    let code_challenge = pkce::check(params, &record.client, policy.require_pkce)?;
    let granted = scope::decide(params, &record.client, policy)?;
    let prompt = prompt::check_prompt(params.prompt.as_deref())?;
    let max_age = prompt::check_max_age(params.max_age.as_deref())?;
    Ok(Asked {
        redirect_uri: address.redirect_uri().clone(),
        state: address.state().map(str::to_owned),
        scopes: granted.scopes,
        api: granted.api,
        offline: granted.offline,
        code_challenge,
        nonce: params.nonce.clone(),
        prompt,
        max_age,
        login_hint: params.login_hint.clone(),
    })
}

fn check_lengths(params: &AuthorizationParams) -> Result<(), Refusal> {
    let fits = |value: &Option<String>, most: usize| value.as_ref().is_none_or(|value| value.len() <= most);
    let refuse = |description: &'static str| Err(Refusal::new(ErrorCode::InvalidRequest, description));
    if !params.repeated.is_empty() {
        return refuse("A parameter came more than once.");
    }
    if !fits(&params.state, MAX_STATE) {
        return refuse("The state is longer than 2048 bytes.");
    }
    if !fits(&params.nonce, MAX_NONCE) {
        return refuse("The nonce is longer than 512 bytes.");
    }
    if !fits(&params.login_hint, MAX_LOGIN_HINT) {
        return refuse("The login_hint is longer than 254 bytes.");
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
