//! Assertions: JWTs that an app signs with a key of its own (RFC 7521, RFC 7523 as updated by RFC 10070), at four doors.
//!
//! | | client authentication | `jwt-bearer` | Workfront's exchange | IMS exchange |
//! |---|---|---|---|---|
//! | `iss` | the client id | the client id | the org's id | the org's id |
//! | `sub` | the client id | the client id, or the key's technical account | the id of a member of the org | what the key acts as |
//! | `aud` | the issuer alone | the issuer alone | not needed; if there, us | `https://<host>/c/<client_id>` |
//! | `jti` | required, a string | a string if there; without it the whole assertion counts | any string or integer if there | an integer if there |
//! | algorithms | all | all | RS256 | RS256 |
//! | also needed | - | - | the client secret | the client secret, a metascope |
//!
//! The checks run in the order of [`Check::ORDER`] and stop at the first that fails: [`jws`] reads, [`keys`] says which keys may
//! have signed, the flow verifies, [`claims`] judges what is said, and the flow asks the database what only it knows. Whether
//! `jti` was seen before is written down last of all, so that a request that fails burns nothing.

use crate::model::public_key::KeyAlgorithm;

pub mod claims;
pub mod fault;
pub mod jws;
pub mod keys;
pub mod report;

pub use claims::{Accepted, Facts};
pub use fault::Fault;
pub use jws::Assertion;

/// What an assertion is presented for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Profile {
    /// `client_assertion` (RFC 7523 §2.2).
    ClientAuthentication,
    /// The grant of RFC 7523 §2.1.
    JwtBearer,
    /// `POST /integrations/oauth2/api/v1/jwt/exchange`.
    WorkfrontExchange,
    /// `POST /ims/exchange/jwt`.
    ImsExchange,
}

impl Profile {
    /// All of them, in the order shown.
    pub const ALL: [Self; 4] = [Self::ClientAuthentication, Self::JwtBearer, Self::WorkfrontExchange, Self::ImsExchange];

    /// The word of the API and of forms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientAuthentication => "client_assertion",
            Self::JwtBearer => "jwt_bearer",
            Self::WorkfrontExchange => "workfront_exchange",
            Self::ImsExchange => "ims_exchange",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.as_str() == word)
    }

    /// Whether it is one of the exchanges of the source systems.
    pub const fn is_exchange(self) -> bool {
        matches!(self, Self::WorkfrontExchange | Self::ImsExchange)
    }

    /// The `typ` made for it alone (RFC 8725 §3.11), lower case; besides it `JWT` and none are accepted.
    pub const fn own_type(self) -> Option<&'static str> {
        match self {
            Self::ClientAuthentication => Some("client-authentication+jwt"),
            Self::JwtBearer => Some("authorization-grant+jwt"),
            Self::WorkfrontExchange | Self::ImsExchange => None,
        }
    }

    /// The algorithms its keys may have.
    pub const fn algorithms(self) -> &'static [KeyAlgorithm] {
        match self {
            Self::ClientAuthentication | Self::JwtBearer => &KeyAlgorithm::ALL,
            Self::WorkfrontExchange | Self::ImsExchange => &[KeyAlgorithm::Rs256],
        }
    }
}

/// One check of an assertion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Check {
    /// Not too long.
    Size,
    /// Three base64url parts.
    Form,
    /// The header is a JSON object.
    Header,
    /// The claims are a JSON object.
    Payload,
    /// No extension that we must understand.
    Critical,
    /// Made for this use.
    Type,
    /// Signed by an algorithm that may be used here.
    Algorithm,
    /// The app may use assertions here.
    App,
    /// The app has a live key of that algorithm.
    Key,
    /// One of those keys signed it.
    Signature,
    /// `iss`
    Issuer,
    /// `sub`
    Subject,
    /// `aud`
    Audience,
    /// `exp`
    Expiry,
    /// Not made to live too long.
    Lifetime,
    /// `nbf`
    NotBefore,
    /// `iat`
    IssuedAt,
    /// `jti`
    TokenId,
    /// The claims that name scopes.
    Metascopes,
    /// The person of `sub` is an enabled member of the org.
    Person,
    /// The app may have these scopes.
    Scope,
    /// Not used before.
    Replay,
}

impl Check {
    /// All of them, in the order in which they run.
    pub const ORDER: [Self; 22] = [
        Self::Size,
        Self::Form,
        Self::Header,
        Self::Payload,
        Self::Critical,
        Self::Type,
        Self::Algorithm,
        Self::App,
        Self::Key,
        Self::Signature,
        Self::Issuer,
        Self::Subject,
        Self::Audience,
        Self::Expiry,
        Self::Lifetime,
        Self::NotBefore,
        Self::IssuedAt,
        Self::TokenId,
        Self::Metascopes,
        Self::Person,
        Self::Scope,
        Self::Replay,
    ];

    /// The word of the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Form => "form",
            Self::Header => "header",
            Self::Payload => "claims",
            Self::Critical => "crit",
            Self::Type => "typ",
            Self::Algorithm => "alg",
            Self::App => "app",
            Self::Key => "key",
            Self::Signature => "signature",
            Self::Issuer => "iss",
            Self::Subject => "sub",
            Self::Audience => "aud",
            Self::Expiry => "exp",
            Self::Lifetime => "lifetime",
            Self::NotBefore => "nbf",
            Self::IssuedAt => "iat",
            Self::TokenId => "jti",
            Self::Metascopes => "metascopes",
            Self::Person => "person",
            Self::Scope => "scope",
            Self::Replay => "replay",
        }
    }

    /// What must hold, for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Size => "It is not too long",
            Self::Form => "It has three base64url parts",
            Self::Header => "Its header is a JSON object",
            Self::Payload => "Its claims are a JSON object",
            Self::Critical => "It asks for no extension",
            Self::Type => "typ is one for this use",
            Self::Algorithm => "alg is one that may be used here",
            Self::App => "The application may use assertions here",
            Self::Key => "The application has a live key for it",
            Self::Signature => "One of those keys made the signature",
            Self::Issuer => "iss names who issued it",
            Self::Subject => "sub names whom it may speak for",
            Self::Audience => "aud names this server",
            Self::Expiry => "exp lies ahead",
            Self::Lifetime => "It does not live too long",
            Self::NotBefore => "nbf has come",
            Self::IssuedAt => "iat has come",
            Self::TokenId => "jti is as it must be",
            Self::Metascopes => "A claim names a scope",
            Self::Person => "sub is an enabled person of the organization",
            Self::Scope => "Its scopes are the application's",
            Self::Replay => "It was not used before",
        }
    }

    /// Whether it is made for `profile`.
    pub const fn applies(self, profile: Profile) -> bool {
        match self {
            Self::Metascopes => matches!(profile, Profile::ImsExchange),
            Self::Person => matches!(profile, Profile::WorkfrontExchange),
            Self::Scope => !matches!(profile, Profile::ClientAuthentication),
            _ => true,
        }
    }
}
