//! What is wrong with one field of something that an admin sent.

/// One error; a refusal lists all of them at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The member as the management API names it: `name`, `redirect_uris[2]`, `refresh_tokens.retry_window`.
    pub field: String,
    /// A stable word for programs: `required`, `too_long`, `unknown_scope`.
    pub code: &'static str,
    /// One sentence that says how to put it right; never repeats the input.
    pub message: String,
}

impl FieldError {
    /// An error of `field`.
    pub fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { field: field.into(), code, message: message.into() }
    }
}
