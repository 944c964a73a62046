//! `/orgs/{slug}/audit`: the trail of an org.

use askama::Template;
use askama_web::WebTemplate;
use time::{OffsetDateTime, macros::datetime};

use crate::web::trail::Asked;
use crate::web::trail::actions::{choices, words};
use crate::web::views::{
    form::{Choice, FieldError, Form},
    layout::{Layout, OrgLink, Role, Section},
};

/// The trail, newest first, with its filters in the address.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "audit.html")]
pub struct AuditPage {
    /// The frame.
    pub layout: Layout,
    /// Whose trail.
    pub org: OrgLink,
    /// The filters.
    pub form: Form<Asked>,
    /// What the filter of actions offers.
    pub actions: Vec<Choice>,
    /// Whether any is set.
    pub is_filtered: bool,
    /// Whether this is the newest part.
    pub is_first: bool,
    /// Entries.
    pub events: Vec<EventRow>,
    /// Address of older ones.
    pub next: Option<String>,
    /// Address of the export as CSV.
    pub csv: String,
    /// Address of the export as JSON.
    pub json: String,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// When.
    pub at: OffsetDateTime,
    /// Who, as they were called then.
    pub actor: String,
    /// What they are.
    pub actor_kind: String,
    /// Address of everything by them.
    pub by_actor: String,
    /// What, in words.
    pub words: String,
    /// What, as filters and files name it.
    pub action: String,
    /// Address of everything of this kind.
    pub by_action: String,
    /// What kind of thing.
    pub target_kind: String,
    /// Which.
    pub target: String,
    /// Its page, if it is an app.
    pub app: Option<String>,
    /// Whether it was refused.
    pub refused: bool,
    /// From where; may be empty.
    pub ip: String,
    /// Reference id; may be empty.
    pub request_id: String,
    /// What changed.
    pub changes: Vec<Change>,
}

/// A line of the detail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What.
    pub field: String,
    /// What it was, if it changed.
    pub from: Option<String>,
    /// What it is.
    pub to: String,
}

impl AuditPage {
    /// Three entries.
    pub fn sample() -> Self {
        let row = |at, actor: &str, kind: &str, action: &str, target_kind: &str, target: &str, changes: Vec<Change>| EventRow {
            at,
            actor: actor.into(),
            actor_kind: kind.into(),
            by_actor: "/orgs/acme/audit?actor=x".into(),
            words: words(action),
            action: action.into(),
            by_action: format!("/orgs/acme/audit?action={action}"),
            target_kind: target_kind.into(),
            target: target.into(),
            app: (target_kind == "client").then(|| "/orgs/acme/apps/k3v9q2m7x4t8w1r6z5n0b2c9d7".into()),
            refused: action.ends_with("_failed"),
            ip: "192.0.2.7".into(),
            request_id: "4f1d0c2b9a887766aa10".into(),
            changes,
        };
        let change = |field: &str, from: Option<&str>, to: &str| Change { field: field.into(), from: from.map(Into::into), to: to.into() };
        let lifetime = vec![change("access_token_lifetime", Some("3600"), "1800"), change("description", Some("empty"), "For the press")];
        Self {
            layout: Layout { section: Section::Audit, ..Layout::sample() },
            org: OrgLink { slug: "acme".into(), name: "Acme Studios".into(), role: Role::Admin },
            form: Form::default(),
            actions: choices(""),
            is_filtered: false,
            is_first: true,
            events: vec![
                row(datetime!(2026-08-14 09:20 UTC), "ada@acme.example", "user", "client.update", "client", "Brand Portal", lifetime),
                row(datetime!(2026-08-14 08:02 UTC), "anonymous", "anonymous", "user.login_failed", "user", "lin@acme.example", Vec::new()),
                row(
                    datetime!(2026-08-12 16:00 UTC),
                    "Deploy robot",
                    "client",
                    "secret.create",
                    "client",
                    "Brand Portal",
                    vec![change("hint", None, "x7Qd")],
                ),
            ],
            next: Some("/orgs/acme/audit?cursor=c2VhbGVk".into()),
            csv: "/orgs/acme/audit?format=csv".into(),
            json: "/orgs/acme/audit?format=json".into(),
        }
    }

    /// Nothing for these filters.
    pub fn sample_nothing_found() -> Self {
        let asked = Asked { actor: "nobody@acme.example".into(), ..Asked::default() };
        Self { form: Form::new(asked), is_filtered: true, events: Vec::new(), next: None, ..Self::sample() }
    }

    /// A day that is none.
    pub fn sample_refused() -> Self {
        let asked = Asked { from: "yesterday".into(), ..Asked::default() };
        let error = FieldError::new("from", "Write a day as 2026-08-14.");
        Self { form: Form::refused(asked, vec![error]), is_filtered: true, events: Vec::new(), next: None, ..Self::sample() }
    }
}
