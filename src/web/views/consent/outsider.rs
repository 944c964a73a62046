//! What a signed-in person meets who does not belong to the app's org.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::views::{layout::Layout, mark::AppMark};

/// Says so, and offers to sign in as someone else or to go back. Posts `csrf` and `decision=deny` to `/consent/{id}`.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "consent/outsider.html")]
pub struct OutsiderPage {
    /// The frame; `layout.signed_in` must be present.
    pub layout: Layout,
    /// Id of the pending authorization request.
    pub id: String,
    /// Value of the hidden field `csrf` of the form that goes back to the app.
    pub csrf: String,
    /// The app that asks.
    pub app: AppMark,
    /// Name of the org that registered it.
    pub org_name: String,
}

impl OutsiderPage {
    /// The page.
    pub fn sample() -> Self {
        Self {
            layout: Layout { org: None, ..Layout::sample() },
            id: "0198f3c2-9b10-7d21-8f00-52c1a7e90b44".into(),
            csrf: "sample-csrf".into(),
            app: AppMark::sample(),
            org_name: "Initech".into(),
        }
    }
}
