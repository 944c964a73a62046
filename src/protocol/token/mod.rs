//! What the token endpoint decides: pure rules about codes, refresh tokens, their limits and scopes.

use crate::model::authorization::{Authorization, Standing};
use crate::model::client::ClientKind;
use crate::model::refusal::Refusal;
use crate::protocol::explain::redact::instant;
use crate::wire::{ErrorCode, GrantType};

pub mod code;
pub mod lifetimes;
pub mod password;
pub mod refresh;
pub mod scope;

/// The one answer to every code or refresh token that does not work (R23): unknown, used, expired, ended and foreign ones look
/// alike outside; `cause` tells them apart for the owner.
pub const fn invalid_grant(cause: &'static str) -> Refusal {
    Refusal::new(ErrorCode::InvalidGrant, "The code or refresh token is invalid, expired or revoked.").because(cause)
}

/// Whether an app of this kind may use the grant at all (J1, J11): people approve `web` and `spa`, `m2m` acts for itself. Who may use
/// passwords is more than a matter of kind: [`password::decide`] says it.
pub const fn check_grant(kind: ClientKind, grant: GrantType) -> Result<(), Refusal> {
    let is_for_users = match grant {
        GrantType::AuthorizationCode | GrantType::RefreshToken => true,
        GrantType::ClientCredentials | GrantType::JwtBearer => false,
        GrantType::Password => return Ok(()),
    };
    if kind.has_users() == is_for_users {
        Ok(())
    } else {
        Err(Refusal::new(ErrorCode::UnauthorizedClient, "This kind of app may not use this grant type."))
    }
}

/// An authorization that is over, with when and why.
fn ended(row: &Authorization) -> Refusal {
    let refusal = invalid_grant("the authorization has ended");
    match row.end {
        Some(end) => refusal.with("an authorization that goes on", format!("it ended at {} ({})", instant(end.at), end.cause.as_str())),
        None => refusal,
    }
}

/// The first of the parties that may not act, as a cause.
const fn bad_standing(standing: Standing) -> Option<&'static str> {
    if !standing.client_enabled {
        Some("the app is disabled or deleted")
    } else if !standing.org_enabled {
        Some("the org is disabled")
    } else if !standing.user_enabled {
        Some("the user is disabled")
    } else if !standing.is_member {
        Some("the user is no longer a member of the org")
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
