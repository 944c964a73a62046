//! Client authentication methods (RFC 6749 §2.3, OpenID Connect Core §9).

use serde::{Deserialize, Serialize};

/// How a client proved, or did not have to prove, that it is itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// The secret in an `Authorization: Basic` header (RFC 6749 §2.3.1).
    ClientSecretBasic,
    /// The secret in the body (RFC 6749 §2.3.1).
    ClientSecretPost,
    /// A signed assertion in the body (RFC 7523 §2.2).
    PrivateKeyJwt,
    /// A public client, which has nothing to prove itself with (RFC 6749 §2.1).
    None,
}

impl AuthMethod {
    /// All methods, in the order metadata lists them.
    pub const ALL: [Self; 4] = [Self::ClientSecretBasic, Self::ClientSecretPost, Self::PrivateKeyJwt, Self::None];

    /// The registered name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::None => "none",
        }
    }
}
