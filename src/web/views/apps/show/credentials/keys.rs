//! Public keys: a row of the list, and `/orgs/{slug}/apps/{client_id}/credentials/keys/new`.

use askama::Template;
use askama_web::WebTemplate;
use time::{OffsetDateTime, macros::datetime};

use crate::web::views::{
    apps::{
        kind::AppKind,
        show::{
            credentials::LastUse,
            header::{AppHeader, Tab},
        },
    },
    form::{Choice, FieldError, Form},
    layout::{Layout, Section},
    mark::AppMark,
};

/// How much of a thumbprint people see first.
const THUMBPRINT_SHOWN: usize = 12;

/// A public key as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// Its id in the addresses of its forms.
    pub id: String,
    /// RFC 7638, whole.
    pub thumbprint: String,
    /// The JWS name of its algorithm.
    pub algorithm: String,
    /// Its kind and size, such as `RSA 2048` or `P-256`.
    pub size: String,
    /// What people noted about it; may be empty.
    pub note: String,
    /// The certificate it came in.
    pub certificate: Option<CertificateFacts>,
    /// When it was added.
    pub created_at: OffsetDateTime,
    /// Who added it, when it is known.
    pub created_by: Option<String>,
    /// Its last use.
    pub last_used: Option<LastUse>,
    /// When it stops working; `None` = never by itself.
    pub ends_at: Option<OffsetDateTime>,
    /// How it stands.
    pub state: KeyState,
    /// Whether it is the one that new service credentials of its account use.
    pub is_current: bool,
    /// The last characters of the secret that came with it.
    pub secret_hint: Option<String>,
}

/// What people see of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFacts {
    /// Whom it names; may be empty.
    pub subject: String,
    /// Valid from.
    pub not_before: OffsetDateTime,
    /// Valid until.
    pub not_after: OffsetDateTime,
}

/// How a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// It verifies.
    Works,
    /// It verifies for 30 days or less.
    EndsSoon,
    /// It verifies for 3 days or less.
    EndsNow,
    /// Its certificate is not valid yet.
    NotYet,
    /// It has ended by itself.
    Expired,
    /// It was revoked, then.
    Revoked(OffsetDateTime),
}

impl KeyState {
    /// Whether it verifies.
    pub fn works(&self) -> bool {
        matches!(self, Self::Works | Self::EndsSoon | Self::EndsNow)
    }

    /// Whether it may be deleted: it will never verify again.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Expired | Self::Revoked(_))
    }

    /// Whether people should act.
    pub fn is_urgent(&self) -> bool {
        matches!(self, Self::EndsSoon | Self::EndsNow)
    }

    /// The word for people.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Works => "Works",
            Self::EndsSoon | Self::EndsNow => "Ends soon",
            Self::NotYet => "Not valid yet",
            Self::Expired => "Expired",
            Self::Revoked(_) => "Revoked",
        }
    }

    /// The class of its colour.
    pub fn tone(&self) -> &'static str {
        match self {
            Self::Works => "good",
            Self::EndsSoon => "off",
            Self::EndsNow => "bad",
            Self::NotYet | Self::Expired | Self::Revoked(_) => "wait",
        }
    }

    /// The icon beside it.
    pub fn icon(&self) -> &'static str {
        match self {
            Self::Works => "check",
            Self::EndsSoon | Self::EndsNow => "alert",
            Self::NotYet => "clock",
            Self::Expired | Self::Revoked(_) => "ban",
        }
    }
}

impl KeyRow {
    /// Whether its end is another than that of its certificate, whose dates are shown.
    pub fn ends_apart(&self) -> bool {
        self.certificate.as_ref().is_none_or(|own| self.ends_at != Some(own.not_after))
    }

    /// The beginning of its thumbprint, enough to tell it from others.
    pub fn short(&self) -> &str {
        self.thumbprint.get(..THUMBPRINT_SHOWN).unwrap_or(&self.thumbprint)
    }

    /// A bare key that works.
    pub fn sample() -> Self {
        Self {
            id: "k1".into(),
            thumbprint: "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs".into(),
            algorithm: "ES256".into(),
            size: "P-256".into(),
            note: "Build server".into(),
            certificate: None,
            created_at: datetime!(2026-06-02 09:00 UTC),
            created_by: Some("Ada Moreau".into()),
            last_used: Some(LastUse { at: datetime!(2026-08-14 08:10 UTC), grant_type: "client_credentials".into() }),
            ends_at: None,
            state: KeyState::Works,
            is_current: false,
            secret_hint: None,
        }
    }

    /// One in each state.
    pub fn samples() -> Vec<Self> {
        let certified = |id: &str, thumbprint: &str, until: OffsetDateTime, state| Self {
            id: id.into(),
            thumbprint: thumbprint.into(),
            algorithm: "RS256".into(),
            size: "RSA 2048".into(),
            note: String::new(),
            certificate: Some(CertificateFacts {
                subject: "CN=nightly-sync, O=Acme Studios".into(),
                not_before: datetime!(2025-08-20 09:00 UTC),
                not_after: until,
            }),
            ends_at: Some(until),
            state,
            last_used: None,
            ..Self::sample()
        };
        vec![
            certified("k2", "0ehs3Y7Qd1mVbTQ9kq2zJc6rXnP4uLwG8sAfK5yEoDI", datetime!(2026-08-16 21:30 UTC), KeyState::EndsNow),
            certified("k3", "kSxPq7aZ2vYb3nC8mR1tW5eU9iO6pL4jH0gF-dSaQwE", datetime!(2026-09-03 09:00 UTC), KeyState::EndsSoon),
            Self::sample(),
            certified("k4", "Vt5yH8jK2lQ7wE4rN1mB6xC3zA9sD0fG_pOiUuYtRrE", datetime!(2026-08-01 09:00 UTC), KeyState::Expired),
            Self { state: KeyState::Revoked(datetime!(2026-08-10 14:00 UTC)), id: "k5".into(), note: String::new(), ..Self::sample() },
        ]
    }
}

/// The page that adds a key. Posts `csrf`, `key`, `file`, `note`, `expires_in`, `technical_account` to this address, with a file.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "apps/show/credentials/add_key.html")]
pub struct AddKeyPage {
    /// The frame.
    pub layout: Layout,
    /// The app.
    pub header: AppHeader,
    /// What was typed.
    pub form: Form<AddKeyValues>,
    /// The technical accounts to choose from; empty when it has none.
    pub accounts: Vec<Choice>,
}

/// The fields of a new key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddKeyValues {
    /// PEM or JWK.
    pub key: String,
    /// A note, at most 64 characters.
    pub note: String,
    /// Seconds until it expires, or `none`.
    pub expires_in: String,
    /// Id of the technical account, or nothing for the application itself.
    pub technical_account: String,
}

impl Default for AddKeyValues {
    fn default() -> Self {
        Self { key: String::new(), note: String::new(), expires_in: "none".into(), technical_account: String::new() }
    }
}

impl AddKeyValues {
    /// The lifetimes to choose from.
    pub fn choices(&self) -> [Choice; 5] {
        [
            Choice::new("none", "With its certificate, or never"),
            Choice::new("2592000", "After 30 days"),
            Choice::new("7776000", "After 90 days"),
            Choice::new("15552000", "After 180 days"),
            Choice::new("31536000", "After 365 days"),
        ]
    }
}

impl AddKeyPage {
    /// Ways to make a pair elsewhere: for what, in words, the commands.
    pub fn commands(&self) -> [(&'static str, &'static str, String); 2] {
        let pair = "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \\\n  -out private-key.pem\n\
                    openssl pkey -in private-key.pem -pubout -out public-key.pem";
        let certificate = format!(
            "openssl req -x509 -newkey rsa:2048 -sha256 -days 365 -nodes \\\n  -subj /CN={} \\\n  -keyout private-key.pem -out certificate.pem",
            self.header.mark.client_id
        );
        [("a bare key", "ES256, a bare key", pair.to_owned()), ("a certificate", "RS256, with a certificate for a year", certificate)]
    }

    /// An empty form.
    pub fn sample() -> Self {
        let mut header = AppHeader::sample().at(Tab::Credentials);
        header.kind = AppKind::M2m;
        header.mark = AppMark::new("Nightly Sync", "m7t3r9k1x5b8n2v4c6z0q1w3e5");
        Self {
            layout: Layout { section: Section::Apps, ..Layout::sample() },
            header,
            form: Form::default(),
            accounts: vec![
                Choice::new("", "The application itself"),
                Choice::new("a1", "5c1f0b9e7a3d4286b0c4d2e8f6a19375@techacct.auth.acme.example"),
            ],
        }
    }

    /// A private key was pasted.
    pub fn sample_refused() -> Self {
        let errors = vec![
            FieldError::new(
                "key",
                "This is a private key. It has now been sent over the network, so discard it, make a new pair and give only the public half.",
            ),
            FieldError::new("note", "A note has at most 64 characters."),
        ];
        let values =
            AddKeyValues { note: "For the second data centre and everything that runs there, now".into(), ..AddKeyValues::default() };
        Self { form: Form::refused(values, errors), accounts: Vec::new(), ..Self::sample() }
    }
}
