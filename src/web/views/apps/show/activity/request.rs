//! `/orgs/{slug}/apps/{client_id}/activity/{request_id}`: every check of one request.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::views::apps::show::activity::{ActivityPage, Ending, RequestRow};
use crate::web::views::apps::show::header::AppHeader;
use crate::web::views::layout::Layout;

/// One request, explained.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "apps/show/request.html")]
pub struct RequestPage {
    /// The frame.
    pub layout: Layout,
    /// The app.
    pub header: AppHeader,
    /// The request.
    pub row: RequestRow,
    /// How the client authenticated; may be empty.
    pub method: String,
    /// The exact cause; empty when nothing failed.
    pub cause: String,
    /// Every check in order.
    pub steps: Vec<StepRow>,
    /// Where it is set right.
    pub fix: Option<Fix>,
}

/// A check.
#[derive(Debug, Clone)]
pub struct StepRow {
    /// What must hold.
    pub title: String,
    /// `passed`, `failed`, `waiting` or `not_reached`.
    pub result: &'static str,
    /// What was expected; empty when the cause says it all.
    pub expected: String,
    /// What came.
    pub came: String,
}

impl StepRow {
    /// The word for people.
    pub fn label(&self) -> &'static str {
        match self.result {
            "passed" => "Passed",
            "failed" => "Failed",
            "waiting" => "Asked",
            _ => "Not reached",
        }
    }

    /// The icon beside it.
    pub fn icon(&self) -> &'static str {
        match self.result {
            "passed" => "check",
            "failed" => "x",
            "waiting" => "clock",
            _ => "ban",
        }
    }
}

/// A link to the setting at fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it is called.
    pub label: &'static str,
    /// Below the app's own address.
    pub path: &'static str,
}

impl RequestPage {
    /// The cause as a sentence.
    pub fn told(&self) -> String {
        let mut letters = self.cause.chars();
        // Some begin with the name of a parameter, which keeps its letters.
        let named = self.cause.split(' ').next().is_some_and(|word| word.contains('_'));
        let text = match letters.next() {
            Some(first) if !named => first.to_uppercase().chain(letters).collect(),
            _ => self.cause.clone(),
        };
        if text.ends_with('.') { text } else { format!("{text}.") }
    }

    /// Whether nothing that was sent is at fault.
    pub fn is_ours(&self) -> bool {
        self.row.status == 503
    }

    /// A wrong redirect URI.
    pub fn sample() -> Self {
        let step = |title: &str, result| StepRow { title: title.into(), result, expected: String::new(), came: String::new() };
        let list = ActivityPage::sample();
        let row = RequestRow {
            endpoint: "/authorize".into(),
            what: String::new(),
            status: 400,
            error: "invalid_request".into(),
            ending: Ending::Refused,
            failed: "redirect_uri is registered, letter by letter".into(),
            ..list.rows[2].clone()
        };
        Self {
            layout: list.layout,
            header: list.header,
            row,
            method: String::new(),
            cause: "redirect_uri is not registered".into(),
            steps: vec![
                step("The request can be read, and no parameter came twice or in the wrong place", "passed"),
                step("The request names a client", "passed"),
                StepRow {
                    expected: "https://portal.acme.example/callback".into(),
                    came: "https://portal.acme.example/callback/ (a slash at the end makes the difference)".into(),
                    ..step("redirect_uri is registered, letter by letter", "failed")
                },
                step("code_challenge is there where it must be, and S256", "not_reached"),
            ],
            fix: Some(Fix { label: "Redirect URIs", path: "settings#redirect_uris" }),
        }
    }

    /// A person was asked.
    pub fn sample_waiting() -> Self {
        let mut page = Self::sample();
        page.row = ActivityPage::sample().rows[1].clone();
        page.cause = String::new();
        page.fix = None;
        page.steps.retain(|step| step.result == "passed");
        page.steps.push(StepRow { title: "The person allows it".into(), result: "waiting", expected: String::new(), came: String::new() });
        page
    }
}
