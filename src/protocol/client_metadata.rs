//! The rules of an app's registration: what an admin may choose, all errors at once.
//!
//! In order: texts (E9), links (E10), redirect URIs (C4, C5, RFC 6749 §3.1.2, RFC 9700 §2.1, RFC 8252 §7.3), scopes,
//! lifetimes. What a kind always has (PKCE and rotation of `spa`, no refresh tokens of `m2m`) is set, not asked.

use std::collections::HashSet;

use crate::model::client::{ClientKind, ClientProfile, Links, RefreshPolicy};
use crate::model::client_draft::{ClientDraft, RefreshDraft};
use crate::model::field_error::FieldError;
use crate::model::policy::FIRST_FREE_PORT;
use crate::model::redirect_uri::RedirectUri;
use crate::model::scope::ScopeSet;
use crate::model::user::Email;

mod redirect_uri;
#[cfg(test)]
mod tests;
mod text;

pub use redirect_uri::{RedirectUriFault, check_redirect_uri};
pub use text::is_hidden;

/// The longest name of an app or developer, in characters.
pub const NAME_MAX_CHARS: usize = 100;
/// The longest description, in characters.
pub const DESCRIPTION_MAX_CHARS: usize = 1_000;
/// How many redirect URIs an app may have.
pub const REDIRECT_URIS_MAX: usize = 50;
/// The longest URL, in bytes.
pub const URL_MAX_BYTES: usize = 2_048;
/// Seconds that an access token may live: 5 minutes to 90 days (R83).
pub const ACCESS_TOKEN_LIFETIME: std::ops::RangeInclusive<i64> = 300..=7_776_000;
/// The retry windows to choose from, in seconds.
pub const RETRY_WINDOWS: [i64; 4] = [0, 10, 30, 60];
/// The longest absolute or idle limit that is not "no expiration": 100 years, so that no sum of dates overflows.
pub const LIMIT_MAX_SECONDS: i64 = 100 * 365 * 86_400;

/// What the server offers and what the one who asks may give.
#[derive(Debug, Clone)]
pub struct ScopeRules {
    /// Every scope of every API.
    pub known: ScopeSet,
    /// Those of the management API: for `m2m` only.
    pub management: ScopeSet,
    /// What of the management scopes may be given: to hand on more than one has would be a way up.
    pub grantable: ScopeSet,
    /// What the app has already; keeping it needs no right to give it.
    pub held: ScopeSet,
    /// Whether the password grant may be allowed: the server offers it.
    pub password_grant: bool,
    /// Whether keys may be published on this very machine, also by http: development.
    pub loopback_keys: bool,
}

/// The checked profile, or everything that is wrong.
pub fn check(kind: ClientKind, draft: ClientDraft, rules: &ScopeRules) -> Result<ClientProfile, Vec<FieldError>> {
    let mut errors = Vec::new();
    let name = text::check_name("name", &draft.name, &mut errors);
    let description = text::check_description(&draft.description, &mut errors);
    let redirect_uris = check_redirect_uris(kind, draft.redirect_uris, draft.allow_localhost, &mut errors);
    let scopes = check_scopes(kind, draft.scopes, rules, &mut errors);
    let access_token_lifetime = check_access_token_lifetime(draft.access_token_lifetime, &mut errors);
    let refresh_tokens = check_refresh_tokens(kind, draft.refresh_tokens, &mut errors);
    check_password_grant(kind, draft.allow_password_grant, rules, &mut errors);
    let jwks_uri = check_jwks_uri(kind, draft.jwks_uri, rules, &mut errors);
    let links = check_links(draft.links, &mut errors);
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(ClientProfile {
        name,
        description,
        redirect_uris,
        scopes,
        require_pkce: draft.require_pkce || kind == ClientKind::Spa,
        allow_localhost: draft.allow_localhost,
        access_token_lifetime,
        refresh_tokens,
        allow_password_grant: draft.allow_password_grant,
        jwks_uri,
        compat: draft.compat,
        links,
    })
}

/// Remarks that do not stop anything.
pub fn warnings(profile: &ClientProfile) -> Vec<&'static str> {
    let refresh = &profile.refresh_tokens;
    let mut warnings = Vec::new();
    if let (true, Some(idle), Some(absolute)) = (refresh.enabled, refresh.idle_lifetime, refresh.absolute_lifetime)
        && idle >= absolute
    {
        warnings.push("The idle limit is not shorter than the absolute limit, so it has no effect.");
    }
    let access = i64::from(profile.access_token_lifetime);
    if refresh.enabled && refresh.absolute_lifetime.is_some_and(|absolute| access >= absolute) {
        warnings.push("An access token lives as long as the absolute limit or longer, so refresh tokens are of no use.");
    } else if refresh.enabled && refresh.idle_lifetime.is_some_and(|idle| access >= idle) {
        warnings.push(
            "An access token lives as long as the idle limit or longer: an application that refreshes when its token has expired comes \
             too late, and the person has to sign in again.",
        );
    }
    if refresh.enabled && refresh.rotation && refresh.retry_window == 0 {
        warnings
            .push("Without a retry window, an answer that is lost on the way ends the connection, and the person has to sign in again.");
    }
    if refresh.enabled && !refresh.rotation && refresh.absolute_lifetime.is_none() && refresh.idle_lifetime.is_none() {
        warnings.push("Refresh tokens are neither replaced nor end: one that is stolen works until somebody notices.");
    }
    if profile.allow_password_grant {
        warnings.push(
            "People type their password into this application. Use the password grant only while it cannot send them to the sign-in page.",
        );
    }
    warnings
}

/// Whether users would be shown something else on the consent page, so that remembered approvals no longer hold.
pub fn changes_identity(old: &ClientProfile, new: &ClientProfile) -> bool {
    old.name != new.name || old.redirect_uris != new.redirect_uris || old.links != new.links
}

/// Whether people would see something that the operator has not vouched for: another name, other links, or an address at a site
/// that was not there. Another path of a known site is still that site.
pub fn lapses_verification(old: &ClientProfile, new: &ClientProfile) -> bool {
    let site = |uri: &RedirectUri| uri.origin().unwrap_or_else(|| uri.as_str().to_owned());
    let known: HashSet<String> = old.redirect_uris.iter().map(site).collect();
    old.name != new.name || old.links != new.links || new.redirect_uris.iter().any(|uri| !known.contains(&site(uri)))
}

fn check_redirect_uris(kind: ClientKind, uris: Vec<String>, allow_localhost: bool, errors: &mut Vec<FieldError>) -> Vec<RedirectUri> {
    const FIELD: &str = "redirect_uris";
    if !kind.has_users() {
        if !uris.is_empty() {
            errors.push(FieldError::new(FIELD, "not_for_kind", "A machine-to-machine application has no redirect URIs."));
        }
        return Vec::new();
    }
    if uris.is_empty() {
        errors.push(FieldError::new(FIELD, "required", "Give at least one redirect URI."));
    }
    if uris.len() > REDIRECT_URIS_MAX {
        errors.push(FieldError::new(FIELD, "too_many", format!("An application has at most {REDIRECT_URIS_MAX} redirect URIs.")));
        return Vec::new();
    }
    let mut seen = HashSet::new();
    for (index, uri) in uris.iter().enumerate() {
        let fault = check_redirect_uri(uri, allow_localhost).err().or_else(|| (!seen.insert(uri)).then_some(RedirectUriFault::Duplicate));
        if let Some(fault) = fault {
            errors.push(FieldError::new(format!("{FIELD}[{index}]"), fault.code(), fault.message()));
        }
    }
    uris.into_iter().map(RedirectUri::from_registered).collect()
}

fn check_scopes(kind: ClientKind, scopes: Vec<String>, rules: &ScopeRules, errors: &mut Vec<FieldError>) -> ScopeSet {
    const FIELD: &str = "scopes";
    let scopes = ScopeSet::from(scopes);
    for (index, scope) in scopes.iter().enumerate() {
        let field = format!("{FIELD}[{index}]");
        if !rules.known.contains(scope) {
            errors.push(FieldError::new(field, "unknown_scope", "No API of this server has this scope."));
        } else if rules.management.contains(scope) && kind != ClientKind::M2m {
            errors.push(FieldError::new(
                field,
                "not_for_kind",
                "Scopes of the management API are for machine-to-machine applications only.",
            ));
        } else if rules.management.contains(scope) && !rules.grantable.contains(scope) && !rules.held.contains(scope) {
            errors.push(FieldError::new(field, "not_grantable", "You cannot give a scope of the management API that you do not have."));
        }
    }
    scopes
}

fn check_access_token_lifetime(seconds: i64, errors: &mut Vec<FieldError>) -> i32 {
    if !ACCESS_TOKEN_LIFETIME.contains(&seconds) {
        errors.push(FieldError::new("access_token_lifetime", "out_of_range", "Choose from 300 seconds to 7776000 seconds (90 days)."));
    }
    i32::try_from(seconds).unwrap_or(i32::MAX)
}

/// R76: for apps that keep a secret, where the server offers it.
fn check_password_grant(kind: ClientKind, allowed: bool, rules: &ScopeRules, errors: &mut Vec<FieldError>) {
    const FIELD: &str = "allow_password_grant";
    if allowed && !kind.is_confidential() {
        errors.push(FieldError::new(
            FIELD,
            "not_for_kind",
            "A single-page application keeps no secret and may not use the password grant.",
        ));
    } else if allowed && !rules.password_grant {
        errors.push(FieldError::new(FIELD, "not_available", "This server does not offer the password grant."));
    }
}

fn check_refresh_tokens(kind: ClientKind, draft: RefreshDraft, errors: &mut Vec<FieldError>) -> RefreshPolicy {
    if draft.enabled && !kind.has_users() {
        errors.push(FieldError::new("refresh_tokens.enabled", "not_for_kind", "A machine-to-machine application gets no refresh tokens."));
    }
    if !RETRY_WINDOWS.contains(&draft.retry_window) {
        errors.push(FieldError::new("refresh_tokens.retry_window", "not_a_choice", "Choose 0, 10, 30 or 60 seconds."));
    }
    for (field, limit) in [("absolute_lifetime", draft.absolute_lifetime), ("idle_lifetime", draft.idle_lifetime)] {
        if limit.is_some_and(|seconds| !(1..=LIMIT_MAX_SECONDS).contains(&seconds)) {
            let message = "Give a positive number of seconds, at most 100 years, or null for no expiration.";
            errors.push(FieldError::new(format!("refresh_tokens.{field}"), "out_of_range", message));
        }
    }
    RefreshPolicy {
        enabled: draft.enabled,
        requires_offline_access: draft.requires_offline_access,
        rotation: draft.rotation || kind == ClientKind::Spa,
        retry_window: i32::try_from(draft.retry_window).unwrap_or_default(),
        absolute_lifetime: draft.absolute_lifetime,
        idle_lifetime: draft.idle_lifetime,
    }
}

/// Where the app publishes its keys (RFC 7591 §2); https, like everything that is fetched.
fn check_jwks_uri(kind: ClientKind, uri: Option<String>, rules: &ScopeRules, errors: &mut Vec<FieldError>) -> Option<String> {
    const FIELD: &str = "jwks_uri";
    let uri = uri.map(|uri| uri.trim().to_owned()).filter(|uri| !uri.is_empty())?;
    if !kind.is_confidential() {
        errors.push(FieldError::new(FIELD, "not_for_kind", "A single-page application cannot keep a private key, so it has no keys."));
    } else if !(is_https_url(&uri) || rules.loopback_keys && is_loopback_url(&uri)) {
        let message = format!("Give a URL that begins with https:// and has at most {URL_MAX_BYTES} characters.");
        errors.push(FieldError::new(FIELD, "not_https", message));
    } else if is_https_url(&uri) && names_known_port(&uri) {
        let message = format!("Use port 443, or one from {FIRST_FREE_PORT} up: the others belong to other services.");
        errors.push(FieldError::new(FIELD, "port", message));
    }
    Some(uri)
}

fn check_links(links: Links, errors: &mut Vec<FieldError>) -> Links {
    // An emptied form field means that there is no link.
    let given = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let mut check_link = |name: &str, link: Option<String>| {
        let link = given(link)?;
        if !is_https_url(&link) {
            let message = format!("Give a URL that begins with https:// and has at most {URL_MAX_BYTES} characters.");
            errors.push(FieldError::new(format!("links.{name}"), "not_https", message));
        }
        Some(link)
    };
    let description_url = check_link("description_url", links.description_url);
    let privacy_policy_url = check_link("privacy_policy_url", links.privacy_policy_url);
    let terms_of_service_url = check_link("terms_of_service_url", links.terms_of_service_url);
    let developer_name = given(links.developer_name).map(|name| text::check_name("links.developer_name", &name, errors));
    let developer_email = given(links.developer_email).map(|address| match Email::parse(&address) {
        Some(email) if !address.chars().any(is_hidden) => email.as_str().to_owned(),
        _ => {
            errors.push(FieldError::new("links.developer_email", "not_an_email", "Give an e-mail address such as dev@example.com."));
            address
        }
    });
    Links { description_url, privacy_policy_url, terms_of_service_url, developer_name, developer_email }
}

/// An absolute https URL without userinfo, blanks or hidden characters, safe to show and to link to (E10).
fn is_loopback_url(text: &str) -> bool {
    let here = |url: &url::Url| matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    text.strip_prefix("http://").is_some_and(|rest| is_https_url(&format!("https://{rest}")))
        && url::Url::parse(text).is_ok_and(|url| here(&url))
}

/// Whether the URL names a well-known port that is not that of its scheme.
fn names_known_port(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| url.port().is_some_and(|port| port < FIRST_FREE_PORT))
}

fn is_https_url(text: &str) -> bool {
    let plain = text.len() <= URL_MAX_BYTES && text.starts_with("https://") && !text.chars().any(|c| c.is_whitespace() || is_hidden(c));
    plain && url::Url::parse(text).is_ok_and(|url| url.host().is_some() && url.username().is_empty() && url.password().is_none())
}
