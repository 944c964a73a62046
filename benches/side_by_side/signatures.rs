//! What the machine can sign, by the library alone with a parsed key.

use std::time::{Duration, Instant};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};

/// RS256 signatures a second, one core's rate times the cores.
pub(crate) fn rs256_per_second() -> f64 {
    let key = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key can be made");
    let mut signature = vec![0; key.public_modulus_len()];
    let random = SystemRandom::new();
    let (started, mut count) = (Instant::now(), 0_u32);
    while started.elapsed() < Duration::from_millis(300) {
        key.sign(&RSA_PKCS1_SHA256, &random, &[7; 400], &mut signature).expect("signs");
        count += 1;
    }
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    #[expect(clippy::cast_precision_loss, reason = "a handful of cores")]
    let cores = cores as f64;
    f64::from(count) / started.elapsed().as_secs_f64() * cores
}
