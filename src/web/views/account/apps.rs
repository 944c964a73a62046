//! `/account/apps`: what the person has allowed, and the end of it (E14).

use askama::Template;
use askama_web::WebTemplate;
use time::{OffsetDateTime, macros::datetime};

use crate::web::views::{
    layout::{Layout, Section},
    mark::{AppMark, ScopeLine},
};

/// The connected apps. Each button posts `csrf` to `/account/apps/{client_id}/end`.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "account/apps.html")]
pub struct ConnectedAppsPage {
    /// The frame.
    pub layout: Layout,
    /// One entry for each app with a living authorization or a remembered consent.
    pub apps: Vec<ConnectedApp>,
    /// What ended in the last thirty days, the latest first.
    pub ended: Vec<EndedApp>,
}

/// An app that no longer acts for the person.
#[derive(Debug, Clone)]
pub struct EndedApp {
    /// The app.
    pub app: AppMark,
    /// Why, in a sentence.
    pub why: String,
    /// Whether it may have been an attack.
    pub is_alarming: bool,
    /// Since when it had acted.
    pub since: OffsetDateTime,
    /// When that ended.
    pub ended_at: OffsetDateTime,
}

/// An app that the person has allowed.
#[derive(Debug, Clone)]
pub struct ConnectedApp {
    /// The app.
    pub app: AppMark,
    /// Name of the org that registered it.
    pub org_name: String,
    /// What it may do.
    pub scopes: Vec<ScopeLine>,
    /// When it was first allowed.
    pub since: OffsetDateTime,
    /// When it last used the permission.
    pub last_used_at: Option<OffsetDateTime>,
    /// When it ends by itself; `None` = never.
    pub ends_at: Option<OffsetDateTime>,
    /// Living authorizations: browsers and devices that are connected.
    pub authorizations: u64,
}

impl ConnectedApp {
    /// The scopes as the page lists them.
    pub fn ordered_scopes(&self) -> Vec<&ScopeLine> {
        ScopeLine::sensitive_first(&self.scopes)
    }
}

impl ConnectedAppsPage {
    /// Two apps.
    pub fn sample() -> Self {
        let mut quiet = ScopeLine::samples();
        quiet.truncate(1);
        Self {
            layout: Layout { section: Section::ConnectedApps, org: None, ..Layout::sample() },
            apps: vec![
                ConnectedApp {
                    app: AppMark::sample(),
                    org_name: "Acme Studios".into(),
                    scopes: ScopeLine::samples(),
                    since: datetime!(2026-05-02 10:00 UTC),
                    last_used_at: Some(datetime!(2026-08-14 09:12 UTC)),
                    ends_at: Some(datetime!(2026-10-29 10:00 UTC)),
                    authorizations: 2,
                },
                ConnectedApp {
                    app: AppMark::new("Timesheet Export", "x1b8n4v0c6l2k9j3h7g5f1d8s4"),
                    org_name: "Northwind Traders".into(),
                    scopes: quiet,
                    since: datetime!(2026-08-12 16:20 UTC),
                    last_used_at: None,
                    ends_at: None,
                    authorizations: 1,
                },
            ],
            ended: vec![
                EndedApp {
                    app: AppMark::sample(),
                    why: "A key of the app that was good for one use came a second time. Somebody may have copied it, so it was ended to be safe."
                        .into(),
                    is_alarming: true,
                    since: datetime!(2026-07-30 08:00 UTC),
                    ended_at: datetime!(2026-08-13 22:41 UTC),
                },
                EndedApp {
                    app: AppMark::new("Timesheet Export", "x1b8n4v0c6l2k9j3h7g5f1d8s4"),
                    why: "The app had not used it for as long as Northwind Traders allows.".into(),
                    is_alarming: false,
                    since: datetime!(2026-06-01 16:20 UTC),
                    ended_at: datetime!(2026-07-20 09:00 UTC),
                },
            ],
        }
    }

    /// Nothing connected.
    pub fn sample_empty() -> Self {
        Self { apps: Vec::new(), ended: Vec::new(), ..Self::sample() }
    }
}
