//! Key pairs of apps: what they sign with, and the public half that the server knows.

use std::sync::OnceLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use grantor::crypto::public_key;
use grantor::db;
use grantor::model::credential::{Credential, CredentialKind};
use grantor::model::ids::{CredentialId, TechnicalAccountId};
use grantor::model::public_key::PublicKey;
use serde_json::{Value, json};

use crate::kit::world::{App, World};

/// A key pair of an app.
pub(crate) struct Signer {
    private: Private,
    /// What the app registers.
    pub(crate) public: PublicKey,
}

enum Private {
    Rsa(Box<rsa::KeyPair>),
    Ec(Box<EcdsaKeyPair>),
    Ed(Box<Ed25519KeyPair>),
}

/// Which of the key pairs of this test run; making an RSA pair takes long, so they are made once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pair {
    /// RSA 2048.
    Rsa,
    /// Another RSA 2048.
    OtherRsa,
    /// P-256.
    P256,
    /// P-384.
    P384,
    /// Ed25519.
    Ed,
}

impl Pair {
    /// The pair itself.
    pub(crate) fn get(self) -> &'static Signer {
        static PAIRS: [OnceLock<Signer>; 5] = [const { OnceLock::new() }; 5];
        PAIRS[self as usize].get_or_init(|| self.make())
    }

    fn make(self) -> Signer {
        let (private, jwk) = match self {
            Self::Rsa | Self::OtherRsa => {
                let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).expect("an RSA key");
                let (n, e) = {
                    let public = pair.public_key();
                    (b64(public.modulus().big_endian_without_leading_zero()), b64(public.exponent().big_endian_without_leading_zero()))
                };
                (Private::Rsa(Box::new(pair)), json!({ "kty": "RSA", "n": n, "e": e }))
            }
            Self::P256 | Self::P384 => {
                let (curve, crv, size) = match self {
                    Self::P256 => (&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256", 32),
                    _ => (&ECDSA_P384_SHA384_FIXED_SIGNING, "P-384", 48),
                };
                let pair = EcdsaKeyPair::generate(curve).expect("an EC key");
                let point = pair.public_key().as_ref()[1..].to_vec();
                let jwk = json!({ "kty": "EC", "crv": crv, "x": b64(&point[..size]), "y": b64(&point[size..]) });
                (Private::Ec(Box::new(pair)), jwk)
            }
            Self::Ed => {
                let pair = Ed25519KeyPair::generate().expect("an Ed25519 key");
                let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": b64(pair.public_key().as_ref()) });
                (Private::Ed(Box::new(pair)), jwk)
            }
        };
        let public = public_key::parse(jwk.to_string().as_bytes()).expect("a key that may be registered");
        Signer { private, public }
    }
}

impl Signer {
    /// The signature over any bytes, by the algorithm of this key.
    pub(crate) fn signature(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.private {
            Private::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).expect("a signature");
                signature
            }
            Private::Ec(pair) => pair.sign(&random, message).expect("a signature").as_ref().to_vec(),
            Private::Ed(pair) => pair.try_sign(message).expect("a signature").as_ref().to_vec(),
        }
    }

    /// A compact JWS of any header and payload text.
    pub(crate) fn jws(&self, header: &str, payload: &str) -> String {
        let input = format!("{}.{}", b64(header), b64(payload));
        let signature = b64(self.signature(input.as_bytes()));
        format!("{input}.{signature}")
    }

    /// An assertion of these claims with nothing but `alg` and `typ` in its header.
    pub(crate) fn assertion(&self, claims: &Value) -> String {
        self.jws(&json!({ "alg": self.public.algorithm.as_str(), "typ": "JWT" }).to_string(), &claims.to_string())
    }
}

/// Base64url without padding.
pub(crate) fn b64(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

impl World {
    /// Registers the public half with the app, as what acts as the client itself.
    pub(crate) async fn signer(&self, app: &App, pair: Pair) -> CredentialId {
        self.signer_of(app, pair, None, |_| ()).await
    }

    /// The same for a technical account, and changed before it is stored.
    pub(crate) async fn signer_of(
        &self,
        app: &App,
        pair: Pair,
        account: Option<TechnicalAccountId>,
        change: impl FnOnce(&mut PublicKey),
    ) -> CredentialId {
        let mut key = pair.get().public.clone();
        change(&mut key);
        let id = CredentialId(self.deps.entropy.uuid(self.now()));
        let credential = Credential {
            id,
            kind: CredentialKind::Key(Box::new(key)),
            note: String::new(),
            created_at: self.now(),
            created_by: None,
            expires_at: None,
            technical_account: account,
            paired_key: None,
            last_use: None,
        };
        let org = self.record(app).await.client.org;
        let mut connection = self.deps.db.acquire().await.expect("a connection");
        db::credentials::insert(&mut connection, org, app.key, &credential).await.expect("a key is added");
        self.deps.clients.forget_all();
        id
    }
}
