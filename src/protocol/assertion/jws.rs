//! An assertion taken apart (RFC 7515 §3.1, §4, §5.2), strictly: nothing that two readers could read in two ways.
//!
//! The checks, in order; none of them needs to know who is asking:
//!
//! 1. at most [`MAX_LEN`] bytes ([`Check::Size`])
//! 2. three base64url parts without padding, white space or stray bits, none of them empty ([`Check::Form`])
//! 3. the header is one JSON object whose members each appear once ([`Check::Header`])
//! 4. so are the claims ([`Check::Payload`])
//! 5. no `crit`: we understand no extension (RFC 7515 §4.1.11; [`Check::Critical`])
//! 6. `typ` is absent, `JWT`, or the one made for this use ([`Check::Type`])
//! 7. `alg` is one that a registered key can have ([`Check::Algorithm`]); which key decides, never the header
//!
//! `jwk`, `jku`, `x5u` and `x5c` are not looked at: keys come from the app's registration alone (G19).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::model::public_key::KeyAlgorithm;
use crate::protocol::assertion::fault::Flaw;
use crate::protocol::assertion::{Check, Fault, Profile};
use crate::wire::json::{self, NoObject};

/// The longest assertion that is looked at, in bytes; usual ones have less than one KiB.
pub const MAX_LEN: usize = 16 * 1024;

/// An assertion whose signature is not checked yet: nothing in it is believed.
#[derive(Debug, Clone, PartialEq)]
pub struct Assertion<'t> {
    /// Header and payload as signed.
    pub signing_input: &'t str,
    /// The signature's bytes.
    pub signature: Vec<u8>,
    /// The protected header.
    pub header: Map<String, Value>,
    /// The claims.
    pub claims: Map<String, Value>,
    /// What `alg` says; compared with the registered key's.
    pub algorithm: KeyAlgorithm,
}

impl<'t> Assertion<'t> {
    /// Takes `text` apart, as far as `profile` lets it.
    pub fn read(profile: Profile, text: &'t str) -> Result<Self, Fault> {
        let parts = Parts::split(text)?;
        check_critical(&parts.header)?;
        check_type(profile, &parts.header)?;
        let algorithm = check_algorithm(profile, &parts.header)?;
        let Parts { signing_input, signature, header, claims } = parts;
        Ok(Self { signing_input, signature, header, claims, algorithm })
    }

    /// Which of its keys the client says it used (RFC 7515 §4.1.4): a hint for the order of trying, no more.
    pub fn kid(&self) -> Option<&str> {
        self.header.get("kid").and_then(Value::as_str)
    }
}

/// The parts, decoded.
#[derive(Debug)]
pub struct Parts<'t> {
    /// Header and payload as signed.
    pub signing_input: &'t str,
    /// The signature's bytes.
    pub signature: Vec<u8>,
    /// The protected header.
    pub header: Map<String, Value>,
    /// The claims.
    pub claims: Map<String, Value>,
}

impl<'t> Parts<'t> {
    /// The first four checks.
    pub fn split(text: &'t str) -> Result<Self, Fault> {
        if text.len() > MAX_LEN {
            return Err(Fault::new(Check::Size, Flaw::Wrong, "The assertion is longer than 16 KiB."));
        }
        let malformed = |cause| Fault::new(Check::Form, Flaw::Malformed, cause);
        let dots = text.bytes().filter(|byte| *byte == b'.').count();
        let not_three = malformed("The assertion is not three parts joined by dots.");
        let (signing_input, signature) = text.rsplit_once('.').filter(|_| dots == 2).ok_or(not_three)?;
        let (header, claims) = signing_input.split_once('.').ok_or(not_three)?;
        if header.is_empty() || claims.is_empty() {
            return Err(malformed("A part of the assertion is empty."));
        }
        if signature.is_empty() {
            return Err(malformed("The assertion is not signed."));
        }
        let decode =
            |part| URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed("A part of the assertion is not base64url without padding."));
        let (header, claims, signature) = (decode(header)?, decode(claims)?, decode(signature)?);
        let header = json::object(&header).map_err(|what| Fault::new(Check::Header, Flaw::Malformed, header_cause(what)))?;
        let claims = json::object(&claims).map_err(|what| Fault::new(Check::Payload, Flaw::Malformed, payload_cause(what)))?;
        Ok(Self { signing_input, signature, header, claims })
    }
}

/// The client that an assertion names when the request names none: its `sub`, or `iss` where `sub` is somebody else
/// (RFC 7521 §4.2); unproved. `None` when it cannot be read that far.
pub fn named_client(profile: Profile, text: &str) -> Option<String> {
    let parts = Parts::split(text).ok()?;
    let claim = if profile == Profile::ClientAuthentication { "sub" } else { "iss" };
    parts.claims.get(claim).and_then(Value::as_str).map(str::to_owned)
}

const fn header_cause(what: NoObject) -> &'static str {
    match what {
        NoObject::Syntax => "The header of the assertion is not JSON.",
        NoObject::Repeated => "A member of the header of the assertion appears twice.",
        NoObject::AnotherType => "The header of the assertion is not a JSON object.",
    }
}

const fn payload_cause(what: NoObject) -> &'static str {
    match what {
        NoObject::Syntax => "The claims of the assertion are not JSON.",
        NoObject::Repeated => "A claim of the assertion appears twice.",
        NoObject::AnotherType => "The claims of the assertion are not a JSON object.",
    }
}

fn check_critical(header: &Map<String, Value>) -> Result<(), Fault> {
    if header.contains_key("crit") {
        return Err(Fault::new(Check::Critical, Flaw::Wrong, "The header has crit, and this server understands no extension."));
    }
    Ok(())
}

fn check_type(profile: Profile, header: &Map<String, Value>) -> Result<(), Fault> {
    let Some(sent) = header.get("typ") else { return Ok(()) };
    let Some(text) = sent.as_str() else { return Err(Fault::new(Check::Type, Flaw::WrongType, "The typ of the header is not a string.")) };
    // A media type: without regard to case, its application/ may be left out (RFC 7515 §4.1.9).
    let lower = text.to_ascii_lowercase();
    let short = lower.strip_prefix("application/").unwrap_or(&lower);
    if short == "jwt" || profile.own_type() == Some(short) {
        Ok(())
    } else {
        Err(Fault::new(Check::Type, Flaw::Wrong, "The typ of the header is that of another kind of JWT."))
    }
}

fn check_algorithm(profile: Profile, header: &Map<String, Value>) -> Result<KeyAlgorithm, Fault> {
    let fault = |flaw, cause| Err(Fault::new(Check::Algorithm, flaw, cause));
    let name = match header.get("alg") {
        None => return fault(Flaw::Missing, "The header has no alg."),
        Some(Value::String(name)) => name.as_str(),
        Some(_) => return fault(Flaw::WrongType, "The alg of the header is not a string."),
    };
    match profile.algorithms().iter().copied().find(|known| known.as_str() == name) {
        Some(known) => Ok(known),
        None if name.eq_ignore_ascii_case("none") => fault(Flaw::Wrong, "The assertion says it is not signed: alg is none."),
        None if name.starts_with("HS") => fault(Flaw::Wrong, "The alg is one of shared secrets; assertions are signed with a private key."),
        None if profile.is_exchange() => fault(Flaw::Wrong, "The alg must be RS256 here."),
        None => fault(Flaw::Wrong, "The alg must be RS256, ES256, ES384 or EdDSA."),
    }
}
