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

async fn show(State(app): State<AppState>, browser: Browser, Query(query): Query) -> Result<Response, PageError> {
    let return_to = ReturnTo::parse(query.text("return_to"));
    match (&browser.session, &return_to) {
        // A waiting request brings signed-in people here too: to prove themselves again, or as someone else.
        (_, Some(ReturnTo::Request(_))) | (None, _) => {
            let unsaved = Notice::info("Your session has ended, nothing was saved. Sign in to go on.");
            let notice = (query.text("unsaved") == "true").then_some(unsaved);
            page(&app, &browser, return_to, notice, None).await
        }
        (Some(_), target) => Ok(Redirect::to(&target.as_ref().map_or(paths::HOME.to_owned(), ReturnTo::path)).into_response()),
    }
}

/// The page, with the app that waits behind it and the browser's cookie to which its form is bound (E16).
async fn page(
    app: &AppState,
    browser: &Browser,
    return_to: Option<ReturnTo>,
    notice: Option<Notice>,
    failed: Option<(&str, LoginFailure)>,
) -> Result<Response, PageError> {
    let waits = match &return_to {
        Some(ReturnTo::Request(id)) => waiting(&app.deps, *id, &holder(browser), browser.now).await?,
        _ => None,
    };
    let hint = waits.as_ref().and_then(|(_, asked)| asked.login_hint.clone());
    let (cookie, set_cookie) = browser.bind(app);
    let page = LoginPage {
        layout: Layout { notice, ..browser.layout(csrf::token(app, csrf::LOGIN, &cookie)) },
        form: Form::new(LoginValues { email: failed.map(|(email, _)| email.to_owned()).or(hint).unwrap_or_default() }),
        continue_to: waits.as_ref().map(|(record, _)| AppMark::of(record)),
        return_to: return_to.map(|target| target.text()),
        failure: failed.map(|(_, failure)| failure),
    };
    let response = with_cookie(page.into_response(), set_cookie);
    Ok(match waits {
        Some((_, asked)) => allow_redirect(response, &asked.redirect_uri),
        None => response,
    })
}

async fn sign_in(State(app): State<AppState>, browser: Browser, fields: Fields) -> Result<Response, PageError> {
    let return_to = ReturnTo::parse(fields.text("return_to"));
    let email = fields.text("email");
    if !csrf::is_good(&app, csrf::LOGIN, browser.cookie.as_deref(), &fields) {
        return refused(&app, &browser, return_to, email, LoginFailure::Stale, StatusCode::FORBIDDEN).await;
    }
    let password = fields.secret("password");
    let attempt = Attempt { email, password: &password, previous: browser.session_cookie.as_deref(), user_agent: &browser.user_agent };
    match login(&app.deps, &attempt, &browser.origin(), browser.now).await {
        Ok(SignIn::Done(session)) => go_on(&app, browser, *session, return_to).await,
        Ok(SignIn::Refused) => refused(&app, &browser, return_to, email, LoginFailure::Refused, StatusCode::UNAUTHORIZED).await,
        Ok(SignIn::Throttled { retry_after }) => {
            let failure = LoginFailure::Throttled { retry_after: retry_after.into() };
            let response = refused(&app, &browser, return_to, email, failure, StatusCode::TOO_MANY_REQUESTS).await?;
            Ok(wait(response, retry_after))
        }
        Ok(SignIn::Busy) => {
            let response = refused(&app, &browser, return_to, email, LoginFailure::Busy, StatusCode::SERVICE_UNAVAILABLE).await?;
            Ok(wait(response, BUSY_WAIT))
        }
        Err(error) => Err(error.into()),
    }
}

async fn refused(
    app: &AppState,
    browser: &Browser,
    return_to: Option<ReturnTo>,
    email: &str,
    failure: LoginFailure,
    status: StatusCode,
) -> Result<Response, PageError> {
    let mut response = page(app, browser, return_to, None, Some((email, failure))).await?;
    *response.status_mut() = status;
    Ok(response)
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
