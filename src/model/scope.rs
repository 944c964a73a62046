//! Scopes: ordered sets of scope tokens (RFC 6749 §3.3).

use std::fmt;

use serde::Serialize;

/// The scope that asks for a refresh token where an app wants it asked for.
pub const OFFLINE_ACCESS: &str = "offline_access";

/// A set of scope tokens in the order first named.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct ScopeSet(Vec<String>);

/// A scope token that the grammar of RFC 6749 §3.3 forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidScopeToken;

impl ScopeSet {
    /// The longest `scope` parameter that is read, in bytes.
    pub const MAX_BYTES: usize = 4_096;

    /// Reads a `scope` parameter; tokens are separated by spaces or commas, and repeats collapse.
    pub fn parse(text: &str) -> Result<Self, InvalidScopeToken> {
        if text.len() > Self::MAX_BYTES {
            return Err(InvalidScopeToken);
        }
        text.split([' ', ','])
            .filter(|token| !token.is_empty())
            .map(|token| is_scope_token(token).then(|| token.to_owned()))
            .collect::<Option<Vec<_>>>()
            .map(Self::from_iter)
            .ok_or(InvalidScopeToken)
    }

    /// The tokens in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether `token` is in the set.
    pub fn contains(&self, token: &str) -> bool {
        self.0.iter().any(|own| own == token)
    }

    /// Whether all of this set is in `other`.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.iter().all(|token| other.contains(token))
    }

    /// This set and what `other` adds.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.iter().chain(other.iter()).map(str::to_owned).collect()
    }

    /// What of this set is not in `other`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.iter().filter(|token| !other.contains(token)).map(str::to_owned).collect()
    }

    /// This set without `token`.
    #[must_use]
    pub fn without(&self, token: &str) -> Self {
        self.iter().filter(|own| *own != token).map(str::to_owned).collect()
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tokens, for a bind parameter.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

impl FromIterator<String> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = String>>(tokens: I) -> Self {
        let mut set: Vec<String> = Vec::new();
        for token in tokens {
            if !set.contains(&token) {
                set.push(token);
            }
        }
        Self(set)
    }
}

impl From<Vec<String>> for ScopeSet {
    fn from(tokens: Vec<String>) -> Self {
        tokens.into_iter().collect()
    }
}

/// Space-separated, as answers write it.
impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

/// `1*( %x21 / %x23-5B / %x5D-7E )` of RFC 6749 §3.3; the comma is ours, as a separator.
pub fn is_scope_token(token: &str) -> bool {
    (1..=128).contains(&token.len()) && token.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x2b | 0x2d..=0x5b | 0x5d..=0x7e))
}
