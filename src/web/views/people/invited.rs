//! The link of an invitation, shown once where no mail is sent.

use askama::Template;
use askama_web::WebTemplate;
use time::{OffsetDateTime, macros::datetime};

use crate::web::views::layout::{Layout, OrgLink, Role, Section};

/// The link to hand over.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "people/invited.html")]
pub struct InvitedPage {
    /// The frame.
    pub layout: Layout,
    /// Where to.
    pub org: OrgLink,
    /// Whom.
    pub email: String,
    /// As what.
    pub role: Role,
    /// The whole address; only its digest is kept.
    pub link: String,
    /// Until when it works.
    pub expires_at: OffsetDateTime,
}

impl InvitedPage {
    /// A link.
    pub fn sample() -> Self {
        Self {
            layout: Layout { section: Section::People, ..Layout::sample() },
            org: OrgLink { slug: "acme".into(), name: "Acme Studios".into(), role: Role::Admin },
            email: "sam@acme.example".into(),
            role: Role::Developer,
            link: "https://auth.acme.example/invitations/mZ8k2Vw0q4J7f1Xc".into(),
            expires_at: datetime!(2026-08-21 09:30 UTC),
        }
    }
}
