//! Why an app should be looked at; the marks of the list (R46, R54).

use serde::Serialize;
use time::Duration;

/// A credential that ends within this time is about to expire.
pub const SOON: Duration = Duration::days(30);
/// A key that ends within this time is very near its end.
pub const VERY_SOON: Duration = Duration::days(3);
/// An app without a token for this long is unused.
pub const UNUSED: Duration = Duration::days(90);

/// One reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Attention {
    /// A key or certificate has expired or does so within [`VERY_SOON`].
    KeyExpiresVerySoon,
    /// A key or certificate expires within [`SOON`].
    KeyExpiresSoon,
    /// A secret has expired or does so within [`SOON`].
    SecretExpiresSoon,
    /// It authenticates with a key, and has not chosen to by a migration.
    JwtCredential,
    /// It got no token for [`UNUSED`].
    Unused,
}

impl Attention {
    /// The API word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KeyExpiresVerySoon => "key_expires_very_soon",
            Self::KeyExpiresSoon => "key_expires_soon",
            Self::SecretExpiresSoon => "secret_expires_soon",
            Self::JwtCredential => "jwt_credential",
            Self::Unused => "unused",
        }
    }

    /// A few words for a mark.
    pub const fn label(self) -> &'static str {
        match self {
            Self::KeyExpiresVerySoon => "Key expires within 3 days",
            Self::KeyExpiresSoon => "Key expires within 30 days",
            Self::SecretExpiresSoon => "Secret expires within 30 days",
            Self::JwtCredential => "Has JWT credential",
            Self::Unused => "Unused for 90 days",
        }
    }
}
