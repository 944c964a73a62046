//! Sets of keys that apps publish (RFC 7517 §5).
//!
//! Refused as a whole: what is no set, more than [`MAX_KEYS`] keys, a private or symmetric key in it, one `kid` for two keys (G22).
//! Passed over, as RFC 7517 §5 asks: keys for something else, of a kind we do not verify, too short, or unreadable.

use serde::Deserialize;
use serde_json::Value;

use super::{KeyProblem, jwk};
use crate::model::public_key::FetchedKey;

/// The most keys of a set: each of them may be tried for one assertion.
pub const MAX_KEYS: usize = 20;
/// The longest `kid`.
const KID_MAX: usize = 256;

/// Why a document is not a set of keys that we use; the texts are for the app's admins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SetProblem {
    /// No JSON with an array `keys`.
    #[error("The document is no JWK set: JSON with a member keys that is an array.")]
    NotASet,
    /// Too many.
    #[error("The set has more than 20 keys.")]
    TooMany,
    /// A private key, for all to see.
    #[error("The set holds a private key. Everybody can read it, so discard that key, make a new pair and publish only the public half.")]
    PrivateKey,
    /// A shared secret.
    #[error("The set holds a symmetric key. Everybody can read it, so discard it; publish public keys only.")]
    SymmetricKey,
    /// One name for two keys.
    #[error("Two keys of the set have the same kid.")]
    DuplicateKid,
    /// Nothing to verify with.
    #[error("The set has no key that can be used: RSA of 2048 bits or more, P-256, P-384 or Ed25519, for signatures.")]
    NoUsableKey,
}

#[derive(Deserialize)]
struct SentSet {
    keys: Vec<Value>,
}

/// Reads a published set; the keys that can be used, in its order.
pub fn parse_set(document: &[u8]) -> Result<Vec<FetchedKey>, SetProblem> {
    let set: SentSet = serde_json::from_slice(document).map_err(|_| SetProblem::NotASet)?;
    if set.keys.len() > MAX_KEYS {
        return Err(SetProblem::TooMany);
    }
    let mut found: Vec<FetchedKey> = Vec::new();
    for own in set.keys {
        let kid = own.get("kid").and_then(Value::as_str).map(str::to_owned);
        let Ok(read) = serde_json::from_value::<jwk::Sent>(own) else { continue };
        match jwk::read(&read) {
            Ok(_) if kid.as_ref().is_some_and(|kid| kid.is_empty() || kid.len() > KID_MAX) => {}
            Ok(_) if kid.is_some() && found.iter().any(|before| before.kid == kid) => return Err(SetProblem::DuplicateKid),
            Ok(key) => found.push(FetchedKey { kid, key }),
            Err(KeyProblem::PrivateKey) => return Err(SetProblem::PrivateKey),
            Err(KeyProblem::SymmetricKey) => return Err(SetProblem::SymmetricKey),
            Err(_) => {}
        }
    }
    if found.is_empty() { Err(SetProblem::NoUsableKey) } else { Ok(found) }
}
