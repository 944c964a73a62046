//! `/account`: profile, password, browser sessions.

use askama::Template;
use askama_web::WebTemplate;
use time::{OffsetDateTime, macros::datetime};

use crate::web::views::{
    form::{FieldError, Form},
    layout::{Layout, OrgLink, Section},
};

/// The account page. The password form posts `csrf`, `current_password`, `new_password` to `/account/password`; each session's
/// button posts `csrf` to `/account/sessions/{id}/end`, and one for all others to `/account/sessions/end-others`.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "account/show.html")]
pub struct AccountPage {
    /// The frame.
    pub layout: Layout,
    /// Name to show.
    pub name: String,
    /// Address that the person signs in with.
    pub email: String,
    /// The orgs that the person belongs to.
    pub orgs: Vec<OrgLink>,
    /// Errors of `current_password` and `new_password`.
    pub password: Form<()>,
    /// Fewest characters of a password.
    pub minimum_length: usize,
    /// Browser sessions, the current one first.
    pub sessions: Vec<SessionRow>,
}

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Its id in the end button's address.
    pub id: String,
    /// Browser and system in words: `Firefox on Linux`.
    pub device: String,
    /// Where it was last seen; may be empty.
    pub ip: String,
    /// When the person signed in.
    pub signed_in_at: OffsetDateTime,
    /// When it was last seen.
    pub last_seen_at: OffsetDateTime,
    /// Whether it is the browser that looks at the page.
    pub current: bool,
}

impl AccountPage {
    /// Whether another browser is signed in.
    pub fn has_others(&self) -> bool {
        self.sessions.iter().any(|session| !session.current)
    }

    /// Two sessions.
    pub fn sample() -> Self {
        let layout = Layout { section: Section::Account, org: None, ..Layout::sample() };
        let orgs = layout.signed_in.as_ref().map(|person| person.orgs.clone()).unwrap_or_default();
        let row = |id: &str, device: &str, ip: &str, signed_in_at, last_seen_at, current| SessionRow {
            id: id.into(),
            device: device.into(),
            ip: ip.into(),
            signed_in_at,
            last_seen_at,
            current,
        };
        Self {
            layout,
            name: "Ada Moreau".into(),
            email: "ada@acme.example".into(),
            orgs,
            password: Form::default(),
            minimum_length: 12,
            sessions: vec![
                row("s1", "Firefox on Linux", "192.0.2.7", datetime!(2026-08-14 08:02 UTC), datetime!(2026-08-14 09:30 UTC), true),
                row("s2", "Safari on iPhone", "198.51.100.23", datetime!(2026-08-09 18:40 UTC), datetime!(2026-08-13 21:10 UTC), false),
            ],
        }
    }

    /// A wrong current password.
    pub fn sample_refused() -> Self {
        let errors = vec![
            FieldError::new("current_password", "This is not your current password."),
            FieldError::new("new_password", "Use at least 12 characters."),
        ];
        Self { password: Form::refused((), errors), ..Self::sample() }
    }
}
