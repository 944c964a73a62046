//! An application as lists show it: what it is, what it proves itself with, and why somebody should look at it.

use time::{OffsetDateTime, macros::datetime};

use crate::web::views::{
    apps::kind::{AppKind, AppStatus},
    mark::AppMark,
};

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
    /// What it proves itself with and still works: `2 secrets, 1 key`.
    pub credentials: String,
    /// Why somebody should look at it, and what is under way; the most pressing first.
    pub reasons: Vec<Reason>,
    /// Whether it needs attention; a migration that runs is a reason to show, not a need.
    pub needs_attention: bool,
    /// Whether the operator runs it; it takes no place and cannot be changed here.
    pub system: bool,
}

/// A mark at an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// How pressing it is.
    pub tone: Tone,
    /// A few words.
    pub text: String,
    /// The page of the app that deals with it: the last part of its address.
    pub tab: &'static str,
}

/// How pressing a mark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    /// Something stops working in days, or has.
    Danger,
    /// Something has a date.
    Warning,
    /// Worth knowing.
    Info,
}

impl Tone {
    /// The class.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Danger => "danger",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }

    /// The icon.
    pub fn icon(&self) -> &'static str {
        match self {
            Self::Danger | Self::Warning => "alert",
            Self::Info => "info",
        }
    }
}

impl Reason {
    /// A mark.
    pub fn new(tone: Tone, text: impl Into<String>, tab: &'static str) -> Self {
        Self { tone, text: text.into(), tab }
    }
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

impl AppRow {
    /// Four of an org, one of them pressing.
    pub fn samples() -> Vec<Self> {
        let row = |mark, kind, created_at, last_used_at, credentials: &str, reasons: Vec<Reason>| Self {
            mark,
            kind,
            status: AppStatus::Active,
            created_at,
            last_used_at,
            credentials: credentials.into(),
            needs_attention: !reasons.is_empty(),
            reasons,
            system: false,
        };
        let (used, seen) = (Some(datetime!(2026-08-14 09:27 UTC)), Some(datetime!(2026-08-11 07:45 UTC)));
        let sync = AppMark::new("Nightly Asset Sync", "m5n1b7v3c9x2z6l0k4j8h3g7f1");
        let pressing = vec![
            Reason::new(Tone::Danger, "Key expires in 2 days", "credentials"),
            Reason::new(Tone::Warning, "Has a JWT credential", "migration"),
        ];
        let board = AppMark::new("Review Board", "q4w8e2r6t0y3u7i1o5p9a2s6d0");
        let survey = AppMark::new("Survey 2025", "b8g3x1k6d4q9w2z7r5n0c3v8m1");
        let unused = vec![Reason::new(Tone::Info, "Unused for 141 days", "activity")];
        let mut rows = vec![
            row(sync, AppKind::M2m, datetime!(2026-08-13 11:10 UTC), used, "1 secret, 1 key", pressing),
            row(board, AppKind::Spa, datetime!(2026-06-20 15:30 UTC), seen, "none needed", Vec::new()),
            row(AppMark::sample(), AppKind::Web, datetime!(2026-05-02 09:00 UTC), used, "2 secrets", Vec::new()),
            row(survey, AppKind::Web, datetime!(2026-03-26 16:00 UTC), None, "1 secret", unused),
        ];
        rows[1].status = AppStatus::Disabled;
        rows
    }

    /// One of the operator's.
    pub fn sample_system() -> Self {
        let mut row = Self::samples().swap_remove(2);
        row.mark = AppMark::new("Manager", "z2x4c6v8b0n1m3l5k7j9h2g4f6");
        row.kind = AppKind::M2m;
        row.system = true;
        row
    }
}

impl DeletedApp {
    /// One for samples.
    pub fn sample() -> Self {
        Self {
            mark: AppMark::new("Old Intranet", "p7d2f5h9j3k6l1z8x4c0v2b5n9"),
            kind: AppKind::Web,
            deleted_at: datetime!(2026-08-01 12:00 UTC),
            restore_until: datetime!(2026-08-31 12:00 UTC),
        }
    }
}
