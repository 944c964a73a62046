//! What an assertion says, after its signature was found good (RFC 7523 §3, RFC 10070). In order:
//!
//! 1. `iss` names the client, or at the exchanges its org ([`Check::Issuer`])
//! 2. `sub` is whom this key may speak for at this door ([`Check::Subject`])
//! 3. `aud` is us and nobody else ([`Check::Audience`])
//! 4. `exp` is there, a number of seconds, and ahead ([`Check::Expiry`]); no allowance for clocks
//! 5. it was not made to live longer than the cap, from `iat` or from now ([`Check::Lifetime`])
//! 6. `nbf`, if there, is less than the allowance ahead ([`Check::NotBefore`])
//! 7. `iat`, if there, is less than the allowance ahead ([`Check::IssuedAt`])
//! 8. `jti`, where required or if there ([`Check::TokenId`])
//! 9. at the IMS exchange, at least one metascope is `true` ([`Check::Metascopes`])
//!
//! A claim of the wrong JSON type is never taken for an absent one (G16).

use serde_json::{Map, Value};
use time::{Duration, OffsetDateTime};

use crate::model::ids::OrgId;
use crate::protocol::assertion::fault::Flaw;
use crate::protocol::assertion::{Assertion, Check, Fault, Profile};

/// From here on a time is not meant in seconds: as seconds it is after the year 5000, as milliseconds it is after 1973.
const MILLISECONDS_BEGIN: i64 = 100_000_000_000;
/// The last second of the year 9999, the last that an instant of ours can hold.
const LAST_SECOND: i64 = 253_402_300_799;

/// What an assertion is held against.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// At which door.
    pub profile: Profile,
    /// The instant of the request.
    pub now: OffsetDateTime,
    /// Our issuer identifier, from the settings and never from the request's host (R61).
    pub issuer: &'a str,
    /// The client.
    pub client_id: &'a str,
    /// Its org.
    pub org: OrgId,
    /// What the key that signed acts as.
    pub acts_as: &'a str,
    /// The app's switch: the token endpoint's URL is accepted as audience, and either value in a list of one.
    pub legacy_audience: bool,
    /// The longest life of an assertion at this door.
    pub most: Duration,
    /// How far `nbf` and `iat` may be ahead.
    pub skew: Duration,
}

/// An assertion that says nothing wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// `sub`
    pub subject: String,
    /// `exp`
    pub expires_at: OffsetDateTime,
    /// What may be used once until then; `None` = it may be used again.
    pub once: Option<String>,
    /// The metascopes that are `true`, at the IMS exchange.
    pub metascopes: Vec<String>,
}

/// Runs the checks of this file.
pub fn check(assertion: &Assertion<'_>, facts: &Facts<'_>) -> Result<Accepted, Fault> {
    let claims = Claims { all: &assertion.claims, facts };
    claims.check_issuer()?;
    let subject = claims.check_subject()?;
    claims.check_audience()?;
    let expires_at = claims.check_expiry()?;
    claims.check_lifetime(expires_at)?;
    claims.check_not_before()?;
    claims.check_issued_at()?;
    let id = claims.check_token_id()?;
    let metascopes = claims.check_metascopes()?;
    // A use in one role is a use in the other: client assertion and grant of one app share their ids (J8). Without an id the
    // signed text stands for it, not the signature, of which ECDSA can make many.
    let whole = || facts.profile.is_exchange().then_some(()).map_or_else(|| Some(format!("text {}", assertion.signing_input)), |()| None);
    Ok(Accepted {
        subject,
        expires_at: OffsetDateTime::from_unix_timestamp(expires_at).unwrap_or(facts.now),
        once: id.map(|id| format!("jti {id}")).or_else(whole),
        metascopes,
    })
}

/// `https://<host>` of the issuer: clients of the source system know the host alone and put this scheme before it.
fn public_host(issuer: &str) -> String {
    let host = issuer.split_once("://").map_or(issuer, |(_, host)| host);
    format!("https://{host}")
}

/// The audiences that name us at this door.
pub fn audiences(facts: &Facts<'_>) -> Vec<String> {
    let Facts { issuer, client_id, .. } = facts;
    match facts.profile {
        Profile::ClientAuthentication | Profile::JwtBearer if facts.legacy_audience => {
            vec![(*issuer).to_owned(), format!("{issuer}/token")]
        }
        Profile::ClientAuthentication | Profile::JwtBearer | Profile::WorkfrontExchange => vec![(*issuer).to_owned()],
        Profile::ImsExchange => vec![format!("{}/c/{client_id}", public_host(issuer))],
    }
}

/// What a metascope claim's name begins with.
pub fn metascope_prefix(issuer: &str) -> String {
    format!("{}/s/", public_host(issuer))
}

/// A time as whole seconds, as far as it is one.
pub fn seconds(claims: &Map<String, Value>, name: &str, profile: Profile) -> Result<Option<i64>, Flaw> {
    let Some(sent) = claims.get(name) else { return Ok(None) };
    let Value::Number(number) = sent else { return Err(Flaw::WrongType) };
    if let Some(whole) = number.as_i64() {
        return Ok(Some(whole));
    }
    if number.is_u64() {
        return Err(Flaw::Malformed);
    }
    // RFC 7519 §2 lets a NumericDate have a fraction; the exchanges' clients never sent one and their table wants an integer.
    let fraction = number.as_f64().filter(|_| !profile.is_exchange()).ok_or(Flaw::WrongType)?;
    #[expect(clippy::cast_possible_truncation, reason = "the cast saturates, and what is out of range is refused below")]
    let whole = fraction.floor() as i64;
    if whole.abs() <= LAST_SECOND { Ok(Some(whole)) } else { Err(Flaw::Malformed) }
}

struct Claims<'a> {
    all: &'a Map<String, Value>,
    facts: &'a Facts<'a>,
}

impl Claims<'_> {
    fn text(&self, name: &str) -> Result<&str, Flaw> {
        match self.all.get(name) {
            None => Err(Flaw::Missing),
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(Flaw::WrongType),
        }
    }

    fn check_issuer(&self) -> Result<(), Fault> {
        let fault = |flaw, cause| Fault::new(Check::Issuer, flaw, cause);
        let sent = self.text("iss").map_err(|flaw| match flaw {
            Flaw::Missing => fault(flaw, "The claim iss is missing."),
            _ => fault(flaw, "The claim iss is not a string."),
        })?;
        let (right, cause) = if self.facts.profile.is_exchange() {
            (sent == self.facts.org.to_string(), "The claim iss is not the id of the org of the app.")
        } else {
            (sent == self.facts.client_id, "The claim iss is not the client id.")
        };
        if right { Ok(()) } else { Err(fault(Flaw::Wrong, cause)) }
    }

    fn check_subject(&self) -> Result<String, Fault> {
        let fault = |flaw, cause| Fault::new(Check::Subject, flaw, cause);
        let sent = self.text("sub").map_err(|flaw| match flaw {
            Flaw::Missing => fault(flaw, "The claim sub is missing."),
            _ => fault(flaw, "The claim sub is not a string."),
        })?;
        let Facts { client_id, acts_as, .. } = *self.facts;
        let (right, cause) = match self.facts.profile {
            Profile::ClientAuthentication => (sent == client_id, "The claim sub is not the client id."),
            Profile::JwtBearer => {
                (sent == client_id || sent == acts_as, "The claim sub is neither the client id nor the technical account of the key.")
            }
            // Whether such a person is there is for the database to say.
            Profile::WorkfrontExchange => (is_row_id(sent), "The claim sub is not the id of a user."),
            Profile::ImsExchange => (sent == acts_as, "The claim sub is not the technical account of the key that signed."),
        };
        if right { Ok(sent.to_owned()) } else { Err(fault(Flaw::Wrong, cause)) }
    }

    fn check_audience(&self) -> Result<(), Fault> {
        let fault = |flaw, cause| Err(Fault::new(Check::Audience, flaw, cause));
        let listed = || self.facts.legacy_audience && !self.facts.profile.is_exchange();
        let sent = match self.all.get("aud") {
            None if self.facts.profile == Profile::WorkfrontExchange => return Ok(()),
            None => return fault(Flaw::Missing, "The claim aud is missing."),
            Some(Value::String(text)) => text,
            Some(Value::Array(items)) => match items.as_slice() {
                [Value::String(only)] if listed() => only,
                [_, _, ..] => return fault(Flaw::Wrong, "The claim aud names several audiences; it must be this server alone."),
                _ => return fault(Flaw::WrongType, "The claim aud is a list; it must be one string."),
            },
            Some(_) => return fault(Flaw::WrongType, "The claim aud is not a string."),
        };
        if audiences(self.facts).contains(sent) {
            return Ok(());
        }
        match self.facts.profile {
            Profile::ImsExchange => fault(Flaw::Wrong, "The claim aud is not that of this client id at this host."),
            _ => fault(Flaw::Wrong, "The claim aud is not the issuer identifier of this server."),
        }
    }

    fn check_expiry(&self) -> Result<i64, Fault> {
        let fault = |flaw, cause| Fault::new(Check::Expiry, flaw, cause);
        let sent = seconds(self.all, "exp", self.facts.profile).map_err(|flaw| match flaw {
            Flaw::WrongType if self.facts.profile.is_exchange() => fault(flaw, "The claim exp is not an integer."),
            Flaw::WrongType => fault(flaw, "The claim exp is not a number."),
            _ => fault(flaw, "The claim exp is no time at all."),
        })?;
        let exp = sent.ok_or(fault(Flaw::Missing, "The claim exp is missing."))?;
        let now = self.facts.now.unix_timestamp();
        if exp >= MILLISECONDS_BEGIN {
            Err(fault(Flaw::Malformed, "The claim exp looks like milliseconds; it must be seconds."))
        } else if now >= exp {
            Err(fault(Flaw::Wrong, "The assertion has expired: exp is not ahead.").off_by(now.saturating_sub(exp).saturating_add(1)))
        } else {
            Ok(exp)
        }
    }

    fn check_lifetime(&self, exp: i64) -> Result<(), Fault> {
        let most = self.facts.most.whole_seconds();
        let over = |from: i64| exp.saturating_sub(from).saturating_sub(most);
        let fault = |cause| Fault::new(Check::Lifetime, Flaw::Wrong, cause);
        let from_now = over(self.facts.now.unix_timestamp());
        if from_now > 0 {
            return Err(fault("The assertion lives too long: exp is too far ahead.").off_by(from_now));
        }
        let Ok(Some(iat)) = seconds(self.all, "iat", self.facts.profile) else { return Ok(()) };
        if over(iat) > 0 {
            return Err(fault("The assertion lives too long: exp is too far from iat.").off_by(over(iat)));
        }
        Ok(())
    }

    /// A time that may not be ahead by the allowance or more.
    fn check_begun(&self, name: &str, check: Check, no_number: &'static str, ahead: &'static str) -> Result<(), Fault> {
        let at = seconds(self.all, name, self.facts.profile).map_err(|flaw| Fault::new(check, flaw, no_number))?;
        let Some(at) = at else { return Ok(()) };
        let limit = self.facts.now.unix_timestamp().saturating_add(self.facts.skew.whole_seconds());
        if at > self.facts.now.unix_timestamp() && at >= limit {
            let off = at.saturating_sub(limit).saturating_add(1);
            return Err(Fault::new(check, Flaw::Wrong, ahead).off_by(off));
        }
        Ok(())
    }

    fn check_not_before(&self) -> Result<(), Fault> {
        self.check_begun(
            "nbf",
            Check::NotBefore,
            "The claim nbf is not a time in seconds.",
            "The assertion is not valid yet: nbf is ahead.",
        )
    }

    fn check_issued_at(&self) -> Result<(), Fault> {
        self.check_begun(
            "iat",
            Check::IssuedAt,
            "The claim iat is not a time in seconds.",
            "The assertion is from the future: iat is ahead.",
        )
    }

    fn check_token_id(&self) -> Result<Option<String>, Fault> {
        let fault = |flaw, cause| Err(Fault::new(Check::TokenId, flaw, cause));
        match (self.all.get("jti"), self.facts.profile) {
            (None, Profile::ClientAuthentication) => fault(Flaw::Missing, "The claim jti is missing."),
            (None, _) => Ok(None),
            (Some(Value::Number(number)), Profile::ImsExchange | Profile::WorkfrontExchange) if number.is_u64() => {
                Ok(Some(number.to_string()))
            }
            (Some(Value::Number(number)), Profile::ImsExchange) if number.is_i64() => fault(Flaw::Malformed, "The claim jti is negative."),
            (Some(_), Profile::ImsExchange) => fault(Flaw::WrongType, "The claim jti is not an integer."),
            (Some(Value::String(id)), _) if id.is_empty() => fault(Flaw::Malformed, "The claim jti is empty."),
            (Some(Value::String(id)), _) => Ok(Some(id.clone())),
            (Some(_), Profile::WorkfrontExchange) => fault(Flaw::WrongType, "The claim jti is neither a string nor an integer."),
            (Some(_), _) => fault(Flaw::WrongType, "The claim jti is not a string."),
        }
    }

    fn check_metascopes(&self) -> Result<Vec<String>, Fault> {
        if self.facts.profile != Profile::ImsExchange {
            return Ok(Vec::new());
        }
        let prefix = metascope_prefix(self.facts.issuer);
        let is_true = |(name, value): (&String, &Value)| {
            (*value == Value::Bool(true)).then(|| name.strip_prefix(&prefix).filter(|rest| !rest.is_empty()).map(str::to_owned)).flatten()
        };
        let found: Vec<String> = self.all.iter().filter_map(is_true).collect();
        if found.is_empty() {
            let cause = "No claim under the metascope address of this server is true.";
            return Err(Fault::new(Check::Metascopes, Flaw::Missing, cause));
        }
        Ok(found)
    }
}

/// Whether it is a row id as we write them; another spelling of the same id is another string (RFC 7523 §3).
fn is_row_id(text: &str) -> bool {
    text.parse::<uuid::Uuid>().is_ok_and(|id| id.to_string() == text)
}
