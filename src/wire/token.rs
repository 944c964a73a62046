//! Token requests and answers (RFC 6749 §4.1.3, §4.4.2, §5.1, §6).

use serde::{Deserialize, Serialize};

use crate::secret::Secret;
use crate::wire::{GrantType, Parameters};

/// A token request whose grant type this server knows.
#[derive(Debug, Clone)]
pub enum TokenRequest {
    /// RFC 6749 §4.1.3, RFC 7636 §4.5
    AuthorizationCode {
        /// The code, as sent.
        code: Secret<String>,
        /// Must equal the one of the authorization request.
        redirect_uri: Option<String>,
        /// RFC 7636 §4.5
        code_verifier: Option<Secret<String>>,
    },
    /// RFC 6749 §6
    RefreshToken {
        /// The token, as sent.
        refresh_token: Secret<String>,
        /// A narrower scope for the access token.
        scope: Option<String>,
    },
    /// RFC 6749 §4.4.2
    ClientCredentials {
        /// Space- or comma-separated.
        scope: Option<String>,
        /// RFC 8707 §2
        resource: Option<String>,
    },
    /// RFC 6749 §4.3.2
    Password {
        /// The person's e-mail address, as sent.
        username: String,
        /// Their password, as sent.
        password: Secret<String>,
        /// Space- or comma-separated.
        scope: Option<String>,
        /// RFC 8707 §2
        resource: Option<String>,
    },
    /// RFC 7523 §2.1
    JwtBearer {
        /// The assertion, as sent.
        assertion: Secret<String>,
        /// Space- or comma-separated.
        scope: Option<String>,
        /// RFC 8707 §2
        resource: Option<String>,
    },
}

/// Why a token request could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenRequestError {
    /// This parameter is required and was not sent.
    Missing(&'static str),
    /// The grant type is unknown here.
    UnsupportedGrantType,
}

impl TokenRequest {
    /// Reads the request.
    pub fn from_parameters(sent: &Parameters) -> Result<Self, TokenRequestError> {
        let required = |name| sent.get(name).ok_or(TokenRequestError::Missing(name));
        match GrantType::parse(required("grant_type")?).ok_or(TokenRequestError::UnsupportedGrantType)? {
            GrantType::AuthorizationCode => Ok(Self::AuthorizationCode {
                code: required("code")?.into(),
                redirect_uri: sent.owned("redirect_uri"),
                code_verifier: sent.get("code_verifier").map(Secret::from),
            }),
            GrantType::RefreshToken => {
                Ok(Self::RefreshToken { refresh_token: required("refresh_token")?.into(), scope: sent.owned("scope") })
            }
            GrantType::ClientCredentials => Ok(Self::ClientCredentials { scope: sent.owned("scope"), resource: sent.owned("resource") }),
            GrantType::Password => Ok(Self::Password {
                username: required("username")?.to_owned(),
                password: required("password")?.into(),
                scope: sent.owned("scope"),
                resource: sent.owned("resource"),
            }),
            GrantType::JwtBearer => Ok(Self::JwtBearer {
                assertion: required("assertion")?.into(),
                scope: sent.owned("scope"),
                resource: sent.owned("resource"),
            }),
        }
    }

    /// Its grant type.
    pub const fn grant_type(&self) -> GrantType {
        match self {
            Self::AuthorizationCode { .. } => GrantType::AuthorizationCode,
            Self::RefreshToken { .. } => GrantType::RefreshToken,
            Self::ClientCredentials { .. } => GrantType::ClientCredentials,
            Self::Password { .. } => GrantType::Password,
            Self::JwtBearer { .. } => GrantType::JwtBearer,
        }
    }
}

/// A successful answer (RFC 6749 §5.1). Flat, snake case, numbers as integers: real clients insist on each of these.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct TokenResponse {
    /// The access token.
    pub access_token: String,
    /// `Bearer`, or what a compat switch says.
    pub token_type: String,
    /// Seconds.
    pub expires_in: i64,
    /// Present when one was issued; never null.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// Seconds until the refresh token ends, the lesser of both limits; absent when it never does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token_expires_in: Option<i64>,
    /// The scope of the access token, space-separated.
    pub scope: String,
    /// The org id, with the Workfront compat switch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wid: Option<String>,
}
