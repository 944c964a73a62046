//! A person who signs in.

use std::fmt;

use time::OffsetDateTime;

use crate::model::ids::UserId;

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Row id, never reassigned; the `sub` of their tokens.
    pub id: UserId,
    /// How they sign in.
    pub email: Email,
    /// Shown to them and to their admins.
    pub name: String,
    /// When they were added.
    pub created_at: OffsetDateTime,
    /// When the operator or an admin disabled them, if so.
    pub disabled_at: Option<OffsetDateTime>,
}

/// An e-mail address in the one form that is stored: trimmed and lower-cased, so that two spellings are one account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

impl Email {
    /// Reads an address; `None` when it cannot be one: no single `@`, blanks or control characters, longer than 254.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        let (local, domain) = text.split_once('@')?;
        let fits = (3..=254).contains(&text.chars().count())
            && !local.is_empty()
            && !domain.is_empty()
            && !domain.contains('@')
            && !text.chars().any(|c| c.is_control() || c.is_whitespace());
        fits.then_some(Self(text))
    }

    /// Whether mail can be sent there without anything in it meaning something else: ASCII, no list, no comment, no quoting.
    pub fn is_deliverable(&self) -> bool {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.@".contains(&byte);
        let domain = self.0.split_once('@').map_or("", |(_, domain)| domain);
        self.0.bytes().all(plain) && !domain.starts_with(['.', '-']) && !domain.ends_with(['.', '-'])
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
