//! Keys of every kind in every wrapping, what is no key, and signatures.

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
};
use aws_lc_rs::{rsa as lc_rsa, signature::EcdsaSigningAlgorithm};
use pem::Pem;
use proptest::prelude::*;
use serde_json::json;

use super::{KeyProblem, parse, verify};
use crate::model::public_key::{KeyAlgorithm, PublicKey};

type Sign = Box<dyn Fn(&[u8]) -> Vec<u8>>;

/// A key pair: SPKI, PKCS#8, and how it signs.
struct Pair {
    spki: Vec<u8>,
    pkcs8: Vec<u8>,
    sign: Sign,
}

fn ec_pair(algorithm: &'static EcdsaSigningAlgorithm) -> Pair {
    let pair = EcdsaKeyPair::generate(algorithm).expect("a key");
    let spki: PublicKeyX509Der<'_> = pair.public_key().as_der().expect("DER");
    let pkcs8 = pair.to_pkcs8v1().expect("DER").as_ref().to_vec();
    let spki = spki.as_ref().to_vec();
    Pair { spki, pkcs8, sign: Box::new(move |text| pair.sign(&SystemRandom::new(), text).expect("a signature").as_ref().to_vec()) }
}

fn ed_pair() -> Pair {
    let pair = Ed25519KeyPair::generate().expect("a key");
    let spki: PublicKeyX509Der<'_> = pair.public_key().as_der().expect("DER");
    let pkcs8 = pair.to_pkcs8v1().expect("DER").as_ref().to_vec();
    let spki = spki.as_ref().to_vec();
    Pair { spki, pkcs8, sign: Box::new(move |text| pair.sign(text).as_ref().to_vec()) }
}

fn rsa_pair() -> Pair {
    let pair = lc_rsa::KeyPair::generate(lc_rsa::KeySize::Rsa2048).expect("a key");
    let spki: PublicKeyX509Der<'_> = pair.public_key().as_der().expect("DER");
    let pkcs8: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().expect("DER");
    let (spki, pkcs8) = (spki.as_ref().to_vec(), pkcs8.as_ref().to_vec());
    let sign = move |text: &[u8]| {
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature).expect("a signature");
        signature
    };
    Pair { spki, pkcs8, sign: Box::new(sign) }
}

fn pairs() -> [(KeyAlgorithm, u16, Pair); 4] {
    [
        (KeyAlgorithm::Rs256, 2_048, rsa_pair()),
        (KeyAlgorithm::Es256, 256, ec_pair(&ECDSA_P256_SHA256_FIXED_SIGNING)),
        (KeyAlgorithm::Es384, 384, ec_pair(&ECDSA_P384_SHA384_FIXED_SIGNING)),
        (KeyAlgorithm::EdDsa, 256, ed_pair()),
    ]
}

fn pem_of(label: &str, der: &[u8]) -> String {
    pem::encode(&Pem::new(label, der))
}

fn as_jwk(key: &PublicKey) -> serde_json::Value {
    serde_json::to_value(&key.jwk).expect("JSON")
}

#[test]
fn every_kind_is_read_from_every_wrapping_and_verifies() {
    for (algorithm, bits, pair) in pairs() {
        let from_pem = parse(pem_of("PUBLIC KEY", &pair.spki).as_bytes()).expect("a key");
        assert_eq!((from_pem.algorithm, from_pem.bits, from_pem.thumbprint.len()), (algorithm, bits, 43));
        assert_eq!(parse(&pair.spki).as_ref(), Ok(&from_pem), "{algorithm:?} as DER");
        let jwk = as_jwk(&from_pem).to_string();
        assert_eq!(parse(jwk.as_bytes()).as_ref(), Ok(&from_pem), "{algorithm:?} as JWK");
        let set = json!({ "keys": [as_jwk(&from_pem)] }).to_string();
        assert_eq!(parse(set.as_bytes()).as_ref(), Ok(&from_pem), "{algorithm:?} as a set of one");

        let signature = (pair.sign)(b"header.payload");
        assert!(verify(&from_pem, b"header.payload", &signature), "{algorithm:?}");
        assert!(!verify(&from_pem, b"header.payloae", &signature), "{algorithm:?}");
        assert!(!verify(&from_pem, b"header.payload", &signature[1..]), "{algorithm:?}");
        assert!(!verify(&from_pem, b"header.payload", b""), "{algorithm:?}");
    }
}

#[test]
fn the_algorithm_is_the_keys_and_no_other_verifies() {
    let all = pairs();
    for (own, _, pair) in &all {
        let key = parse(&pair.spki).expect("a key");
        for other in KeyAlgorithm::ALL.into_iter().filter(|other| other != own) {
            let bent = PublicKey { algorithm: other, ..key.clone() };
            assert!(!verify(&bent, b"text", &(pair.sign)(b"text")), "{own:?} as {other:?}");
        }
    }
}

#[test]
fn r31_private_keys_are_told_apart_from_rubbish() {
    for (algorithm, _, pair) in pairs() {
        assert_eq!(parse(&pair.pkcs8), Err(KeyProblem::PrivateKey), "{algorithm:?} as DER");
        for label in ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "OPENSSH PRIVATE KEY"] {
            assert_eq!(parse(pem_of(label, &pair.pkcs8).as_bytes()), Err(KeyProblem::PrivateKey), "{label}");
        }
        let both = pem_of("PUBLIC KEY", &pair.spki) + &pem_of("PRIVATE KEY", &pair.pkcs8);
        assert_eq!(parse(both.as_bytes()), Err(KeyProblem::PrivateKey));
        let mut jwk = as_jwk(&parse(&pair.spki).expect("a key"));
        jwk["d"] = json!("AQAB");
        assert_eq!(parse(jwk.to_string().as_bytes()), Err(KeyProblem::PrivateKey), "{algorithm:?} as JWK");
    }
    assert_eq!(parse(br#"{"kty":"oct","k":"c2VjcmV0"}"#), Err(KeyProblem::SymmetricKey));
}

#[test]
fn r31_rsa_below_2048_bits_and_odd_exponents_are_refused() {
    let rsa = |bytes: usize, e: &str| {
        let mut n = vec![0xff_u8; bytes];
        n[0] = 0x80;
        let n = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, n);
        parse(json!({ "kty": "RSA", "n": n, "e": e }).to_string().as_bytes()).map(|key| key.bits)
    };
    assert_eq!(rsa(256, "AQAB"), Ok(2_048));
    assert_eq!(rsa(1_024, "AQAB"), Ok(8_192));
    assert_eq!(rsa(255, "AQAB"), Err(KeyProblem::TooShort));
    assert_eq!(rsa(128, "AQAB"), Err(KeyProblem::TooShort));
    assert_eq!(rsa(1_025, "AQAB"), Err(KeyProblem::TooManyBits));
    for (e, why) in [("AQ", "1"), ("Aw", "3"), ("AQAA", "even"), ("AQABAQABAQAB", "huge"), ("", "none"), ("AA", "0")] {
        assert_eq!(rsa(256, e), Err(KeyProblem::OddExponent), "{why}");
    }
}

#[test]
fn other_kinds_curves_and_uses_are_named() {
    let good = as_jwk(&parse(&pairs()[1].2.spki).expect("a key"));
    let with = |name: &str, value: serde_json::Value| {
        let mut jwk = good.clone();
        jwk[name] = value;
        parse(jwk.to_string().as_bytes()).map(|_| ())
    };
    assert_eq!(with("use", json!("sig")), Ok(()));
    assert_eq!(with("use", json!("enc")), Err(KeyProblem::OtherUse));
    assert_eq!(with("alg", json!("ES256")), Ok(()));
    assert_eq!(with("alg", json!("RS256")), Err(KeyProblem::OtherUse));
    assert_eq!(with("alg", json!("none")), Err(KeyProblem::OtherUse));
    assert_eq!(with("key_ops", json!(["verify"])), Ok(()));
    assert_eq!(with("key_ops", json!(["sign"])), Err(KeyProblem::OtherUse));
    assert_eq!(with("crv", json!("P-521")), Err(KeyProblem::UnknownKind));
    assert_eq!(with("crv", json!("secp256k1")), Err(KeyProblem::UnknownKind));
    assert_eq!(with("kty", json!("OKP")), Err(KeyProblem::UnknownKind));
    assert_eq!(with("x", good["y"].clone()), Err(KeyProblem::BadNumbers));
    assert_eq!(with("x", json!("AQAB")), Err(KeyProblem::BadNumbers));
    assert_eq!(with("x", json!(7)), Err(KeyProblem::Unreadable));
    let twice = good.to_string().replacen('{', r#"{"kty":"EC","#, 1);
    assert_eq!(parse(twice.as_bytes()), Err(KeyProblem::Unreadable));
    let two = json!({ "keys": [good, good] }).to_string();
    assert_eq!(parse(two.as_bytes()), Err(KeyProblem::Several));
    assert_eq!(parse(b" \n "), Err(KeyProblem::Empty));
    assert_eq!(parse(b"ssh-rsa AAAAB3NzaC1yc2E me@host"), Err(KeyProblem::Unreadable));
    assert_eq!(parse(&vec![b'a'; super::MAX_INPUT + 1]), Err(KeyProblem::TooLong));
}

#[test]
fn a_certificate_gives_its_key_and_its_dates() {
    let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).expect("a key");
    let mut wish = rcgen::CertificateParams::default();
    wish.not_before = time::macros::datetime!(2026-01-01 00:00 UTC);
    wish.not_after = time::macros::datetime!(2027-01-01 00:00 UTC);
    wish.distinguished_name.push(rcgen::DnType::CommonName, "nightly sync");
    let own = wish.self_signed(&pair).expect("a certificate");
    let key = parse(own.pem().as_bytes()).expect("a key");
    assert_eq!(key, parse(own.der()).expect("the same as DER"));
    let certificate = key.certificate.as_ref().expect("its certificate");
    assert!(certificate.subject.contains("nightly sync"), "{}", certificate.subject);
    assert_eq!(certificate.sha256.len(), 64);
    let live = |at| key.is_live(at);
    assert!(!live(wish.not_before - time::Duration::SECOND), "not yet");
    assert!(live(wish.not_before));
    assert!(live(wish.not_after - time::Duration::SECOND));
    assert!(!live(wish.not_after), "at its end it is refused");
    let chain = own.pem() + &own.pem();
    assert_eq!(parse(chain.as_bytes()), Err(KeyProblem::Several));
}

#[test]
fn a_thumbprint_is_that_of_rfc_7638() {
    // RFC 7638 §3.1.
    let jwk = concat!(
        r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiF"#,
        "V4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQ",
        r#"vRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","#,
        r#""e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#
    );
    assert_eq!(parse(jwk.as_bytes()).expect("a key").thumbprint, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn whatever_is_pasted_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = parse(&bytes);
    }

    #[test]
    fn whatever_stands_between_pem_lines_is_read_or_refused(
        label in "(CERTIFICATE|PUBLIC KEY|RSA PUBLIC KEY|[A-Z ]{0,12})",
        bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let _ = parse(pem_of(&label, &bytes).as_bytes());
    }

    #[test]
    fn a_damaged_key_is_read_or_refused(at in 0_usize..91, bit in 0_u8..8) {
        let mut spki = ec_pair(&ECDSA_P256_SHA256_FIXED_SIGNING).spki;
        spki[at] ^= 1 << bit;
        if let Ok(key) = parse(&spki) {
            prop_assert!(!verify(&key, b"text", &[1; 64]));
        }
    }

    #[test]
    fn members_of_a_jwk_may_be_anything(kty in "(RSA|EC|OKP|oct|.{0,4})", crv in "(P-256|P-384|Ed25519|.{0,6})", x in ".{0,90}", y in ".{0,90}") {
        let jwk = json!({ "kty": kty, "crv": crv, "x": x, "y": y, "n": x, "e": y }).to_string();
        let _ = parse(jwk.as_bytes());
    }
}
