//! Access tokens as JWTs (RFC 9068, RFC 7519, RFC 7515): their claims, and the parts of the compact form.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::model::ids::{AuthorizationId, CredentialId, OrgId};

/// A token longer than this is refused before it is looked at; ours have about one KiB.
pub const MAX_TOKEN_LEN: usize = 16 * 1024;

/// What an access token says (RFC 9068 §2.2). A claim of the wrong JSON type, a missing one or one given twice refuses the token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessTokenClaims {
    /// The issuer identifier.
    pub iss: String,
    /// The user, or the client itself where no user is involved.
    pub sub: String,
    /// The API's identifier.
    pub aud: String,
    /// Seconds since 1970; not valid from here on.
    pub exp: i64,
    /// Seconds since 1970.
    pub iat: i64,
    /// Unique per token.
    pub jti: String,
    /// The client (RFC 8693 §4.3).
    pub client_id: String,
    /// Granted scopes, separated by spaces (RFC 8693 §4.2).
    pub scope: String,
    /// The client's org.
    pub org: OrgId,
    /// The authorization it was issued under, where a user is present.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authz: Option<AuthorizationId>,
    /// The credential it was issued for, where none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cred: Option<CredentialId>,
    /// When the user signed in, seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
}

/// The `typ` header: what kind of JWT this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenType {
    /// `at+jwt` (RFC 9068 §2.1).
    AtJwt,
    /// `JWT`, for APIs whose verifiers insist.
    Jwt,
}

impl TokenType {
    /// The header's value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AtJwt => "at+jwt",
            Self::Jwt => "JWT",
        }
    }

    /// Reads the header's value: a media type, compared without regard to case, whose `application/` may be left out (RFC 7515 §4.1.9).
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = match text.split_at_checked("application/".len()) {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("application/") => rest,
            _ => text,
        };
        [Self::AtJwt, Self::Jwt].into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(text))
    }
}

/// A token whose signature is ours. Whether it is still valid is for the caller to say, who has a `now` and knows what was revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedJwt {
    /// What it says.
    pub claims: AccessTokenClaims,
    /// What kind it is.
    pub typ: TokenType,
}

/// The protected header; members we do not know are ignored, `crit` refuses the token (RFC 7515 §4.1.11: we understand none).
#[derive(Deserialize)]
struct Header<'a> {
    #[serde(borrow)]
    alg: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    kid: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    typ: std::borrow::Cow<'a, str>,
    #[serde(default)]
    crit: Option<serde::de::IgnoredAny>,
}

/// A compact JWS taken apart: nothing in it is believed yet.
pub(super) struct Parts<'a> {
    /// Which key it claims to be signed with.
    pub(super) kid: String,
    /// Which algorithm it claims; compared with the key's, never chosen by it.
    pub(super) alg: String,
    /// Which kind it claims to be.
    pub(super) typ: TokenType,
    /// Header and payload as signed.
    pub(super) signed: &'a str,
    /// The payload's bytes.
    pub(super) payload: Vec<u8>,
    /// The signature's bytes.
    pub(super) signature: Vec<u8>,
}

impl<'a> Parts<'a> {
    /// Takes a token apart; `None` when it is not three canonical base64url parts with a header we understand.
    pub(super) fn read(token: &'a str) -> Option<Self> {
        if token.len() > MAX_TOKEN_LEN {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let header = URL_SAFE_NO_PAD.decode(header).ok()?;
        let header: Header<'_> = serde_json::from_slice(&header).ok()?;
        if header.crit.is_some() {
            return None;
        }
        Some(Self {
            typ: TokenType::parse(&header.typ)?,
            kid: header.kid.into_owned(),
            alg: header.alg.into_owned(),
            signed,
            // A fourth part would leave a dot in the payload, which is no base64url.
            payload: URL_SAFE_NO_PAD.decode(payload).ok()?,
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
        })
    }
}

/// The key a token claims to be signed with, unproved; tells a caller whether fetching newer keys could help.
pub fn kid_of(token: &str) -> Option<String> {
    Parts::read(token).map(|parts| parts.kid)
}
