//! `/login` and `/logout`.

use axum::Router;
use axum::extract::State;
use axum::http::header::{RETRY_AFTER, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};

use crate::flows;
use crate::flows::account::login::{Attempt, NewSession, SignIn, login};
use crate::flows::account::logout::logout;
use crate::flows::authorize::next_step::next_step;
use crate::flows::authorize::question::waiting;
use crate::model::ids::AuthorizationRequestId;
use crate::web::extract::browser_session::{Browser, Visitor, clear_session, set_session};
use crate::web::extract::csrf;
use crate::web::extract::fields::Fields;
use crate::web::extract::query::Query;
use crate::web::oauth::authorize::{follow, holder, with_cookie};
use crate::web::oauth::redirect::allow_redirect;
use crate::web::pages::error::PageError;
use crate::web::pages::return_to::ReturnTo;
use crate::web::views::form::Form;
use crate::web::views::layout::{Layout, Notice};
use crate::web::views::logged_out::LoggedOutPage;
use crate::web::views::login::{LoginFailure, LoginPage, LoginValues};
use crate::web::views::mark::AppMark;
use crate::web::{AppState, paths};

/// How long people wait when too many passwords are being checked, in seconds.
const BUSY_WAIT: u32 = 5;

/// This area's routes.
pub fn routes() -> Router<AppState> {
    Router::new().route(paths::LOGIN, get(show).post(sign_in)).route(paths::LOGOUT, post(sign_out))
}

/// What a sign-in page stands in front of.
pub struct Front {
    /// Where its form goes.
    pub action: String,
    /// A form that came too late, sealed.
    pub kept: Option<String>,
    /// Where people go afterwards.
    pub return_to: Option<ReturnTo>,
}

impl Front {
    fn to(return_to: &str) -> Self {
        Self { action: paths::LOGIN.to_owned(), kept: None, return_to: ReturnTo::parse(return_to) }
    }
}

async fn show(State(app): State<AppState>, browser: Browser, Query(query): Query) -> Result<Response, PageError> {
    let front = Front::to(query.text("return_to"));
    match (&browser.session, &front.return_to) {
        // A waiting request brings signed-in people here too: to prove themselves again, or as someone else.
        (_, Some(ReturnTo::Request(_))) | (None, _) => {
            let unsaved = Notice::info("Your session has ended, nothing was saved. Sign in to go on.");
            let notice = (query.text("unsaved") == "true").then_some(unsaved);
            page(&app, &browser, &front, notice, None).await
        }
        (Some(_), target) => Ok(Redirect::to(&target.as_ref().map_or(paths::HOME.to_owned(), ReturnTo::path)).into_response()),
    }
}

/// The page for a form that came too late.
pub async fn ask_late(app: &AppState, browser: &Browser, front: &Front) -> Response {
    let text = "Your session has ended. What you entered is kept: sign in to see it again. Nothing is saved before that.";
    match page(app, browser, front, Some(Notice::info(text)), None).await {
        Ok(page) => (StatusCode::UNAUTHORIZED, page).into_response(),
        Err(error) => error.into_response(),
    }
}

/// The page, with the app that waits behind it and the browser's cookie to which its form is bound (E16).
async fn page(
    app: &AppState,
    browser: &Browser,
    front: &Front,
    notice: Option<Notice>,
    failed: Option<(&str, LoginFailure)>,
) -> Result<Response, PageError> {
    let waits = match &front.return_to {
        Some(ReturnTo::Request(id)) => waiting(&app.deps, *id, &holder(browser), browser.now).await?,
        _ => None,
    };
    let hint = waits.as_ref().and_then(|(_, asked)| asked.login_hint.clone());
    let (cookie, set_cookie) = browser.bind(app);
    let page = LoginPage {
        layout: Layout { notice, ..browser.layout(csrf::token(app, csrf::LOGIN, &cookie)) },
        form: Form::new(LoginValues { email: failed.map(|(email, _)| email.to_owned()).or(hint).unwrap_or_default() }),
        continue_to: waits.as_ref().map(|(record, _)| AppMark::of(record)),
        return_to: front.return_to.as_ref().map(ReturnTo::text),
        action: front.action.clone(),
        kept: front.kept.clone(),
        failure: failed.map(|(_, failure)| failure),
    };
    let response = with_cookie(page.into_response(), set_cookie);
    Ok(match waits {
        Some((_, asked)) => allow_redirect(response, &asked.redirect_uri),
        None => response,
    })
}

async fn sign_in(State(app): State<AppState>, browser: Browser, fields: Fields) -> Result<Response, PageError> {
    let front = Front::to(fields.text("return_to"));
    match attempt(&app, &browser, &fields, &front).await {
        Ok(session) => go_on(&app, browser, session, front.return_to).await,
        Err(response) => Ok(response),
    }
}

/// Signs in whoever filled the page in. The error is the page again, or trouble of ours.
pub async fn attempt(app: &AppState, browser: &Browser, fields: &Fields, front: &Front) -> Result<NewSession, Response> {
    let refused = async |failure, status| refused(app, browser, front, fields.text("email"), failure, status).await;
    if !csrf::is_good(app, csrf::LOGIN, browser.cookie.as_deref(), fields) {
        return Err(refused(LoginFailure::Stale, StatusCode::FORBIDDEN).await);
    }
    let (email, password) = (fields.text("email"), fields.secret("password"));
    let attempt = Attempt { email, password: &password, previous: browser.session_cookie.as_deref(), user_agent: &browser.user_agent };
    match login(&app.deps, &attempt, &browser.origin(), browser.now).await {
        Ok(SignIn::Done(session)) => Ok(*session),
        Ok(SignIn::Refused) => Err(refused(LoginFailure::Refused, StatusCode::UNAUTHORIZED).await),
        Ok(SignIn::Throttled { retry_after }) => {
            let failure = LoginFailure::Throttled { retry_after: retry_after.into() };
            Err(wait(refused(failure, StatusCode::TOO_MANY_REQUESTS).await, retry_after))
        }
        Ok(SignIn::Busy) => Err(wait(refused(LoginFailure::Busy, StatusCode::SERVICE_UNAVAILABLE).await, BUSY_WAIT)),
        Err(error) => Err(PageError::from(error).into_response()),
    }
}

async fn refused(app: &AppState, browser: &Browser, front: &Front, email: &str, failure: LoginFailure, status: StatusCode) -> Response {
    match page(app, browser, front, None, Some((email, failure))).await {
        Ok(page) => (status, page).into_response(),
        Err(error) => error.into_response(),
    }
}

fn wait(mut response: Response, seconds: u32) -> Response {
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// Hands the session out and goes on with what waited.
async fn go_on(app: &AppState, mut browser: Browser, new: NewSession, return_to: Option<ReturnTo>) -> Result<Response, PageError> {
    let header = set_session(app, &new.cookie);
    browser.session_cookie = Some(new.cookie.expose().clone());
    browser.session = Some(new.session);
    let response = match return_to {
        Some(ReturnTo::Request(id)) => continue_request(app, browser, id).await?,
        Some(ReturnTo::Path(path)) => Redirect::to(&path).into_response(),
        None => Redirect::to(paths::HOME).into_response(),
    };
    Ok(with_cookie(response, Some(header)))
}

async fn continue_request(app: &AppState, browser: Browser, id: AuthorizationRequestId) -> Result<Response, PageError> {
    let next = next_step(&app.deps, id, &holder(&browser), &browser.origin(), browser.now).await?;
    let memberships = match &browser.session {
        Some(session) => flows::account::list_memberships(&app.deps, session.user.id).await?,
        None => Vec::new(),
    };
    Ok(follow(app, &Visitor { browser, memberships }, next, &[]))
}

/// Ends the session; only a form of ours does it (O8).
async fn sign_out(State(app): State<AppState>, browser: Browser, fields: Fields) -> Result<Response, PageError> {
    if let (Some(session), Some(cookie)) = (&browser.session, &browser.session_cookie) {
        csrf::check(&app, csrf::FORM, Some(cookie), &fields)?;
        logout(&app.deps, session, cookie, &browser.origin(), browser.now).await?;
    }
    let mut response = match ReturnTo::parse(fields.text("return_to")) {
        Some(ReturnTo::Request(id)) => Redirect::to(&paths::login_to(&id.to_string())).into_response(),
        Some(ReturnTo::Path(path)) => Redirect::to(&path).into_response(),
        None => LoggedOutPage { layout: browser.layout(String::new()) }.into_response(),
    };
    response.headers_mut().append(SET_COOKIE, clear_session(&app));
    Ok(response)
}
