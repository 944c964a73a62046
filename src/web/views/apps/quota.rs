//! What stands in place of the form when every place is taken.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::views::{
    apps::{fields::AppValues, kind::AppKind, row::AppRow, step::Step},
    layout::{Layout, OrgLink, Role, Section},
};

/// Says which apps look unused, what can be done, and who can raise the limit.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "apps/quota.html")]
pub struct QuotaPage {
    /// The frame.
    pub layout: Layout,
    /// The org.
    pub org: OrgLink,
    /// Applications that take a place.
    pub used: u64,
    /// Places.
    pub limit: u64,
    /// The apps that were not used for the longest time, never-used ones first.
    pub unused: Vec<AppRow>,
    /// How many deleted ones could be restored.
    pub deleted: u64,
    /// A form that was filled in before the last place was taken.
    pub kept: Option<KeptForm>,
}

/// What was typed and could not be registered, to try again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptForm {
    /// Name of the application.
    pub name: String,
    /// Where it is checked once more before it is registered.
    pub url: String,
    /// Every field.
    pub fields: Vec<(&'static str, String)>,
}

impl QuotaPage {
    /// A limit to ask the operator for.
    pub fn wished(&self) -> u64 {
        self.limit.max(self.used) + 10
    }

    /// Ten of ten.
    pub fn sample() -> Self {
        let mut unused = AppRow::samples();
        unused.reverse();
        unused.truncate(3);
        Self {
            layout: Layout { section: Section::Apps, ..Layout::sample() },
            org: OrgLink { slug: "acme".into(), name: "Acme Studios".into(), role: Role::Admin },
            used: 10,
            limit: 10,
            unused,
            deleted: 1,
            kept: None,
        }
    }

    /// The same for somebody whose form was filled in already.
    pub fn sample_kept() -> Self {
        let values = AppValues::sample();
        let url = Step::Review.url("acme", &AppKind::Web);
        Self { kept: Some(KeptForm { name: values.name.clone(), url, fields: values.pairs() }), ..Self::sample() }
    }
}
