//! The authorization endpoint (RFC 6749 §3.1): GET and POST.

use axum::Router;
use axum::extract::{FromRequest as _, FromRequestParts as _, RawQuery, Request, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;

use crate::flows::authorize::{Browser as Facts, Closed, Halt, Next, PageProblem, start};
use crate::model::client::ClientRecord;
use crate::model::membership::Role;
use crate::web::extract::browser_session::{Browser, Visitor};
use crate::web::extract::fields::Fields;
use crate::web::oauth::redirect::redirect;
use crate::web::pages::error::PageError;
use crate::web::views::consent::answered::{Answer, ConsentAnsweredPage};
use crate::web::views::errors::authorize::{AuthorizeErrorPage, AuthorizeProblem, Sent};
use crate::web::views::layout::Section;
use crate::web::views::mark::AppMark;
use crate::web::{AppState, paths};

mod traced;

/// The longest value that an error page repeats, in characters.
const SHOWN_LENGTH: usize = 300;

/// The endpoint and its alias. Other sites may post here, so the layer for our own forms must not wrap it.
pub fn routes() -> Router<AppState> {
    let endpoint = || get(authorize).post(authorize);
    Router::new().route(paths::AUTHORIZE, endpoint()).route(paths::alias::AUTHORIZE, endpoint())
}

async fn authorize(State(app): State<AppState>, visitor: Visitor, request: Request) -> Result<Response, PageError> {
    if request.method() == Method::POST && is_blind(&visitor.browser, &request) {
        return bounce(request).await;
    }
    let Some(sent) = parameters(request).await? else {
        let halt = Halt { problem: PageProblem::Malformed, record: None, role: None };
        return Ok(halt_page(&app, &visitor, &halt, &[]));
    };
    let (cookie, set_cookie) = visitor.browser.bind(&app);
    let facts = visitor.browser.facts(&cookie);
    let next = start::start(&app.deps, &sent, &facts, &visitor.browser.origin(), visitor.browser.now).await?;
    let is_stored = matches!(next, Next::Login(_) | Next::Consent(_));
    if is_stored {
        traced::waiting(&app, &visitor.browser, &sent).await;
    }
    let mut response = follow(&app, &visitor, next, &sent);
    if let Some(header) = set_cookie.filter(|_| is_stored) {
        response.headers_mut().append(SET_COOKIE, header);
    }
    Ok(response)
}

/// Whether this is a post from another site: browsers leave `SameSite=Lax` cookies out of those, so nobody seems signed in.
fn is_blind(browser: &Browser, request: &Request) -> bool {
    let cross_site = request.headers().get("sec-fetch-site").is_some_and(|site| site == "cross-site");
    cross_site && browser.cookie.is_none() && browser.session.is_none()
}

/// Sends a post from another site through a GET, which comes with the cookies.
async fn bounce(request: Request) -> Result<Response, PageError> {
    let path = request.uri().path().to_owned();
    let Some(sent) = parameters(request).await? else { return Err(PageError::new(StatusCode::BAD_REQUEST)) };
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(sent).finish();
    Ok(Redirect::to(&format!("{path}?{query}")).into_response())
}

/// What came in the query, and in the body of a post; `None` when it cannot be read or holds control characters (A22).
async fn parameters(request: Request) -> Result<Option<Vec<(String, String)>>, PageError> {
    let (mut parts, body) = request.into_parts();
    let is_post = parts.method == Method::POST;
    let RawQuery(query) = RawQuery::from_request_parts(&mut parts, &()).await.unwrap_or(RawQuery(None));
    let Ok(query) = Fields::decode(query.unwrap_or_default().as_bytes()) else { return Ok(None) };
    let mut pairs = query.into_pairs();
    if is_post {
        pairs.extend(Fields::from_request(Request::from_parts(parts, body), &()).await?.into_pairs());
    }
    let is_plain = |text: &String| !text.chars().any(char::is_control);
    Ok(pairs.iter().all(|(name, value)| is_plain(name) && is_plain(value)).then_some(pairs))
}

/// Goes where a flow says.
pub fn follow(app: &AppState, visitor: &Visitor, next: Next, sent: &[(String, String)]) -> Response {
    traced::left(app, &visitor.browser, &next, sent);
    match next {
        Next::Login(id) => Redirect::to(&paths::login_to(&id.to_string())).into_response(),
        Next::Consent(id) | Next::Prove(id) => Redirect::to(&paths::consent(id)).into_response(),
        Next::Redirect(answer) => redirect(app, &answer, &visitor.browser.request_id),
        Next::Page(halt) => halt_page(app, visitor, &halt, sent),
        Next::Closed(closed) => closed_page(app, visitor, &closed),
    }
}

/// The page of a request that is over (E3, E4, B17).
fn closed_page(app: &AppState, visitor: &Visitor, closed: &Closed) -> Response {
    let layout = visitor.layout(app, Section::Elsewhere);
    let mark = |record: &ClientRecord| Some(AppMark::of(record));
    let (status, app, answer) = match closed {
        Closed::Foreign => {
            let detail = "Another browser started this request. Start again from the app, in this browser.";
            return PageError::forbidden().with_detail(detail).into_response();
        }
        Closed::Unknown => (StatusCode::NOT_FOUND, None, Answer::Expired),
        Closed::Expired(record) => (StatusCode::GONE, mark(record), Answer::Expired),
        Closed::Answered(record, stage) => {
            use crate::model::authorization_request::RequestStage::{Approved, Denied, Pending};
            let answer = match stage {
                Approved => Answer::Allowed,
                Denied | Pending => Answer::Denied,
            };
            (StatusCode::CONFLICT, mark(record), answer)
        }
    };
    (status, ConsentAnsweredPage { layout, app, answer }).into_response()
}

/// The page for a request without a proved address. Details are for those who can repair the app.
fn halt_page(app: &AppState, visitor: &Visitor, halt: &Halt, sent: &[(String, String)]) -> Response {
    let record = halt.record.as_deref();
    let insider = record.filter(|_| halt.role.is_some_and(Role::reads_apps));
    let links = record.map(|record| &record.client.profile.links);
    let contact = links.and_then(|links| links.developer_email.clone().or_else(|| links.developer_name.clone()));
    let page = AuthorizeErrorPage {
        layout: visitor.layout(app, Section::Elsewhere),
        code: halt.problem.error().as_str().to_owned(),
        problem: problem(halt.problem),
        sent: if insider.is_some() { shown(sent) } else { Vec::new() },
        app: insider.map(AppMark::of),
        registered: insider.map(|record| record.client.profile.redirect_uris.iter().map(ToString::to_string).collect()),
        settings_path: insider
            .filter(|_| halt.role.is_some_and(Role::manages_apps))
            .map(|record| paths::app_settings(&record.org_slug, &record.client.client_id)),
        contact: contact.filter(|_| insider.is_none()),
    };
    (StatusCode::BAD_REQUEST, page).into_response()
}

fn shown(sent: &[(String, String)]) -> Vec<Sent> {
    const NAMES: [&str; 5] = ["client_id", "redirect_uri", "response_type", "scope", "resource"];
    let named = sent.iter().filter(|(name, _)| NAMES.contains(&name.as_str()));
    named.take(20).map(|(name, value)| Sent { name: name.clone(), value: value.chars().take(SHOWN_LENGTH).collect() }).collect()
}

fn problem(problem: PageProblem) -> AuthorizeProblem {
    match problem {
        PageProblem::ClientMissing => AuthorizeProblem::ClientMissing,
        PageProblem::ClientUnknown => AuthorizeProblem::ClientUnknown,
        PageProblem::ClientDisabled => AuthorizeProblem::ClientDisabled,
        PageProblem::RedirectMissing => AuthorizeProblem::RedirectMissing,
        PageProblem::RedirectMismatch => AuthorizeProblem::RedirectMismatch,
        PageProblem::Repeated => AuthorizeProblem::Repeated,
        PageProblem::Malformed => AuthorizeProblem::Malformed,
    }
}

/// The browser of a page that answers a request; one without a cookie holds none, and none is made for it.
pub fn holder(browser: &Browser) -> Facts {
    browser.facts(browser.cookie.as_deref().unwrap_or_default())
}

/// Adds a cookie to an answer.
pub fn with_cookie(mut response: Response, cookie: Option<HeaderValue>) -> Response {
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}
