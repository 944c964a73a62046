//! The page that asks for the password before something that cannot be undone (M14).

use askama::Template;
use askama_web::WebTemplate;

use crate::web::views::layout::Layout;

/// Asks a signed-in person for the password. Posts `csrf`, `continuation`, `reauthenticate_password` to the address that was
/// asked for; without a continuation there is nothing to go on with, and the page says so.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "reauthenticate.html")]
pub struct ReauthenticatePage {
    /// The frame; `layout.signed_in` must be present.
    pub layout: Layout,
    /// Whose password.
    pub email: String,
    /// Where the form goes: the address it was first sent to.
    pub action: String,
    /// What was sent, sealed.
    pub continuation: Option<String>,
    /// The page it was sent from.
    pub back: String,
    /// Why the last try failed.
    pub doubt: Option<Doubt>,
}

/// Why a try failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// Another password.
    Wrong,
    /// Too many tries; seconds to wait.
    Throttled {
        /// Seconds until the next try is looked at.
        retry_after: u64,
    },
}

impl Doubt {
    /// The sentence shown.
    pub fn text(&self) -> String {
        match self {
            Self::Wrong => "That is not your password. Try again.".into(),
            Self::Throttled { retry_after } => {
                format!("Too many tries. Wait {} and try again.", crate::web::views::text::wait(*retry_after))
            }
        }
    }
}

impl ReauthenticatePage {
    /// The sentence at the field.
    pub fn mistake(&self) -> Option<String> {
        self.doubt.map(|doubt| doubt.text())
    }

    /// A first try.
    pub fn sample() -> Self {
        Self {
            layout: Layout::sample(),
            email: "ada@acme.example".into(),
            action: "/orgs/acme/apps/k3v9q2m7x4t8w1r6z5n0b2c9d7/delete".into(),
            continuation: Some("c2VhbGVk".into()),
            back: "/orgs/acme/apps/k3v9q2m7x4t8w1r6z5n0b2c9d7/settings".into(),
            doubt: None,
        }
    }

    /// After a wrong password.
    pub fn sample_wrong() -> Self {
        Self { doubt: Some(Doubt::Wrong), ..Self::sample() }
    }

    /// After an upload, which cannot be held.
    pub fn sample_upload() -> Self {
        Self { continuation: None, ..Self::sample() }
    }
}
