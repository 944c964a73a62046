//! Signatures that are not the app's (G18).

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

use crate::assertions::corpus::{Case, REFUSED, TOKEN_ONLY, made, parts, text};
use crate::assertions::{Door, Machine};
use crate::kit::signer::{Pair, b64};

pub(super) fn cases() -> Vec<Case> {
    vec![
        made("P-256", |machine, door, jti| machine.signed_by(Pair::P256.get(), door, jti, |_| ()), TOKEN_ONLY),
        made("P-384", |machine, door, jti| machine.signed_by(Pair::P384.get(), door, jti, |_| ()), TOKEN_ONLY),
        made("Ed25519", |machine, door, jti| machine.signed_by(Pair::Ed.get(), door, jti, |_| ()), TOKEN_ONLY),
        made("a key that is not the app's", |machine, door, jti| machine.signed_by(Pair::OtherRsa.get(), door, jti, |_| ()), REFUSED),
        text("one bit of the signature", |good| with_signature(good, |bytes| bytes[100] ^= 1), REFUSED),
        text(
            "a signature that is too short",
            |good| {
                with_signature(good, |bytes| {
                    bytes.pop();
                })
            },
            REFUSED,
        ),
        text("a signature that is too long", |good| with_signature(good, |bytes| bytes.push(0)), REFUSED),
        text("a signature of zeros", |good| with_signature(good, |bytes| bytes.fill(0)), REFUSED),
        text("a signature of ones", |good| with_signature(good, |bytes| bytes.fill(0xff)), REFUSED),
        text("a signature of one byte", |good| with_signature(good, |bytes| bytes.truncate(1)), REFUSED),
        text(
            "other claims under the same signature",
            |good| {
                let [header, _, signature] = parts(good);
                format!("{header}.{}.{signature}", b64(r#"{"iss":"me","sub":"me"}"#))
            },
            REFUSED,
        ),
        text(
            "another header over the same signature",
            |good| {
                let [_, payload, signature] = parts(good);
                format!("{}.{payload}.{signature}", b64(r#"{"alg":"RS256","kid":"x"}"#))
            },
            REFUSED,
        ),
        made("an EC signature under RS256", |machine, door, jti| under(machine, door, jti, Pair::P256, "RS256"), REFUSED),
        made("an Ed25519 signature under RS256", |machine, door, jti| under(machine, door, jti, Pair::Ed, "RS256"), REFUSED),
        made("a P-384 signature under ES256", |machine, door, jti| under(machine, door, jti, Pair::P384, "ES256"), REFUSED),
        made("a P-256 signature under ES384", |machine, door, jti| under(machine, door, jti, Pair::P256, "ES384"), REFUSED),
        made("an EC signature under EdDSA", |machine, door, jti| under(machine, door, jti, Pair::P256, "EdDSA"), REFUSED),
        made(
            "r and s are zero",
            |machine, door, jti| with_signature(&machine.signed_by(Pair::P256.get(), door, jti, |_| ()), |bytes| bytes.fill(0)),
            REFUSED,
        ),
        made(
            "an EC signature in DER",
            |machine, door, jti| with_signature(&machine.signed_by(Pair::P256.get(), door, jti, |_| ()), |bytes| *bytes = der(bytes)),
            REFUSED,
        ),
        made("HS256 keyed with the modulus", |machine, door, jti| hmac(machine, door, jti, "n"), REFUSED),
        made("HS256 keyed with the JWK", |machine, door, jti| hmac(machine, door, jti, "jwk"), REFUSED),
        made("HS256 keyed with the client secret", |machine, door, jti| hmac(machine, door, jti, "secret"), REFUSED),
        made("HS256 keyed with nothing", |machine, door, jti| hmac(machine, door, jti, ""), REFUSED),
    ]
}

fn with_signature(good: &str, change: impl FnOnce(&mut Vec<u8>)) -> String {
    let [header, payload, signature] = parts(good);
    let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    change(&mut bytes);
    format!("{header}.{payload}.{}", b64(bytes))
}

/// Signed with one of the app's keys under the name of another algorithm.
fn under(machine: &Machine, door: Door, jti: &str, pair: Pair, alg: &str) -> String {
    pair.get().jws(&format!(r#"{{"alg":"{alg}"}}"#), &Value::Object(machine.claims(door, jti)).to_string())
}

/// The public key, which everybody knows, in the place of a shared secret.
fn hmac(machine: &Machine, door: Door, jti: &str, what: &str) -> String {
    let jwk = serde_json::to_value(&Pair::Rsa.get().public.jwk).expect("a JWK");
    let key = match what {
        "n" => BASE64_URL_SAFE_NO_PAD.decode(jwk["n"].as_str().expect("a modulus")).expect("base64url"),
        "jwk" => jwk.to_string().into_bytes(),
        "secret" => machine.app.secret.clone().into_bytes(),
        _ => Vec::new(),
    };
    let input = format!("{}.{}", b64(r#"{"alg":"HS256"}"#), b64(Value::Object(machine.claims(door, jti)).to_string()));
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key of any length");
    mac.update(input.as_bytes());
    format!("{input}.{}", b64(mac.finalize().into_bytes()))
}

/// `SEQUENCE { INTEGER r, INTEGER s }` of a fixed signature.
fn der(fixed: &[u8]) -> Vec<u8> {
    let integer = |half: &[u8]| {
        let start = half.iter().position(|byte| *byte != 0).unwrap_or(0);
        let zero = if half[start] >= 0x80 { &[0][..] } else { &[] };
        let length = u8::try_from(half.len() - start + zero.len()).expect("a short number");
        [&[2, length], zero, &half[start..]].concat()
    };
    let (r, s) = fixed.split_at(fixed.len() / 2);
    let body = [integer(r), integer(s)].concat();
    [&[0x30, u8::try_from(body.len()).expect("a short sequence")], &*body].concat()
}
