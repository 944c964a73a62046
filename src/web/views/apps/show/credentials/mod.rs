//! `/orgs/{slug}/apps/{client_id}/credentials`: what an application proves itself with: secrets, public keys, service credentials.

use askama::Template;
use askama_web::WebTemplate;
use time::{OffsetDateTime, macros::datetime};

use crate::web::views::{
    apps::{
        kind::AppKind,
        row::{Reason, Tone},
        show::{
            credentials::{
                keys::{KeyRow, KeyState},
                published::KeySet,
                service::{AccountRow, ServiceSection},
            },
            header::{AppHeader, Tab},
        },
    },
    form::{Choice, FieldError, Form},
    layout::{Layout, Role, Section},
    mark::AppMark,
};

pub mod check;
pub mod keys;
pub mod published;
pub mod service;

/// The credentials tab. Adding a secret posts `csrf`, `once`, `note`, `expires_in`, `others_end_in` to this address; each secret posts `csrf`,
/// `note` and `expires_in` to `credentials/{id}/note`, or `csrf` to `credentials/{id}/delete`; each key posts `csrf` to `credentials/keys/{id}/revoke`
/// or `…/delete`; the key set posts `csrf` and `jwks_uri` to `credentials/key-set`; service credentials post `csrf`, `note` and `technical_account` to `credentials/service`.
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
    /// Names the form: sent twice, it still makes one secret.
    pub once: String,
    /// Keys that act as the application itself, newest first.
    pub keys: Vec<KeyRow>,
    /// Keys of the application in all, those of technical accounts too.
    pub key_count: usize,
    /// The most it may have.
    pub key_limit: usize,
    /// What its assertions say.
    pub assertions: AssertionWords,
    /// The keys that it publishes itself.
    pub published: KeySet,
    /// Technical accounts with their keys; `None` for an application that has none.
    pub service: Option<ServiceSection>,
    /// Whether a migration runs, during which nothing here may change.
    pub migrating: bool,
}

/// What stands in the assertions of an application, for whoever writes its code (R33).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssertionWords {
    /// `aud`, and the beginning of the one of the IMS exchange.
    pub issuer: String,
    /// What only the exchanges ask for: `iss` and `sub`; `None` for an application that may not use them.
    pub exchange: Option<ExchangeWords>,
}

/// `iss` and `sub` of an assertion for the exchanges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeWords {
    /// Id of the org.
    pub org: String,
    /// Id of the person who looks.
    pub user: String,
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
    /// What was just typed at it, when that is not saved.
    pub edit: Option<SecretEdit>,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// Who made it, when it is known.
    pub created_by: Option<String>,
    /// Its last use.
    pub last_used: Option<LastUse>,
    /// When it stops working; `None` = never by itself.
    pub expires_at: Option<OffsetDateTime>,
    /// Whether that has come.
    pub is_over: bool,
    /// Whether it stops working soon, and how pressing that is.
    pub ends_soon: Option<Tone>,
}

/// What was typed to change a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretEdit {
    /// The note.
    pub note: String,
    /// The choice of its end.
    pub expires_in: String,
    /// What is wrong with the note.
    pub wrong: Option<String>,
}

impl SecretRow {
    /// What is wrong with what was typed.
    pub fn wrong(&self) -> Option<&str> {
        self.edit.as_ref()?.wrong.as_deref()
    }

    /// The note to edit.
    pub fn typed_note(&self) -> &str {
        self.edit.as_ref().map_or(&self.note, |edit| &edit.note)
    }

    /// The choice of its end that is shown.
    pub fn chosen_end(&self) -> &str {
        self.edit.as_ref().map_or("keep", |edit| if edit.expires_in.is_empty() { "keep" } else { &edit.expires_in })
    }

    /// What its end can become.
    pub fn ends(&self) -> [Choice; 6] {
        [
            Choice::new("keep", "As it is"),
            Choice::new("3600", "In 1 hour"),
            Choice::new("86400", "In 24 hours"),
            Choice::new("604800", "In 7 days"),
            Choice::new("2592000", "In 30 days"),
            Choice::new("none", "Never"),
        ]
    }
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
    /// Seconds until the secrets there are now expire, or `none`.
    pub others_end_in: String,
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

    /// How long the present secret may go on.
    pub fn overlaps(&self) -> [Choice; 5] {
        [
            Choice::new("none", "Until I delete it"),
            Choice::new("3600", "For 1 hour"),
            Choice::new("86400", "For 24 hours"),
            Choice::new("604800", "For 7 days"),
            Choice::new("2592000", "For 30 days"),
        ]
    }
}

impl CredentialsPage {
    /// How many secrets work.
    pub fn working(&self) -> usize {
        self.secrets.iter().filter(|secret| !secret.is_over).count()
    }

    /// Whether anything that was sent is wrong.
    pub fn is_refused(&self) -> bool {
        self.add.is_refused() || self.published.form.is_refused() || self.other_mistakes().is_refused()
    }

    /// What is wrong with the small forms of the page.
    pub fn other_mistakes(&self) -> Form<()> {
        let notes = self.secrets.iter().filter_map(|own| Some(FieldError::new(format!("note-{}", own.id), own.wrong()?)));
        let service = self.service.iter().filter_map(|own| own.wrong.as_ref());
        let service = service.map(|wrong| FieldError::new("service-note", wrong));
        Form::refused((), notes.chain(service).collect())
    }

    /// Whether no further secret may be added now.
    pub fn is_full(&self) -> bool {
        self.working() >= self.limit
    }

    /// Whether no further key may be added now.
    pub fn is_full_of_keys(&self) -> bool {
        self.key_count >= self.key_limit
    }

    /// Whether this secret is the only credential that works, which cannot be deleted.
    pub fn is_last(&self, secret: &SecretRow) -> bool {
        let accounts = self.service.iter().flat_map(|section| &section.accounts).flat_map(|account| &account.keys);
        !secret.is_over && self.working() == 1 && !self.keys.iter().chain(accounts).any(|key| key.state.works())
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
                edit: None,
                created_at: datetime!(2026-05-02 09:00 UTC),
                created_by: Some("Ada Moreau".into()),
                last_used: Some(LastUse { at: datetime!(2026-08-14 09:27 UTC), grant_type: "refresh_token".into() }),
                expires_at: None,
                is_over: false,
                ends_soon: None,
            }],
            limit: 2,
            add: Form::default(),
            once: "0198f3c2-7a41-7c0e-9d55-3f1b6a2e8c10".into(),
            keys: Vec::new(),
            key_count: 0,
            key_limit: 10,
            assertions: AssertionWords { issuer: "https://auth.acme.example".into(), exchange: None },
            published: KeySet::default(),
            service: None,
            migrating: false,
        }
    }

    /// A machine application with keys in every state, and a technical account.
    pub fn sample_keys() -> Self {
        let mut page = Self::sample();
        page.header = AppHeader { kind: AppKind::M2m, ..page.header.at(Tab::Credentials) };
        page.header.mark = AppMark::new("Nightly Sync", "m7t3r9k1x5b8n2v4c6z0q1w3e5");
        page.keys = KeyRow::samples();
        page.key_count = 6;
        page.assertions.exchange =
            Some(ExchangeWords { org: "0198a1f2-7c3d-7e4f-8a5b-000000000001".into(), user: "0198f3c2-7a41-7c0e-9d55-3f1b6a2e8c01".into() });
        page.published = KeySet::sample();
        page.service = Some(ServiceSection {
            accounts: vec![AccountRow::sample()],
            once: "0198f3c2-7a41-7c0e-9d55-3f1b6a2e8c12".into(),
            ..ServiceSection::default()
        });
        page
    }

    /// Ten keys, and a migration that runs.
    pub fn sample_migrating() -> Self {
        let mut page = Self::sample_keys();
        page.keys.retain(|key| key.state == KeyState::Works);
        page.key_count = page.key_limit;
        page.service = Some(ServiceSection::default());
        page.migrating = true;
        page
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
                edit: Some(SecretEdit {
                    note: "The production server of the nightly synchronisation in the first region".into(),
                    expires_in: "keep".into(),
                    wrong: Some("A note has at most 64 characters.".into()),
                }),
                created_at: datetime!(2026-08-14 09:20 UTC),
                created_by: None,
                last_used: None,
                expires_at: Some(datetime!(2026-08-16 09:20 UTC)),
                is_over: false,
                ends_soon: Some(Tone::Danger),
            },
        );
        page
    }

    /// As a developer sees it, with why to look at it.
    pub fn sample_read_only() -> Self {
        let mut page = Self::sample();
        page.header = page.header.at(Tab::Credentials);
        page.header.org.role = Role::Developer;
        page.header.reasons = vec![Reason::new(Tone::Warning, "Secret expires in 20 days", "credentials")];
        page.secrets[0].expires_at = Some(datetime!(2026-09-03 09:30 UTC));
        page.secrets[0].ends_soon = Some(Tone::Warning);
        page
    }

    /// An application of the server, which nobody changes here.
    pub fn sample_system() -> Self {
        let mut page = Self::sample();
        page.header = AppHeader { system: true, kind: AppKind::M2m, ..page.header.at(Tab::Credentials) };
        page
    }

    /// A form that was refused.
    pub fn sample_refused() -> Self {
        let error = FieldError::new("note", "A note has at most 64 characters.");
        let values = AddSecretValues {
            note: "For the second data centre and everything that runs there, now".into(),
            expires_in: "7776000".into(),
            others_end_in: "86400".into(),
        };
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
