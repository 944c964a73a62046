//! `/orgs/{slug}/apps/{client_id}/quickstart`: programs with the app's own values, ready to run.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::views::apps::kind::AppKind;
use crate::web::views::apps::show::header::{AppHeader, Tab};
use crate::web::views::form::{FieldError, Form};
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
    /// The scope to try the app with.
    pub tryout: Form<String>,
    /// The programs that fit the app.
    pub snippets: Vec<Snippet>,
}

impl QuickstartPage {
    /// The page of an app with these values.
    pub fn new(layout: Layout, header: AppHeader, values: Values) -> Self {
        let snippets = snippets::of(&values);
        let tryout = Form::new(values.scopes.join(" "));
        Self { layout, header: header.at(Tab::Quickstart), values, tryout, snippets }
    }

    /// Whether it can be tried from here: a machine's token is a credential, so only who manages credentials gets one.
    pub fn can_try(&self) -> bool {
        !self.header.system && self.header.status.is_active() && (self.values.kind != AppKind::M2m || self.header.editable())
    }

    /// Where the form goes.
    pub fn try_path(&self) -> String {
        let what = if self.values.kind == AppKind::M2m { "token" } else { "try" };
        format!("{}/quickstart/{what}", self.header.path())
    }

    /// Whether it is a machine, which has no person to ask.
    pub fn is_machine(&self) -> bool {
        self.values.kind == AppKind::M2m
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

    /// A scope that the application may not ask for.
    pub fn sample_refused() -> Self {
        let wrong = FieldError::new("scope", "A scope is unknown here.");
        Self { tryout: Form::refused("projects:reed".into(), vec![wrong]), ..Self::sample() }
    }

    /// A machine with a secret and a key.
    pub fn sample_m2m() -> Self {
        let page = Self::sample();
        let header = AppHeader { kind: AppKind::M2m, ..page.header };
        let values = Values { kind: AppKind::M2m, redirect_uri: String::new(), has_rsa_key: true, ..page.values };
        Self::new(page.layout, header, values)
    }
}
