//! The one view of a client secret, straight after it was made. The response must carry `Cache-Control: no-store`.

use askama::Template;
use askama_web::WebTemplate;

use crate::secret::Secret;
use crate::web::views::{
    apps::show::header::{AppHeader, Tab},
    layout::{Layout, Section},
};

/// Shows client id and secret, once. For an application without a secret it shows the id.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "apps/show/secret_once.html")]
pub struct SecretOncePage {
    /// The frame.
    pub layout: Layout,
    /// The app.
    pub header: AppHeader,
    /// The secret; `None` for a single-page application.
    pub client_secret: Option<Secret<String>>,
    /// Whether the app itself was just created, or only the secret.
    pub app_is_new: bool,
    /// The tab that comes next.
    pub then: Tab,
    /// The issuer, for the file to download.
    pub issuer: String,
}

impl SecretOncePage {
    /// The secret in the clear: this page exists for it.
    pub fn exposed_secret(&self) -> Option<&str> {
        self.client_secret.as_ref().map(|secret| secret.expose().as_str())
    }

    /// A new web application.
    pub fn sample() -> Self {
        Self {
            layout: Layout { section: Section::Apps, ..Layout::sample() },
            header: AppHeader { last_used_at: None, ..AppHeader::sample() },
            client_secret: Some("grs_sample0sample0sample0sample0sample0sample0sample0x7Qd".into()),
            app_is_new: true,
            then: Tab::Settings,
            issuer: "https://auth.acme.example".into(),
        }
    }

    /// A further secret.
    pub fn sample_further() -> Self {
        Self { app_is_new: false, then: Tab::Credentials, ..Self::sample() }
    }

    /// A new single-page application.
    pub fn sample_public() -> Self {
        let mut page = Self::sample();
        page.header.kind = crate::web::views::apps::kind::AppKind::Spa;
        page.client_secret = None;
        page
    }
}
