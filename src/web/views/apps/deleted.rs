//! `/orgs/{slug}/apps/deleted`: what can still be brought back.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::views::{
    apps::row::DeletedApp,
    layout::{Layout, OrgLink, Role, Section},
};

/// The deleted applications. A button posts `csrf` to `/orgs/{slug}/apps/{client_id}/restore`.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "apps/deleted.html")]
pub struct DeletedAppsPage {
    /// The frame.
    pub layout: Layout,
    /// The org.
    pub org: OrgLink,
    /// Applications that take a place.
    pub used: u64,
    /// Places.
    pub limit: u64,
    /// Seconds for which a deleted application can be restored.
    pub kept_for: i64,
    /// Latest first.
    pub deleted: Vec<DeletedApp>,
}

impl DeletedAppsPage {
    /// Whether every place is taken, so that none can be restored now.
    pub fn is_full(&self) -> bool {
        self.used >= self.limit
    }

    /// One deleted app.
    pub fn sample() -> Self {
        Self {
            layout: Layout { section: Section::Apps, ..Layout::sample() },
            org: OrgLink { slug: "acme".into(), name: "Acme Studios".into(), role: Role::Admin },
            used: 7,
            limit: 10,
            kept_for: 2_592_000,
            deleted: vec![DeletedApp::sample()],
        }
    }

    /// No free place.
    pub fn sample_full() -> Self {
        Self { used: 10, ..Self::sample() }
    }

    /// Nothing to restore.
    pub fn sample_empty() -> Self {
        Self { deleted: Vec::new(), ..Self::sample() }
    }
}
