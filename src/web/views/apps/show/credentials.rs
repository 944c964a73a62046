//! `/orgs/{slug}/apps/{client_id}/credentials`: the secrets of an application.

use askama::Template;
use askama_web::WebTemplate;
use time::{OffsetDateTime, macros::datetime};

use crate::web::views::{
    apps::{kind::AppKind, show::header::AppHeader},
    form::{Choice, FieldError, Form},
    layout::{Layout, Section},
    mark::AppMark,
};

/// The credentials tab. Adding posts `csrf`, `note`, `expires_in` to this address; each secret posts `csrf` and `note` to
/// `credentials/{id}/note`, or `csrf` to `credentials/{id}/delete`.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "apps/show/credentials.html")]
pub struct CredentialsPage {
    /// The frame.
    pub layout: Layout,
    /// The app.
    pub header: AppHeader,
    /// Active secrets, newest first.
    pub secrets: Vec<SecretRow>,
    /// Most secrets that may be active at once.
    pub limit: usize,
    /// The form of a further secret.
    pub add: Form<AddSecretValues>,
}

/// A secret as it can be shown: never its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretRow {
    /// Its id in the addresses of its forms.
    pub id: String,
    /// Its last four characters.
    pub hint: String,
    /// What people noted about it; may be empty.
    pub note: String,
    /// What is wrong with the note that was just sent.
    pub note_error: Option<String>,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// Who made it, when it is known.
    pub created_by: Option<String>,
    /// Its last use.
    pub last_used: Option<LastUse>,
    /// When it stops working; `None` = never by itself.
    pub expires_at: Option<OffsetDateTime>,
}

/// The last use of a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastUse {
    /// When.
    pub at: OffsetDateTime,
    /// With which grant type, wire word.
    pub grant_type: String,
}

/// The fields of a further secret.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddSecretValues {
    /// A note, at most 64 characters.
    pub note: String,
    /// Seconds until it expires, or `none`.
    pub expires_in: String,
}

impl AddSecretValues {
    /// The lifetimes to choose from.
    pub fn choices(&self) -> [Choice; 5] {
        [
            Choice::new("none", "Never"),
            Choice::new("2592000", "After 30 days"),
            Choice::new("7776000", "After 90 days"),
            Choice::new("15552000", "After 180 days"),
            Choice::new("31536000", "After 365 days"),
        ]
    }
}

impl CredentialsPage {
    /// Whether no further secret may be added now.
    pub fn is_full(&self) -> bool {
        self.secrets.len() >= self.limit
    }

    /// Whether there is one secret only, which cannot be deleted.
    pub fn is_single(&self) -> bool {
        self.secrets.len() == 1
    }

    /// One secret.
    pub fn sample() -> Self {
        Self {
            layout: Layout { section: Section::Apps, ..Layout::sample() },
            header: AppHeader::sample(),
            secrets: vec![SecretRow {
                id: "c1".into(),
                hint: "x7Qd".into(),
                note: "Production".into(),
                note_error: None,
                created_at: datetime!(2026-05-02 09:00 UTC),
                created_by: Some("Ada Moreau".into()),
                last_used: Some(LastUse { at: datetime!(2026-08-14 09:27 UTC), grant_type: "refresh_token".into() }),
                expires_at: None,
            }],
            limit: 2,
            add: Form::default(),
        }
    }

    /// Two secrets, and a note that is too long.
    pub fn sample_full() -> Self {
        let mut page = Self::sample();
        page.secrets.insert(
            0,
            SecretRow {
                id: "c2".into(),
                hint: "Lm0a".into(),
                note: String::new(),
                note_error: Some("A note has at most 64 characters.".into()),
                created_at: datetime!(2026-08-14 09:20 UTC),
                created_by: None,
                last_used: None,
                expires_at: Some(datetime!(2026-11-12 09:20 UTC)),
            },
        );
        page
    }

    /// A form that was refused.
    pub fn sample_refused() -> Self {
        let error = FieldError::new("note", "A note has at most 64 characters.");
        let values =
            AddSecretValues { note: "For the second data centre and everything that runs there, now".into(), expires_in: "7776000".into() };
        Self { add: Form::refused(values, vec![error]), ..Self::sample() }
    }

    /// A single-page application, which has none.
    pub fn sample_spa() -> Self {
        let mut page = Self::sample();
        page.header.kind = AppKind::Spa;
        page.header.mark = AppMark::new("Review Board", "q4w8e2r6t0y3u7i1o5p9a2s6d0");
        page.secrets = Vec::new();
        page
    }
}
