//! A registered redirect URI: the exact string that was registered, never a normalized one (RFC 9700 §2.1).

use std::fmt;

use serde::Serialize;

/// A redirect URI that passed the rules of registration (`protocol::client_metadata`) or was loaded from the database.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct RedirectUri(String);

impl RedirectUri {
    /// Wraps a string known to be a registered or registrable redirect URI.
    pub fn from_registered(uri: String) -> Self {
        Self(uri)
    }

    /// The exact string.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `scheme://host[:port]` for http and https, as a browser writes an origin; `None` for other schemes.
    pub fn origin(&self) -> Option<String> {
        let url = url::Url::parse(&self.0).ok()?;
        matches!(url.scheme(), "http" | "https").then(|| url.origin().ascii_serialization())
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
