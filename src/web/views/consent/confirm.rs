//! The password after Allow: what is sensitive is given only by somebody who proved who they are a short while ago.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::views::{
    layout::Layout,
    mark::{AppMark, ScopeLine},
    reauthenticate::Doubt,
};

/// Asks a signed-in person for the password. Posts `csrf`, `decision` (`allow` or `deny`) and `reauthenticate_password` to
/// `/consent/{id}`.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "consent/confirm.html")]
pub struct ConfirmPage {
    /// The frame; `layout.signed_in` must be present.
    pub layout: Layout,
    /// Id of the pending authorization request.
    pub id: String,
    /// Value of the hidden field `csrf` of the form that answers; it is good for this request only.
    pub csrf: String,
    /// The app that asks.
    pub app: AppMark,
    /// Whose password.
    pub email: String,
    /// What needs the password.
    pub scopes: Vec<ScopeLine>,
    /// Why the last try failed.
    pub doubt: Option<Doubt>,
}

impl ConfirmPage {
    /// The sentence at the field.
    pub fn mistake(&self) -> Option<String> {
        self.doubt.map(|doubt| doubt.text())
    }

    /// A first try.
    pub fn sample() -> Self {
        Self {
            layout: Layout { org: None, ..Layout::sample() },
            id: "0198f3c2-9b10-7d21-8f00-52c1a7e90b44".into(),
            csrf: "sample-csrf".into(),
            app: AppMark::sample(),
            email: "ada@acme.example".into(),
            scopes: ScopeLine::samples().into_iter().filter(|scope| scope.sensitive).collect(),
            doubt: None,
        }
    }

    /// After a wrong password.
    pub fn sample_wrong() -> Self {
        Self { doubt: Some(Doubt::Wrong), ..Self::sample() }
    }
}
