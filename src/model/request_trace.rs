//! What one request of an app came to: kept so that its owner can see which check failed. Never a secret in it.

use time::OffsetDateTime;

use crate::model::check::Check;
use crate::model::ids::{ClientKey, OrgId};
use crate::wire::{AuthMethod, GrantType};

/// One request of a known client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestTrace {
    /// Whose.
    pub client: ClientKey,
    /// In which org.
    pub org: OrgId,
    /// The request's instant.
    pub at: OffsetDateTime,
    /// The reference id it was answered with.
    pub request_id: String,
    /// Where it went.
    pub endpoint: Endpoint,
    /// What it asked for, at the token endpoint.
    pub grant: Option<GrantType>,
    /// How the client authenticated, or tried to.
    pub method: Option<AuthMethod>,
    /// The HTTP status of the answer.
    pub status: u16,
    /// How it ended.
    pub outcome: Outcome,
}

/// How a request ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Every check passed.
    Answered,
    /// A person was asked to sign in or to allow it.
    Waiting,
    /// A check failed.
    Refused(Box<Fault>),
}

/// What was wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The code the client read.
    pub error: String,
    /// The exact cause.
    pub cause: String,
    /// The check that failed.
    pub check: Check,
    /// What the check asks for and what came instead; redacted, and often absent.
    pub contrast: Option<Contrast>,
}

/// What was expected and what came, fit to be shown: lengths and hints in place of values that may be secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contrast {
    /// What the check asks for.
    pub expected: String,
    /// What came.
    pub came: String,
}

impl Contrast {
    /// A pair of sentences.
    pub fn new(expected: impl Into<String>, came: impl Into<String>) -> Self {
        Self { expected: expected.into(), came: came.into() }
    }
}

/// A door that apps knock at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// RFC 6749 §3.1
    Authorize,
    /// RFC 6749 §3.2
    Token,
    /// RFC 7009
    Revoke,
    /// RFC 7662
    Introspect,
    /// Workfront's exchange of a JWT.
    JwtExchange,
    /// Adobe IMS's exchange of a JWT.
    ImsExchange,
}

impl Endpoint {
    /// All doors.
    pub const ALL: [Self; 6] = [Self::Authorize, Self::Token, Self::Revoke, Self::Introspect, Self::JwtExchange, Self::ImsExchange];

    /// The stored and API word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authorize => "authorize",
            Self::Token => "token",
            Self::Revoke => "revoke",
            Self::Introspect => "introspect",
            Self::JwtExchange => "jwt_exchange",
            Self::ImsExchange => "ims_exchange",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|endpoint| endpoint.as_str() == word)
    }

    /// The path it is known by.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Authorize => "/authorize",
            Self::Token => "/token",
            Self::Revoke => "/revoke",
            Self::Introspect => "/introspect",
            Self::JwtExchange => "/integrations/oauth2/api/v1/jwt/exchange",
            Self::ImsExchange => "/ims/exchange/jwt",
        }
    }
}

impl RequestTrace {
    /// What was wrong, if anything was.
    pub fn fault(&self) -> Option<&Fault> {
        match &self.outcome {
            Outcome::Refused(fault) => Some(fault),
            Outcome::Answered | Outcome::Waiting => None,
        }
    }
}

impl Outcome {
    /// The stored and API word.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Waiting => "waiting",
            Self::Refused(_) => "refused",
        }
    }
}
