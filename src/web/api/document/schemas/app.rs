//! Apps.

use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::web::api::document::schemas::credential::Credential;

/// What an app is; it never changes.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum Kind {
    /// Web Application: runs on a server and keeps a secret.
    Web,
    /// Single Page Web Application: runs in browsers and keeps none.
    Spa,
    /// Machine to Machine Application: acts for itself.
    M2m,
}

/// Whether an app gets tokens.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum Status {
    /// It does.
    Active,
    /// Switched off.
    Disabled,
    /// Deleted; can be restored for a while.
    Deleted,
}

/// A registered app. Secrets are in it once only, in the answer that made it.
#[derive(ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "it is the JSON of the interface")]
pub struct App {
    /// The public id.
    pub client_id: String,
    /// Its only secret, told now and never again; only in the answer that registers it, and not for `spa`.
    #[schema(required = false, nullable = false)]
    pub client_secret: Option<String>,
    /// What it is.
    pub kind: Kind,
    /// Its name on the consent page.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Exact addresses of its callbacks.
    pub redirect_uris: Vec<String>,
    /// What it may ask for, and gets when it asks for nothing.
    pub scopes: Vec<String>,
    /// Whether authorization requests without a code challenge are refused.
    pub require_pkce: bool,
    /// Seconds.
    pub access_token_lifetime: i32,
    /// Refresh tokens and their limits.
    pub refresh_tokens: RefreshTokens,
    /// Whether the password grant may be used.
    pub allow_password_grant: bool,
    /// Where it publishes its keys; https.
    #[schema(required)]
    pub jwks_uri: Option<String>,
    /// Whether `http://localhost` may stand beside the loopback addresses.
    pub allow_localhost: bool,
    /// Switches for clients that were made for other servers.
    pub compat: Compat,
    /// Addresses and names for people.
    pub links: Links,
    /// Where its logo is.
    #[schema(required)]
    pub logo_url: Option<String>,
    /// Since when the operator vouches for its name, logo, links and redirect hosts; only the operator sets it.
    #[schema(required)]
    pub verified_at: Option<OffsetDateTime>,
    /// When a change of one of those took that away; the operator can verify it again.
    #[schema(required)]
    pub verification_lapsed_at: Option<OffsetDateTime>,
    /// When it was registered.
    pub created_at: OffsetDateTime,
    /// When it was changed last.
    pub updated_at: OffsetDateTime,
    /// When it got its last token.
    #[schema(required)]
    pub last_used_at: Option<OffsetDateTime>,
    /// Why it needs attention: `key_expires_very_soon`, `key_expires_soon`, `secret_expires_soon`, `jwt_credential`, `unused`.
    pub attention: Vec<String>,
    /// Its secrets and keys, without values.
    pub credentials: Vec<Credential>,
    /// Whether it gets tokens.
    pub status: Status,
    /// Whether it belongs to the server: it takes no slot, and only the operator changes it.
    pub system: bool,
    /// Grows with every change; `ETag` is `"v<version>"`.
    pub version: i32,
}

/// One page of apps.
#[derive(ToSchema)]
pub struct AppList {
    /// The apps, newest first.
    pub apps: Vec<App>,
    /// Send it as `cursor` for the next page.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// When refresh tokens are issued and how long they live.
#[derive(ToSchema)]
pub struct RefreshTokens {
    /// Whether any are issued.
    pub enabled: bool,
    /// Only when the scope `offline_access` is asked for.
    pub requires_offline_access: bool,
    /// Whether each use makes a successor.
    pub rotation: bool,
    /// Seconds in which a used token is answered with its same successor: 0, 10, 30 or 60.
    pub retry_window: i32,
    /// Seconds from the first token to the end, never extended; `null` for no expiration.
    #[schema(required)]
    pub absolute_lifetime: Option<i64>,
    /// Seconds without use to the end; `null` for no expiration.
    #[schema(required)]
    pub idle_lifetime: Option<i64>,
}

/// Switches for clients that were made for other servers.
#[derive(ToSchema)]
pub struct Compat {
    /// Token answers say `sessionID` and carry `wid`; the app's tokens are accepted in a `sessionID` header.
    pub workfront: bool,
    /// Assertions at `/token` may name the token endpoint's URL as their audience.
    pub token_endpoint_audience: bool,
    /// `expires_in` of `/ims/exchange/jwt` is in milliseconds.
    pub exchange_milliseconds: bool,
}

/// Addresses and names for people.
#[derive(ToSchema)]
pub struct Links {
    /// About the app; https.
    #[schema(required)]
    pub description_url: Option<String>,
    /// Its privacy policy; https.
    #[schema(required)]
    pub privacy_policy_url: Option<String>,
    /// Its terms; https.
    #[schema(required)]
    pub terms_of_service_url: Option<String>,
    /// Who made it.
    #[schema(required)]
    pub developer_name: Option<String>,
    /// How to reach them.
    #[schema(required)]
    pub developer_email: Option<String>,
}

/// An app to register; what is absent is as the kind's default.
#[derive(ToSchema)]
pub struct NewApp {
    /// What it is.
    pub kind: Kind,
    /// Its name on the consent page.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// What it is for.
    #[schema(max_length = 1000)]
    pub description: Option<String>,
    /// Exact addresses of its callbacks: https, or http for loopback addresses. Needed for `web` and `spa`, refused for `m2m`.
    #[schema(max_items = 50)]
    pub redirect_uris: Option<Vec<String>>,
    /// What it may ask for.
    pub scopes: Option<Vec<String>>,
    /// Whether authorization requests without a code challenge are refused.
    pub require_pkce: Option<bool>,
    /// Seconds.
    #[schema(minimum = 300, maximum = 7_776_000)]
    pub access_token_lifetime: Option<i64>,
    /// Refresh tokens and their limits.
    pub refresh_tokens: Option<RefreshTokensChange>,
    /// Whether the password grant may be used.
    pub allow_password_grant: Option<bool>,
    /// Where it publishes its keys; https.
    pub jwks_uri: Option<String>,
    /// Whether `http://localhost` may stand beside the loopback addresses.
    pub allow_localhost: Option<bool>,
    /// Switches for clients that were made for other servers.
    pub compat: Option<CompatChange>,
    /// Addresses and names for people.
    pub links: Option<LinksChange>,
}

/// A change, merged as RFC 7396 says: what is absent stays, `null` goes back to the default.
#[derive(ToSchema)]
pub struct AppChange {
    /// Its name on the consent page.
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
    /// What it is for.
    #[schema(max_length = 1000)]
    pub description: Option<String>,
    /// Exact addresses of its callbacks, all of them.
    #[schema(max_items = 50)]
    pub redirect_uris: Option<Vec<String>>,
    /// What it may ask for, all of it.
    pub scopes: Option<Vec<String>>,
    /// Whether authorization requests without a code challenge are refused.
    pub require_pkce: Option<bool>,
    /// Seconds.
    #[schema(minimum = 300, maximum = 7_776_000)]
    pub access_token_lifetime: Option<i64>,
    /// Refresh tokens and their limits.
    pub refresh_tokens: Option<RefreshTokensChange>,
    /// Whether the password grant may be used.
    pub allow_password_grant: Option<bool>,
    /// Where it publishes its keys; https.
    pub jwks_uri: Option<String>,
    /// Whether `http://localhost` may stand beside the loopback addresses.
    pub allow_localhost: Option<bool>,
    /// Switches for clients that were made for other servers.
    pub compat: Option<CompatChange>,
    /// Addresses and names for people.
    pub links: Option<LinksChange>,
}

/// A change of [`RefreshTokens`].
#[derive(ToSchema)]
pub struct RefreshTokensChange {
    /// Whether any are issued.
    pub enabled: Option<bool>,
    /// Only when the scope `offline_access` is asked for.
    pub requires_offline_access: Option<bool>,
    /// Whether each use makes a successor.
    pub rotation: Option<bool>,
    /// 0, 10, 30 or 60 seconds.
    #[schema(minimum = 0, maximum = 60)]
    pub retry_window: Option<i64>,
    /// Seconds from the first token to the end; `null` for no expiration.
    #[schema(minimum = 0)]
    pub absolute_lifetime: Option<i64>,
    /// Seconds without use to the end; `null` for no expiration.
    #[schema(minimum = 0)]
    pub idle_lifetime: Option<i64>,
}

/// A change of [`Compat`].
#[derive(ToSchema)]
pub struct CompatChange {
    /// Token answers say `sessionID` and carry `wid`; the app's tokens are accepted in a `sessionID` header.
    pub workfront: Option<bool>,
    /// Assertions at `/token` may name the token endpoint's URL as their audience.
    pub token_endpoint_audience: Option<bool>,
    /// `expires_in` of `/ims/exchange/jwt` is in milliseconds.
    pub exchange_milliseconds: Option<bool>,
}

/// A change of [`Links`].
#[derive(ToSchema)]
pub struct LinksChange {
    /// About the app; https.
    pub description_url: Option<String>,
    /// Its privacy policy; https.
    pub privacy_policy_url: Option<String>,
    /// Its terms; https.
    pub terms_of_service_url: Option<String>,
    /// Who made it.
    pub developer_name: Option<String>,
    /// How to reach them.
    pub developer_email: Option<String>,
}
