//! `/orgs/{slug}/apps/new`, first step: which kind.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::views::{
    apps::{
        kind::AppKind,
        step::{Step, StepMark},
    },
    layout::{Layout, OrgLink, Role, Section},
};

/// Three cards, each a link to the same address with `?kind=`.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "apps/choose.html")]
pub struct ChooseKindPage {
    /// The frame.
    pub layout: Layout,
    /// The org.
    pub org: OrgLink,
    /// Applications that take a place.
    pub used: u64,
    /// Places.
    pub limit: u64,
}

impl ChooseKindPage {
    /// The kinds, in the order of the cards.
    pub fn kinds(&self) -> [AppKind; 3] {
        AppKind::ALL
    }

    /// The line of steps.
    pub fn line(&self) -> Vec<StepMark> {
        Step::line(None, AppKind::Web)
    }

    /// The page.
    pub fn sample() -> Self {
        Self {
            layout: Layout { section: Section::Apps, ..Layout::sample() },
            org: OrgLink { slug: "acme".into(), name: "Acme Studios".into(), role: Role::Admin },
            used: 7,
            limit: 10,
        }
    }
}
