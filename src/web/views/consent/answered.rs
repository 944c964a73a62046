//! What a second answer to the same question meets (E4).

use askama::Template;
use askama_web::WebTemplate;

use crate::web::views::{layout::Layout, mark::AppMark};

/// Says that the question was answered already, and how to go on.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "consent/answered.html")]
pub struct ConsentAnsweredPage {
    /// The frame.
    pub layout: Layout,
    /// The app that had asked, when it is known.
    pub app: Option<AppMark>,
    /// What became of the question.
    pub answer: Answer,
}

/// What became of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It was allowed.
    Allowed,
    /// It was denied.
    Denied,
    /// Nobody answered in time.
    Expired,
}

impl ConsentAnsweredPage {
    /// Allowed before.
    pub fn sample() -> Self {
        let layout = Layout { org: None, ..Layout::sample() };
        Self { layout, app: Some(AppMark::sample()), answer: Answer::Allowed }
    }

    /// Too late.
    pub fn sample_expired() -> Self {
        Self { answer: Answer::Expired, ..Self::sample() }
    }
}
