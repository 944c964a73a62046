//! Key pairs of apps, and their certificates.

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use grantor::crypto::public_key;
use grantor::db;
use grantor::model::credential::{Credential, CredentialKind};
use grantor::model::ids::CredentialId;
use time::OffsetDateTime;

use crate::kit::world::{App, World};

/// An ES256 key pair.
pub(crate) struct TestKey {
    /// Its row, if an app has it.
    pub(crate) id: CredentialId,
    /// Its public half as PEM (SPKI).
    pub(crate) pem: String,
    /// RFC 7638.
    pub(crate) thumbprint: String,
    pair: EcdsaKeyPair,
}

impl TestKey {
    /// A new pair that no app has.
    pub(crate) fn generate() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key pair");
        let spki: PublicKeyX509Der<'_> = pair.public_key().as_der().expect("DER");
        let pem = pem::encode(&pem::Pem::new("PUBLIC KEY", spki.as_ref()));
        let thumbprint = public_key::parse(pem.as_bytes()).expect("a key").thumbprint;
        Self { id: CredentialId(uuid::Uuid::nil()), pem, thumbprint, pair }
    }

    /// Its private half as PEM (PKCS#8).
    pub(crate) fn private_pem(&self) -> String {
        pem::encode(&pem::Pem::new("PRIVATE KEY", self.pair.to_pkcs8v1().expect("DER").as_ref()))
    }

    /// An ES256 signature in the fixed form.
    pub(crate) fn sign(&self, text: &[u8]) -> Vec<u8> {
        self.pair.sign(&SystemRandom::new(), text).expect("a signature").as_ref().to_vec()
    }

    /// A certificate of this key that it signed itself, as PEM.
    pub(crate) fn certificate(&self, not_before: OffsetDateTime, not_after: OffsetDateTime) -> String {
        let pair = rcgen::KeyPair::from_pem(&self.private_pem()).expect("a key pair");
        let mut wish = rcgen::CertificateParams::default();
        (wish.not_before, wish.not_after) = (not_before, not_after);
        wish.distinguished_name.push(rcgen::DnType::CommonName, "nightly sync");
        wish.self_signed(&pair).expect("a certificate").pem()
    }
}

impl World {
    /// A key of `app`, written straight into the database.
    pub(crate) async fn key(&self, app: &App) -> TestKey {
        let key = TestKey::generate();
        let id = CredentialId(self.deps.entropy.uuid(self.now()));
        let credential = Credential {
            id,
            kind: CredentialKind::Key(Box::new(public_key::parse(key.pem.as_bytes()).expect("a key"))),
            note: String::new(),
            created_at: self.now(),
            created_by: None,
            expires_at: None,
            technical_account: None,
            paired_key: None,
            last_use: None,
        };
        let org = self.record(app).await.client.org;
        let mut connection = self.deps.db.acquire().await.expect("a connection");
        db::credentials::insert(&mut connection, org, app.key, &credential).await.expect("a key is added");
        self.deps.clients.forget(&app.client_id);
        TestKey { id, ..key }
    }
}
