//! `/orgs/{slug}/apps`: every application of an org, and those that can be restored.

use askama::Template;
use askama_web::WebTemplate;
use time::{OffsetDateTime, macros::datetime};

use crate::web::views::{
    apps::kind::{AppKind, AppStatus},
    layout::{Layout, OrgLink, Role, Section},
    mark::AppMark,
};

/// The list. A deleted app's button posts `csrf` to `/orgs/{slug}/apps/{client_id}/restore`.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "apps/list.html")]
pub struct AppsPage {
    /// The frame.
    pub layout: Layout,
    /// The org and the person's role in it; admins see buttons, developers do not.
    pub org: OrgLink,
    /// Applications that take a place.
    pub used: u64,
    /// Places.
    pub limit: u64,
    /// Applications, newest first.
    pub apps: Vec<AppRow>,
    /// Deleted ones that can still be restored.
    pub deleted: Vec<DeletedApp>,
}

/// An application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppRow {
    /// Name, client id, logo.
    pub mark: AppMark,
    /// Its kind.
    pub kind: AppKind,
    /// Whether it works.
    pub status: AppStatus,
    /// When it was created.
    pub created_at: OffsetDateTime,
    /// When it last got a token; `None` = never.
    pub last_used_at: Option<OffsetDateTime>,
    /// Whether Grantor itself needs it; it takes no place and cannot be deleted.
    pub system: bool,
}

/// A deleted application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedApp {
    /// Name, client id, logo.
    pub mark: AppMark,
    /// Its kind.
    pub kind: AppKind,
    /// When it was deleted.
    pub deleted_at: OffsetDateTime,
    /// Until when it can be restored.
    pub restore_until: OffsetDateTime,
}

impl AppsPage {
    /// Whether every place is taken.
    pub fn is_full(&self) -> bool {
        self.used >= self.limit
    }

    /// Three apps and a deleted one.
    pub fn sample() -> Self {
        let org = OrgLink { slug: "acme".into(), name: "Acme Studios".into(), role: Role::Admin };
        Self {
            layout: Layout { section: Section::Apps, ..Layout::sample() },
            org,
            used: 7,
            limit: 10,
            apps: Self::sample_rows(),
            deleted: vec![DeletedApp {
                mark: AppMark::new("Old Intranet", "p7d2f5h9j3k6l1z8x4c0v2b5n9"),
                kind: AppKind::Web,
                deleted_at: datetime!(2026-08-01 12:00 UTC),
                restore_until: datetime!(2026-08-31 12:00 UTC),
            }],
        }
    }

    /// Rows for samples.
    pub fn sample_rows() -> Vec<AppRow> {
        let row = |mark, kind, status, created_at, last_used_at| AppRow { mark, kind, status, created_at, last_used_at, system: false };
        vec![
            row(AppMark::sample(), AppKind::Web, AppStatus::Active, datetime!(2026-05-02 09:00 UTC), Some(datetime!(2026-08-14 09:27 UTC))),
            row(
                AppMark::new("Review Board", "q4w8e2r6t0y3u7i1o5p9a2s6d0"),
                AppKind::Spa,
                AppStatus::Disabled,
                datetime!(2026-06-20 15:30 UTC),
                Some(datetime!(2026-08-11 07:45 UTC)),
            ),
            row(
                AppMark::new("Nightly Asset Sync", "m5n1b7v3c9x2z6l0k4j8h3g7f1"),
                AppKind::M2m,
                AppStatus::Active,
                datetime!(2026-08-13 11:10 UTC),
                None,
            ),
        ]
    }

    /// No app yet.
    pub fn sample_empty() -> Self {
        Self { used: 0, apps: Vec::new(), deleted: Vec::new(), ..Self::sample() }
    }

    /// What a developer sees.
    pub fn sample_developer() -> Self {
        let mut page = Self::sample();
        page.org.role = Role::Developer;
        page.deleted = Vec::new();
        page
    }
}
