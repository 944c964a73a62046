//! Service credentials: technical accounts in the list of credentials, and the one view of a document straight after it was made.

use askama::Template;
use askama_web::WebTemplate;
use time::{OffsetDateTime, macros::datetime};

use crate::secret::Secret;
use crate::web::views::{
    apps::{
        kind::AppKind,
        show::{
            credentials::keys::{CertificateFacts, KeyRow},
            header::AppHeader,
        },
    },
    layout::{Layout, Section},
    mark::AppMark,
};

/// The technical accounts of an application.
#[derive(Debug, Clone, Default)]
pub struct ServiceSection {
    /// Oldest first.
    pub accounts: Vec<AccountRow>,
    /// What was typed as note of new ones.
    pub note: String,
    /// What is wrong with it, or with the wish as a whole.
    pub wrong: Option<String>,
    /// What makes the forms of this view one: the same one again makes nothing more.
    pub once: String,
}

/// A technical account with its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// Its id in the addresses of its forms.
    pub id: String,
    /// The `sub` of its tokens.
    pub subject: String,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// Who made it, when it is known.
    pub created_by: Option<String>,
    /// Its keys, newest first.
    pub keys: Vec<KeyRow>,
}

impl AccountRow {
    /// The part of its subject that tells it from others.
    pub fn name(&self) -> &str {
        self.subject.get(..8).unwrap_or(&self.subject)
    }

    /// An account with one key.
    pub fn sample() -> Self {
        let until = datetime!(2027-08-14 09:00 UTC);
        let key = KeyRow {
            id: "k6".into(),
            thumbprint: "h2Wq8Zr5Tn1Vb7Xc3Mk9Lj4Gf6Ds0Aq2We5Rt8Yu1Io".into(),
            algorithm: "RS256".into(),
            size: "RSA 2048".into(),
            note: "Author environment".into(),
            certificate: Some(CertificateFacts {
                subject: "CN=m7t3r9k1x5b8n2v4c6z0q1w3e5".into(),
                not_before: datetime!(2026-08-14 09:00 UTC),
                not_after: until,
            }),
            created_at: datetime!(2026-08-14 09:00 UTC),
            ends_at: Some(until),
            is_current: true,
            secret_hint: Some("Pp3x".into()),
            ..KeyRow::sample()
        };
        Self {
            id: "a1".into(),
            subject: "5c1f0b9e7a3d4286b0c4d2e8f6a19375@techacct.auth.acme.example".into(),
            created_at: datetime!(2026-08-14 09:00 UTC),
            created_by: Some("Ada Moreau".into()),
            keys: vec![key],
        }
    }
}

/// Shows a service-credentials document, once. The response must carry `Cache-Control: no-store`. Its download posts `csrf`, `format`
/// and `document` to `credentials/download`, so that it works without a script and stays nowhere.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "apps/show/credentials/service_once.html")]
pub struct ServiceOncePage {
    /// The frame.
    pub layout: Layout,
    /// The app.
    pub header: AppHeader,
    /// The document as JSON text.
    pub document: Secret<String>,
    /// The `sub` of its tokens.
    pub subject: String,
    /// The key in it.
    pub key: KeyRow,
    /// Whether the account had a key that works before.
    pub overlaps: bool,
}

impl ServiceOncePage {
    /// The document in the clear: this page exists for it.
    pub fn exposed_document(&self) -> &str {
        self.document.expose()
    }

    /// A first document.
    pub fn sample() -> Self {
        let account = AccountRow::sample();
        let mut header = AppHeader { kind: AppKind::M2m, last_used_at: None, ..AppHeader::sample() };
        header.mark = AppMark::new("Nightly Sync", "m7t3r9k1x5b8n2v4c6z0q1w3e5");
        let document = r#"{
  "integration": {
    "email": "0198a1f2-7c3d-7e4f-8a5b-6c7d8e9f0a1b@techacct.auth.acme.example",
    "id": "5c1f0b9e7a3d4286b0c4d2e8f6a19375@techacct.auth.acme.example",
    "imsEndpoint": "auth.acme.example",
    "metascopes": "assets:read,assets:write",
    "org": "0198a1f2-7c3d-7e4f-8a5b-000000000001",
    "privateKey": "(sample)",
    "publicKey": "(sample)",
    "technicalAccount": {
      "clientId": "m7t3r9k1x5b8n2v4c6z0q1w3e5",
      "clientSecret": "grs_sample0sample0sample0sample0sample0sample0sample0Pp3x"
    }
  },
  "ok": true,
  "statusCode": 200
}"#;
        Self {
            layout: Layout { section: Section::Apps, ..Layout::sample() },
            header,
            document: document.into(),
            subject: account.subject,
            key: account.keys.into_iter().next().unwrap_or_else(KeyRow::sample),
            overlaps: false,
        }
    }

    /// A further certificate of an account that has one.
    pub fn sample_overlap() -> Self {
        Self { overlaps: true, ..Self::sample() }
    }
}
