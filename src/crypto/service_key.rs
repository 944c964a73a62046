//! Key pairs that are made here because somebody wants a service-credentials file (R57). The private half leaves with the answer
//! and is kept nowhere.

use rcgen::{CertificateParams, DnType, KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use time::{Duration, OffsetDateTime};
use x509_parser::asn1_rs::{FromDer as _, Integer, OctetString, Sequence};
use zeroize::Zeroizing;

use crate::crypto::public_key::{self, KeyProblem};
use crate::model::public_key::PublicKey;
use crate::secret::Secret;

/// How long its certificate is valid (R65).
pub const CERTIFICATE_LIFETIME: Duration = Duration::days(365);

/// An RSA key pair of 2048 bits with a certificate that it signed itself.
#[derive(Debug)]
pub struct ServiceKey {
    /// PKCS#1 in PEM, lines ending with CR LF.
    pub private_pem: Secret<String>,
    /// The X.509 certificate in PEM, lines ending with CR LF.
    pub certificate_pem: String,
    /// The public half with the certificate.
    pub public: PublicKey,
}

/// A key pair could not be made; the library never says why.
#[derive(Debug, thiserror::Error)]
#[error("no key pair could be made: {0}")]
pub struct NoKeyPair(String);

impl From<rcgen::Error> for NoKeyPair {
    fn from(error: rcgen::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<KeyProblem> for NoKeyPair {
    fn from(problem: KeyProblem) -> Self {
        Self(problem.to_string())
    }
}

/// Makes one for `name`, which the certificate names too. Costs about a tenth of a second of computing, off the threads that serve.
pub async fn generate(name: String, now: OffsetDateTime) -> Result<ServiceKey, NoKeyPair> {
    tokio::task::spawn_blocking(move || make(&name, now)).await.map_err(|stopped| NoKeyPair(stopped.to_string()))?
}

fn make(name: &str, now: OffsetDateTime) -> Result<ServiceKey, NoKeyPair> {
    let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?;
    let mut wish = CertificateParams::default();
    // X.509 knows whole seconds.
    wish.not_before = now.replace_nanosecond(0).unwrap_or(now);
    wish.not_after = wish.not_before + CERTIFICATE_LIFETIME;
    wish.distinguished_name.remove(DnType::CommonName);
    wish.distinguished_name.push(DnType::CommonName, name);
    let certificate = wish.self_signed(&pair)?;
    let pkcs8 = Zeroizing::new(pair.serialize_der());
    let pkcs1 = pkcs1(&pkcs8).ok_or_else(|| NoKeyPair("the private key has an unknown form".to_owned()))?;
    Ok(ServiceKey {
        private_pem: Secret::new(pem_of("RSA PRIVATE KEY", &pkcs1)),
        certificate_pem: pem_of("CERTIFICATE", certificate.der()),
        public: public_key::parse(certificate.der())?,
    })
}

/// The PKCS#1 private key within PKCS#8 (RFC 5208 §5): version, algorithm, and the key as an octet string.
fn pkcs1(pkcs8: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (_, info) = Sequence::from_der(pkcs8).ok()?;
    let (rest, _) = Integer::from_der(&info.content).ok()?;
    let (rest, _) = Sequence::from_der(rest).ok()?;
    let (_, key) = OctetString::from_der(rest).ok()?;
    Some(Zeroizing::new(key.as_ref().to_vec()))
}

fn pem_of(label: &str, der: &[u8]) -> String {
    pem::encode_config(&pem::Pem::new(label, der), pem::EncodeConfig::new().set_line_ending(pem::LineEnding::CRLF))
}

#[cfg(test)]
mod tests;
