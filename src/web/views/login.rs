//! `/login`: an address, a password, and which app one continues to.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::views::{
    form::Form,
    layout::{Layout, Notice},
    mark::AppMark,
};

/// The sign-in page. Posts `csrf`, `return_to`, `email`, `password` to `/login`, or to the address of a form that came too late
/// and then `kept` with them.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "login.html")]
pub struct LoginPage {
    /// The frame.
    pub layout: Layout,
    /// What was typed; field errors (an empty field) only, never which half was wrong.
    pub form: Form<LoginValues>,
    /// The app that the person continues to, when an authorization request waits.
    pub continue_to: Option<AppMark>,
    /// Id of what waits behind the login (an authorization request or a same-origin path), kept in the hidden field `return_to`.
    pub return_to: Option<String>,
    /// Where it posts to.
    pub action: String,
    /// A form that came too late, sealed.
    pub kept: Option<String>,
    /// Why the last try failed.
    pub failure: Option<LoginFailure>,
}

/// What stays in the form; a password never does.
#[derive(Debug, Clone, Default)]
pub struct LoginValues {
    /// The address typed or suggested by `login_hint`.
    pub email: String,
}

/// Why signing in failed, as far as it may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginFailure {
    /// Unknown address, wrong password or disabled account: one sentence for all.
    Refused,
    /// Too many tries; seconds to wait.
    Throttled {
        /// Seconds until the next try is looked at.
        retry_after: u64,
    },
    /// The server cannot check passwords now.
    Busy,
    /// The form was older than the session it came from.
    Stale,
}

impl LoginFailure {
    /// The sentence shown.
    pub fn text(&self) -> String {
        match self {
            Self::Refused => "That email and password do not match an active account. Check both and try again.".into(),
            Self::Throttled { retry_after } => {
                format!("Too many tries. Wait {} and try again.", crate::web::views::text::wait(*retry_after))
            }
            Self::Busy => "Many people are signing in at this moment. Try again in a few seconds.".into(),
            Self::Stale => "This page had been open for too long. Please sign in again.".into(),
        }
    }
}

impl LoginPage {
    /// Whether the address is what is typed first; a list of errors is read before.
    pub fn begins_with_email(&self) -> bool {
        !self.form.is_refused() && self.form.values.email.is_empty()
    }

    /// Whether the address is known and the password is what is typed first.
    pub fn begins_with_password(&self) -> bool {
        !self.form.is_refused() && !self.form.values.email.is_empty()
    }

    /// What describes both fields when one of them was wrong.
    pub fn fault(&self) -> &'static str {
        if self.failure == Some(LoginFailure::Refused) { "failure" } else { "" }
    }

    /// A first try, on the way to an app.
    pub fn sample() -> Self {
        Self {
            layout: Layout::sample_signed_out(),
            form: Form::default(),
            continue_to: Some(AppMark::sample()),
            return_to: Some("0198f3c2-9b10-7d21-8f00-52c1a7e90b44".into()),
            action: "/login".into(),
            kept: None,
            failure: None,
        }
    }

    /// With a form that came too late.
    pub fn sample_kept() -> Self {
        let text = "Your session has ended. What you entered is kept: sign in to see it again. Nothing is saved before that.";
        Self {
            layout: Layout { notice: Some(Notice::info(text)), ..Layout::sample_signed_out() },
            continue_to: None,
            return_to: None,
            action: "/orgs/acme/apps/k3v9q2m7x4t8w1r6z5n0b2c9d7/settings".into(),
            kept: Some("c2VhbGVk".into()),
            ..Self::sample()
        }
    }

    /// On a server with a brand of its own.
    pub fn sample_branded() -> Self {
        Self { layout: Layout::sample_branded(), continue_to: None, ..Self::sample() }
    }

    /// After a wrong password.
    pub fn sample_refused() -> Self {
        Self {
            form: Form::new(LoginValues { email: "ada@acme.example".into() }),
            failure: Some(LoginFailure::Refused),
            continue_to: None,
            ..Self::sample()
        }
    }
}
