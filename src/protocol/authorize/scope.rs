//! Which scopes of which API are asked for (RFC 6749 §3.3, RFC 8707 §2), never silently narrowed.
//!
//! | sent | result |
//! |---|---|
//! | a `resource` that is relative, has a fragment, is unknown, or two different ones | `invalid_target` |
//! | a scope outside the grammar, unknown, or not among the app's | `invalid_scope` |
//! | scopes of more than one API | `invalid_scope` |
//! | `resource` and scopes of another API | `invalid_target` |
//! | no scope | the app's scopes of the named API, or of the first API it has scopes of |
//! | `offline_access` where no refresh tokens are issued | `invalid_scope` |

use crate::model::api::Api;
use crate::model::client::Client;
use crate::model::policy::Policy;
use crate::model::refusal::Refusal;
use crate::model::scope::{OFFLINE_ACCESS, ScopeSet};
use crate::wire::ErrorCode;
use crate::wire::authorize::AuthorizationParams;

/// What an approval would grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// All of one API; `offline_access` among them when it was asked for.
    pub scopes: ScopeSet,
    /// The API's identifier.
    pub api: String,
    /// Whether a refresh token goes with it.
    pub offline: bool,
}

/// Runs the table above.
pub fn decide(params: &AuthorizationParams, client: &Client, policy: &Policy) -> Result<Granted, Refusal> {
    decide_sent(params.scope.as_deref(), &params.resource, client, policy)
}

/// The same for what came to another endpoint.
pub fn decide_sent(scope: Option<&str>, resource: &[String], client: &Client, policy: &Policy) -> Result<Granted, Refusal> {
    let target = check_resource(resource, policy)?;
    let sent = ScopeSet::parse(scope.unwrap_or_default()).map_err(|_| invalid_scope("A scope has characters that scopes may not have."))?;
    let refresh = client.profile.refresh_tokens;
    let asks_offline = sent.contains(OFFLINE_ACCESS);
    if asks_offline && !refresh.enabled {
        return Err(invalid_scope("offline_access is asked for, but this app issues no refresh tokens."));
    }
    let named = sent.without(OFFLINE_ACCESS);
    let (api, own) = if named.is_empty() { default_scopes(target, client, policy)? } else { own_scopes(&named, target, client, policy)? };
    let scopes = if asks_offline { own.union(&ScopeSet::from(vec![OFFLINE_ACCESS.to_owned()])) } else { own };
    let offline = refresh.enabled && (asks_offline || !refresh.requires_offline_access);
    Ok(Granted { scopes, api: api.identifier.clone(), offline })
}

/// Whether what was asked earlier may still be asked: the app may have lost scopes while the person was thinking.
pub fn check_still_allowed(scopes: &ScopeSet, client: &Client) -> Result<(), Refusal> {
    if scopes.without(OFFLINE_ACCESS).is_subset(&client.profile.scopes) {
        return Ok(());
    }
    Err(invalid_scope("The app may no longer ask for one of these scopes."))
}

/// The API that `resource` names, if it names one.
fn check_resource<'a>(resource: &[String], policy: &'a Policy) -> Result<Option<&'a Api>, Refusal> {
    let Some((first, others)) = resource.split_first() else { return Ok(None) };
    if others.iter().any(|other| other != first) {
        return Err(invalid_target("Tokens are issued for one API at a time: send one resource."));
    }
    if first.contains('#') || url::Url::parse(first).is_err() {
        return Err(invalid_target("resource is not an absolute URI without fragment."));
    }
    policy.api(first).map(Some).ok_or_else(|| invalid_target("resource names no API of this server."))
}

fn own_scopes<'a>(named: &ScopeSet, target: Option<&Api>, client: &Client, policy: &'a Policy) -> Result<(&'a Api, ScopeSet), Refusal> {
    if !named.is_subset(&policy.all_scopes()) {
        return Err(invalid_scope("A scope is unknown here."));
    }
    if !named.is_subset(&client.profile.scopes) {
        return Err(invalid_scope("A scope is not among those that this app may ask for."));
    }
    let api = policy.apis.iter().find(|api| api.own(named) == *named);
    let api = api.ok_or_else(|| invalid_scope("The scopes belong to more than one API: ask for one API at a time."))?;
    if target.is_some_and(|target| target.identifier != api.identifier) {
        return Err(invalid_target("The scopes belong to another API than the one that resource names."));
    }
    Ok((api, named.clone()))
}

/// What an app gets that names no scope: its scopes of the API it names, or of the first one it has scopes of. An app without any
/// scope may still connect a person; its tokens then say only who it is.
fn default_scopes<'a>(target: Option<&'a Api>, client: &Client, policy: &'a Policy) -> Result<(&'a Api, ScopeSet), Refusal> {
    let allowed = client.profile.scopes.without(OFFLINE_ACCESS);
    let first = || policy.apis.iter().find(|api| !api.own(&allowed).is_empty()).or_else(|| policy.apis.first());
    let api = target.or_else(first).ok_or_else(|| invalid_scope("This server has no API to issue tokens for."))?;
    let own = api.own(&allowed);
    if own.is_empty() && !allowed.is_empty() {
        return Err(invalid_target("This app has no scope of this API."));
    }
    Ok((api, own))
}

fn invalid_scope(description: &'static str) -> Refusal {
    Refusal::new(ErrorCode::InvalidScope, description)
}

fn invalid_target(description: &'static str) -> Refusal {
    Refusal::new(ErrorCode::InvalidTarget, description)
}

#[cfg(test)]
mod tests;
