//! `/forgot`: a link to choose a new password.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::views::layout::Layout;

/// The page. Posts `csrf`, `email` to `/forgot`.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "passwords/forgot.html")]
pub struct ForgotPage {
    /// The frame.
    pub layout: Layout,
    /// What it shows.
    pub step: ForgotStep,
    /// How long a link works.
    pub minutes: u64,
}

/// What the page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForgotStep {
    /// The form.
    Ask,
    /// The answer, for every address the same.
    Noted,
    /// No mail is sent here.
    NoMail,
    /// The form, and how long to wait.
    Throttled {
        /// Seconds.
        retry_after: u64,
    },
}

impl ForgotPage {
    /// What is wrong, at the field.
    pub fn mistake(&self) -> Option<String> {
        match self.step {
            ForgotStep::Throttled { retry_after } => {
                Some(format!("Too many tries. Wait {} and try again.", crate::web::views::text::wait(retry_after)))
            }
            _ => None,
        }
    }

    /// The form.
    pub fn sample() -> Self {
        Self { layout: Layout::sample_signed_out(), step: ForgotStep::Ask, minutes: 30 }
    }

    /// The answer.
    pub fn sample_noted() -> Self {
        Self { step: ForgotStep::Noted, ..Self::sample() }
    }

    /// Without mail.
    pub fn sample_no_mail() -> Self {
        Self { step: ForgotStep::NoMail, ..Self::sample() }
    }

    /// Too often.
    pub fn sample_throttled() -> Self {
        Self { step: ForgotStep::Throttled { retry_after: 600 }, ..Self::sample() }
    }
}
