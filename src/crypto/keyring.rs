//! The signing keys in force, opened once: signs access tokens on the hot path, verifies them, and publishes the public halves.
//!
//! A keyring is a snapshot at one instant; `flows/keys.rs` replaces it when keys come, become active, retire or expire.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use time::OffsetDateTime;

use crate::crypto::jwks::JwkSet;
use crate::crypto::jwt::{Parts, TokenType, VerifiedJwt};
use crate::crypto::signature::{KeyPair, Refused};
use crate::crypto::token::Sealer;
use crate::entropy::Entropy;
use crate::model::signing_key::{Algorithm, SigningKey, Stage};

/// What a sealed private key is, so that nothing else sealed by the same root key can stand in for one.
const SEAL_LABEL: &str = "signing key";

/// A signing key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// No root key we have opens it.
    #[error("signing key {kid} was sealed with a root key that is not configured: add that root key, or withdraw this key")]
    Sealed {
        /// Which.
        kid: String,
    },
    /// It is no private key of its algorithm, or not the one its row speaks of.
    #[error("signing key {kid} is damaged: its private half is not the {algorithm} key its row describes")]
    Damaged {
        /// Which.
        kid: String,
        /// Its algorithm.
        algorithm: &'static str,
    },
    /// The signing library made a signature that it does not accept itself.
    #[error("the self-test failed: a signature by {kid} does not verify")]
    SelfTest {
        /// Which key.
        kid: String,
    },
    /// The library could not make a key.
    #[error("no {algorithm} key could be generated")]
    Generate {
        /// Of which algorithm.
        algorithm: &'static str,
    },
}

/// No active key of the algorithm that an API asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no active signing key for {}", .0.as_str())]
pub struct NoSigningKey(pub Algorithm);

/// A snapshot of the signing keys.
pub struct Keyring {
    /// Those published at the time, newest first.
    keys: Vec<Key>,
}

struct Key {
    kid: String,
    algorithm: Algorithm,
    stage: Stage,
    active_at: OffsetDateTime,
    pair: KeyPair,
    /// The protected headers, encoded once, each with its dot.
    header_at_jwt: String,
    header_jwt: String,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|key| (&key.kid, key.algorithm, key.stage))).finish()
    }
}

impl Keyring {
    /// Without keys: signs nothing and verifies nothing.
    pub const fn empty() -> Self {
        Self { keys: Vec::new() }
    }

    /// Opens what of `keys` is published at `now`, and lets each sign and verify once.
    pub fn load(keys: &[SigningKey], sealer: &Sealer, now: OffsetDateTime) -> Result<Self, KeyringError> {
        let published = keys.iter().filter(|key| key.stage(now) != Stage::Expired);
        let mut keys = published.map(|key| Key::open(key, sealer, now)).collect::<Result<Vec<_>, _>>()?;
        keys.sort_by(|a, b| b.active_at.cmp(&a.active_at).then_with(|| a.kid.cmp(&b.kid)));
        Ok(Self { keys })
    }

    /// Signs `claims` with the newest active key of `algorithm`, in the compact form (RFC 7515 §7.1).
    pub fn sign(&self, algorithm: Algorithm, typ: TokenType, claims: &impl Serialize) -> Result<String, NoSigningKey> {
        let key = self.active(algorithm).ok_or(NoSigningKey(algorithm))?;
        key.sign(typ, claims).map_err(|Refused| NoSigningKey(algorithm))
    }

    /// The token's claims when one of our published keys signed it, with that key's own algorithm and a kind we know. Whether
    /// it has expired is for the caller to say.
    pub fn verify(&self, token: &str) -> Option<VerifiedJwt> {
        self.read(token, |key, parts| key.pair.verifies(parts.signed.as_bytes(), &parts.signature))
    }

    /// The same for a token whose signature is known to be good; its key must be published still.
    pub fn read_proven(&self, token: &str) -> Option<VerifiedJwt> {
        self.read(token, |_, _| true)
    }

    fn read(&self, token: &str, is_signed: impl FnOnce(&Key, &Parts<'_>) -> bool) -> Option<VerifiedJwt> {
        let parts = Parts::read(token)?;
        let key = self.keys.iter().find(|key| key.kid == parts.kid)?;
        // The algorithm is the key's; a header that names another one is not ours (RFC 8725 §3.1).
        if parts.alg != key.algorithm.as_str() || !is_signed(key, &parts) {
            return None;
        }
        Some(VerifiedJwt { claims: serde_json::from_slice(&parts.payload).ok()?, typ: parts.typ })
    }

    /// Whether a key with this id is published.
    pub fn knows(&self, kid: &str) -> bool {
        self.keys.iter().any(|key| key.kid == kid)
    }

    /// Whether a token of `algorithm` can be signed.
    pub fn can_sign(&self, algorithm: Algorithm) -> bool {
        self.active(algorithm).is_some()
    }

    /// Every published public key: next, active and retired ones (RFC 7517 §5).
    pub fn jwks(&self) -> JwkSet {
        JwkSet { keys: self.keys.iter().map(|key| key.pair.jwk().clone()).collect() }
    }

    fn active(&self, algorithm: Algorithm) -> Option<&Key> {
        self.keys.iter().find(|key| key.algorithm == algorithm && key.stage == Stage::Active)
    }
}

impl Key {
    fn open(row: &SigningKey, sealer: &Sealer, now: OffsetDateTime) -> Result<Self, KeyringError> {
        let kid = || row.kid.clone();
        let pkcs8 = sealer.open(SEAL_LABEL, &row.private_sealed).ok_or_else(|| KeyringError::Sealed { kid: kid() })?;
        let damaged = || KeyringError::Damaged { kid: kid(), algorithm: row.algorithm.as_str() };
        let pair = KeyPair::from_pkcs8(row.algorithm, pkcs8.expose()).map_err(|Refused| damaged())?;
        if pair.jwk().kid != row.kid {
            return Err(damaged());
        }
        let header = |typ: TokenType| {
            let header = serde_json::json!({ "alg": row.algorithm.as_str(), "kid": row.kid, "typ": typ.as_str() });
            let mut encoded = URL_SAFE_NO_PAD.encode(header.to_string());
            encoded.push('.');
            encoded
        };
        let key = Self {
            kid: kid(),
            algorithm: row.algorithm,
            stage: row.stage(now),
            active_at: row.active_at,
            header_at_jwt: header(TokenType::AtJwt),
            header_jwt: header(TokenType::Jwt),
            pair,
        };
        key.self_test().then_some(()).ok_or_else(|| KeyringError::SelfTest { kid: kid() })?;
        Ok(key)
    }

    fn self_test(&self) -> bool {
        let message = b"grantor self-test";
        self.pair.sign(message).is_ok_and(|signature| self.pair.verifies(message, &signature) && !self.pair.verifies(b"other", &signature))
    }

    fn sign(&self, typ: TokenType, claims: &impl Serialize) -> Result<String, Refused> {
        let header = match typ {
            TokenType::AtJwt => &self.header_at_jwt,
            TokenType::Jwt => &self.header_jwt,
        };
        // Ours have half a kilobyte.
        let mut payload = Vec::with_capacity(512);
        serde_json::to_writer(&mut payload, claims).map_err(|_| Refused)?;
        let mut token = String::with_capacity(header.len() + payload.len().div_ceil(3) * 4 + 350);
        token.push_str(header);
        URL_SAFE_NO_PAD.encode_string(payload, &mut token);
        let signature = self.pair.sign(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }
}

/// A new key of `algorithm`, its private half sealed. An RSA key takes up to 150 ms to find: call it where blocking is allowed.
pub fn generate(
    algorithm: Algorithm,
    sealer: &Sealer,
    entropy: &dyn Entropy,
    created_at: OffsetDateTime,
    active_at: OffsetDateTime,
) -> Result<SigningKey, KeyringError> {
    let failed = |Refused| KeyringError::Generate { algorithm: algorithm.as_str() };
    let pkcs8 = KeyPair::generate_pkcs8(algorithm).map_err(failed)?;
    let pair = KeyPair::from_pkcs8(algorithm, &pkcs8).map_err(failed)?;
    let jwk = pair.jwk();
    Ok(SigningKey {
        kid: jwk.kid.clone(),
        algorithm,
        private_sealed: sealer.seal(SEAL_LABEL, &pkcs8, entropy),
        public_jwk: serde_json::to_value(jwk).map_err(|_| failed(Refused))?,
        created_at,
        active_at,
        retired_at: None,
        expires_at: None,
    })
}

#[cfg(test)]
mod tests;
