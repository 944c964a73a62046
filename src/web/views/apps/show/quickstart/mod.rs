//! `/orgs/{slug}/apps/{client_id}/quickstart`: programs with the app's own values, ready to run.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::views::apps::kind::AppKind;
use crate::web::views::apps::show::header::{AppHeader, Tab};
use crate::web::views::layout::{Layout, Section};

mod snippets;
mod values;

pub use snippets::{File, Snippet};
pub use values::Values;

/// Values to copy, and programs.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "apps/show/quickstart.html")]
pub struct QuickstartPage {
    /// The frame.
    pub layout: Layout,
    /// The app.
    pub header: AppHeader,
    /// What the programs are filled with.
    pub values: Values,
    /// The programs that fit the app.
    pub snippets: Vec<Snippet>,
}

impl QuickstartPage {
    /// The page of an app with these values.
    pub fn new(layout: Layout, header: AppHeader, values: Values) -> Self {
        let snippets = snippets::of(&values);
        Self { layout, header: header.at(Tab::Quickstart), values, snippets }
    }

    /// Whether a program on one's own machine can be where people come back to.
    pub fn listens_here(&self) -> bool {
        self.values.redirect_uri.starts_with("http://")
    }

    /// Whether a secret is named by its environment variable.
    pub fn needs_secret(&self) -> bool {
        self.values.kind != AppKind::Spa
    }

    /// A web application.
    pub fn sample() -> Self {
        let layout = Layout { section: Section::Apps, ..Layout::sample() };
        Self::new(layout, AppHeader::sample(), Values::sample())
    }

    /// A single-page application whose only redirect URI is elsewhere.
    pub fn sample_spa() -> Self {
        let page = Self::sample();
        let header = AppHeader { kind: AppKind::Spa, ..page.header };
        let values = Values { kind: AppKind::Spa, redirect_uri: "https://portal.acme.example/callback".into(), ..page.values };
        Self::new(page.layout, header, values)
    }

    /// A machine with a secret and a key.
    pub fn sample_m2m() -> Self {
        let page = Self::sample();
        let header = AppHeader { kind: AppKind::M2m, ..page.header };
        let values = Values { kind: AppKind::M2m, redirect_uri: String::new(), has_rsa_key: true, ..page.values };
        Self::new(page.layout, header, values)
    }
}
