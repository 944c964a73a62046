//! How an app and a scope present themselves wherever they are shown.

use crate::model::client::ClientRecord;
use crate::web::paths;

/// An app's face: its name and, without a logo, initials on a hue that belongs to its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppMark {
    /// Name as registered.
    pub name: String,
    /// Client id; chooses the hue.
    pub client_id: String,
    /// Address of the logo on our own origin.
    pub logo_url: Option<String>,
}

impl AppMark {
    /// An app without a logo.
    pub fn new(name: impl Into<String>, client_id: impl Into<String>) -> Self {
        Self { name: name.into(), client_id: client_id.into(), logo_url: None }
    }

    /// The face of a registered app.
    pub fn of(record: &ClientRecord) -> Self {
        let client = &record.client;
        Self { logo_url: client.logo.as_deref().map(paths::logo), ..Self::new(&client.profile.name, &client.client_id) }
    }

    /// One or two letters: the first of the first and of the last word.
    pub fn initials(&self) -> String {
        initials(&self.name)
    }

    /// A number from 0 to 11, the same for the same id; the stylesheet has a hue for each.
    pub fn hue(&self) -> u32 {
        self.client_id.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte))) % 12
    }

    /// An app for samples.
    pub fn sample() -> Self {
        Self::new("Brand Portal", "k3v9q2m7x4t8w1r6z5n0b2c9d7")
    }
}

/// The first letters of the first and the last word of `name`, upper case; `?` when it has none.
pub fn initials(name: &str) -> String {
    let mut letters = name.split_whitespace().filter_map(|word| word.chars().find(|letter| letter.is_alphanumeric()));
    let first = letters.next();
    let last = letters.next_back();
    let both: String = first.into_iter().chain(last).flat_map(char::to_uppercase).collect();
    if both.is_empty() { "?".into() } else { both }
}

/// A scope in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeLine {
    /// The wire name, `projects:read`.
    pub name: String,
    /// A sentence about what it allows: "See your projects".
    pub title: String,
    /// More words; may be empty.
    pub description: String,
    /// Whether it deserves a warning mark.
    pub sensitive: bool,
    /// Whether it was not approved before (consent only).
    pub is_new: bool,
}

impl ScopeLine {
    /// Three scopes for samples, one of them sensitive.
    pub fn samples() -> Vec<Self> {
        let line = |name: &str, title: &str, description: &str, sensitive: bool| Self {
            name: name.into(),
            title: title.into(),
            description: description.into(),
            sensitive,
            is_new: false,
        };
        vec![
            line("projects:read", "See your projects", "Names, owners, dates and status.", false),
            line("assets:write", "Upload and replace files", "Also in projects shared with you.", true),
            line("offline_access", "Stay connected while you are away", "", false),
        ]
    }

    /// `scopes` with the sensitive ones first, otherwise in their order.
    pub fn sensitive_first(scopes: &[Self]) -> Vec<&Self> {
        let mut ordered: Vec<&Self> = scopes.iter().collect();
        ordered.sort_by_key(|scope| !scope.sensitive);
        ordered
    }
}

/// A link that someone outside registered. Only `https` addresses become links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutsideLink {
    url: String,
}

impl OutsideLink {
    /// The link, or nothing when the address is not `https` (E10).
    pub fn new(url: &str) -> Option<Self> {
        let parsed = url::Url::parse(url).ok()?;
        (parsed.scheme() == "https").then(|| Self { url: url.to_owned() })
    }

    /// The address, safe for `href`.
    pub fn href(&self) -> &str {
        &self.url
    }
}
