//! Forms: what was typed and what is wrong with it.

/// A form as it is shown: the values to keep and every error found at once.
#[derive(Debug, Clone, Default)]
pub struct Form<V> {
    /// What the fields hold.
    pub values: V,
    /// What is wrong, in the order of the fields.
    pub errors: Vec<FieldError>,
}

/// One thing that is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Name of the field, also the id that the error summary links to; empty = the form as a whole.
    pub field: String,
    /// One sentence that says how to put it right.
    pub message: String,
}

impl FieldError {
    /// An error of `field`.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

impl<V> Form<V> {
    /// A form without errors.
    pub fn new(values: V) -> Self {
        Self { values, errors: Vec::new() }
    }

    /// A form that was refused.
    pub fn refused(values: V, errors: Vec<FieldError>) -> Self {
        Self { values, errors }
    }

    /// The first error of `field`.
    pub fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|error| error.field == field).map(|error| error.message.as_str())
    }

    /// Whether anything is wrong.
    pub fn is_refused(&self) -> bool {
        !self.errors.is_empty()
    }
}

/// One entry of a select list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// What people read.
    pub label: String,
}

impl Choice {
    /// An entry.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }

    /// Whether this entry is the one that `value` names.
    pub fn is(&self, value: &str) -> bool {
        self.value == value
    }
}
