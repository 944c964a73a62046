//! `/invitations/{link}`: joining an org by a link.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::views::{
    form::{FieldError, Form},
    layout::{Layout, Role},
};

/// The page of a link. Posts `csrf` (and `name`, `new_password` for a new account) to its own address.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "invitations/accept.html")]
pub struct InvitationPage {
    /// The frame.
    pub layout: Layout,
    /// What is offered; `None` = the link is unknown, used, revoked or too old.
    pub offer: Option<Offer>,
    /// What the person can do with it.
    pub step: Step,
    /// Name typed, and what is wrong with name and password.
    pub form: Form<String>,
    /// Fewest characters of a password.
    pub minimum_length: usize,
}

/// What an invitation offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The org's name.
    pub org: String,
    /// The invited address.
    pub email: String,
    /// As what.
    pub role: Role,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The signed-in person is the one who is meant.
    Join,
    /// Nobody has the address yet.
    SignUp,
    /// Somebody has it: sign in at this address, and come back.
    SignIn(String),
    /// Another person is signed in; the field `return_to` of signing out.
    SwitchAccount {
        /// Who is signed in.
        signed_in_as: String,
        /// The path of this page.
        return_to: String,
    },
}

impl InvitationPage {
    /// A new account.
    pub fn sample() -> Self {
        Self {
            layout: Layout::sample_signed_out(),
            offer: Some(Offer { org: "Acme Studios".into(), email: "sam@acme.example".into(), role: Role::Developer }),
            step: Step::SignUp,
            form: Form::default(),
            minimum_length: 12,
        }
    }

    /// A password that is too short.
    pub fn sample_refused() -> Self {
        let errors = vec![FieldError::new("new_password", "Use at least 12 characters.")];
        Self { form: Form::refused("Sam Ortiz".into(), errors), ..Self::sample() }
    }

    /// For who is signed in.
    pub fn sample_join() -> Self {
        Self { layout: Layout::sample(), step: Step::Join, ..Self::sample() }
    }

    /// For who has an account.
    pub fn sample_sign_in() -> Self {
        Self { step: Step::SignIn("/login?return_to=%2Finvitations%2FmZ8k".into()), ..Self::sample() }
    }

    /// For another person.
    pub fn sample_other() -> Self {
        let step = Step::SwitchAccount { signed_in_as: "ada@acme.example".into(), return_to: "/invitations/mZ8k".into() };
        Self { layout: Layout::sample(), step, ..Self::sample() }
    }

    /// A link that was used already.
    pub fn sample_spent() -> Self {
        Self { offer: None, ..Self::sample() }
    }
}
