//! `/orgs/{slug}/apps/new/{step}?kind=`: one step of registering an application. What the other steps hold travels in the form;
//! nothing is stored before the last one.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::views::{
    apps::{
        fields::{AppValues, ScopeChoice},
        kind::AppKind,
        step::{Step, StepMark},
    },
    form::{FieldError, Form},
    layout::{Layout, OrgLink, Role, Section},
};

/// A step with fields. Posts [`AppValues`]' fields, those of other steps hidden, and `csrf` to the address of the next step; a
/// second button posts the same to the step before.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "apps/create.html")]
pub struct CreateAppPage {
    /// The frame.
    pub layout: Layout,
    /// The org.
    pub org: OrgLink,
    /// The chosen kind.
    pub kind: AppKind,
    /// Which step.
    pub step: Step,
    /// Values of every step, and the errors of this one.
    pub form: Form<AppValues>,
    /// Scopes to choose from.
    pub scopes: Vec<ScopeChoice>,
}

impl CreateAppPage {
    /// Whether a section of the fields is asked for here.
    pub fn shows(&self, section: &str) -> bool {
        self.step.asks_for(section)
    }

    /// Whether the application does not exist yet.
    pub fn is_new(&self) -> bool {
        true
    }

    /// What the other steps hold.
    pub fn carried(&self) -> Vec<(&'static str, String)> {
        self.form.values.pairs().into_iter().filter(|(name, _)| Step::of_field(name) != self.step).collect()
    }

    /// The line of steps.
    pub fn line(&self) -> Vec<StepMark> {
        Step::line(Some(self.step), self.kind)
    }

    /// Where the form goes.
    pub fn next_url(&self) -> String {
        self.step.next().url(&self.org.slug, &self.kind)
    }

    /// Where the form goes back to; `None` = to the choice of the kind.
    pub fn previous_url(&self) -> Option<String> {
        Some(self.step.previous()?.url(&self.org.slug, &self.kind))
    }

    /// The first step of a web application, untouched.
    pub fn sample() -> Self {
        Self {
            layout: Layout { section: Section::Apps, ..Layout::sample() },
            org: OrgLink { slug: "acme".into(), name: "Acme Studios".into(), role: Role::Admin },
            kind: AppKind::Web,
            step: Step::Details,
            form: Form::new(AppValues::defaults(3_600)),
            scopes: ScopeChoice::samples(),
        }
    }

    /// The second, after an error.
    pub fn sample_refused() -> Self {
        let values = AppValues { redirect_uris: "https://portal.acme.example/#done".into(), ..AppValues::sample() };
        let error = FieldError::new("redirect_uri_1", "Redirect URI 1: a redirect URI must not have a fragment (the part after #).");
        Self { kind: AppKind::Spa, step: Step::Access, form: Form::refused(values, vec![error]), ..Self::sample() }
    }

    /// The third of a web application.
    pub fn sample_limits() -> Self {
        Self { step: Step::Limits, form: Form::new(AppValues::sample()), ..Self::sample() }
    }

    /// The second of a machine-to-machine application.
    pub fn sample_m2m() -> Self {
        Self { kind: AppKind::M2m, step: Step::Access, form: Form::new(AppValues::defaults(86_400)), ..Self::sample() }
    }
}
