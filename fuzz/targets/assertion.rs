//! The reader of assertions: whatever comes, it refuses with a clean sentence or says what every other reader of JWTs would say.
//!
//! The input is tried as it stands, and, split at its first zero byte, as header and claims of an assertion, so that a fuzzer need
//! not invent base64url.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantor::model::ids::OrgId;
use grantor::model::policy::BadSignature;
use grantor::protocol::assertion::claims::{self, Facts};
use grantor::protocol::assertion::jws::{MAX_LEN, named_client};
use grantor::protocol::assertion::{Assertion, Fault, Profile};
use serde_json::Value;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

const NOW: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);
const CLIENT: &str = "k3v9q2m7x4t8w1r6z5n0b2c9d7";

/// Tries one input.
pub(crate) fn run(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        read(text);
    }
    let zero = bytes.iter().position(|byte| *byte == 0);
    if let Some((header, payload)) = zero.map(|at| (&bytes[..at], &bytes[at + 1..])) {
        let encode = |part| URL_SAFE_NO_PAD.encode(part);
        read(&format!("{}.{}.c2lnbmF0dXJl", encode(header), encode(payload)));
    }
}

fn read(text: &str) {
    for profile in Profile::ALL {
        let _ = named_client(profile, text);
        match Assertion::read(profile, text) {
            Ok(assertion) => is_what_others_read(profile, text, &assertion),
            Err(fault) => is_clean(profile, &fault),
        }
    }
}

fn is_what_others_read(profile: Profile, text: &str, assertion: &Assertion<'_>) {
    assert!(text.len() <= MAX_LEN);
    // There is one text for what was read: nothing stray was skipped.
    let signature = URL_SAFE_NO_PAD.encode(&assertion.signature);
    assert_eq!(format!("{}.{signature}", assertion.signing_input), text);
    assert!(!assertion.signature.is_empty());
    for (part, members) in assertion.signing_input.split('.').zip([&assertion.header, &assertion.claims]) {
        let bytes = URL_SAFE_NO_PAD.decode(part).expect("it was decoded before");
        let other: Value = serde_json::from_slice(&bytes).expect("it was JSON before");
        assert_eq!(other.as_object(), Some(members));
    }
    assert!(!assertion.header.contains_key("crit"));
    assert_eq!(assertion.header.get("alg").and_then(Value::as_str), Some(assertion.algorithm.as_str()));
    assert!(profile.algorithms().contains(&assertion.algorithm));
    for legacy_audience in [false, true] {
        let facts = facts(profile, legacy_audience);
        match claims::check(assertion, &facts) {
            Ok(accepted) => {
                assert!(NOW < accepted.expires_at && accepted.expires_at <= NOW + facts.most);
                assert!(!accepted.subject.is_empty());
                assert!(profile.is_exchange() || accepted.once.is_some());
                assert_eq!(profile == Profile::ImsExchange, !accepted.metascopes.is_empty());
                assert!(assertion.claims.get("exp").is_some_and(Value::is_number));
            }
            Err(fault) => is_clean(profile, &fault),
        }
    }
}

/// What is said to the client is plain ASCII that no header or JSON text needs to escape (RFC 6749 §5.2), and none of the input.
fn is_clean(profile: Profile, fault: &Fault) {
    for bad_signature in [BadSignature::InvalidToken, BadSignature::InvalidSignature] {
        let refusal = fault.refusal(profile, bad_signature);
        for text in [refusal.description, refusal.cause] {
            assert!(text.bytes().all(|byte| matches!(byte, 0x20..=0x7e) && byte != b'"' && byte != b'\\'), "{text}");
        }
    }
}

const fn facts(profile: Profile, legacy_audience: bool) -> Facts<'static> {
    Facts {
        profile,
        now: NOW,
        issuer: "https://auth.example.test",
        client_id: CLIENT,
        org: OrgId(Uuid::from_u128(1)),
        acts_as: CLIENT,
        legacy_audience,
        most: Duration::hours(24),
        skew: Duration::seconds(60),
    }
}
