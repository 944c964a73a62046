//! Public keys as a JWK set (RFC 7517), with RFC 7638 thumbprints as key ids.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::model::signing_key::Algorithm;

/// The keys that verify our tokens (RFC 7517 §5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JwkSet {
    /// Newest first.
    pub keys: Vec<Jwk>,
}

/// One public key; it has no member that could hold a private one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Jwk {
    /// The numbers of the key and its type.
    #[serde(flatten)]
    pub public: PublicMembers,
    /// RFC 7638 thumbprint.
    pub kid: String,
    /// Always `sig`.
    #[serde(rename = "use")]
    pub usage: &'static str,
    /// The one algorithm it verifies.
    pub alg: &'static str,
}

/// The required members of each key type in the order of RFC 7638 §3: sorted by name, so that this form is also what is hashed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum PublicMembers {
    /// A point of P-256 (RFC 7518 §6.2).
    Ec {
        /// `P-256`.
        crv: &'static str,
        /// `EC`.
        kty: &'static str,
        /// First coordinate.
        x: String,
        /// Second coordinate.
        y: String,
    },
    /// An Ed25519 key (RFC 8037 §2).
    Okp {
        /// `Ed25519`.
        crv: &'static str,
        /// `OKP`.
        kty: &'static str,
        /// The key.
        x: String,
    },
    /// An RSA key (RFC 7518 §6.3).
    Rsa {
        /// Exponent.
        e: String,
        /// `RSA`.
        kty: &'static str,
        /// Modulus.
        n: String,
    },
}

impl PublicMembers {
    /// From the uncompressed point `04 || x || y`; `None` when it has another length.
    pub(super) fn p256(point: &[u8]) -> Option<Self> {
        let [4, rest @ ..] = point else { return None };
        let (x, y) = rest.split_at_checked(32).filter(|(_, y)| y.len() == 32)?;
        Some(Self::Ec { crv: "P-256", kty: "EC", x: base64url(x), y: base64url(y) })
    }

    /// From the 32 bytes of the key.
    pub(super) fn ed25519(key: &[u8]) -> Self {
        Self::Okp { crv: "Ed25519", kty: "OKP", x: base64url(key) }
    }

    /// From big-endian numbers without leading zeros.
    pub(super) fn rsa(modulus: &[u8], exponent: &[u8]) -> Self {
        Self::Rsa { e: base64url(exponent), kty: "RSA", n: base64url(modulus) }
    }

    /// RFC 7638 with SHA-256.
    pub(super) fn thumbprint(&self) -> String {
        let canonical = serde_json::to_vec(self).expect("a struct of strings always becomes JSON");
        base64url(&Sha256::digest(canonical))
    }
}

impl Jwk {
    pub(super) fn new(public: PublicMembers, algorithm: Algorithm) -> Self {
        Self { kid: public.thumbprint(), public, usage: "sig", alg: algorithm.as_str() }
    }
}

fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
