//! What the machine can sign, by the library alone with a parsed key.

use std::time::{Duration, Instant};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_SHA256, RsaKeyPair,
};

use crate::machines::Signed;

/// RS256 signatures a second, one core's rate times the cores.
pub(crate) fn rs256_per_second() -> f64 {
    let key = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key can be made");
    let mut signature = vec![0; key.public_modulus_len()];
    let random = SystemRandom::new();
    per_second(|| key.sign(&RSA_PKCS1_SHA256, &random, &[7; 400], &mut signature).expect("signs"))
}

/// What an assertion costs at least: one verification with a parsed key and one ES256 signature; pairs of them a second, one core's
/// rate times the cores.
pub(crate) fn verified_and_signed_per_second(signed: Signed) -> f64 {
    let random = SystemRandom::new();
    let message = [7; 400];
    let own = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key can be made");
    let (public, signature) = match signed {
        Signed::Es256 => {
            let public = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, own.public_key().as_ref()).expect("its own public half");
            (public, own.sign(&random, &message).expect("signs").as_ref().to_vec())
        }
        Signed::Rs256 => {
            let key = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key can be made");
            let mut signature = vec![0; key.public_modulus_len()];
            key.sign(&RSA_PKCS1_SHA256, &random, &message, &mut signature).expect("signs");
            (ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref()).expect("its own public half"), signature)
        }
    };
    per_second(|| {
        public.verify_sig(&message, &signature).expect("verifies");
        own.sign(&random, &message).expect("signs");
    })
}

fn per_second(mut work: impl FnMut()) -> f64 {
    let (started, mut count) = (Instant::now(), 0_u32);
    while started.elapsed() < Duration::from_millis(300) {
        work();
        count += 1;
    }
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    #[expect(clippy::cast_precision_loss, reason = "a handful of cores")]
    let cores = cores as f64;
    f64::from(count) / started.elapsed().as_secs_f64() * cores
}
