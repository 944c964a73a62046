//! The reader of public keys (PEM, DER, JWK): whatever comes is refused, or is a key of known strength that reads back as itself.

use grantor::crypto::public_key::{KeyProblem, parse, verify};
use grantor::model::public_key::KeyAlgorithm;
use serde_json::Value;

/// Members that hold a secret (RFC 7518 §6).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Tries one input.
pub(crate) fn run(bytes: &[u8]) {
    let key = match parse(bytes) {
        Ok(key) => key,
        Err(problem) => {
            assert!(!problem.code().is_empty() && !problem.to_string().is_empty());
            return;
        }
    };
    if let Ok(text) = std::str::from_utf8(bytes) {
        assert!(!text.contains("PRIVATE KEY"), "{}", KeyProblem::PrivateKey);
    }
    assert_eq!(key.thumbprint.len(), 43);
    match key.algorithm {
        KeyAlgorithm::Rs256 => assert!((2_048..=8_192).contains(&key.bits)),
        KeyAlgorithm::Es384 => assert_eq!(key.bits, 384),
        KeyAlgorithm::Es256 | KeyAlgorithm::EdDsa => assert_eq!(key.bits, 256),
    }
    let published = serde_json::to_value(&key.jwk).expect("a JWK is JSON");
    assert!(PRIVATE.iter().all(|name| published[*name] == Value::Null));
    let again = parse(published.to_string().as_bytes()).expect("what we publish, we read");
    assert_eq!((&again.thumbprint, again.algorithm, again.bits, &again.jwk), (&key.thumbprint, key.algorithm, key.bits, &key.jwk));
    // A key signs nothing by being shown: no part of the input is a signature.
    let short = &bytes[..bytes.len().min(512)];
    assert!(!verify(&key, b"text", short) && !verify(&key, short, b"") && !verify(&key, b"", &[]));
}
