//! `/orgs/{slug}/apps/{client_id}/activity`: what the application's last requests came to, and who connected.

use askama::Template;
use askama_web::WebTemplate;
use time::{OffsetDateTime, macros::datetime};

use crate::web::views::apps::show::header::{AppHeader, Tab};
use crate::web::views::layout::{Layout, Section};

pub mod request;

/// The list, or that it waits for its first line.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "apps/show/activity.html")]
pub struct ActivityPage {
    /// The frame.
    pub layout: Layout,
    /// The app.
    pub header: AppHeader,
    /// Newest first.
    pub rows: Vec<RequestRow>,
    /// Whether only the refused ones are shown.
    pub refused_only: bool,
    /// What was searched for and not found; empty otherwise.
    pub missed: String,
    /// Who connected, newest first; at most a page of them.
    pub connected: Vec<ConnectedRow>,
    /// Whether more people connected than are shown.
    pub more_connected: bool,
}

/// One request in the list.
#[derive(Debug, Clone)]
pub struct RequestRow {
    /// The reference id.
    pub request_id: String,
    /// When.
    pub at: OffsetDateTime,
    /// The path it is known by.
    pub endpoint: String,
    /// The grant type or another word; may be empty.
    pub what: String,
    /// How it ended.
    pub ending: Ending,
    /// The HTTP status.
    pub status: u16,
    /// The error code; empty when there was none.
    pub error: String,
    /// The check that failed, in words; empty when none did.
    pub failed: String,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// As asked.
    Answered,
    /// A person was asked and has not answered yet.
    Waiting,
    /// With an error.
    Refused,
}

impl Ending {
    /// The word for people.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Answered => "Answered",
            Self::Waiting => "Person asked",
            Self::Refused => "Refused",
        }
    }

    /// The icon beside the word.
    pub fn icon(&self) -> &'static str {
        match self {
            Self::Answered => "check",
            Self::Waiting => "clock",
            Self::Refused => "x",
        }
    }

    /// The class of both.
    pub fn tone(&self) -> &'static str {
        match self {
            Self::Answered => "good",
            Self::Waiting => "calm",
            Self::Refused => "bad",
        }
    }
}

/// Somebody who connected.
#[derive(Debug, Clone)]
pub struct ConnectedRow {
    /// The authorization.
    pub id: String,
    /// The person's name.
    pub name: String,
    /// The person's address.
    pub email: String,
    /// What they allowed.
    pub scopes: Vec<String>,
    /// Since when.
    pub since: OffsetDateTime,
    /// The last use.
    pub last_used_at: Option<OffsetDateTime>,
}

impl ActivityPage {
    /// Whether nothing came yet.
    pub fn is_waiting(&self) -> bool {
        self.rows.is_empty() && !self.refused_only && self.missed.is_empty()
    }

    /// The reference id of the newest line, for the script that looks for newer ones.
    pub fn newest(&self) -> &str {
        self.rows.first().map_or("", |row| row.request_id.as_str())
    }

    /// A few requests.
    pub fn sample() -> Self {
        let row = |id: &str, at, endpoint: &str, what: &str| RequestRow {
            request_id: id.into(),
            at,
            endpoint: endpoint.into(),
            what: what.into(),
            ending: Ending::Answered,
            status: 200,
            error: String::new(),
            failed: String::new(),
        };
        Self {
            layout: Layout { section: Section::Apps, ..Layout::sample() },
            header: AppHeader::sample().at(Tab::Activity),
            rows: vec![
                row("7c0e9d553f1b6a2e8c10", datetime!(2026-08-14 09:29:40 UTC), "/token", "authorization_code"),
                RequestRow {
                    ending: Ending::Waiting,
                    status: 303,
                    ..row("5b1fa00c2d3e4f5a6b7c", datetime!(2026-08-14 09:29:12 UTC), "/authorize", "")
                },
                RequestRow {
                    ending: Ending::Refused,
                    status: 401,
                    error: "invalid_client".into(),
                    failed: "The secret is that of a live credential".into(),
                    ..row("0a9b8c7d6e5f4a3b2c1d", datetime!(2026-08-14 09:12 UTC), "/token", "refresh_token")
                },
            ],
            refused_only: false,
            missed: String::new(),
            connected: vec![ConnectedRow {
                id: "0198f3c2-7a41-7c0e-9d55-3f1b6a2e8c10".into(),
                name: "Ben Ortiz".into(),
                email: "ben@acme.example".into(),
                scopes: vec!["projects:read".into(), "assets:write".into()],
                since: datetime!(2026-08-14 09:29:40 UTC),
                last_used_at: None,
            }],
            more_connected: false,
        }
    }

    /// Before the first request.
    pub fn sample_waiting() -> Self {
        let page = Self::sample();
        Self { rows: Vec::new(), connected: Vec::new(), header: AppHeader { last_used_at: None, ..page.header }, ..page }
    }

    /// A reference id that is not there, among the refused ones, seen by a developer.
    pub fn sample_missed() -> Self {
        let mut page = Self::sample();
        page.rows.retain(|row| row.ending == Ending::Refused);
        page.refused_only = true;
        page.missed = "7c0e9d553f1b6a2e8c11".into();
        page.header.org.role = crate::web::views::layout::Role::Developer;
        page
    }
}
