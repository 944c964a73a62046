//! What follows `POST /logout`.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::views::layout::Layout;

/// Says that the browser session is over and what lives on.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "logged_out.html")]
pub struct LoggedOutPage {
    /// The frame.
    pub layout: Layout,
}

impl LoggedOutPage {
    /// The page.
    pub fn sample() -> Self {
        Self { layout: Layout::sample_signed_out() }
    }
}
