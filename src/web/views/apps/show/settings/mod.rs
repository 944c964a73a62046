//! `/orgs/{slug}/apps/{client_id}/settings`: editing an application, its logo, switching it off, deleting it.

use askama::Template;
use askama_web::WebTemplate;
use time::{OffsetDateTime, macros::datetime};

use crate::model::verification::Verification;
use crate::web::views::{
    apps::{
        fields::{AppValues, ScopeChoice},
        kind::{AppKind, AppStatus},
        show::header::AppHeader,
    },
    form::{FieldError, Form},
    layout::{Layout, Role, Section},
};

pub mod difference;
pub mod review;
pub mod timeline;

use difference::{Difference, differences};
use timeline::Timeline;

/// The settings tab. The form posts [`AppValues`]' fields, `csrf` and `version` to this address; a button named `step` asks for a
/// row more or less (`add-uri`, `remove-uri-2`) or to see what the limits mean (`preview`) and saves nothing. `logo` beside it takes a
/// file of that name, `logo/remove` takes it away; the danger zone posts `csrf` to `disable` or `enable`, and `csrf` and
/// `confirm_name` to `delete`.
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
    /// Someone else saved first: the page then shows the typed values beside theirs, and `version` is the newer one.
    pub conflict: Option<Conflict>,
    /// Remarks that do not stop saving: an idle limit beyond the absolute one and the like.
    pub warnings: Vec<String>,
    /// What the limits mean.
    pub timeline: Option<Timeline>,
    /// What is wrong with the file that was sent as `logo`.
    pub logo: Form<()>,
    /// Impact of deleting, and the errors of its form.
    pub danger: DangerZone,
}

/// What somebody else saved meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Who, if it is known.
    pub who: Option<String>,
    /// When.
    pub at: OffsetDateTime,
    /// Saved (`one`) and typed (`other`), where they differ.
    pub differences: Vec<Difference>,
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
    /// Whether a section of the fields is asked for here: every one is.
    pub fn shows(&self, _section: &str) -> bool {
        true
    }

    /// Whether the application does not exist yet.
    pub fn is_new(&self) -> bool {
        false
    }

    /// Whether any form of the page was refused.
    pub fn is_refused(&self) -> bool {
        self.form.is_refused() || self.logo.is_refused() || self.danger.delete.is_refused()
    }

    /// A web application.
    pub fn sample() -> Self {
        let layout = Layout { section: Section::Apps, ..Layout::sample() };
        let values = AppValues::sample();
        Self {
            header: AppHeader { verification: Verification::Verified { at: datetime!(2026-06-11 14:05 UTC) }, ..AppHeader::sample() },
            timeline: Timeline::draw(layout.now, &values, AppKind::Web),
            form: Form::new(values),
            scopes: ScopeChoice::samples(),
            version: "4".into(),
            conflict: None,
            warnings: Vec::new(),
            logo: Form::default(),
            danger: DangerZone { authorizations: 412, users: 38, delete: Form::default() },
            layout,
        }
    }

    /// Someone else saved first, and the app is switched off.
    pub fn sample_conflict() -> Self {
        let mut page = Self::sample();
        let theirs = AppValues {
            name: "Brand Portal 2".into(),
            redirect_uris: "https://portal.acme.example/callback".into(),
            idle_lifetime: "1209600".into(),
            ..AppValues::sample()
        };
        page.conflict = Some(Conflict {
            who: Some("grace@acme.example".into()),
            at: datetime!(2026-08-14 09:28 UTC),
            differences: differences(&theirs, &page.form.values),
        });
        page.header.status = AppStatus::Disabled;
        page.warnings = vec!["The idle limit is not shorter than the absolute limit, so it has no effect.".into()];
        page
    }

    /// Redirect URIs that cannot be used, one of them added just now, and a logo to take away.
    pub fn sample_refused() -> Self {
        let mut page = Self::sample();
        let values = AppValues {
            redirect_uris: "https://portal.acme.example/callback\nhttp://portal.acme.example/\n".into(),
            ..AppValues::sample()
        };
        let errors = vec![FieldError::new("redirect_uri_2", "Redirect URI 2: Use https; http is for 127.0.0.1 and [::1] only.")];
        page.form = Form::refused(values, errors);
        page.header.mark.logo_url = Some("/logos/5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef.png".into());
        page
    }

    /// A file that is no logo.
    pub fn sample_logo_refused() -> Self {
        let mut page = Self::sample();
        let error = FieldError::new("logo", "SVG files can hold scripts and are not accepted. Export the logo as PNG.");
        page.logo = Form::refused((), vec![error]);
        page
    }

    /// After a change of what the operator had looked at.
    pub fn sample_lapsed() -> Self {
        let mut page = Self::sample();
        page.header.verification = Verification::Lapsed { at: datetime!(2026-08-14 08:10 UTC) };
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
        page.timeline = None;
        page
    }
}
