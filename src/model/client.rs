//! A client: an app that an org registered.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::model::credential::Credential;
use crate::model::ids::{ClientKey, CredentialId, OrgId, TechnicalAccountId, UserId};
use crate::model::migration::Migration;
use crate::model::public_key::FetchedJwks;
use crate::model::redirect_uri::RedirectUri;
use crate::model::scope::ScopeSet;
use crate::model::technical_account::TechnicalAccount;
use crate::model::verification::Verification;

/// What kind of app it is; decides its fields, its grants and whether it can keep a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientKind {
    /// Runs on a server, keeps a secret, acts for users.
    Web,
    /// Runs in the browser, keeps no secret, acts for users.
    Spa,
    /// Runs on a server and acts for itself.
    M2m,
}

impl ClientKind {
    /// All kinds, in the order shown.
    pub const ALL: [Self; 3] = [Self::Web, Self::Spa, Self::M2m];

    /// The stored and API word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Spa => "spa",
            Self::M2m => "m2m",
        }
    }

    /// The label on pages.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Web => "Web Application",
            Self::Spa => "Single Page Web Application",
            Self::M2m => "Machine to Machine Application",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether it authenticates at the token endpoint (RFC 6749 §2.1).
    pub const fn is_confidential(self) -> bool {
        !matches!(self, Self::Spa)
    }

    /// Whether users approve it.
    pub const fn has_users(self) -> bool {
        !matches!(self, Self::M2m)
    }
}

/// A registered app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Row id.
    pub key: ClientKey,
    /// Its org.
    pub org: OrgId,
    /// The public `client_id`.
    pub client_id: String,
    /// Its kind; never changes.
    pub kind: ClientKind,
    /// What can be edited.
    pub profile: ClientProfile,
    /// Made by the operator; takes no slot and cannot be edited by the org.
    pub system: bool,
    /// Optimistic lock; grows with every change.
    pub version: i32,
    /// Grows when users would be shown something else on the consent page.
    pub identity_version: i32,
    /// SHA-256 of its logo in hex, which is the logo's address; `None` = it has none.
    pub logo: Option<String>,
    /// What the operator says about it.
    pub verification: Verification,
    /// When it was registered.
    pub created_at: OffsetDateTime,
    /// By whom, if by a person.
    pub created_by: Option<UserId>,
    /// Its last change.
    pub updated_at: OffsetDateTime,
    /// Its last token; coalesced, at most seconds old.
    pub last_used_at: Option<OffsetDateTime>,
    /// Since when it is disabled.
    pub disabled_at: Option<OffsetDateTime>,
    /// Since when it is deleted; restorable for a while.
    pub deleted_at: Option<OffsetDateTime>,
}

/// What an admin chooses for an app; already checked by `protocol::client_metadata`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientProfile {
    /// 1 to 100 characters.
    pub name: String,
    /// At most 1000 characters.
    pub description: String,
    /// Exact strings, at most 50; none for `m2m`.
    pub redirect_uris: Vec<RedirectUri>,
    /// What it may ask for, and what it gets when it asks for nothing.
    pub scopes: ScopeSet,
    /// Refuse authorization requests without a code challenge (always so for `spa`).
    pub require_pkce: bool,
    /// Let `http://localhost` stand beside the loopback IPs.
    pub allow_localhost: bool,
    /// Seconds, 300 to 7 776 000.
    pub access_token_lifetime: i32,
    /// Refresh tokens and their limits.
    pub refresh_tokens: RefreshPolicy,
    /// The password grant; off by default.
    pub allow_password_grant: bool,
    /// Where it publishes its keys, https; `None` = nowhere (RFC 7591 §2).
    pub jwks_uri: Option<String>,
    /// Switches for clients made for other servers.
    pub compat: Compat,
    /// Where people read about it and its developer.
    pub links: Links,
}

/// The order of a list of apps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub by: SortBy,
    /// Smallest, earliest first.
    pub ascending: bool,
}

impl Default for Sort {
    /// The newest first.
    fn default() -> Self {
        Self { by: SortBy::Created, ascending: false }
    }
}

/// What apps can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortBy {
    /// When it was registered.
    Created,
    /// Name, in any case.
    Name,
    /// Its last token; never comes before every use.
    Used,
}

impl SortBy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Created, Self::Name, Self::Used];

    /// The word in addresses and in SQL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Name => "name",
            Self::Used => "used",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.as_str() == word)
    }
}

/// When refresh tokens are issued and how long they live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshPolicy {
    /// Whether any are issued; never for `m2m`.
    pub enabled: bool,
    /// Only when the scope `offline_access` is asked for.
    pub requires_offline_access: bool,
    /// Each use makes a successor; always so for `spa`.
    pub rotation: bool,
    /// Seconds in which a used token still answers with its same successor: 0, 10, 30 or 60.
    pub retry_window: i32,
    /// Seconds from redemption to the end, never extended; `None` = no expiration.
    pub absolute_lifetime: Option<i64>,
    /// Seconds without use to the end; `None` = no expiration.
    pub idle_lifetime: Option<i64>,
}

/// Switches for the sake of clients that were written for another server; all off by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Compat {
    /// Token answers say `token_type: sessionID` and carry `wid`; redirects carry `domain` and `lane`; our own protected
    /// endpoints accept the app's access tokens in a `sessionID` header (R17).
    pub workfront: bool,
    /// Assertions at `/token` may name the token endpoint's URL as their audience, and either audience in a list of one.
    pub token_endpoint_audience: bool,
    /// `expires_in` of `/ims/exchange/jwt` is in milliseconds (R67).
    pub exchange_milliseconds: bool,
}

/// Addresses and names for people, all optional.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Links {
    /// https
    pub description_url: Option<String>,
    /// https
    pub privacy_policy_url: Option<String>,
    /// https
    pub terms_of_service_url: Option<String>,
    /// At most 100 characters.
    pub developer_name: Option<String>,
    /// An address.
    pub developer_email: Option<String>,
}

impl Client {
    /// Whether it may be used now, as far as its own row tells.
    pub fn is_enabled(&self) -> bool {
        self.disabled_at.is_none() && self.deleted_at.is_none()
    }

    /// The word for its state in lists and the API.
    pub fn status(&self) -> &'static str {
        match (self.deleted_at, self.disabled_at) {
            (Some(_), _) => "deleted",
            (None, Some(_)) => "disabled",
            (None, None) => "active",
        }
    }

    /// The web origins of its redirect URIs: those that may call the token endpoint from a browser (R12).
    pub fn origins(&self) -> impl Iterator<Item = String> + '_ {
        self.profile.redirect_uris.iter().filter_map(RedirectUri::origin)
    }
}

/// A client with what is needed to authenticate and serve it; the unit that caches hold.
#[derive(Debug, Clone)]
pub struct ClientRecord {
    /// The app.
    pub client: Client,
    /// Its org's slug, for pages and the Workfront switch.
    pub org_slug: String,
    /// Its org's name, for the consent page.
    pub org_name: String,
    /// Whether its org is enabled.
    pub org_enabled: bool,
    /// Its living credentials (not deleted; perhaps expired).
    pub credentials: Vec<Credential>,
    /// Its living technical accounts, oldest first.
    pub technical_accounts: Vec<TechnicalAccount>,
    /// What it publishes at its `jwks_uri`; `None` when it has none.
    pub jwks: Option<Arc<FetchedJwks>>,
    /// The last token got with a key that it publishes, at this address or an earlier one; coalesced, at most seconds old.
    pub published_token_at: Option<OffsetDateTime>,
    /// The move to the other kind of credential that runs or is completed.
    pub migration: Option<Migration>,
}

impl ClientRecord {
    /// Whether client and org are enabled.
    pub fn is_enabled(&self) -> bool {
        self.org_enabled && self.client.is_enabled()
    }

    /// Whether it publishes keys, and they could be read.
    pub fn publishes_keys(&self) -> bool {
        self.jwks.as_ref().is_some_and(|set| !set.keys.is_empty())
    }

    /// The living credential of this id.
    pub fn credential(&self, id: CredentialId) -> Option<&Credential> {
        self.credentials.iter().find(|credential| credential.id == id)
    }

    /// The living technical account of this id.
    pub fn technical_account(&self, id: TechnicalAccountId) -> Option<&TechnicalAccount> {
        self.technical_accounts.iter().find(|account| account.id == id)
    }
}
