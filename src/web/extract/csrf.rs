//! The token that each form carries: a MAC over the form's purpose and a cookie, so that only a page of ours, shown to this
//! browser, can have made it (E2, E16). The layer `same_origin_posts` refuses other sites before it.

use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::flows::account::kept_form;
use crate::model::ids::AuthorizationRequestId;
use crate::model::user::User;
use crate::web::AppState;
use crate::web::extract::browser_session::SignedIn;
use crate::web::extract::fields::Fields;
use crate::web::extract::kept;
use crate::web::pages::error::PageError;
use crate::web::pages::return_to::ReturnTo;

/// The field of the token.
pub const FIELD: &str = "csrf";
/// Between the token of a form and the mark that tells whose it is.
const MARK: char = '.';
/// Forms of signed-in people; bound to the session cookie.
pub const FORM: &str = "form";
/// The sign-in form; bound to the browser cookie.
pub const LOGIN: &str = "login";
/// The form of an invitation; bound to the browser cookie.
pub const INVITATION: &str = "invitation";
/// The form of a forgotten password; bound to the browser cookie.
pub const FORGOT: &str = "forgot";
/// The set-password form; bound to the browser cookie.
pub const SET_PASSWORD: &str = "set-password";

/// The consent form of one request; bound to the session cookie.
pub fn consent(id: AuthorizationRequestId) -> String {
    format!("consent:{id}")
}

/// The token for a form with this purpose, shown to the holder of `cookie`.
pub fn token(app: &AppState, purpose: &str, cookie: &str) -> String {
    app.deps.sealer.form_token(purpose, cookie)
}

/// The token for the forms of a signed-in person, with the mark that tells whose they are when the session has ended.
pub fn signed(app: &AppState, cookie: &str, user: &User) -> String {
    format!("{}{MARK}{}", token(app, FORM, cookie), kept_form::mark(&app.deps, user))
}

/// The mark of the person on whose page the form stood, if it has one; nobody has looked at it yet.
pub fn whose(fields: &Fields) -> Option<&str> {
    fields.get(FIELD)?.split_once(MARK).map(|(_, mark)| mark).filter(|mark| mark.len() <= 64)
}

/// Whether `fields` carry that token.
pub fn is_good(app: &AppState, purpose: &str, cookie: Option<&str>, fields: &Fields) -> bool {
    let (Some(cookie), Some(sent)) = (cookie, fields.get(FIELD)) else { return false };
    let sent = sent.split_once(MARK).map_or(sent, |(token, _)| token);
    app.deps.sealer.check_form_token(purpose, cookie, sent)
}

/// Refuses a form without that token.
pub fn check(app: &AppState, purpose: &str, cookie: Option<&str>, fields: &Fields) -> Result<(), PageError> {
    if is_good(app, purpose, cookie, fields) {
        return Ok(());
    }
    tracing::warn!(purpose = purpose.split(':').next(), "refused a form without its token");
    Err(PageError::new(StatusCode::FORBIDDEN))
}

/// A form post of a signed-in person, whose token is good.
pub struct SignedPost {
    /// Who.
    pub person: SignedIn,
    /// What.
    pub fields: Fields,
}

impl FromRequest<AppState> for SignedPost {
    type Rejection = Response;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let person = SignedIn::from_request_parts(&mut parts, app).await?;
        let headers = parts.headers.clone();
        let fields = Fields::from_request(Request::from_parts(parts, body), app).await.map_err(PageError::into_response)?;
        if !is_good(app, FORM, Some(&person.cookie), &fields) && kept::is_own(app, &person.session.user, &fields) {
            // They signed in again since they opened the page: it is shown anew, with a token that is good.
            let page = ReturnTo::came_from(&headers, &app.deps.policy.issuer_origin());
            let page = page.split_once('?').map_or(page.as_str(), |(path, _)| path);
            return Err(Redirect::to(&format!("{page}?done=send-again")).into_response());
        }
        check(app, FORM, Some(&person.cookie), &fields).map_err(PageError::into_response)?;
        Ok(Self { person, fields })
    }
}
