//! Where a person goes after signing in: a waiting request of this server, or a path of it, never an address (E17).

use axum::http::HeaderMap;
use axum::http::header::REFERER;

use crate::model::ids::AuthorizationRequestId;
use crate::web::paths;

/// A safe destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReturnTo {
    /// An authorization request waits.
    Request(AuthorizationRequestId),
    /// A page of ours.
    Path(String),
}

impl ReturnTo {
    /// Reads the field or parameter `return_to`; `None` for anything that could lead elsewhere.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(id) = text.parse() {
            return Some(Self::Request(id));
        }
        is_own_path(text).then(|| Self::Path(text.to_owned()))
    }

    /// The path of the page of ours on which a form stood, as the browser tells it in `Referer`; the start, if it does not.
    pub fn came_from(headers: &HeaderMap, own_origin: &str) -> String {
        let referer = headers.get(REFERER).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let path = referer.strip_prefix(own_origin).unwrap_or_default();
        Self::parse(path).map_or_else(|| paths::HOME.to_owned(), |place| place.path())
    }

    /// Where to go.
    pub fn path(&self) -> String {
        match self {
            Self::Request(id) => paths::consent(id),
            Self::Path(path) => path.clone(),
        }
    }

    /// The value of the hidden field.
    pub fn text(&self) -> String {
        match self {
            Self::Request(id) => id.to_string(),
            Self::Path(path) => path.clone(),
        }
    }
}

/// One slash, then only characters that no browser reads as anything else: `//`, `\`, escapes and blanks are out.
fn is_own_path(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~?=&:,+".contains(&byte);
    text.len() <= 1_000 && text.starts_with('/') && !text.contains("//") && text.bytes().all(plain)
}

#[cfg(test)]
mod tests;
