//! The one-time link with which a person chooses a password.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::views::{
    form::{FieldError, Form},
    layout::Layout,
};

/// Asks for a first or a new password. Posts `csrf`, `new_password` to its own address.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "passwords/set.html")]
pub struct SetPasswordPage {
    /// The frame.
    pub layout: Layout,
    /// Whose password it is; `None` = the link is unknown, used or too old, and no form is shown.
    pub email: Option<String>,
    /// Errors of `new_password`.
    pub form: Form<()>,
    /// Fewest characters of a password.
    pub minimum_length: usize,
}

impl SetPasswordPage {
    /// A good link.
    pub fn sample() -> Self {
        Self { layout: Layout::sample_signed_out(), email: Some("ada@acme.example".into()), form: Form::default(), minimum_length: 12 }
    }

    /// A password that is too short.
    pub fn sample_refused() -> Self {
        let error = FieldError::new("new_password", "Use at least 12 characters.");
        Self { form: Form::refused((), vec![error]), ..Self::sample() }
    }

    /// A link that was used already.
    pub fn sample_spent() -> Self {
        Self { email: None, ..Self::sample() }
    }
}
