//! `/`: where a person of several orgs, or of none, chooses where to go.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::views::layout::{Layout, OrgLink};

/// The orgs of the signed-in person.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "home.html")]
pub struct HomePage {
    /// The frame; `layout.signed_in` must be present.
    pub layout: Layout,
    /// One card each; empty = the person belongs to no org.
    pub orgs: Vec<OrgCard>,
}

/// An org to choose.
#[derive(Debug, Clone)]
pub struct OrgCard {
    /// Where it leads.
    pub org: OrgLink,
    /// Applications that take a place, and how many places there are; `None` for those who may not see them.
    pub apps: Option<(u64, u64)>,
}

impl HomePage {
    /// Two orgs.
    pub fn sample() -> Self {
        let mut layout = Layout::sample();
        layout.org = None;
        let orgs = layout.signed_in.as_ref().map(|person| person.orgs.clone()).unwrap_or_default();
        let orgs = orgs.into_iter().map(|org| OrgCard { apps: org.role.sees_apps().then_some((7, 10)), org }).collect();
        Self { layout, orgs }
    }

    /// Nobody's org.
    pub fn sample_empty() -> Self {
        Self { orgs: Vec::new(), ..Self::sample() }
    }
}
