//! Public keys that apps bring: reading them from what people paste, and verifying with them.
//!
//! What is read, in order: a JWK (or a set of one), PEM (certificate, SPKI, PKCS#1), DER of the same three. Whatever holds a
//! private key is refused as such before anything else, so that the one who pasted it can be told to discard it. The checks
//! on a key that could be read: its kind is one we verify, RSA has 2048 to 8192 bits and an exponent that is odd and at
//! least 65537, a point lies on its curve.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::model::public_key::{Jwk, KeyAlgorithm, PublicKey};

mod der;
mod jwk;
mod set;
#[cfg(test)]
mod tests;

pub use jwk::parse_jwk;
pub use set::{MAX_KEYS, SetProblem, parse_set};

/// The longest input that is looked at, in bytes: a certificate with an RSA key of 8192 bits has about 4 KiB.
pub const MAX_INPUT: usize = 32 * 1024;
/// The shortest RSA modulus.
const RSA_MIN_BITS: usize = 2_048;
/// The longest RSA modulus: verifying costs more with every bit.
const RSA_MAX_BITS: usize = 8_192;

/// Why something is not a key that an app may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyProblem {
    /// A private key, or something that holds one.
    #[error("This is a private key. It has now been sent over the network, so discard it, make a new pair and give only the public half.")]
    PrivateKey,
    /// A shared secret (`oct`).
    #[error("This is a symmetric key. Give a public key.")]
    SymmetricKey,
    /// Nothing at all.
    #[error("Paste a public key or a certificate.")]
    Empty,
    /// Too long to be a key.
    #[error("This is too long to be a public key or a certificate.")]
    TooLong,
    /// Several keys or certificates at once.
    #[error("Give one key or one certificate at a time.")]
    Several,
    /// Nothing of what we read.
    #[error("This is neither a PEM certificate, nor a PEM public key (SPKI or PKCS#1), nor a JWK.")]
    Unreadable,
    /// A kind of key or curve that we do not verify.
    #[error("Keys of this kind are not accepted. Use RSA, P-256, P-384 or Ed25519.")]
    UnknownKind,
    /// An RSA key that is too short.
    #[error("This RSA key is too short. Use 2048 bits or more.")]
    TooShort,
    /// An RSA key that is too long.
    #[error("This RSA key is too long. Use at most 8192 bits.")]
    TooManyBits,
    /// An RSA key with an exponent that is even, small or huge.
    #[error("This RSA key has an unusual exponent. Use 65537.")]
    OddExponent,
    /// Numbers that are no key: a point beside its curve, an even modulus.
    #[error("The numbers in this key are not a valid key.")]
    BadNumbers,
    /// A JWK whose `use`, `key_ops` or `alg` says that it is for something else.
    #[error("This JWK is not meant for RS256, ES256, ES384 or EdDSA signatures; see its use, key_ops and alg.")]
    OtherUse,
}

impl KeyProblem {
    /// A stable word for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::PrivateKey => "private_key",
            Self::SymmetricKey => "symmetric_key",
            Self::Empty => "required",
            Self::TooLong => "too_long",
            Self::Several => "several_keys",
            Self::Unreadable => "not_a_key",
            Self::UnknownKind => "unknown_kind",
            Self::TooShort => "key_too_short",
            Self::TooManyBits => "key_too_long",
            Self::OddExponent => "odd_exponent",
            Self::BadNumbers => "bad_numbers",
            Self::OtherUse => "other_use",
        }
    }
}

/// Reads a public key from what somebody pasted or uploaded.
pub fn parse(input: &[u8]) -> Result<PublicKey, KeyProblem> {
    if input.len() > MAX_INPUT {
        return Err(KeyProblem::TooLong);
    }
    let input = input.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input);
    let Ok(text) = std::str::from_utf8(input) else { return der::read(input) };
    let text = text.trim();
    if text.is_empty() {
        Err(KeyProblem::Empty)
    } else if text.contains("PRIVATE KEY") {
        Err(KeyProblem::PrivateKey)
    } else if text.starts_with('{') {
        parse_jwk(text)
    } else if text.contains("-----BEGIN") {
        parse_pem(text)
    } else {
        // DER is hardly ever UTF-8, but a program may send what it likes.
        der::read(input)
    }
}

fn parse_pem(text: &str) -> Result<PublicKey, KeyProblem> {
    let blocks = pem::parse_many(text).map_err(|_| KeyProblem::Unreadable)?;
    // OpenSSL may write the parameters of a curve before its key.
    let mut blocks = blocks.iter().filter(|block| block.tag() != "EC PARAMETERS");
    let block = blocks.next().ok_or(KeyProblem::Unreadable)?;
    if blocks.next().is_some() {
        return Err(KeyProblem::Several);
    }
    match block.tag() {
        "CERTIFICATE" | "X509 CERTIFICATE" => der::read_certificate(block.contents()),
        "PUBLIC KEY" => der::read_spki(block.contents()),
        "RSA PUBLIC KEY" => der::read_pkcs1(block.contents()),
        _ => Err(KeyProblem::Unreadable),
    }
}

/// Whether `signature` was made over `signed` with the private half of `key`, by the one algorithm of the key. ECDSA
/// signatures have the fixed form `r || s` (RFC 7518 §3.4).
pub fn verify(key: &PublicKey, signed: &[u8], signature: &[u8]) -> bool {
    verifies(key, signed, signature).unwrap_or(false)
}

fn verifies(key: &PublicKey, signed: &[u8], signature: &[u8]) -> Option<bool> {
    let number = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
    let outcome = match (&key.jwk, key.algorithm) {
        (Jwk::Rsa { n, e }, KeyAlgorithm::Rs256) => {
            RsaPublicKeyComponents { n: number(n)?, e: number(e)? }.verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature)
        }
        (Jwk::Ec { x, y, .. }, KeyAlgorithm::Es256) => {
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point(&number(x)?, &number(y)?)).verify(signed, signature)
        }
        (Jwk::Ec { x, y, .. }, KeyAlgorithm::Es384) => {
            UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point(&number(x)?, &number(y)?)).verify(signed, signature)
        }
        (Jwk::Okp { x, .. }, KeyAlgorithm::EdDsa) => UnparsedPublicKey::new(&ED25519, number(x)?).verify(signed, signature),
        _ => return None,
    };
    Some(outcome.is_ok())
}

fn point(x: &[u8], y: &[u8]) -> Vec<u8> {
    [&[4], x, y].concat()
}

/// An RSA key of big-endian numbers, with or without leading zeros.
fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<PublicKey, KeyProblem> {
    let (modulus, exponent) = (without_zeros(modulus), without_zeros(exponent));
    let bits = modulus.first().map_or(0, |first| modulus.len() * 8 - first.leading_zeros() as usize);
    if bits < RSA_MIN_BITS {
        return Err(KeyProblem::TooShort);
    }
    if bits > RSA_MAX_BITS {
        return Err(KeyProblem::TooManyBits);
    }
    let value = exponent.iter().try_fold(0_u32, |sum, byte| sum.checked_mul(256)?.checked_add(u32::from(*byte)));
    if value.is_none_or(|value| value < 65_537 || value % 2 == 0) {
        return Err(KeyProblem::OddExponent);
    }
    if modulus.last().is_none_or(|last| last % 2 == 0) {
        return Err(KeyProblem::BadNumbers);
    }
    let jwk = Jwk::Rsa { e: URL_SAFE_NO_PAD.encode(exponent), n: URL_SAFE_NO_PAD.encode(modulus) };
    Ok(key(KeyAlgorithm::Rs256, jwk, u16::try_from(bits).map_err(|_| KeyProblem::TooManyBits)?))
}

/// A key of a NIST curve from its uncompressed point `04 || x || y`.
fn ec(algorithm: KeyAlgorithm, encoded: &[u8]) -> Result<PublicKey, KeyProblem> {
    let (curve, crv, bits) = match algorithm {
        KeyAlgorithm::Es256 => (&ECDSA_P256_SHA256_FIXED, "P-256", 256),
        KeyAlgorithm::Es384 => (&ECDSA_P384_SHA384_FIXED, "P-384", 384),
        KeyAlgorithm::Rs256 | KeyAlgorithm::EdDsa => return Err(KeyProblem::UnknownKind),
    };
    let size = usize::from(bits) / 8;
    let [4, rest @ ..] = encoded else { return Err(KeyProblem::BadNumbers) };
    let (x, y) = rest.split_at_checked(size).filter(|(_, y)| y.len() == size).ok_or(KeyProblem::BadNumbers)?;
    ParsedPublicKey::new(curve, encoded).map_err(|_| KeyProblem::BadNumbers)?;
    let jwk = Jwk::Ec { crv: crv.to_owned(), x: URL_SAFE_NO_PAD.encode(x), y: URL_SAFE_NO_PAD.encode(y) };
    Ok(key(algorithm, jwk, bits))
}

/// An Ed25519 key from its 32 bytes.
fn ed25519(encoded: &[u8]) -> Result<PublicKey, KeyProblem> {
    if encoded.len() != 32 {
        return Err(KeyProblem::BadNumbers);
    }
    ParsedPublicKey::new(&ED25519, encoded).map_err(|_| KeyProblem::BadNumbers)?;
    let jwk = Jwk::Okp { crv: "Ed25519".to_owned(), x: URL_SAFE_NO_PAD.encode(encoded) };
    Ok(key(KeyAlgorithm::EdDsa, jwk, 256))
}

fn key(algorithm: KeyAlgorithm, jwk: Jwk, bits: u16) -> PublicKey {
    let thumbprint = thumbprint(&jwk);
    PublicKey { algorithm, jwk, thumbprint, bits, certificate: None, is_current: false, revoked_at: None }
}

/// RFC 7638 §3: the required members sorted by name, without blanks. The values are base64url and fixed words, so nothing needs escaping.
fn thumbprint(jwk: &Jwk) -> String {
    let canonical = match jwk {
        Jwk::Ec { crv, x, y } => format!(r#"{{"crv":"{crv}","kty":"EC","x":"{x}","y":"{y}"}}"#),
        Jwk::Okp { crv, x } => format!(r#"{{"crv":"{crv}","kty":"OKP","x":"{x}"}}"#),
        Jwk::Rsa { e, n } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
    };
    URL_SAFE_NO_PAD.encode(Sha256::digest(canonical))
}

fn without_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}
