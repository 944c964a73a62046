//! The objects of the API, as they travel. Tests hold every answer against them.

use serde_json::{Map, Value};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// Every schema by its name.
pub fn all() -> Map<String, Value> {
    let mut schemas = Map::new();
    add::<Org>(&mut schemas, false);
    add::<App>(&mut schemas, false);
    add::<AppList>(&mut schemas, false);
    add::<NewApp>(&mut schemas, true);
    add::<AppChange>(&mut schemas, true);
    add::<Credential>(&mut schemas, false);
    add::<SecretList>(&mut schemas, false);
    add::<SecretWish>(&mut schemas, true);
    add::<AuthorizationList>(&mut schemas, false);
    add::<Problem>(&mut schemas, false);
    schemas
}

/// What is sent is `closed`: a member that nobody knows is refused. What is answered may grow.
fn add<T: ToSchema>(schemas: &mut Map<String, Value>, closed: bool) {
    let mut found = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut found);
    for (name, schema) in found {
        let mut schema = serde_json::to_value(schema).unwrap_or_default();
        if closed && schema["type"] == "object" {
            schema["additionalProperties"] = Value::Bool(false);
        }
        schemas.entry(name).or_insert(schema);
    }
}

/// An org with its quota.
#[derive(ToSchema)]
pub struct Org {
    /// Its id.
    pub id: Uuid,
    /// Its name in addresses.
    #[schema(example = "acme")]
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// How many apps it has and may have.
    pub apps: Usage,
}

/// A quota.
#[derive(ToSchema)]
pub struct Usage {
    /// In use; deleted apps do not count.
    pub used: u32,
    /// At most.
    pub limit: u32,
}

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
    /// When it was registered.
    pub created_at: OffsetDateTime,
    /// When it was changed last.
    pub updated_at: OffsetDateTime,
    /// When it got its last token.
    #[schema(required)]
    pub last_used_at: Option<OffsetDateTime>,
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
    /// Token answers say `sessionID` and carry `wid`.
    pub workfront: bool,
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
    /// Token answers say `sessionID` and carry `wid`.
    pub workfront: Option<bool>,
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

/// A secret or a public key of an app, without what must not be told again.
#[derive(ToSchema)]
pub struct Credential {
    /// Its id.
    pub id: Uuid,
    /// What it is; members that only the other kind has are absent.
    pub kind: CredentialKind,
    /// The value of a secret, told now and never again; only in the answer that makes it.
    #[schema(required = false, nullable = false)]
    pub client_secret: Option<String>,
    /// The app; only in the answer that makes a secret.
    #[schema(required = false, nullable = false)]
    pub client_id: Option<String>,
    /// The last characters of a secret, to tell secrets apart.
    #[schema(required = false, nullable = false)]
    pub hint: Option<String>,
    /// Anything that helps to remember where it is used.
    pub note: String,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// By whom, if by a person.
    #[schema(required)]
    pub created_by: Option<Uuid>,
    /// When it stops working.
    #[schema(required)]
    pub expires_at: Option<OffsetDateTime>,
    /// When it got its last token.
    #[schema(required)]
    pub last_used_at: Option<OffsetDateTime>,
    /// With which grant.
    #[schema(required)]
    pub last_used_grant_type: Option<String>,
    /// Whether it works.
    pub status: String,
    /// The algorithm that a key signs with, and no other.
    #[schema(required = false, nullable = false)]
    pub algorithm: Option<String>,
    /// The RFC 7638 thumbprint of a key.
    #[schema(required = false, nullable = false)]
    pub thumbprint: Option<String>,
    /// The size of a key.
    #[schema(required = false, nullable = false)]
    pub bits: Option<u16>,
    /// The public key itself.
    #[schema(required = false, nullable = false, value_type = Option<Object>)]
    pub jwk: Option<Value>,
    /// Who a key's tokens act as; `null` for the app itself.
    #[schema(required = false)]
    pub technical_account: Option<Uuid>,
    /// Whether the app's `jwks_uri` still publishes a key, or it was registered by hand.
    #[schema(required = false, nullable = false)]
    pub current: Option<bool>,
    /// When a key was revoked.
    #[schema(required = false)]
    pub revoked_at: Option<OffsetDateTime>,
    /// The certificate that a key came in.
    #[schema(required = false)]
    pub certificate: Option<Certificate>,
}

/// What a credential is.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum CredentialKind {
    /// A client secret.
    Secret,
    /// A public key.
    Key,
}

/// A certificate of a key.
#[derive(ToSchema)]
pub struct Certificate {
    /// Whom it names.
    pub subject: String,
    /// From when it is good.
    pub not_before: OffsetDateTime,
    /// Until when it is good.
    pub not_after: OffsetDateTime,
    /// Its SHA-256 fingerprint.
    pub sha256: String,
}

/// The secrets of an app.
#[derive(ToSchema)]
pub struct SecretList {
    /// The app.
    pub client_id: String,
    /// Its secrets, without values.
    pub secrets: Vec<Credential>,
}

/// What can be chosen for a secret.
#[derive(ToSchema)]
pub struct SecretWish {
    /// Where it is used.
    #[schema(max_length = 64)]
    pub note: Option<String>,
    /// When it stops working; `null` for never.
    pub expires_at: Option<OffsetDateTime>,
}

/// One page of authorizations.
#[derive(ToSchema)]
pub struct AuthorizationList {
    /// Living ones, newest first.
    pub authorizations: Vec<Authorization>,
    /// Send it as `cursor` for the next page.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// A person's approval that still lives.
#[derive(ToSchema)]
pub struct Authorization {
    /// Its id.
    pub id: Uuid,
    /// Who approved.
    pub user: ConnectedUser,
    /// What was approved.
    pub scopes: Vec<String>,
    /// The API it is for.
    pub api: String,
    /// Whether it has a refresh token.
    pub refresh_token: bool,
    /// When it was approved.
    pub created_at: OffsetDateTime,
    /// When it got its last token.
    #[schema(required)]
    pub last_used_at: Option<OffsetDateTime>,
    /// When it ends unless it is used.
    #[schema(required)]
    pub idle_expires_at: Option<OffsetDateTime>,
    /// When it ends in any case.
    #[schema(required)]
    pub absolute_expires_at: Option<OffsetDateTime>,
}

/// A person who connected.
#[derive(ToSchema)]
pub struct ConnectedUser {
    /// Their id.
    pub id: Uuid,
    /// Their address.
    pub email: String,
    /// Their name.
    pub name: String,
}

/// What went wrong (RFC 9457).
#[derive(ToSchema)]
pub struct Problem {
    /// Names the kind of problem and leads to its description.
    #[schema(format = "uri")]
    pub r#type: String,
    /// The same in a few words.
    pub title: String,
    /// The status of the answer.
    pub status: u16,
    /// This very case, for people.
    pub detail: String,
    /// Reference of this request, as in `X-Request-Id`.
    pub request_id: String,
    /// Each field at fault.
    #[schema(required = false, nullable = false)]
    pub errors: Option<Vec<FieldError>>,
}

/// A field at fault.
#[derive(ToSchema)]
pub struct FieldError {
    /// `name`, `redirect_uris[2]`, `refresh_tokens.retry_window`
    pub field: String,
    /// A stable word for programs.
    pub code: String,
    /// How to put it right.
    pub message: String,
}
