//! `/orgs/{slug}/apps/{client_id}/settings`: editing an application, switching it off, deleting it.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::views::{
    apps::{
        fields::{AppValues, ScopeChoice},
        kind::{AppKind, AppStatus},
        show::header::AppHeader,
    },
    form::{FieldError, Form},
    layout::{Layout, Role, Section},
};

/// The settings tab. The form posts [`AppValues`]' fields, `csrf` and `version` to this address; the danger zone posts `csrf` to
/// `disable` or `enable`, and `csrf` and `confirm_name` to `delete`, beside it.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "apps/show/settings.html")]
pub struct SettingsPage {
    /// The frame.
    pub layout: Layout,
    /// The app.
    pub header: AppHeader,
    /// Values and errors.
    pub form: Form<AppValues>,
    /// Scopes to choose from.
    pub scopes: Vec<ScopeChoice>,
    /// The version that the values were read from, kept in the hidden field `version`.
    pub version: String,
    /// Whether someone else saved first: the page then shows the typed values and `version` is the newer one.
    pub conflict: bool,
    /// Remarks that do not stop saving: an idle limit beyond the absolute one and the like.
    pub warnings: Vec<String>,
    /// Impact of deleting, and the errors of its form.
    pub danger: DangerZone,
}

/// What disabling and deleting would do.
#[derive(Debug, Clone, Default)]
pub struct DangerZone {
    /// Living authorizations that deleting would end.
    pub authorizations: u64,
    /// People whom they belong to.
    pub users: u64,
    /// What was typed as `confirm_name`, and what is wrong with it.
    pub delete: Form<String>,
}

impl SettingsPage {
    /// A web application.
    pub fn sample() -> Self {
        Self {
            layout: Layout { section: Section::Apps, ..Layout::sample() },
            header: AppHeader::sample(),
            form: Form::new(AppValues::sample()),
            scopes: ScopeChoice::samples(),
            version: "4".into(),
            conflict: false,
            warnings: Vec::new(),
            danger: DangerZone { authorizations: 412, users: 38, delete: Form::default() },
        }
    }

    /// Someone else saved first, and the app is switched off.
    pub fn sample_conflict() -> Self {
        let mut page = Self::sample();
        page.conflict = true;
        page.header.status = AppStatus::Disabled;
        page.warnings = vec!["The idle limit is not shorter than the absolute limit, so it has no effect.".into()];
        page
    }

    /// A wrong name in the delete form.
    pub fn sample_wrong_name() -> Self {
        let mut page = Self::sample();
        let error = FieldError::new("confirm_name", "Type the name exactly: Brand Portal.");
        page.danger.delete = Form::refused("brand portal".into(), vec![error]);
        page
    }

    /// A machine-to-machine application that a developer looks at.
    pub fn sample_read_only() -> Self {
        let mut page = Self::sample();
        page.header.kind = AppKind::M2m;
        page.header.org.role = Role::Developer;
        page
    }
}
