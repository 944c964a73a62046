//! Scopes at the token endpoint (RFC 6749 §3.3, §6; RFC 8707 §2).

use crate::model::api::Api;
use crate::model::refusal::Refusal;
use crate::model::scope::{OFFLINE_ACCESS, ScopeSet};
use crate::wire::ErrorCode;

const fn invalid_scope(description: &'static str) -> Refusal {
    Refusal::new(ErrorCode::InvalidScope, description)
}

/// Reads a `scope` parameter, if one was sent.
pub fn parse(sent: Option<&str>) -> Result<Option<ScopeSet>, Refusal> {
    sent.map(ScopeSet::parse).transpose().map_err(|_| invalid_scope("The scope parameter is malformed or too long."))
}

/// `asked` must be within what was `approved` and what the client is still `allowed` (I6, I11). `offline_access` may always be
/// repeated: who refreshes has it.
pub fn check_narrower(asked: &ScopeSet, approved: &ScopeSet, allowed: &ScopeSet) -> Result<(), Refusal> {
    let asked = asked.without(OFFLINE_ACCESS);
    if !asked.is_subset(approved) {
        Err(invalid_scope("The scope exceeds what was approved."))
    } else if !asked.is_subset(allowed) {
        Err(invalid_scope("The scope contains something that the app may not have."))
    } else {
        Ok(())
    }
}

/// The scope of an access token: what was asked for, or else all that was approved, as far as the client may still have it.
pub fn granted(asked: Option<&ScopeSet>, approved: &ScopeSet, allowed: &ScopeSet) -> ScopeSet {
    let is_kept = |token: &&str| approved.contains(token) && (allowed.contains(token) || *token == OFFLINE_ACCESS);
    asked.unwrap_or(approved).iter().filter(is_kept).map(str::to_owned).collect()
}

/// The API and the scope of a token for the client itself (J2, R77). In order:
///
/// 1. `resource` names no API: `invalid_target`
/// 2. nothing asked: the client's own scopes of that API, or of the API of its first scope; none at all: `invalid_scope`
/// 3. something asked that the client may not have, or of two APIs: `invalid_scope`
/// 4. `resource` names another API than the scope: `invalid_target`
pub fn for_client<'a>(
    apis: &'a [Api],
    own: &ScopeSet,
    asked: Option<&ScopeSet>,
    resource: Option<&str>,
) -> Result<(&'a Api, ScopeSet), Refusal> {
    let unknown = Refusal::new(ErrorCode::InvalidTarget, "The resource is not an API of this server.");
    let target = resource.map(|identifier| apis.iter().find(|api| api.identifier == identifier).ok_or(unknown)).transpose()?;
    let api_of = |scopes: &ScopeSet| scopes.iter().find_map(|name| apis.iter().find(|api| api.scope(name).is_some()));
    let Some(asked) = asked.filter(|asked| !asked.is_empty()) else {
        let api = target.or_else(|| api_of(own)).ok_or(invalid_scope("The app has no scope to ask for."))?;
        let scopes = api.own(own);
        return if scopes.is_empty() { Err(invalid_scope("The app has no scope to ask for.")) } else { Ok((api, scopes)) };
    };
    if !asked.is_subset(own) {
        return Err(invalid_scope("The scope contains something unknown or not allowed to the app."));
    }
    let api = api_of(asked).ok_or(invalid_scope("The scope belongs to no API of this server."))?;
    if api.own(asked) != *asked {
        return Err(invalid_scope("The scope spans more than one API; ask for one at a time."));
    }
    if target.is_some_and(|target| target.identifier != api.identifier) {
        return Err(Refusal::new(ErrorCode::InvalidTarget, "The resource is not the API of the scope."));
    }
    Ok((api, asked.clone()))
}
