//! A signed-in browser.

use std::net::IpAddr;

use time::OffsetDateTime;

use crate::model::ids::BrowserSessionId;
use crate::model::user::User;

/// A live session with its person; a session of a disabled person is not loaded.
#[derive(Debug, Clone)]
pub struct BrowserSession {
    /// Row id.
    pub id: BrowserSessionId,
    /// Who signed in.
    pub user: User,
    /// When they last proved who they are.
    pub authenticated_at: OffsetDateTime,
    /// When it began.
    pub created_at: OffsetDateTime,
    /// Its last request; written at most once a minute.
    pub last_seen_at: OffsetDateTime,
    /// Ends without use.
    pub idle_expires_at: OffsetDateTime,
    /// Ends in any case.
    pub absolute_expires_at: OffsetDateTime,
    /// As the browser named itself, cut to 300 characters.
    pub user_agent: String,
    /// Where it signed in from.
    pub ip: Option<IpAddr>,
}

impl BrowserSession {
    /// When it ends if nothing more is asked for.
    pub fn ends_at(&self) -> OffsetDateTime {
        self.idle_expires_at.min(self.absolute_expires_at)
    }
}
