//! `/theme`: the colours that a browser wants, kept in a cookie of its own that holds one word and nothing about anybody.

use axum::Router;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::post;

use crate::web::extract::fields::Fields;
use crate::web::pages::return_to::ReturnTo;
use crate::web::views::layout::Theme;
use crate::web::{AppState, paths};

/// This area's routes; wrap them in `layers::around_pages`, which refuses posts from other sites.
pub fn routes() -> Router<AppState> {
    Router::new().route(paths::THEME, post(choose))
}

/// Keeps the choice for a year and goes back to the page it was made on. It needs no token: it changes nothing but this cookie.
async fn choose(State(app): State<AppState>, headers: HeaderMap, fields: Fields) -> Response {
    let theme = Theme::from_cookie(fields.text("theme"));
    let secure = if app.deps.policy.secure_cookies { "; Secure" } else { "" };
    let lasting = if theme == Theme::System { "" } else { theme.word() };
    let age = if lasting.is_empty() { 0 } else { 31_536_000 };
    let mut response = Redirect::to(&ReturnTo::came_from(&headers, &app.deps.policy.issuer_origin())).into_response();
    if let Ok(cookie) = HeaderValue::from_str(&format!("theme={lasting}; Path=/; Max-Age={age}; SameSite=Lax{secure}")) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}
