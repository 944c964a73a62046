//! `/set-password/{link}`: the one-time link with which a person chooses a password.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;

use crate::flows::account::{LinkUse, MINIMUM_CHARACTERS, find_password_link, use_password_link};
use crate::web::extract::browser_session::Browser;
use crate::web::extract::csrf;
use crate::web::extract::fields::Fields;
use crate::web::oauth::authorize::with_cookie;
use crate::web::pages::error::PageError;
use crate::web::views::form::{FieldError, Form};
use crate::web::views::passwords::set::SetPasswordPage;
use crate::web::{AppState, paths};

/// This area's routes.
pub fn routes() -> Router<AppState> {
    Router::new().route("/set-password/{link}", get(show).post(set))
}

async fn show(State(app): State<AppState>, browser: Browser, Path(link): Path<String>) -> Result<Response, PageError> {
    let email = find_password_link(&app.deps, &link, browser.now).await?;
    let status = if email.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    Ok(page(&app, &browser, email.map(|email| email.to_string()), Form::default(), status))
}

fn page(app: &AppState, browser: &Browser, email: Option<String>, form: Form<()>, status: StatusCode) -> Response {
    let (cookie, set_cookie) = browser.bind(app);
    let layout = browser.layout(csrf::token(app, csrf::SET_PASSWORD, &cookie));
    let page = SetPasswordPage { layout, email, form, minimum_length: MINIMUM_CHARACTERS };
    with_cookie((status, page).into_response(), set_cookie)
}

async fn set(State(app): State<AppState>, browser: Browser, Path(link): Path<String>, fields: Fields) -> Result<Response, PageError> {
    csrf::check(&app, csrf::SET_PASSWORD, browser.cookie.as_deref(), &fields)?;
    let used = use_password_link(&app.deps, &link, &fields.secret("new_password"), &browser.origin(), browser.now).await?;
    Ok(match used {
        LinkUse::Done => Redirect::to(paths::LOGIN).into_response(),
        LinkUse::Spent => page(&app, &browser, None, Form::default(), StatusCode::NOT_FOUND),
        LinkUse::Refused(email, problem) => {
            let form = Form::refused((), vec![FieldError::new("new_password", problem.text())]);
            page(&app, &browser, Some(email.to_string()), form, StatusCode::UNPROCESSABLE_ENTITY)
        }
    })
}
