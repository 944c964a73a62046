//! A key that signs access tokens.

use time::OffsetDateTime;

/// A signature algorithm (RFC 7518 §3.1, RFC 8037).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256, the default.
    #[serde(rename = "ES256")]
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256, 2048 bits.
    #[serde(rename = "RS256")]
    Rs256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl Algorithm {
    /// All that tokens may be signed with.
    pub const ALL: [Self; 3] = [Self::Es256, Self::Rs256, Self::EdDsa];

    /// The `alg` value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Reads the `alg` value.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == text)
    }
}

/// A signing key as stored: the private half is sealed.
#[derive(Debug, Clone)]
pub struct SigningKey {
    /// RFC 7638 thumbprint of the public key.
    pub kid: String,
    /// Its algorithm.
    pub algorithm: Algorithm,
    /// PKCS#8, sealed by the root key.
    pub private_sealed: Vec<u8>,
    /// Public members with `kid`, `use` and `alg`.
    pub public_jwk: serde_json::Value,
    /// Published from here on.
    pub created_at: OffsetDateTime,
    /// Signs from here on.
    pub active_at: OffsetDateTime,
    /// Signs no more from here on.
    pub retired_at: Option<OffsetDateTime>,
    /// Published no more from here on.
    pub expires_at: Option<OffsetDateTime>,
}

/// Where in its life a signing key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Published, does not sign yet.
    Next,
    /// Signs.
    Active,
    /// Published, signs no more.
    Retired,
    /// Gone from the key set.
    Expired,
}

impl SigningKey {
    /// The stage at `now`.
    pub fn stage(&self, now: OffsetDateTime) -> Stage {
        match (self.retired_at, self.expires_at) {
            (_, Some(end)) if now >= end => Stage::Expired,
            (Some(retired), _) if now >= retired => Stage::Retired,
            _ if now < self.active_at => Stage::Next,
            _ => Stage::Active,
        }
    }
}
