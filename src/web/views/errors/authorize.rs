//! `/authorize` when there is no proved address to send an error to (RFC 6749 §4.1.2.1).

use askama::Template;
use askama_web::WebTemplate;

use crate::web::views::{layout::Layout, mark::AppMark};

/// Never redirects: says what is wrong with the link that led here, in detail only to those who can repair it.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "errors/authorize.html")]
pub struct AuthorizeErrorPage {
    /// The frame; its request id is the reference to quote.
    pub layout: Layout,
    /// The OAuth error code, `invalid_request` or so; leads to `/errors/{code}`.
    pub code: String,
    /// What is wrong.
    pub problem: AuthorizeProblem,
    /// What was sent, for those who may see it; secrets and `state` left out.
    pub sent: Vec<Sent>,
    /// The app, when it is known and the person is one of its admins or developers.
    pub app: Option<AppMark>,
    /// The registered redirect URIs, only for the app's admins and developers.
    pub registered: Option<Vec<String>>,
    /// Where an admin repairs it: path of the app's settings.
    pub settings_path: Option<String>,
    /// Whom others may ask: the app's developer, when one is registered.
    pub contact: Option<String>,
}

/// A parameter as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Its name.
    pub name: String,
    /// Its value, shortened by the handler if it is long.
    pub value: String,
}

/// What is wrong with a request that cannot be answered by a redirect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorizeProblem {
    /// No `client_id`.
    ClientMissing,
    /// A `client_id` that no app has (or had).
    ClientUnknown,
    /// The app, its org or its use of this endpoint is switched off.
    ClientDisabled,
    /// No `redirect_uri`.
    RedirectMissing,
    /// A `redirect_uri` that is not registered, letter by letter.
    RedirectMismatch,
    /// A parameter came twice.
    Repeated,
    /// Something else is malformed.
    Malformed,
}

impl AuthorizeProblem {
    /// One sentence.
    pub fn text(&self) -> &'static str {
        match self {
            Self::ClientMissing => "The link does not say which app it is from: client_id is missing.",
            Self::ClientUnknown => "No app with this client id is registered here.",
            Self::ClientDisabled => "This app is switched off and cannot ask anyone at the moment.",
            Self::RedirectMissing => "The link does not say where to send you afterwards: redirect_uri is missing.",
            Self::RedirectMismatch => "The address to send you to afterwards is not one that the app registered.",
            Self::Repeated => "A parameter of the link came more than once, so it is not clear which one is meant.",
            Self::Malformed => "The link is malformed and cannot be understood.",
        }
    }

    /// What a developer does about it.
    pub fn fix(&self) -> &'static str {
        match self {
            Self::ClientMissing => "Add client_id with the value from the app's page.",
            Self::ClientUnknown => "Compare client_id with the app's page, and check that the link goes to the right server.",
            Self::ClientDisabled => "An admin of the organization can enable it on the app's page.",
            Self::RedirectMissing => "Add redirect_uri, even if the app has registered only one.",
            Self::RedirectMismatch => {
                "Send one of the registered redirect URIs exactly: scheme, host, port, path, query and a trailing slash all count."
            }
            Self::Repeated => "Send each parameter once.",
            Self::Malformed => "Encode the parameters as application/x-www-form-urlencoded in UTF-8.",
        }
    }
}

impl AuthorizeErrorPage {
    /// Everything that helps whoever is asked for help, as text to copy.
    pub fn details(&self) -> String {
        let mut lines = vec![format!("{}: {}", self.code, self.problem.text()), format!("reference: {}", self.layout.request_id)];
        lines.extend(self.sent.iter().map(|sent| format!("sent {}: {}", sent.name, sent.value)));
        lines.extend(self.registered.iter().flatten().map(|uri| format!("registered: {uri}")));
        lines.join("\n")
    }

    /// What an admin of the app sees.
    pub fn sample() -> Self {
        Self {
            layout: Layout { org: None, ..Layout::sample() },
            code: "invalid_request".into(),
            problem: AuthorizeProblem::RedirectMismatch,
            sent: vec![
                Sent { name: "client_id".into(), value: AppMark::sample().client_id },
                Sent { name: "redirect_uri".into(), value: "https://portal.acme.example/callback/".into() },
                Sent { name: "response_type".into(), value: "code".into() },
                Sent { name: "scope".into(), value: "projects:read assets:write".into() },
            ],
            app: Some(AppMark::sample()),
            registered: Some(vec!["https://portal.acme.example/callback".into(), "http://127.0.0.1/callback".into()]),
            settings_path: Some("/orgs/acme/apps/k3v9q2m7x4t8w1r6z5n0b2c9d7/settings".into()),
            contact: None,
        }
    }

    /// What everyone else sees.
    pub fn sample_outsider() -> Self {
        Self {
            layout: Layout::sample_signed_out(),
            problem: AuthorizeProblem::ClientUnknown,
            sent: Vec::new(),
            app: None,
            registered: None,
            settings_path: None,
            ..Self::sample()
        }
    }
}
