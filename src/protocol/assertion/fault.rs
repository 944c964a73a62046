//! What is wrong with an assertion, and what each door says about it.
//!
//! | door | answer |
//! |---|---|
//! | `client_assertion` at `/token`, `/revoke`, `/introspect` | 401 `invalid_client` |
//! | `jwt-bearer` at `/token` | 400 `invalid_grant` |
//! | Workfront's exchange | 400 `invalid_token`; 401 `invalid_client` for an app that may not exchange |
//! | the IMS exchange | the same 401, else 400 by the table of source-systems.md §3.3: `invalid_token`, `invalid_signature` where so configured, `bad_request`, `invalid_client`, `invalid_scope` |
//! | every door, of an app whose keys have ended: migrated away, browned out, after deadline C | 401 `invalid_client` (`Problem::Ended`, no fault: the assertion is good) |

use crate::model::policy::BadSignature;
use crate::model::refusal::Refusal;
use crate::protocol::assertion::{Check, Profile};
use crate::wire::ErrorCode;

/// The first check that an assertion did not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// Which.
    pub check: Check,
    /// In what way.
    pub flaw: Flaw,
    /// One ASCII sentence without input, quotes and backslashes.
    pub cause: &'static str,
    /// The code, where a rule about scopes and resources names its own.
    pub code: Option<ErrorCode>,
    /// By how many seconds, where the check is about time: positive, the least by which the value would have to change.
    pub seconds_off: Option<i64>,
}

/// In what way a check failed; the IMS table tells these apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// It is not there.
    Missing,
    /// It is JSON of another type.
    WrongType,
    /// It has the right type and says something impossible.
    Malformed,
    /// It says something else than it must.
    Wrong,
}

impl Fault {
    /// A fault that is not about time.
    pub const fn new(check: Check, flaw: Flaw, cause: &'static str) -> Self {
        Self { check, flaw, cause, code: None, seconds_off: None }
    }

    /// What a rule about scopes and resources refused.
    pub const fn of_scope(refusal: &Refusal) -> Self {
        Self { check: Check::Scope, flaw: Flaw::Wrong, cause: refusal.description, code: Some(refusal.error), seconds_off: None }
    }

    /// A fault by so many seconds.
    #[must_use]
    pub const fn off_by(mut self, seconds: i64) -> Self {
        self.seconds_off = Some(seconds);
        self
    }

    /// What the door says. Who has not proved to hold a key or a secret of the app learns nothing of its keys (G7).
    pub fn refusal(&self, profile: Profile, bad_signature: BadSignature) -> Refusal {
        let about_keys = matches!(self.check, Check::App | Check::Key | Check::Signature);
        match profile {
            Profile::ClientAuthentication => {
                let description = if about_keys { "Client authentication failed." } else { self.cause };
                Refusal::new(ErrorCode::InvalidClient, description).because(self.cause)
            }
            Profile::JwtBearer => {
                let description = if about_keys { "The assertion is not accepted." } else { self.cause };
                let error = match (self.check, self.flaw) {
                    (Check::Scope, _) => self.scope_code(),
                    (Check::App, Flaw::Wrong) => ErrorCode::UnauthorizedClient,
                    _ => ErrorCode::InvalidGrant,
                };
                Refusal::new(error, description).because(self.cause)
            }
            Profile::WorkfrontExchange => {
                let error = if self.check == Check::Scope { self.scope_code() } else { ErrorCode::InvalidToken };
                self.at_exchange(error)
            }
            Profile::ImsExchange => self.at_exchange(self.ims_code(bad_signature)),
        }
    }

    fn at_exchange(&self, error: ErrorCode) -> Refusal {
        let refusal = Refusal::new(error, self.cause).with_bad_request();
        match self.check {
            Check::App => Refusal::new(ErrorCode::InvalidClient, "The app may not exchange assertions.").because(self.cause),
            // The words that clients of the source system look for when their certificate has expired.
            Check::Key | Check::Signature => Refusal { description: "Could not match JWT signature to any of the bindings.", ..refusal },
            _ => refusal,
        }
    }

    fn scope_code(&self) -> ErrorCode {
        self.code.unwrap_or(ErrorCode::InvalidScope)
    }

    fn ims_code(&self, bad_signature: BadSignature) -> ErrorCode {
        match (self.check, self.flaw) {
            (Check::Algorithm | Check::Key | Check::Signature, _) => match bad_signature {
                BadSignature::InvalidToken => ErrorCode::InvalidToken,
                BadSignature::InvalidSignature => ErrorCode::InvalidSignature,
            },
            (Check::Audience, _) => ErrorCode::InvalidClient,
            (Check::Issuer | Check::Subject | Check::Lifetime, _)
            | (Check::Expiry, Flaw::Missing | Flaw::Malformed)
            | (Check::TokenId, Flaw::Malformed) => ErrorCode::BadRequest,
            (Check::Metascopes | Check::Scope, _) => ErrorCode::InvalidScope,
            _ => ErrorCode::InvalidToken,
        }
    }
}
