//! What stands in place of the form when every place is taken.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::views::{
    apps::list::{AppRow, AppsPage},
    layout::{Layout, OrgLink, Role, Section},
};

/// Says who can raise the limit and which apps look unused.
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
}

impl QuotaPage {
    /// Ten of ten.
    pub fn sample() -> Self {
        let mut unused = AppsPage::sample_rows();
        unused.reverse();
        unused.truncate(2);
        Self {
            layout: Layout { section: Section::Apps, ..Layout::sample() },
            org: OrgLink { slug: "acme".into(), name: "Acme Studios".into(), role: Role::Admin },
            used: 10,
            limit: 10,
            unused,
        }
    }
}
