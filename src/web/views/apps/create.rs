//! `/orgs/{slug}/apps/new?kind=`: the fields of a new application.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::views::{
    apps::{
        fields::{AppValues, ScopeChoice},
        kind::AppKind,
    },
    form::{FieldError, Form},
    layout::{Layout, OrgLink, Role, Section},
};

/// The second step. Posts [`AppValues`]' fields and `csrf` to `/orgs/{slug}/apps/new?kind={kind}`.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "apps/create.html")]
pub struct CreateAppPage {
    /// The frame.
    pub layout: Layout,
    /// The org.
    pub org: OrgLink,
    /// The chosen kind.
    pub kind: AppKind,
    /// Values and errors.
    pub form: Form<AppValues>,
    /// Scopes to choose from.
    pub scopes: Vec<ScopeChoice>,
}

impl CreateAppPage {
    /// A web application, untouched.
    pub fn sample() -> Self {
        Self {
            layout: Layout { section: Section::Apps, ..Layout::sample() },
            org: OrgLink { slug: "acme".into(), name: "Acme Studios".into(), role: Role::Admin },
            kind: AppKind::Web,
            form: Form::new(AppValues::defaults(3_600)),
            scopes: ScopeChoice::samples(),
        }
    }

    /// A single-page application with errors.
    pub fn sample_refused() -> Self {
        let values = AppValues { name: String::new(), redirect_uris: "https://portal.acme.example/#done".into(), ..AppValues::sample() };
        let errors = vec![
            FieldError::new("name", "Give the application a name."),
            FieldError::new("redirect_uris", "Line 1: a redirect URI must not have a fragment (the part after #)."),
        ];
        Self { kind: AppKind::Spa, form: Form::refused(values, errors), ..Self::sample() }
    }

    /// A machine-to-machine application.
    pub fn sample_m2m() -> Self {
        Self { kind: AppKind::M2m, form: Form::new(AppValues::defaults(86_400)), ..Self::sample() }
    }
}
