//! The same checks told one by one, for people who look for the one that fails: every check in order, passed, failed or not
//! reached, with what was expected and what came.

use serde_json::Value;
use time::OffsetDateTime;

use crate::model::client::ClientRecord;
use crate::protocol::assertion::claims::{Facts, audiences, metascope_prefix, seconds};
use crate::protocol::assertion::jws::{MAX_LEN, Parts};
use crate::protocol::assertion::{Check, Fault, Profile};

/// The most characters of a value that came which are shown.
const SHOWN: usize = 120;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// As it should be.
    Passed,
    /// This is what the door would refuse it for.
    Failed,
    /// An earlier check failed.
    NotReached,
}

impl Outcome {
    /// The word of the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotReached => "not_reached",
        }
    }
}

/// One check with its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Which.
    pub check: Check,
    /// How it ended.
    pub outcome: Outcome,
    /// What would have been right.
    pub expected: String,
    /// What came, cut to a readable length; empty when nothing did, or when it was not looked at.
    pub came: String,
    /// What is wrong, when it failed.
    pub cause: Option<&'static str>,
    /// By how many seconds.
    pub seconds_off: Option<i64>,
}

/// Every check that `profile` has, given that the first to fail was `fault`.
pub fn steps(text: &str, record: &ClientRecord, facts: &Facts<'_>, fault: Option<&Fault>) -> Vec<Step> {
    let parts = Parts::split(text).ok();
    let failed = fault.map(|fault| fault.check);
    Check::ORDER
        .into_iter()
        .filter(|check| check.applies(facts.profile))
        .map(|check| {
            let outcome = match failed {
                Some(first) if check == first => Outcome::Failed,
                Some(first) if place(check) > place(first) => Outcome::NotReached,
                _ => Outcome::Passed,
            };
            let reached = outcome != Outcome::NotReached;
            let fault = fault.filter(|_| outcome == Outcome::Failed);
            Step {
                check,
                outcome,
                expected: expected(check, record, facts),
                came: if reached { came(check, text, parts.as_ref(), facts) } else { String::new() },
                cause: fault.map(|fault| fault.cause),
                seconds_off: fault.and_then(|fault| fault.seconds_off),
            }
        })
        .collect()
}

fn place(check: Check) -> usize {
    Check::ORDER.iter().position(|own| *own == check).unwrap_or(Check::ORDER.len())
}

fn expected(check: Check, record: &ClientRecord, facts: &Facts<'_>) -> String {
    let Facts { profile, now, skew, most, .. } = *facts;
    let at = |seconds: i64| instant(now.unix_timestamp().saturating_add(seconds));
    match check {
        Check::Size => format!("at most {MAX_LEN} bytes"),
        Check::Form => "three base64url parts without padding, joined by dots".to_owned(),
        Check::Header | Check::Payload => "a JSON object, no member twice".to_owned(),
        Check::Critical => "no crit".to_owned(),
        Check::Type => profile.own_type().map_or("JWT, or no typ".to_owned(), |own| format!("{own}, JWT, or no typ")),
        Check::Algorithm => profile.algorithms().iter().map(|own| own.as_str()).collect::<Vec<_>>().join(", "),
        Check::App if profile.is_exchange() || profile == Profile::JwtBearer => "an enabled app of kind m2m, with a public key".to_owned(),
        Check::App => "an enabled app with a public key".to_owned(),
        Check::Key => keys(record, now),
        Check::Signature => "made by one of these keys".to_owned(),
        Check::Issuer if profile.is_exchange() => facts.org.to_string(),
        Check::Issuer => facts.client_id.to_owned(),
        Check::Subject => subject(facts),
        Check::Audience if profile == Profile::WorkfrontExchange => format!("none, or {}", audiences(facts).join(" or ")),
        Check::Audience => audiences(facts).join(" or "),
        Check::Expiry => format!("seconds since 1970, after {}", at(0)),
        Check::Lifetime => format!("exp at most {} s ahead and from iat", most.whole_seconds()),
        Check::NotBefore | Check::IssuedAt => format!("none, or seconds before {}", at(skew.whole_seconds())),
        Check::TokenId => match profile {
            Profile::ClientAuthentication => "a string".to_owned(),
            Profile::JwtBearer => "none, or a string".to_owned(),
            Profile::WorkfrontExchange => "none, or a string or an integer".to_owned(),
            Profile::ImsExchange => "none, or an integer".to_owned(),
        },
        Check::Metascopes => format!("a claim {}<name> that is true", metascope_prefix(facts.issuer)),
        Check::Person => "an enabled member of the org".to_owned(),
        Check::Scope => format!("scopes of the app: {}", record.client.profile.scopes),
        Check::Replay => "not used before".to_owned(),
    }
}

fn subject(facts: &Facts<'_>) -> String {
    match facts.profile {
        Profile::ClientAuthentication => facts.client_id.to_owned(),
        Profile::JwtBearer if facts.acts_as == facts.client_id => facts.client_id.to_owned(),
        Profile::JwtBearer => format!("{} or {}", facts.client_id, facts.acts_as),
        Profile::WorkfrontExchange => "the id of a person of the org".to_owned(),
        Profile::ImsExchange => facts.acts_as.to_owned(),
    }
}

/// The live keys, by the beginning of their thumbprints.
fn keys(record: &ClientRecord, now: OffsetDateTime) -> String {
    let registered = record.credentials.iter().filter(|credential| credential.is_live(now)).filter_map(|credential| credential.key());
    let published = record.jwks.iter().flat_map(|set| set.keys.iter().map(|own| &own.key)).filter(|key| key.is_live(now));
    let told: Vec<_> = registered
        .chain(published)
        .map(|key| format!("{} {}", key.algorithm.as_str(), key.thumbprint.get(..8).unwrap_or(&key.thumbprint)))
        .collect();
    if told.is_empty() { "a live key of the app; it has none".to_owned() } else { format!("a live key of this alg: {}", told.join(", ")) }
}

fn came(check: Check, text: &str, parts: Option<&Parts<'_>>, facts: &Facts<'_>) -> String {
    let header = |name: &str| parts.and_then(|parts| parts.header.get(name)).map_or_else(String::new, shown);
    let claim = |name: &str| parts.and_then(|parts| parts.claims.get(name)).map_or_else(String::new, shown);
    let time = |name: &str| match parts.map(|parts| seconds(&parts.claims, name, facts.profile)) {
        Some(Ok(Some(at))) => format!("{} ({})", claim(name), instant(at)),
        _ => claim(name),
    };
    match check {
        Check::Size => format!("{} bytes", text.len()),
        Check::Form => format!("{} parts", text.split('.').count()),
        Check::Critical => header("crit"),
        Check::Type => header("typ"),
        Check::Algorithm | Check::Key => header("alg"),
        Check::Issuer => claim("iss"),
        Check::Subject | Check::Person => claim("sub"),
        Check::Audience => claim("aud"),
        Check::Expiry | Check::Lifetime => time("exp"),
        Check::NotBefore => time("nbf"),
        Check::IssuedAt => time("iat"),
        Check::TokenId => claim("jti"),
        Check::Metascopes => metascopes(parts, facts),
        Check::Header | Check::Payload | Check::App | Check::Signature | Check::Scope | Check::Replay => String::new(),
    }
}

fn metascopes(parts: Option<&Parts<'_>>, facts: &Facts<'_>) -> String {
    let prefix = metascope_prefix(facts.issuer);
    let claims = parts.iter().flat_map(|parts| &parts.claims).filter(|(name, _)| name.contains("/s/"));
    let told: Vec<_> =
        claims.map(|(name, value)| format!("{}: {}", name.strip_prefix(&prefix).unwrap_or(name), shown(value))).take(10).collect();
    told.join(", ")
}

/// A JSON value as text, cut.
fn shown(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if text.chars().count() <= SHOWN { text } else { text.chars().take(SHOWN).chain(['…']).collect() }
}

/// Seconds since 1970 as people read them.
fn instant(seconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp(seconds)
        .ok()
        .and_then(|at| at.format(&time::format_description::well_known::Rfc3339).ok())
        .unwrap_or_else(|| "no time".to_owned())
}
