//! A protocol error as a value: what the outside reads and what only the owner's log reads, apart.

use crate::model::request_trace::Contrast;
use crate::wire::ErrorCode;

/// The server says no, by the rules. Our own trouble is never a refusal.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The registered code.
    pub error: ErrorCode,
    /// One ASCII sentence without input, quotes or backslashes (RFC 6749 §5.2).
    pub description: &'static str,
    /// The exact cause, for logs and the owner's console; never secret, never sent to the client.
    pub cause: &'static str,
    /// What was expected and what came, where only the rule that refuses knows it; for the owner's console, never secret.
    pub contrast: Option<Box<Contrast>>,
    /// Whether it is answered with 400 where its code would say 401: the exchanges of the source systems do so.
    pub bad_request: bool,
}

/// The contrast is a comment: two refusals are the same without it.
impl PartialEq for Refusal {
    fn eq(&self, other: &Self) -> bool {
        (self.error, self.description, self.cause) == (other.error, other.description, other.cause)
    }
}

impl Eq for Refusal {}

impl Refusal {
    /// A refusal whose cause is its description.
    pub const fn new(error: ErrorCode, description: &'static str) -> Self {
        Self { error, description, cause: description, contrast: None, bad_request: false }
    }

    /// The same answer outside, another cause inside: for errors that must look alike.
    #[must_use]
    pub const fn because(mut self, cause: &'static str) -> Self {
        self.cause = cause;
        self
    }

    /// The same with what was expected and what came. Neither may hold anything secret.
    #[must_use]
    pub fn with(mut self, expected: impl Into<String>, came: impl Into<String>) -> Self {
        self.contrast = Some(Box::new(Contrast::new(expected, came)));
        self
    }

    /// The same with status 400 whatever the code.
    #[must_use]
    pub const fn with_bad_request(mut self) -> Self {
        self.bad_request = true;
        self
    }
}
