//! Keys in DER: certificates (RFC 5280), SPKI (RFC 5280 §4.1.2.7, RFC 5480, RFC 8410), PKCS#1 (RFC 8017 A.1.1).

use sha2::{Digest as _, Sha256};
use x509_parser::asn1_rs::Oid;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::RSAPublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::{KeyProblem, ec, ed25519, rsa};
use crate::model::public_key::{Certificate, KeyAlgorithm, PublicKey};

const RSA: &[u64] = &[1, 2, 840, 113_549, 1, 1, 1];
const EC: &[u64] = &[1, 2, 840, 10_045, 2, 1];
const P256: &[u64] = &[1, 2, 840, 10_045, 3, 1, 7];
const P384: &[u64] = &[1, 3, 132, 0, 34];
const ED25519: &[u64] = &[1, 3, 101, 112];
/// The longest subject that is kept, in characters.
const SUBJECT_MAX_CHARS: usize = 300;

/// Whichever of the three it is.
pub(super) fn read(der: &[u8]) -> Result<PublicKey, KeyProblem> {
    if is_private(der) {
        return Err(KeyProblem::PrivateKey);
    }
    [read_certificate, read_spki, read_pkcs1]
        .into_iter()
        .map(|read| read(der))
        .find(|outcome| *outcome != Err(KeyProblem::Unreadable))
        .unwrap_or(Err(KeyProblem::Unreadable))
}

/// PKCS#8, PKCS#1 and SEC 1 private keys all are a sequence that begins with the version 0 or 1; nothing public is.
fn is_private(der: &[u8]) -> bool {
    let [0x30, length, rest @ ..] = der else { return false };
    let skip = if *length < 0x80 { 0 } else { usize::from(length & 0x7f) };
    matches!(rest.get(skip..), Some([0x02, 0x01, 0x00 | 0x01, ..]))
}

/// A certificate: its key and its dates.
pub(super) fn read_certificate(der: &[u8]) -> Result<PublicKey, KeyProblem> {
    let (rest, own) = X509Certificate::from_der(der).map_err(|_| KeyProblem::Unreadable)?;
    if !rest.is_empty() {
        return Err(KeyProblem::Unreadable);
    }
    let key = from_spki(own.public_key())?;
    let certificate = Certificate {
        der: der.to_vec(),
        subject: own.subject().to_string().chars().filter(|c| !c.is_control()).take(SUBJECT_MAX_CHARS).collect(),
        not_before: own.validity().not_before.to_datetime(),
        not_after: own.validity().not_after.to_datetime(),
        sha256: hex(&Sha256::digest(der)),
    };
    Ok(PublicKey { certificate: Some(certificate), ..key })
}

/// A bare key with its algorithm.
pub(super) fn read_spki(der: &[u8]) -> Result<PublicKey, KeyProblem> {
    match SubjectPublicKeyInfo::from_der(der) {
        Ok(([], spki)) => from_spki(&spki),
        _ => Err(KeyProblem::Unreadable),
    }
}

/// A bare RSA key.
pub(super) fn read_pkcs1(der: &[u8]) -> Result<PublicKey, KeyProblem> {
    match RSAPublicKey::from_der(der) {
        Ok(([], key)) => from_numbers(&key),
        _ => Err(KeyProblem::Unreadable),
    }
}

fn from_spki(spki: &SubjectPublicKeyInfo<'_>) -> Result<PublicKey, KeyProblem> {
    let is = |oid: &Oid<'_>, words: &[u64]| oid.iter().is_some_and(|arcs| arcs.eq(words.iter().copied()));
    let bytes = &*spki.subject_public_key.data;
    let algorithm = &spki.algorithm.algorithm;
    if is(algorithm, RSA) {
        return read_pkcs1(bytes);
    }
    if is(algorithm, ED25519) {
        return ed25519(bytes);
    }
    let curve = spki.algorithm.parameters.as_ref().and_then(|parameters| Oid::try_from(parameters.clone()).ok());
    match curve.filter(|_| is(algorithm, EC)) {
        Some(curve) if is(&curve, P256) => ec(KeyAlgorithm::Es256, bytes),
        Some(curve) if is(&curve, P384) => ec(KeyAlgorithm::Es384, bytes),
        _ => Err(KeyProblem::UnknownKind),
    }
}

fn from_numbers(key: &RSAPublicKey<'_>) -> Result<PublicKey, KeyProblem> {
    // DER numbers are signed: one whose first bit is set is negative.
    if [key.modulus, key.exponent].iter().any(|number| number.first().is_none_or(|first| first & 0x80 != 0)) {
        return Err(KeyProblem::BadNumbers);
    }
    rsa(key.modulus, key.exponent)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}
