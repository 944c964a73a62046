//! One signing key, opened: parsed once, signs and verifies by aws-lc-rs without parsing again.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256,
};
use zeroize::Zeroizing;

use crate::crypto::jwks::{Jwk, PublicMembers};
use crate::model::signing_key::Algorithm;

/// The library refused a key or an operation; it never says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refused;

/// A key pair with its public half ready to verify.
pub(super) struct KeyPair {
    private: Private,
    public: ParsedPublicKey,
    jwk: Jwk,
}

enum Private {
    Es256(Box<EcdsaKeyPair>),
    Rs256(Box<rsa::KeyPair>),
    EdDsa(Box<Ed25519KeyPair>),
}

impl KeyPair {
    /// A new private key as PKCS#8.
    pub(super) fn generate_pkcs8(algorithm: Algorithm) -> Result<Zeroizing<Vec<u8>>, Refused> {
        use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
        let random = SystemRandom::new();
        let document = match algorithm {
            Algorithm::Es256 => EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)?.as_ref().to_vec(),
            Algorithm::EdDsa => Ed25519KeyPair::generate_pkcs8(&random)?.as_ref().to_vec(),
            Algorithm::Rs256 => {
                let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048)?;
                let der: Pkcs8V1Der<'_> = pair.as_der()?;
                der.as_ref().to_vec()
            }
        };
        Ok(Zeroizing::new(document))
    }

    /// Opens a private key of `algorithm`; its public half comes from it and from nowhere else.
    pub(super) fn from_pkcs8(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Self, Refused> {
        let (private, public, members) = match algorithm {
            Algorithm::Es256 => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)?;
                let point = pair.public_key().as_ref();
                let members = PublicMembers::p256(point).ok_or(Refused)?;
                let public = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)?;
                (Private::Es256(Box::new(pair)), public, members)
            }
            Algorithm::EdDsa => {
                let pair = Ed25519KeyPair::from_pkcs8(pkcs8)?;
                let key = pair.public_key().as_ref();
                let (public, members) = (ParsedPublicKey::new(&ED25519, key)?, PublicMembers::ed25519(key));
                (Private::EdDsa(Box::new(pair)), public, members)
            }
            Algorithm::Rs256 => {
                let pair = rsa::KeyPair::from_pkcs8(pkcs8)?;
                let key = pair.public_key();
                let members =
                    PublicMembers::rsa(key.modulus().big_endian_without_leading_zero(), key.exponent().big_endian_without_leading_zero());
                let public = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.as_ref())?;
                (Private::Rs256(Box::new(pair)), public, members)
            }
        };
        Ok(Self { private, public, jwk: Jwk::new(members, algorithm) })
    }

    /// The public half with its thumbprint.
    pub(super) fn jwk(&self) -> &Jwk {
        &self.jwk
    }

    /// Signs; ECDSA in the fixed form `r || s` (RFC 7518 §3.4).
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Refused> {
        let random = SystemRandom::new();
        match &self.private {
            Private::Es256(pair) => Ok(pair.sign(&random, message)?.as_ref().to_vec()),
            Private::EdDsa(pair) => Ok(pair.try_sign(message)?.as_ref().to_vec()),
            Private::Rs256(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)?;
                Ok(signature)
            }
        }
    }

    /// Whether `signature` is this key's over `message`.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.public.verify_sig(message, signature).is_ok()
    }
}

impl From<aws_lc_rs::error::Unspecified> for Refused {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self
    }
}

impl From<aws_lc_rs::error::KeyRejected> for Refused {
    fn from(_: aws_lc_rs::error::KeyRejected) -> Self {
        Self
    }
}
