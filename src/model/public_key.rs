//! A public key of a client: what signatures of its assertions are checked with, and the certificate it came in.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// The algorithm that a registered key verifies. It follows from the key alone, never from the header of what is verified (G18).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KeyAlgorithm {
    /// RSA of at least 2048 bits, PKCS#1 v1.5, SHA-256 (RFC 7518 §3.3).
    #[serde(rename = "RS256")]
    Rs256,
    /// P-256, SHA-256 (RFC 7518 §3.4).
    #[serde(rename = "ES256")]
    Es256,
    /// P-384, SHA-384 (RFC 7518 §3.4).
    #[serde(rename = "ES384")]
    Es384,
    /// Ed25519 (RFC 8037 §3.1).
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl KeyAlgorithm {
    /// All of them, in the order that metadata lists them.
    pub const ALL: [Self; 4] = [Self::Rs256, Self::Es256, Self::Es384, Self::EdDsa];

    /// The JWS name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Reads the JWS name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }
}

/// The public members of a JWK and no others: there is no place where a private one could stand (RFC 7518 §6, RFC 8037 §2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kty", deny_unknown_fields)]
pub enum Jwk {
    /// A point of P-256 or P-384; coordinates as base64url.
    #[serde(rename = "EC")]
    Ec {
        /// The curve.
        crv: String,
        /// First coordinate.
        x: String,
        /// Second coordinate.
        y: String,
    },
    /// An Ed25519 key as base64url.
    #[serde(rename = "OKP")]
    Okp {
        /// The curve.
        crv: String,
        /// The key.
        x: String,
    },
    /// An RSA key; numbers as base64url without leading zeros.
    #[serde(rename = "RSA")]
    Rsa {
        /// Exponent.
        e: String,
        /// Modulus.
        n: String,
    },
}

/// A key that may verify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// What it verifies.
    pub algorithm: KeyAlgorithm,
    /// Its numbers.
    pub jwk: Jwk,
    /// RFC 7638 with SHA-256, base64url: 43 characters.
    pub thumbprint: String,
    /// The modulus of RSA, the field of the others.
    pub bits: u16,
    /// What it came in, if that was a certificate.
    pub certificate: Option<Certificate>,
    /// Whether it is the one that new service credentials use; at most one of a technical account is.
    pub is_current: bool,
    /// From when on it is refused by will.
    pub revoked_at: Option<OffsetDateTime>,
}

/// The certificate a key came in. Only its dates count: who signed it is of no meaning, the upload is what is trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// As it was uploaded.
    pub der: Vec<u8>,
    /// Whom it names, as text (RFC 4514); may be empty.
    pub subject: String,
    /// The key is refused before this.
    pub not_before: OffsetDateTime,
    /// The key is refused from here on.
    pub not_after: OffsetDateTime,
    /// SHA-256 of `der`, lower-case hex.
    pub sha256: String,
}

impl PublicKey {
    /// Whether it may verify at `now`: not revoked, and within the dates of its certificate (R54, R65).
    pub fn is_live(&self, now: OffsetDateTime) -> bool {
        let in_dates = self.certificate.as_ref().is_none_or(|own| own.not_before <= now && now < own.not_after);
        in_dates && self.revoked_at.is_none_or(|end| now < end)
    }
}

/// The keys that an app publishes at its `jwks_uri`, as they were when last fetched well.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FetchedJwks {
    /// Those we can use, in the order of the document.
    pub keys: Vec<FetchedKey>,
    /// When they were fetched; `None` = never yet.
    pub fetched_at: Option<OffsetDateTime>,
    /// When the last attempt to fetch began.
    pub attempted_at: Option<OffsetDateTime>,
    /// Why the last attempt failed; `None` when it did not.
    pub problem: Option<String>,
}

impl FetchedJwks {
    /// Whether its keys may be believed at `now`: they were fetched, at most `trusted_for` ago.
    pub fn is_trusted(&self, now: OffsetDateTime, trusted_for: Duration) -> bool {
        self.fetched_at.is_some_and(|at| now - at <= trusted_for)
    }

    /// Whether it should be read again before a key of it is believed.
    pub fn is_old(&self, now: OffsetDateTime, max_age: Duration) -> bool {
        self.fetched_at.is_none_or(|at| now - at >= max_age)
    }

    /// Whether it may be read again: the last attempt began at least `pause` ago.
    pub fn may_be_read(&self, now: OffsetDateTime, pause: Duration) -> bool {
        self.attempted_at.is_none_or(|at| now - at >= pause)
    }

    /// Whether somebody seems to be reading it now: an attempt that began within `patience` has neither result yet.
    pub fn is_being_read(&self, now: OffsetDateTime, patience: Duration) -> bool {
        let began = self.attempted_at.filter(|at| now - *at <= patience && self.fetched_at.is_none_or(|done| done < *at));
        began.is_some() && self.problem.is_none()
    }
}

/// One key of a fetched set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedKey {
    /// The name that the app gave it.
    pub kid: Option<String>,
    /// The key.
    pub key: PublicKey,
}
