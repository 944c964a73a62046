//! What a request brings along to say who its client is: the Authorization header and the parameters of the body.

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderName};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::flows::client_auth::{Basic, PresentedCredentials};
use crate::secret::Secret;
use crate::web::extract::form::decode;
use crate::wire::Parameters;

/// A header longer than this names no client of ours.
const HEADER_MAX: usize = 4 * 1024;

/// Where clients of Workfront put their token: its access token is the id of a session.
const SESSION_ID: HeaderName = HeaderName::from_static("sessionid");

/// Some clients leave the padding out.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// What an Authorization header says.
#[derive(Debug, Clone, Default)]
pub enum Authorization {
    /// None was sent, or one of a scheme that we do not know.
    #[default]
    Absent,
    /// RFC 7617, percent-decoded (RFC 6749 §2.3.1).
    Basic(Basic),
    /// RFC 6750 §2.1
    Bearer(Secret<String>),
    /// It cannot be read, or there are two.
    Malformed,
}

impl Authorization {
    /// Reads the header. The scheme's case does not matter (RFC 9110 §11.1).
    pub fn read(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let Some(value) = values.next() else { return Self::Absent };
        if values.next().is_some() || value.len() > HEADER_MAX {
            return Self::Malformed;
        }
        let Ok(value) = value.to_str() else { return Self::Malformed };
        let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
        let rest = rest.trim();
        if scheme.eq_ignore_ascii_case("basic") {
            basic(rest).map_or(Self::Malformed, Self::Basic)
        } else if scheme.eq_ignore_ascii_case("bearer") {
            if rest.is_empty() { Self::Malformed } else { Self::Bearer(rest.into()) }
        } else {
            Self::Absent
        }
    }
}

fn basic(encoded: &str) -> Option<Basic> {
    let text = String::from_utf8(BASE64.decode(encoded).ok()?).ok()?;
    let (client_id, client_secret) = text.split_once(':').filter(|(client_id, _)| !client_id.is_empty())?;
    Some(Basic { client_id: unescaped(client_id), client_secret: unescaped(client_secret).into() })
}

/// Clients disagree whether to percent-encode (RFC 6749 §2.3.1 says yes). Our ids and secrets have no character that encoding
/// changes, so decoding is right for both; an API's identifier has a colon and must be encoded; text that cannot be decoded is taken as it stands and matches nothing (G1).
fn unescaped(text: &str) -> String {
    decode(text.as_bytes()).unwrap_or_else(|| text.to_owned())
}

/// The token of a `sessionID` header (R17), if one came and nothing else says who asks; whether it counts depends on its app. A
/// header that cannot be read, or comes twice, is none.
pub fn session_id(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(SESSION_ID).iter();
    let (Some(only), None) = (values.next(), values.next()) else { return None };
    let token = only.to_str().ok().map(str::trim).filter(|token| !token.is_empty() && token.len() <= HEADER_MAX)?;
    if headers.contains_key(AUTHORIZATION) { None } else { Some(token) }
}

/// Puts header and body together; which of it counts is for `flows::client_auth` to decide.
pub fn presented(authorization: &Authorization, sent: &Parameters) -> PresentedCredentials {
    PresentedCredentials {
        basic: match authorization {
            Authorization::Basic(basic) => Some(basic.clone()),
            _ => None,
        },
        malformed_basic: matches!(authorization, Authorization::Malformed),
        client_id: sent.owned("client_id"),
        client_secret: sent.get("client_secret").map(Secret::from),
        assertion_type: sent.owned("client_assertion_type"),
        assertion: sent.get("client_assertion").map(Secret::from),
    }
}

#[cfg(test)]
mod tests;
