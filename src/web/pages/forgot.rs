//! `/forgot`: asking for a link to choose a new password. The answer is the same for every address (N4).

use axum::Router;
use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use crate::flows::account::forgot::{Asked, ask};
use crate::web::extract::browser_session::Browser;
use crate::web::extract::csrf;
use crate::web::extract::fields::Fields;
use crate::web::oauth::authorize::with_cookie;
use crate::web::pages::error::PageError;
use crate::web::views::passwords::forgot::{ForgotPage, ForgotStep};
use crate::web::{AppState, paths};

/// This area's routes.
pub fn routes() -> Router<AppState> {
    Router::new().route(paths::FORGOT, get(show).post(send))
}

async fn show(State(app): State<AppState>, browser: Browser) -> Response {
    let step = if app.deps.policy.mail { ForgotStep::Ask } else { ForgotStep::NoMail };
    page(&app, &browser, StatusCode::OK, step)
}

fn page(app: &AppState, browser: &Browser, status: StatusCode, step: ForgotStep) -> Response {
    let (cookie, set_cookie) = browser.bind(app);
    let minutes = app.deps.policy.lifetimes.password_reset.whole_minutes().unsigned_abs();
    let page = ForgotPage { layout: browser.layout(csrf::token(app, csrf::FORGOT, &cookie)), step, minutes };
    with_cookie((status, page).into_response(), set_cookie)
}

async fn send(State(app): State<AppState>, browser: Browser, fields: Fields) -> Result<Response, PageError> {
    csrf::check(&app, csrf::FORGOT, browser.cookie.as_deref(), &fields)?;
    Ok(match ask(&app.deps, fields.text("email"), &browser.origin(), browser.now).await? {
        Asked::Noted => page(&app, &browser, StatusCode::OK, ForgotStep::Noted),
        Asked::MailIsOff => page(&app, &browser, StatusCode::CONFLICT, ForgotStep::NoMail),
        Asked::Throttled { retry_after } => {
            let step = ForgotStep::Throttled { retry_after: retry_after.into() };
            let mut response = page(&app, &browser, StatusCode::TOO_MANY_REQUESTS, step);
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(retry_after));
            response
        }
    })
}
