//! Machines that sign: assertions at the token endpoint and at an exchange. Each assertion is shown once, as replays are refused; the
//! exchange takes one without `jti` as often as it likes.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use grantor::clock::{Clock as _, SystemClock};
use serde_json::{Value, json};

/// How an assertion is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signed {
    /// With the app's P-256 key.
    Es256,
    /// With the app's RSA key of 2048 bits.
    Rs256,
}

/// The private keys of the machine app, and who it is.
pub(crate) struct Signer {
    ec: EcdsaKeyPair,
    rsa: rsa::KeyPair,
    issuer: String,
    client_id: String,
    org: String,
}

impl Signer {
    /// New keys for the client.
    pub(crate) fn generate(issuer: &str, client_id: &str, org: &str) -> anyhow::Result<Self> {
        let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
        let rsa = rsa::KeyPair::generate(rsa::KeySize::Rsa2048)?;
        Ok(Self { ec, rsa, issuer: issuer.to_owned(), client_id: client_id.to_owned(), org: org.to_owned() })
    }

    /// The public halves as JWKs.
    pub(crate) fn jwks(&self) -> [Value; 2] {
        let point = self.ec.public_key().as_ref();
        let key = self.rsa.public_key();
        let (n, e) = (key.modulus().big_endian_without_leading_zero(), key.exponent().big_endian_without_leading_zero());
        [
            json!({ "kty": "EC", "crv": "P-256", "x": b64(&point[1..33]), "y": b64(&point[33..]) }),
            json!({ "kty": "RSA", "n": b64(n), "e": b64(e) }),
        ]
    }

    /// Token requests with the grant `jwt-bearer`, each with an assertion of its own.
    pub(crate) fn bearer_forms(&self, signed: Signed, count: usize) -> anyhow::Result<Vec<String>> {
        let form = |assertion| format!("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&scope=es&assertion={assertion}");
        self.each_once(signed, "bearer", count, form)
    }

    /// Client-credentials requests of the client that proves itself by an assertion.
    pub(crate) fn client_forms(&self, signed: Signed, count: usize) -> anyhow::Result<Vec<String>> {
        let form = |assertion| {
            let kind = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
            format!("grant_type=client_credentials&scope=es&client_assertion_type={kind}&client_assertion={assertion}")
        };
        self.each_once(signed, "client", count, form)
    }

    /// The assertion for the IMS exchange, good for an hour and as often as one likes.
    pub(crate) fn exchange_assertion(&self) -> anyhow::Result<String> {
        let host = self.issuer.replacen("http://", "https://", 1);
        let claims = json!({
            "iss": self.org, "sub": self.client_id, "aud": format!("{host}/c/{}", self.client_id), "exp": now() + 3_600,
            (format!("{host}/s/es")): true,
        });
        self.jws(Signed::Rs256, &claims)
    }

    fn each_once(&self, signed: Signed, use_of: &str, count: usize, form: impl Fn(String) -> String) -> anyhow::Result<Vec<String>> {
        let (now, batch) = (now(), SystemClock.now().unix_timestamp_nanos());
        let assertion = |number| {
            let jti = format!("{use_of} {signed:?} {batch} {number}");
            self.jws(signed, &json!({ "iss": self.client_id, "sub": self.client_id, "aud": self.issuer, "exp": now + 600, "jti": jti }))
        };
        (0..count).map(|number| assertion(number).map(&form)).collect()
    }

    fn jws(&self, signed: Signed, claims: &Value) -> anyhow::Result<String> {
        let random = SystemRandom::new();
        let header = if signed == Signed::Es256 { r#"{"alg":"ES256"}"# } else { r#"{"alg":"RS256"}"# };
        let input = format!("{}.{}", b64(header.as_bytes()), b64(claims.to_string().as_bytes()));
        let signature = match signed {
            Signed::Es256 => self.ec.sign(&random, input.as_bytes())?.as_ref().to_vec(),
            Signed::Rs256 => {
                let mut signature = vec![0; self.rsa.public_modulus_len()];
                self.rsa.sign(&RSA_PKCS1_SHA256, &random, input.as_bytes(), &mut signature)?;
                signature
            }
        };
        Ok(format!("{input}.{}", b64(&signature)))
    }
}

fn now() -> i64 {
    SystemClock.now().unix_timestamp()
}

fn b64(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
