//! The authorization request as sent (RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 8707, OpenID Connect Core §3.1.2.1).

use std::collections::BTreeMap;

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
    /// RFC 8707 §2; the one parameter that may come more than once
    pub resource: Vec<String>,
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
    /// Names that came more than once, `resource` aside (RFC 6749 §3.1); their values are not read
    pub repeated: Vec<String>,
}

impl AuthorizationParams {
    /// Sorts decoded pairs; an empty value counts as omitted, a repeated name as unreadable.
    pub fn read(pairs: &[(String, String)]) -> Self {
        let mut sent: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, value) in pairs {
            sent.entry(name).or_default().push(value);
        }
        let resource = sent.remove("resource").unwrap_or_default();
        let repeated = sent.iter().filter(|(_, values)| values.len() > 1).map(|(name, _)| (*name).to_owned()).collect();
        let once = |name: &str| match sent.get(name).map(Vec::as_slice) {
            Some([value]) if !value.is_empty() => Some((*value).to_owned()),
            _ => None,
        };
        Self {
            client_id: once("client_id"),
            redirect_uri: once("redirect_uri"),
            response_type: once("response_type"),
            response_mode: once("response_mode"),
            scope: once("scope"),
            state: once("state"),
            code_challenge: once("code_challenge"),
            code_challenge_method: once("code_challenge_method"),
            resource: resource.into_iter().filter(|value| !value.is_empty()).map(str::to_owned).collect(),
            nonce: once("nonce"),
            prompt: once("prompt"),
            max_age: once("max_age"),
            login_hint: once("login_hint"),
            request: once("request").is_some(),
            request_uri: once("request_uri").is_some(),
            repeated,
        }
    }

    /// Whether `name` came more than once.
    pub fn is_repeated(&self, name: &str) -> bool {
        self.repeated.iter().any(|repeated| repeated == name)
    }
}
