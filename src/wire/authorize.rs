//! The authorization request as sent (RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 8707, OpenID Connect Core §3.1.2.1).

use crate::wire::Parameters;

/// What came to the authorization endpoint; nothing is checked yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthorizationParams {
    /// RFC 6749 §4.1.1
    pub client_id: Option<String>,
    /// RFC 6749 §4.1.1
    pub redirect_uri: Option<String>,
    /// RFC 6749 §4.1.1
    pub response_type: Option<String>,
    /// OAuth 2.0 Multiple Response Types §2.1
    pub response_mode: Option<String>,
    /// RFC 6749 §3.3
    pub scope: Option<String>,
    /// RFC 6749 §4.1.1
    pub state: Option<String>,
    /// RFC 7636 §4.3
    pub code_challenge: Option<String>,
    /// RFC 7636 §4.3
    pub code_challenge_method: Option<String>,
    /// RFC 8707 §2
    pub resource: Option<String>,
    /// OpenID Connect Core §3.1.2.1
    pub nonce: Option<String>,
    /// OpenID Connect Core §3.1.2.1
    pub prompt: Option<String>,
    /// OpenID Connect Core §3.1.2.1; seconds
    pub max_age: Option<String>,
    /// OpenID Connect Core §3.1.2.1
    pub login_hint: Option<String>,
    /// OpenID Connect Core §6.1; not supported, so its presence is refused
    pub request: bool,
    /// OpenID Connect Core §6.2; not supported and never fetched
    pub request_uri: bool,
}

impl From<&Parameters> for AuthorizationParams {
    fn from(sent: &Parameters) -> Self {
        Self {
            client_id: sent.owned("client_id"),
            redirect_uri: sent.owned("redirect_uri"),
            response_type: sent.owned("response_type"),
            response_mode: sent.owned("response_mode"),
            scope: sent.owned("scope"),
            state: sent.owned("state"),
            code_challenge: sent.owned("code_challenge"),
            code_challenge_method: sent.owned("code_challenge_method"),
            resource: sent.owned("resource"),
            nonce: sent.owned("nonce"),
            prompt: sent.owned("prompt"),
            max_age: sent.owned("max_age"),
            login_hint: sent.owned("login_hint"),
            request: sent.contains("request"),
            request_uri: sent.contains("request_uri"),
        }
    }
}
