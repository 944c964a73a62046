//! What somebody wants an app to be, before any check.

use crate::model::client::{ClientKind, ClientProfile, Compat, Links};

/// The wish, with every field filled: by a default, by what the app is now, or by what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientDraft {
    /// Name for people.
    pub name: String,
    /// A sentence or more for people.
    pub description: String,
    /// One exact string each.
    pub redirect_uris: Vec<String>,
    /// Scope names.
    pub scopes: Vec<String>,
    /// Refuse authorization requests without a code challenge.
    pub require_pkce: bool,
    /// Let `http://localhost` be a redirect URI.
    pub allow_localhost: bool,
    /// Seconds.
    pub access_token_lifetime: i64,
    /// Refresh tokens.
    pub refresh_tokens: RefreshDraft,
    /// The password grant.
    pub allow_password_grant: bool,
    /// Where it publishes its keys.
    pub jwks_uri: Option<String>,
    /// Switches for clients made for other servers.
    pub compat: Compat,
    /// Where people read about it.
    pub links: Links,
}

/// The wish about refresh tokens; numbers are seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshDraft {
    /// Whether any are issued.
    pub enabled: bool,
    /// Only when `offline_access` is asked for.
    pub requires_offline_access: bool,
    /// Each use makes a successor.
    pub rotation: bool,
    /// How long a used token still answers with its successor.
    pub retry_window: i64,
    /// From redemption to the end; `None` = no expiration.
    pub absolute_lifetime: Option<i64>,
    /// Without use to the end; `None` = no expiration.
    pub idle_lifetime: Option<i64>,
}

impl ClientDraft {
    /// The defaults of a new app of this kind: access tokens of 1 h (24 h for `m2m`); refresh tokens with rotation, a retry
    /// window of 30 s, 180 days absolute and 30 days idle.
    pub fn defaults(kind: ClientKind) -> Self {
        Self {
            name: String::new(),
            description: String::new(),
            redirect_uris: Vec::new(),
            scopes: Vec::new(),
            require_pkce: kind == ClientKind::Spa,
            allow_localhost: false,
            access_token_lifetime: if kind == ClientKind::M2m { 86_400 } else { 3_600 },
            refresh_tokens: RefreshDraft {
                enabled: kind.has_users(),
                requires_offline_access: false,
                rotation: true,
                retry_window: 30,
                absolute_lifetime: Some(180 * 86_400),
                idle_lifetime: Some(30 * 86_400),
            },
            allow_password_grant: false,
            jwks_uri: None,
            compat: Compat::default(),
            links: Links::default(),
        }
    }
}

impl From<&ClientProfile> for ClientDraft {
    fn from(profile: &ClientProfile) -> Self {
        let refresh = &profile.refresh_tokens;
        Self {
            name: profile.name.clone(),
            description: profile.description.clone(),
            redirect_uris: profile.redirect_uris.iter().map(|uri| uri.as_str().to_owned()).collect(),
            scopes: profile.scopes.iter().map(str::to_owned).collect(),
            require_pkce: profile.require_pkce,
            allow_localhost: profile.allow_localhost,
            access_token_lifetime: profile.access_token_lifetime.into(),
            refresh_tokens: RefreshDraft {
                enabled: refresh.enabled,
                requires_offline_access: refresh.requires_offline_access,
                rotation: refresh.rotation,
                retry_window: refresh.retry_window.into(),
                absolute_lifetime: refresh.absolute_lifetime,
                idle_lifetime: refresh.idle_lifetime,
            },
            allow_password_grant: profile.allow_password_grant,
            jwks_uri: profile.jwks_uri.clone(),
            compat: profile.compat,
            links: profile.links.clone(),
        }
    }
}
