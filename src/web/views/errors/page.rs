//! The page of an HTTP error.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::views::{layout::Layout, text};

/// Says in plain words what happened and what to do.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "errors/page.html")]
pub struct ErrorPage {
    /// The frame.
    pub layout: Layout,
    /// HTTP status: 400, 403, 404, 405, 413, 415, 429, 500 or 503; others read like 500 or 400.
    pub status: u16,
    /// One more sentence about this very case; not needed.
    pub detail: Option<String>,
    /// Seconds to wait, as in `Retry-After`.
    pub retry_after: Option<u64>,
}

impl ErrorPage {
    /// The page of `status` without further words.
    pub fn new(layout: Layout, status: u16) -> Self {
        Self { layout, status, detail: None, retry_after: None }
    }

    /// What happened, in a few words.
    pub fn heading(&self) -> &'static str {
        match self.status {
            401 => "Please sign in",
            403 => "You may not do this",
            404 => "There is nothing here",
            405 => "That does not work this way",
            409 => "Something else changed first",
            413 => "That was too large",
            415 => "That format is not understood",
            429 => "A little slower, please",
            503 => "Not available for a moment",
            400..=499 => "That request did not make sense",
            _ => "Something broke on our side",
        }
    }

    /// What it means and what to do.
    pub fn explanation(&self) -> &'static str {
        match self.status {
            401 => "This page is for people who are signed in.",
            403 => {
                "The form was open for too long, came from another site, or your role does not include this. Go back, reload the page and try again; if it stays, ask an admin of your organization."
            }
            404 => "The address is wrong, what it named is gone, or it belongs to someone else.",
            405 => "The address exists, but not for this kind of request. Start from a page that leads here.",
            409 => "Reload the page to see how things are now, then try again.",
            413 => "Send less at once.",
            415 => "Send an HTML form, or JSON where it is offered.",
            429 => "There were too many requests from here in a short time.",
            503 => "The server cannot reach its database or is restarting. Nothing was lost, and nothing was changed.",
            400..=499 => "Part of it was missing, repeated or unreadable. Go back and try again.",
            _ => "It is not your fault. The reference below lets the operator find out what happened.",
        }
    }

    /// `Try again in 30 seconds.`
    pub fn wait(&self) -> Option<String> {
        self.retry_after.map(|seconds| format!("Try again in {}.", text::wait(seconds)))
    }

    /// Not found.
    pub fn sample() -> Self {
        Self::new(Layout::sample(), 404)
    }

    /// Not available.
    pub fn sample_unavailable() -> Self {
        Self { retry_after: Some(5), ..Self::new(Layout::sample_signed_out(), 503) }
    }

    /// Too many requests.
    pub fn sample_throttled() -> Self {
        Self { retry_after: Some(60), ..Self::new(Layout::sample_signed_out(), 429) }
    }
}
