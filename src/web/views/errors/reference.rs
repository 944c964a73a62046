//! `/errors/{code}`: what an `error_uri` points to.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::views::layout::Layout;

pub mod entries;

/// One error code, explained to developers.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "errors/reference.html")]
pub struct ErrorReferencePage {
    /// The frame.
    pub layout: Layout,
    /// What the code means.
    pub entry: &'static Entry,
}

/// What is known about an error code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The code as it stands in `error`.
    pub code: &'static str,
    /// Where it is defined.
    pub source: &'static str,
    /// Where it is met.
    pub met_at: &'static str,
    /// What it means, one or two sentences.
    pub meaning: &'static str,
    /// The usual cause and its fix, most frequent first.
    pub causes: &'static [Cause],
}

/// A usual cause of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cause {
    /// What happened.
    pub cause: &'static str,
    /// What to do.
    pub fix: &'static str,
}

impl ErrorReferencePage {
    /// The page of `code`, or nothing when there is no such code: answer 404.
    pub fn for_code(layout: Layout, code: &str) -> Option<Self> {
        let entry = entries::ENTRIES.iter().find(|entry| entry.code == code)?;
        Some(Self { layout, entry })
    }

    /// Every code, for the list beside the page.
    pub fn all(&self) -> &'static [Entry] {
        entries::ENTRIES
    }

    /// `invalid_grant`, the one most looked up.
    pub fn sample() -> Self {
        let entry = entries::ENTRIES.iter().find(|entry| entry.code == "invalid_grant").unwrap_or(&entries::ENTRIES[0]);
        Self { layout: Layout::sample_signed_out(), entry }
    }
}
