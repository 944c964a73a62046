//! A protocol error as a value: what the outside reads and what only the owner's log reads, apart.

use crate::wire::ErrorCode;

/// The server says no, by the rules. Our own trouble is never a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The registered code.
    pub error: ErrorCode,
    /// One ASCII sentence without input, quotes or backslashes (RFC 6749 §5.2).
    pub description: &'static str,
    /// The exact cause, for logs and the owner's console; never secret, never sent to the client.
    pub cause: &'static str,
}

impl Refusal {
    /// A refusal whose cause is its description.
    pub const fn new(error: ErrorCode, description: &'static str) -> Self {
        Self { error, description, cause: description }
    }

    /// The same answer outside, another cause inside: for errors that must look alike.
    #[must_use]
    pub const fn because(mut self, cause: &'static str) -> Self {
        self.cause = cause;
        self
    }
}
