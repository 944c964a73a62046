//! `/orgs/{slug}/apps/new/review?kind=`: everything once more, before the application is made.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::views::{
    apps::{
        fields::{AppValues, ScopeChoice},
        kind::AppKind,
        step::{Step, StepMark},
    },
    layout::{Layout, OrgLink, Role, Section},
    text,
};

/// The last step. Posts [`AppValues`]' fields, `csrf` and `once` to `/orgs/{slug}/apps/new?kind={kind}`; further buttons post the
/// same to the step that they change.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "apps/review.html")]
pub struct ReviewPage {
    /// The frame.
    pub layout: Layout,
    /// The org.
    pub org: OrgLink,
    /// The chosen kind.
    pub kind: AppKind,
    /// Values of every step.
    pub values: AppValues,
    /// The scopes there are, for their titles.
    pub scopes: Vec<ScopeChoice>,
    /// Applications that take a place, without this one.
    pub used: u64,
    /// Places.
    pub limit: u64,
    /// Remarks that do not stop anything.
    pub warnings: Vec<String>,
    /// What makes two submits of this page one application.
    pub once: String,
}

/// A part of the review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The step that asks for it.
    pub step: Step,
    /// What was said.
    pub lines: Vec<Line>,
}

/// One line of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What.
    pub label: &'static str,
    /// What was said; empty = nothing.
    pub values: Vec<String>,
    /// Whether it is read letter by letter.
    pub is_code: bool,
}

impl Line {
    fn new(label: &'static str, value: impl Into<String>) -> Self {
        let value = value.into();
        Self { label, values: Some(value).filter(|value| !value.trim().is_empty()).into_iter().collect(), is_code: false }
    }
}

impl ReviewPage {
    /// What the form carries.
    pub fn carried(&self) -> Vec<(&'static str, String)> {
        self.values.pairs()
    }

    /// The line of steps.
    pub fn line(&self) -> Vec<StepMark> {
        Step::line(Some(Step::Review), self.kind)
    }

    /// Where a part is changed.
    pub fn url(&self, step: &Step) -> String {
        step.url(&self.org.slug, &self.kind)
    }

    /// Where the form goes back to.
    pub fn previous_url(&self) -> String {
        Step::Limits.url(&self.org.slug, &self.kind)
    }

    /// Everything that was said, by step.
    pub fn parts(&self) -> Vec<Part> {
        vec![
            Part { step: Step::Details, lines: self.details() },
            Part { step: Step::Access, lines: self.access() },
            Part { step: Step::Limits, lines: self.limits() },
        ]
    }

    fn details(&self) -> Vec<Line> {
        let own = &self.values;
        let mut lines = vec![Line::new("Name", &own.name), Line::new("Description", &own.description)];
        lines.push(Line::new("About page", &own.description_url));
        if self.kind.has_people() {
            lines.push(Line::new("Privacy policy", &own.privacy_policy_url));
            lines.push(Line::new("Terms of service", &own.terms_of_service_url));
        }
        if self.kind.is_spa() {
            lines.push(Line::new("Developer", &own.developer_name));
            lines.push(Line::new("Developer email", &own.developer_email));
        }
        lines
    }

    fn access(&self) -> Vec<Line> {
        let own = &self.values;
        let mut lines = Vec::new();
        if self.kind.has_people() {
            let uris = own.redirect_uris.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
            lines.push(Line { label: "Redirect URIs", values: uris, is_code: true });
            lines.push(Line::new("http://localhost", if own.allow_localhost { "accepted too" } else { "refused" }));
            let required = self.kind.is_spa() || own.require_pkce;
            lines.push(Line::new("PKCE", if required { "required" } else { "checked when it is used" }));
        }
        let chosen = self.scopes.iter().filter(|scope| own.has_scope(&scope.name));
        let scopes = chosen.map(|scope| format!("{} ({})", scope.title, scope.name)).collect();
        lines.push(Line { label: "Scopes", values: scopes, is_code: false });
        lines
    }

    fn limits(&self) -> Vec<Line> {
        let own = &self.values;
        let span = |seconds: &str| seconds.parse().map_or_else(|_| "no expiration".to_owned(), text::span);
        let mut lines = vec![Line::new("Access token lifetime", span(&own.access_token_lifetime))];
        if self.kind.has_people() {
            let way = match own.refresh_tokens.as_str() {
                "never" => "never issued",
                "offline_access" => "issued when it asks for offline_access",
                _ => "always issued",
            };
            lines.push(Line::new("Refresh tokens", way));
            if own.refresh_tokens != "never" {
                let rotates = self.kind.is_spa() || own.rotation;
                lines.push(Line::new("Rotation", if rotates { "each is replaced when it is used" } else { "off" }));
                let window = if own.retry_window == "0" { "no retries".to_owned() } else { span(&own.retry_window) };
                lines.push(Line::new("Retry window", window));
                lines.push(Line::new("Absolute limit", span(&own.absolute_lifetime)));
                lines.push(Line::new("Idle limit", span(&own.idle_lifetime)));
            }
        }
        if self.kind.has_secrets() {
            lines.push(Line::new("Password grant", if own.allow_password_grant { "allowed" } else { "not allowed" }));
        }
        lines
    }

    /// A web application.
    pub fn sample() -> Self {
        Self {
            layout: Layout { section: Section::Apps, ..Layout::sample() },
            org: OrgLink { slug: "acme".into(), name: "Acme Studios".into(), role: Role::Admin },
            kind: AppKind::Web,
            values: AppValues::sample(),
            scopes: ScopeChoice::samples(),
            used: 7,
            limit: 10,
            warnings: Vec::new(),
            once: "0198f3c2-7a41-7c0e-9d55-3f1b6a2e8c10".into(),
        }
    }

    /// A machine-to-machine application with nothing but a name, and a remark.
    pub fn sample_m2m() -> Self {
        let values = AppValues { name: "Nightly Asset Sync".into(), ..AppValues::defaults(86_400) };
        Self { kind: AppKind::M2m, values, warnings: vec!["A sample remark about the limits.".into()], ..Self::sample() }
    }
}
