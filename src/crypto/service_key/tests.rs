//! What stands in a service-credentials file fits together.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use time::Duration;
use time::macros::datetime;

use super::generate;
use crate::crypto::public_key::{parse, verify};

#[tokio::test]
async fn r57_r65_the_private_half_signs_what_the_certificate_verifies_for_365_days() {
    let now = datetime!(2026-03-01 12:00:00.5 UTC);
    let made = generate("9xk3".to_owned(), now).await.expect("a key pair");
    let private = made.private_pem.expose();
    assert!(private.starts_with("-----BEGIN RSA PRIVATE KEY-----\r\n") && private.ends_with("-----END RSA PRIVATE KEY-----\r\n"));
    assert!(made.certificate_pem.starts_with("-----BEGIN CERTIFICATE-----\r\n"));
    for text in [private, &made.certificate_pem] {
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "every line ends with CR LF");
    }
    let pair = KeyPair::from_der(pem::parse(private).expect("PEM").contents()).expect("PKCS#1");
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), b"text", &mut signature).expect("a signature");
    let key = parse(made.certificate_pem.as_bytes()).expect("a certificate");
    assert!(verify(&key, b"text", &signature));
    assert_eq!((key.bits, &key), (2_048, &made.public));
    assert!(key.is_live(now) && key.is_live(now + Duration::days(364)));
    assert!(!key.is_live(now + Duration::days(365)));
    let again = generate("9xk3".to_owned(), now).await.expect("a key pair");
    assert_ne!(again.public.thumbprint, key.thumbprint);
}
