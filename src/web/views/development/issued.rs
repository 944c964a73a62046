//! The one view of a development token, straight after it was made. The response must carry `Cache-Control: no-store`.

use askama::Template;
use askama_web::WebTemplate;
use time::{OffsetDateTime, macros::datetime};

use crate::secret::Secret;
use crate::web::views::layout::{Layout, OrgLink, Role, Section};

/// The token, this once. Its download posts `csrf` and `access_token` to `development/download`.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "development/issued.html")]
pub struct IssuedPage {
    /// The frame.
    pub layout: Layout,
    /// Whose API.
    pub org: OrgLink,
    /// The token.
    pub access_token: Secret<String>,
    /// Identifier of the API it is for.
    pub api: String,
    /// What it may do.
    pub scopes: String,
    /// Its end.
    pub expires_at: OffsetDateTime,
}

impl IssuedPage {
    /// The token in the clear: this page exists for it.
    pub fn exposed(&self) -> &str {
        self.access_token.expose()
    }

    /// A token.
    pub fn sample() -> Self {
        Self {
            layout: Layout { section: Section::Development, development: true, ..Layout::sample() },
            org: OrgLink { slug: "acme".into(), name: "Acme Studios".into(), role: Role::Developer },
            access_token: "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJzYW1wbGUifQ.sample0sample0sample0".into(),
            api: "https://api.acme.example".into(),
            scopes: "projects:read projects:write".into(),
            expires_at: datetime!(2026-08-14 17:30 UTC),
        }
    }
}
