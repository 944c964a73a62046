//! A round of "try this app": each leg with what was sent and what came, secrets masked. The response must carry
//! `Cache-Control: no-store`.

use askama::Template;
use askama_web::WebTemplate;

use crate::secret::Secret;
use crate::web::views::apps::kind::AppKind;
use crate::web::views::apps::show::header::{AppHeader, Tab};
use crate::web::views::layout::{Layout, Section};

/// The legs of a round, and what can be done with what came of it.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "apps/show/tried.html")]
pub struct TriedPage {
    /// The frame.
    pub layout: Layout,
    /// The app.
    pub header: AppHeader,
    /// In the order in which they happened.
    pub legs: Vec<Leg>,
    /// The code of the error; empty when tokens came.
    pub error: String,
    /// The living authorization, to end it.
    pub authorization: Option<String>,
    /// The token of a machine, to be used.
    pub token: Option<Secret<String>>,
    /// The API that the token is for.
    pub api: String,
}

/// One leg.
#[derive(Debug, Clone)]
pub struct Leg {
    /// Who does what.
    pub title: &'static str,
    /// A sentence about it; may be empty.
    pub about: String,
    /// The request; may be empty.
    pub sent: String,
    /// The answer; may be empty.
    pub came: String,
}

impl TriedPage {
    /// The token in the clear: a machine's token is made to be used.
    pub fn exposed_token(&self) -> Option<&str> {
        self.token.as_ref().map(|token| token.expose().as_str())
    }

    /// A round that ended well.
    pub fn sample() -> Self {
        let leg = |title, about: &str, sent: &str, came: &str| Leg { title, about: about.into(), sent: sent.into(), came: came.into() };
        Self {
            layout: Layout { section: Section::Apps, ..Layout::sample() },
            header: AppHeader::sample().at(Tab::Quickstart),
            legs: vec![
                leg(
                    "Your program sends the person to Grantor",
                    "They sign in and allow it on the consent page.",
                    "GET https://auth.acme.example/authorize\n    ?response_type=code\n    &client_id=k3v9m2q8r7t1w5x0y4z6a8b2c9",
                    "",
                ),
                leg(
                    "Your program redeems the code",
                    "",
                    "POST https://auth.acme.example/token",
                    "{\n  \"access_token\": \"eyJhbGciOi…\"\n}",
                ),
            ],
            error: String::new(),
            authorization: Some("01890000-0000-7000-8000-000000000000".into()),
            token: None,
            api: "https://api.acme.example".into(),
        }
    }

    /// The person did not allow it.
    pub fn sample_denied() -> Self {
        let mut page = Self::sample();
        page.legs.truncate(1);
        Self { error: "access_denied".into(), authorization: None, ..page }
    }

    /// A machine's token.
    pub fn sample_machine() -> Self {
        let page = Self::sample();
        let header = AppHeader { kind: AppKind::M2m, ..page.header };
        Self { header, authorization: None, token: Some("eyJhbGciOiJFUzI1NiJ9.e30.sample".into()), ..page }
    }
}
