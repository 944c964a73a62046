//! Keys as JWK (RFC 7517).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{KeyProblem, ec, ed25519, rsa};
use crate::model::public_key::{KeyAlgorithm, PublicKey};

/// A JWK as it may come; a member given twice or of a wrong type refuses it, unknown ones are ignored (RFC 7517 §4).
#[derive(Deserialize)]
pub(super) struct Sent {
    kty: String,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    // Private members (RFC 7518 §6.2.2, §6.3.2, §6.4): of any type, for their being there is enough.
    d: Option<IgnoredAny>,
    p: Option<IgnoredAny>,
    q: Option<IgnoredAny>,
    dp: Option<IgnoredAny>,
    dq: Option<IgnoredAny>,
    qi: Option<IgnoredAny>,
    oth: Option<IgnoredAny>,
    k: Option<IgnoredAny>,
}

/// A set, from which a single key is taken.
#[derive(Deserialize)]
struct SentSet {
    keys: Vec<Sent>,
}

/// Reads a JWK, or a JWK set that has exactly one key.
pub fn parse_jwk(text: &str) -> Result<PublicKey, KeyProblem> {
    if let Ok(set) = serde_json::from_str::<SentSet>(text) {
        // A private key among several is still a private key that was sent.
        set.keys.iter().try_for_each(check_public)?;
        return match set.keys.as_slice() {
            [one] => read(one),
            [] => Err(KeyProblem::Unreadable),
            _ => Err(KeyProblem::Several),
        };
    }
    read(&serde_json::from_str(text).map_err(|_| KeyProblem::Unreadable)?)
}

pub(super) fn read(sent: &Sent) -> Result<PublicKey, KeyProblem> {
    check_public(sent)?;
    let key = match (sent.kty.as_str(), sent.crv.as_deref()) {
        ("RSA", _) => rsa(&number(sent.n.as_deref())?, &number(sent.e.as_deref())?)?,
        ("EC", Some("P-256")) => ec(KeyAlgorithm::Es256, &point(sent)?)?,
        ("EC", Some("P-384")) => ec(KeyAlgorithm::Es384, &point(sent)?)?,
        ("OKP", Some("Ed25519")) => ed25519(&number(sent.x.as_deref())?)?,
        _ => return Err(KeyProblem::UnknownKind),
    };
    check_use(sent, key.algorithm)?;
    Ok(key)
}

fn check_public(sent: &Sent) -> Result<(), KeyProblem> {
    if sent.kty == "oct" || sent.k.is_some() {
        return Err(KeyProblem::SymmetricKey);
    }
    let private = [&sent.d, &sent.p, &sent.q, &sent.dp, &sent.dq, &sent.qi, &sent.oth];
    if private.iter().any(|member| member.is_some()) { Err(KeyProblem::PrivateKey) } else { Ok(()) }
}

/// What the key says about its own use must fit (RFC 7517 §4.2-4.4).
fn check_use(sent: &Sent, algorithm: KeyAlgorithm) -> Result<(), KeyProblem> {
    let usage = sent.usage.as_deref().is_none_or(|usage| usage == "sig");
    let operations = sent.key_ops.as_ref().is_none_or(|all| all.iter().any(|one| one == "verify"));
    // RFC 9864 renames EdDSA over Ed25519 to Ed25519.
    let fits = |name: &str| name == algorithm.as_str() || (algorithm == KeyAlgorithm::EdDsa && name == "Ed25519");
    if usage && operations && sent.alg.as_deref().is_none_or(fits) { Ok(()) } else { Err(KeyProblem::OtherUse) }
}

fn number(member: Option<&str>) -> Result<Vec<u8>, KeyProblem> {
    URL_SAFE_NO_PAD.decode(member.ok_or(KeyProblem::Unreadable)?).map_err(|_| KeyProblem::Unreadable)
}

fn point(sent: &Sent) -> Result<Vec<u8>, KeyProblem> {
    let (x, y) = (number(sent.x.as_deref())?, number(sent.y.as_deref())?);
    if x.len() == y.len() { Ok([&[4], x.as_slice(), y.as_slice()].concat()) } else { Err(KeyProblem::BadNumbers) }
}
