//! What the app's owner is told of a request at the authorization endpoint, and of what the person answered.

use crate::flows::authorize::{Closed, Content, Next, PageProblem};
use crate::flows::traces::{Asked, Refused};
use crate::model::client::ClientRecord;
use crate::model::request_trace::Endpoint;
use crate::web::AppState;
use crate::web::extract::browser_session::Browser;

/// The status of a redirect to the app.
const SEE_OTHER: u16 = 303;

fn asked(browser: &Browser) -> Asked {
    Asked { at: browser.now, request_id: browser.request_id.clone(), endpoint: Endpoint::Authorize, grant: None, method: None }
}

/// Notes a request that now waits for the person.
pub(super) async fn waiting(app: &AppState, browser: &Browser, sent: &[(String, String)]) {
    let Some((_, client_id)) = sent.iter().find(|(name, _)| name == "client_id") else { return };
    if let Ok(Some(record)) = app.deps.clients.get(&app.deps, client_id).await {
        app.deps.traces.waiting(&record, asked(browser), SEE_OTHER);
    }
}

/// Notes a request that goes back to the app or ends on a page of ours.
pub(super) fn left(app: &AppState, browser: &Browser, next: &Next, sent: &[(String, String)]) {
    match next {
        Next::Redirect(answer) => match answer.content() {
            Content::Code(_) => app.deps.traces.answered(answer.record(), asked(browser), SEE_OTHER),
            Content::Refused(refusal) => {
                let why = (refusal.error.as_str(), refusal.cause, SEE_OTHER);
                refused(app, browser, answer.record(), why, sent);
            }
        },
        Next::Page(halt) => {
            let Some(record) = halt.record.as_deref() else { return };
            refused(app, browser, record, (halt.problem.error().as_str(), cause(halt.problem), 400), sent);
        }
        Next::Closed(Closed::Expired(record)) => {
            refused(app, browser, record, ("access_denied", "nobody answered in time", 410), sent);
        }
        Next::Login(_) | Next::Consent(_) | Next::Prove(_) | Next::Closed(Closed::Unknown | Closed::Foreign | Closed::Answered(..)) => {}
    }
}

fn refused(app: &AppState, browser: &Browser, record: &ClientRecord, why: (&'static str, &str, u16), sent: &[(String, String)]) {
    let (error, cause, status) = why;
    let sent = |name: &str| sent.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
    let why = Refused { error, cause, contrast: None, sent: &sent, secret: None };
    app.deps.traces.refused(&app.deps, record, asked(browser), status, &why);
}

/// The cause of a page in place of an answer.
const fn cause(problem: PageProblem) -> &'static str {
    match problem {
        PageProblem::ClientMissing => "client_id is missing",
        PageProblem::ClientUnknown => "no app has this client_id",
        PageProblem::ClientDisabled => "the app or its org is disabled, or it has no users",
        PageProblem::RedirectMissing => "redirect_uri is missing from the authorization request",
        PageProblem::RedirectMismatch => "redirect_uri is not registered",
        PageProblem::Repeated => "client_id or redirect_uri came more than once",
        PageProblem::Malformed => "the request cannot be decoded",
    }
}
