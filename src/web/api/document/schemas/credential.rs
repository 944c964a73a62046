//! Credentials of apps.

use serde_json::Value;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

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
    /// `days3` or `days30` when it ends so soon; `null` otherwise.
    #[schema(required)]
    pub expiry_warning: Option<String>,
    /// Who its tokens act as; `null` for the app itself.
    #[schema(required)]
    pub technical_account: Option<Uuid>,
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
