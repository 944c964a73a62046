//! A form that outlives its session: sent too late, it comes back filled in once its person has signed in again.
//!
//! Only forms that ask for it do ([`sort`] is called by the extractor `Lasting` of the console), and none that holds a password. The
//! form travels sealed through the sign-in page, is opened for the person whose page it stood on and for the address it was sent to,
//! and is shown, never done: that takes another press of its button, with the token of the new session.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts as _, Request};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::flows::account::kept_form::{KeptForm, is_of, keep, recall};
use crate::model::user::User;
use crate::web::extract::browser_session::Browser;
use crate::web::extract::csrf;
use crate::web::extract::fields::Fields;
use crate::web::extract::recent::{HELD, is_urlencoded, path, renew};
use crate::web::layers::BODY_LIMIT;
use crate::web::pages::error::PageError;
use crate::web::pages::login::{self, Front};
use crate::web::{AppState, paths};

/// The field of the sealed form, on the sign-in page.
pub const FIELD: &str = "kept";
/// Fields that are never kept, whatever form they stand in: they are secrets, or stand for a file.
const NEVER: [&str; 9] =
    ["password", "new_password", "current_password", "client_secret", "access_token", "assertion", "document", "file", "file_too_large"];

/// A form post, sorted.
pub enum Sorted {
    /// To be handled, or refused, as it came.
    AsSent(Request),
    /// To be shown again with these fields, and with a good token.
    ToShow(Request),
}

/// Looks whether a form came too late for its session. The error is the sign-in page that carries it.
pub async fn sort(request: Request, app: &AppState) -> Result<Sorted, Response> {
    let (mut parts, body) = request.into_parts();
    if !is_urlencoded(&parts.headers) {
        return Ok(Sorted::AsSent(Request::from_parts(parts, body)));
    }
    // A kept form is larger than what it holds.
    let bytes = to_bytes(body, 3 * BODY_LIMIT).await.map_err(|_| PageError::new(StatusCode::PAYLOAD_TOO_LARGE).into_response())?;
    let Ok(fields) = Fields::decode(&bytes) else { return Ok(Sorted::AsSent(Request::from_parts(parts, Body::from(bytes)))) };
    let browser = Browser::from_request_parts(&mut parts, app).await.map_err(PageError::into_response)?;
    let is_current = csrf::is_good(app, csrf::FORM, browser.session_cookie.as_deref(), &fields);
    let late = if is_current { None } else { late(app, &parts, &fields, bytes.len(), &browser) };
    let Some(form) = late else { return Ok(Sorted::AsSent(Request::from_parts(parts, Body::from(bytes)))) };
    match (browser.session.clone(), browser.session_cookie.clone()) {
        (Some(session), Some(cookie)) if is_of(&app.deps, &session.user, &form.whose) => Ok(show(app, parts, &form, &cookie)),
        // Somebody else's, whose token cannot be good either.
        (Some(_), _) => Ok(Sorted::AsSent(Request::from_parts(parts, Body::from(bytes)))),
        (None, _) => sign_in(app, parts, &fields, form, &browser).await,
    }
}

/// The form, if it is one that can be kept: sealed before, or as its page sent it.
fn late(app: &AppState, parts: &Parts, fields: &Fields, length: usize, browser: &Browser) -> Option<KeptForm> {
    if let Some(sealed) = fields.get(FIELD) {
        return recall(&app.deps, path(parts), sealed, browser.now);
    }
    // What waits for a password is sealed already, for the session that has ended.
    let may_be_kept = length <= BODY_LIMIT && fields.get(HELD).is_none();
    let whose = csrf::whose(fields).filter(|_| may_be_kept)?.to_owned();
    let fields = fields.clone().into_pairs().into_iter().filter(|(name, value)| is_kept(name, value)).collect();
    Some(KeptForm { whose, path: path(parts).to_owned(), fields })
}

/// Private keys are pasted by mistake; they are not sent back.
fn is_kept(name: &str, value: &str) -> bool {
    let is_private = value.contains("PRIVATE") || (value.trim_start().starts_with('{') && value.contains("\"d\""));
    name != csrf::FIELD && !NEVER.contains(&name) && !is_private
}

/// Asks who is there; when it is the form's person, the form is shown.
async fn sign_in(app: &AppState, mut parts: Parts, fields: &Fields, form: KeptForm, browser: &Browser) -> Result<Sorted, Response> {
    let kept = match fields.get(FIELD) {
        Some(sealed) => sealed.to_owned(),
        None => keep(&app.deps, form.clone(), browser.now),
    };
    let front = Front { action: path(&parts).to_owned(), kept: Some(kept), return_to: None };
    if fields.get(FIELD).is_none() {
        return Err(login::ask_late(app, browser, &front).await);
    }
    let new = login::attempt(app, browser, fields, &front).await?;
    renew(app, &mut parts, &new.cookie);
    if is_of(&app.deps, &new.session.user, &form.whose) {
        return Ok(show(app, parts, &form, new.cookie.expose()));
    }
    // Another person at the same browser sees nothing of it.
    tracing::warn!("a kept form was somebody else's");
    Err(Redirect::to(paths::HOME).into_response())
}

/// The request with the form's own fields and a token for the holder of `cookie`.
fn show(app: &AppState, mut parts: Parts, form: &KeptForm, cookie: &str) -> Sorted {
    let token = csrf::token(app, csrf::FORM, cookie);
    let pairs = form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain([(csrf::FIELD, token.as_str())]);
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.insert(CONTENT_TYPE, axum::http::HeaderValue::from_static("application/x-www-form-urlencoded"));
    Sorted::ToShow(Request::from_parts(parts, Body::from(body)))
}

/// Whether a form without a good token is this person's all the same: its page was opened before they signed in again.
pub fn is_own(app: &AppState, user: &User, fields: &Fields) -> bool {
    csrf::whose(fields).is_some_and(|mark| is_of(&app.deps, user, mark))
}
