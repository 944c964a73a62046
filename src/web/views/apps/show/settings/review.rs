//! What a change of an application's limits does to the people who are connected now, shown before it is saved.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::views::{
    apps::{
        fields::AppValues,
        kind::AppKind,
        show::{
            header::AppHeader,
            settings::difference::{Difference, differences},
            settings::timeline::Timeline,
        },
    },
    layout::{Layout, Section},
    text,
};

/// Asks before people are signed out earlier. Posts everything that was typed to `settings` again, with `reviewed=on` to save it or
/// `step=edit` to go back to the form.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "apps/show/review.html")]
pub struct ReviewPage {
    /// The frame.
    pub layout: Layout,
    /// The app.
    pub header: AppHeader,
    /// Every field that was sent, without the buttons and the token.
    pub fields: Vec<(String, String)>,
    /// What would change, from one to the other.
    pub changes: Vec<Difference>,
    /// What the new limits mean.
    pub timeline: Option<Timeline>,
    /// Living authorizations.
    pub living: u64,
    /// Those that would end earlier.
    pub earlier: u64,
    /// Those of them that would end at once.
    pub at_once: u64,
}

impl ReviewPage {
    /// The one sentence.
    pub fn effect(&self) -> String {
        if self.living == 1 {
            let when = if self.at_once == 1 { ": at once, when you save" } else { ", but not at once" };
            return format!("The one authorization there is ends earlier than it would now{when}.");
        }
        let (ends, it) = if self.earlier == 1 { ("ends", "it") } else { ("end", "they") };
        let all = text::count(self.living, "authorization");
        let first = format!("{all}, {} {ends} earlier than {it} would now", text::grouped(self.earlier));
        match self.at_once {
            0 => format!("{first}. None ends at once."),
            all if all == self.earlier => format!("{first}: at once, when you save."),
            some => format!("{first}; {} of them at once, when you save.", text::grouped(some)),
        }
    }

    /// A shorter idle limit.
    pub fn sample() -> Self {
        let layout = Layout { section: Section::Apps, ..Layout::sample() };
        let (old, new) = (AppValues::sample(), AppValues { idle_lifetime: "604800".into(), ..AppValues::sample() });
        Self {
            header: AppHeader::sample(),
            fields: vec![("version".into(), "4".into()), ("name".into(), "Brand Portal".into()), ("idle_lifetime".into(), "604800".into())],
            changes: differences(&old, &new),
            timeline: Timeline::draw(layout.now, &new, AppKind::Web),
            living: 412,
            earlier: 31,
            at_once: 3,
            layout,
        }
    }
}
