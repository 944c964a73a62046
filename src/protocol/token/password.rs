//! Who may use the password grant (RFC 6749 §4.3), and for what (R76, R85). In order:
//!
//! | check | outcome |
//! |---|---|
//! | the server does not offer it | `unsupported_grant_type` |
//! | the app keeps no secret, or its admin has not allowed it | `unauthorized_client` |
//! | scope and resource, by the rules of the authorization endpoint | `invalid_scope`, `invalid_target` |
//! | they are of the management API, which apps use for themselves | `invalid_scope` |
//!
//! All of it is decided before anybody looks at the password. There are no second factors and no single sign-on in this server;
//! whoever adds them refuses their users here.

use crate::model::client::Client;
use crate::model::policy::Policy;
use crate::model::refusal::Refusal;
use crate::protocol::authorize::scope::{self, Granted};
use crate::wire::ErrorCode;

/// What the app gets if the password is right. `offline` follows its refresh policy: `m2m` never, `web` always, never, or when it
/// asks for `offline_access`.
pub fn decide(sent_scope: Option<&str>, resource: Option<&str>, client: &Client, policy: &Policy) -> Result<Granted, Refusal> {
    if !policy.password_grant {
        return Err(Refusal::new(ErrorCode::UnsupportedGrantType, "This server does not offer the password grant."));
    }
    if !client.kind.is_confidential() {
        return Err(Refusal::new(ErrorCode::UnauthorizedClient, "An app that keeps no secret may not use the password grant."));
    }
    if !client.profile.allow_password_grant {
        return Err(Refusal::new(ErrorCode::UnauthorizedClient, "The password grant is not allowed to this app."));
    }
    let resource: Vec<String> = resource.into_iter().map(str::to_owned).collect();
    let granted = scope::decide_sent(sent_scope, &resource, client, policy)?;
    if granted.api == policy.management_api() {
        return Err(Refusal::new(ErrorCode::InvalidScope, "Scopes of the management API are for the app itself, never for a person."));
    }
    Ok(granted)
}

/// The one answer to every name and password that does not work (N4): unknown, foreign, disabled and wrong ones look alike
/// outside; `cause` tells the owner what may be told.
pub const fn wrong_password(cause: &'static str) -> Refusal {
    Refusal::new(ErrorCode::InvalidGrant, "The username or the password is wrong.").because(cause)
}
