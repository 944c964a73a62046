//! What stands above every tab of an application.

use time::{OffsetDateTime, macros::datetime};

use crate::model::verification::Verification;
use crate::web::views::{
    apps::{
        kind::{AppKind, AppStatus},
        row::Reason,
    },
    layout::{OrgLink, Role},
    mark::AppMark,
};

/// The head of an application's pages.
#[derive(Debug, Clone)]
pub struct AppHeader {
    /// The org and the person's role in it.
    pub org: OrgLink,
    /// Name, client id, logo.
    pub mark: AppMark,
    /// Its kind.
    pub kind: AppKind,
    /// Whether it works.
    pub status: AppStatus,
    /// What the operator says about it.
    pub verification: Verification,
    /// When it was created.
    pub created_at: OffsetDateTime,
    /// When it last got a token; `None` = never.
    pub last_used_at: Option<OffsetDateTime>,
    /// Whether Grantor itself needs it; it cannot be disabled or deleted.
    pub system: bool,
    /// Why somebody should look at it, and what is under way; the most pressing first.
    pub reasons: Vec<Reason>,
    /// The tab that is open.
    pub tab: Tab,
}

/// A tab of an application's pages. Each stands here once its page exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// What the application is.
    Settings,
    /// What it proves itself with.
    Credentials,
    /// The move from keys to a secret or back.
    Migration,
    /// What its requests came to.
    Activity,
    /// Programs with its own values.
    Quickstart,
}

impl Tab {
    /// The last part of its address.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Credentials => "credentials",
            Self::Migration => "migration",
            Self::Activity => "activity",
            Self::Quickstart => "quickstart",
        }
    }

    /// What people read.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Settings => "Settings",
            Self::Credentials => "Credentials",
            Self::Migration => "Migration",
            Self::Activity => "Activity",
            Self::Quickstart => "Quick start",
        }
    }
}

impl AppHeader {
    /// `/orgs/{slug}/apps/{client_id}`.
    pub fn path(&self) -> String {
        format!("/orgs/{}/apps/{}", self.org.slug, self.mark.client_id)
    }

    /// The tabs of this application, in the order shown.
    pub fn tabs(&self) -> Vec<Tab> {
        let mut tabs = vec![Tab::Settings, Tab::Credentials, Tab::Activity, Tab::Quickstart];
        if self.kind.has_secrets() {
            tabs.push(Tab::Migration);
        }
        tabs
    }

    /// Whether `tab` is open.
    pub fn is_at(&self, tab: &Tab) -> bool {
        self.tab == *tab
    }

    /// The same head with `tab` open.
    #[must_use]
    pub fn at(self, tab: Tab) -> Self {
        Self { tab, ..self }
    }

    /// Whether the person may change the app; those of the server are changed by its operator only.
    pub fn editable(&self) -> bool {
        self.org.role.changes_apps() && !self.system
    }

    /// An app for samples.
    pub fn sample() -> Self {
        Self {
            org: OrgLink { slug: "acme".into(), name: "Acme Studios".into(), role: Role::Admin },
            mark: AppMark::sample(),
            kind: AppKind::Web,
            status: AppStatus::Active,
            verification: Verification::Nothing,
            created_at: datetime!(2026-05-02 09:00 UTC),
            last_used_at: Some(datetime!(2026-08-14 09:27 UTC)),
            system: false,
            reasons: Vec::new(),
            tab: Tab::Settings,
        }
    }
}
