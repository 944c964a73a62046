//! A form post by somebody who proved who they are a short while ago (M14).
//!
//! Wrap the extractor of a route: `RecentlyAuthenticated(post): RecentlyAuthenticated<Post>`. Who comes too late gets a page that
//! asks for the password and posts to the same address; what they had sent is sealed into it and goes on from there, so nothing
//! is typed twice and no script is needed.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, COOKIE, RETRY_AFTER, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::flows::account::reauthenticate::{Proof, hold, is_recent, prove, resume};
use crate::secret::Secret;
use crate::web::AppState;
use crate::web::extract::browser_session::{SignedIn, cookie_pair, set_session};
use crate::web::extract::csrf;
use crate::web::extract::fields::Fields;
use crate::web::layers::BODY_LIMIT;
use crate::web::pages::error::PageError;
use crate::web::pages::return_to::ReturnTo;
use crate::web::views::layout::Section;
use crate::web::views::reauthenticate::{Doubt, ReauthenticatePage};

/// The field of the sealed form.
pub(super) const HELD: &str = "continuation";
/// The field of the password, on the page that asks for it.
pub const PASSWORD: &str = "reauthenticate_password";

/// What `P` takes from a post, once it is sure who sends it.
pub struct RecentlyAuthenticated<P>(pub P);

impl<P: FromRequest<AppState, Rejection = Response>> FromRequest<AppState> for RecentlyAuthenticated<P> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let person = SignedIn::from_request_parts(&mut parts, app).await?;
        if !is_urlencoded(&parts.headers) {
            // Such as an upload, which is too large to be held: its page asks before it shows the form.
            return if is_recent(&app.deps, &person.session, person.now()) {
                P::from_request(Request::from_parts(parts, body), app).await.map(Self)
            } else {
                Err(ask(app, &person, &parts, None, None))
            };
        }
        // A held form is larger than what it holds.
        let bytes = to_bytes(body, 3 * BODY_LIMIT).await.map_err(|_| refuse(StatusCode::PAYLOAD_TOO_LARGE))?;
        let fields = Fields::decode(&bytes).map_err(|_| refuse(StatusCode::BAD_REQUEST))?;
        if fields.get(HELD).is_none() && is_recent(&app.deps, &person.session, person.now()) {
            return P::from_request(Request::from_parts(parts, Body::from(bytes)), app).await.map(Self);
        }
        csrf::check(app, csrf::FORM, Some(&person.cookie), &fields).map_err(PageError::into_response)?;
        let request = go_on(app, &person, parts, &fields).await?;
        P::from_request(request, app).await.map(Self)
    }
}

/// The request as it was first sent, now with the session's new cookie; or the page that asks.
async fn go_on(app: &AppState, person: &SignedIn, mut parts: Parts, fields: &Fields) -> Result<Request, Response> {
    let (deps, now) = (&app.deps, person.now());
    let Some(held) = fields.get(HELD) else {
        let sent = fields.clone().into_pairs().into_iter().filter(|(name, _)| name != csrf::FIELD).collect();
        return Err(ask(app, person, &parts, Some(hold(deps, &person.session, path(&parts), sent, now)), None));
    };
    let Some(sent) = resume(deps, &person.session, path(&parts), held, now) else {
        return Err(refuse(StatusCode::BAD_REQUEST));
    };
    let proof = prove(deps, &person.session, &fields.secret(PASSWORD), &person.origin(), now).await;
    let cookie = match proof.map_err(|error| PageError::from(error).into_response())? {
        Proof::Done(cookie) => cookie,
        Proof::Wrong => return Err(ask(app, person, &parts, Some(held.to_owned()), Some(Doubt::Wrong))),
        Proof::Throttled { retry_after } => {
            let doubt = Doubt::Throttled { retry_after: retry_after.into() };
            return Err(ask(app, person, &parts, Some(held.to_owned()), Some(doubt)));
        }
    };
    renew(app, &mut parts, &cookie);
    let token = csrf::token(app, csrf::FORM, cookie.expose());
    let pairs = sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain([(csrf::FIELD, token.as_str())]);
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    parts.headers.remove(CONTENT_LENGTH);
    Ok(Request::from_parts(parts, Body::from(body)))
}

/// The page that asks for the password and posts to this very address.
fn ask(app: &AppState, person: &SignedIn, parts: &Parts, continuation: Option<String>, doubt: Option<Doubt>) -> Response {
    let (status, wait) = match doubt {
        Some(Doubt::Throttled { retry_after }) => (StatusCode::TOO_MANY_REQUESTS, Some(retry_after)),
        _ => (StatusCode::UNAUTHORIZED, None),
    };
    let page = ReauthenticatePage {
        layout: person.layout(app, Section::Elsewhere),
        email: person.session.user.email.to_string(),
        action: path(parts).to_owned(),
        continuation,
        back: ReturnTo::came_from(&parts.headers, &app.deps.policy.issuer_origin()),
        doubt,
    };
    let mut response = (status, page).into_response();
    if let Some(seconds) = wait {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Path and query of a request.
pub(super) fn path(parts: &Parts) -> &str {
    parts.uri.path_and_query().map_or("/", axum::http::uri::PathAndQuery::as_str)
}

/// Whether the body says that it is a form without files.
pub(super) fn is_urlencoded(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn refuse(status: StatusCode) -> Response {
    PageError::new(status).into_response()
}

/// Cookies that an extractor hands out, with whatever answer the handler gives.
#[derive(Clone, Default)]
struct HandOut(Arc<Mutex<Vec<HeaderValue>>>);

/// Lets the rest of this request, and the browser, go on with the new cookie.
pub(super) fn renew(app: &AppState, parts: &mut Parts, cookie: &Secret<String>) {
    if let Some(hand_out) = parts.extensions.get::<HandOut>() {
        hand_out.0.lock().unwrap_or_else(PoisonError::into_inner).push(set_session(app, cookie));
    }
    let (own, pair) = cookie_pair(app, cookie);
    let others = parts.headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(';'));
    let kept = others.map(str::trim).filter(|other| other.split('=').next() != Some(own)).map(str::to_owned);
    let line = kept.chain([pair]).collect::<Vec<_>>().join("; ");
    parts.headers.remove(COOKIE);
    if let Ok(line) = HeaderValue::from_str(&line) {
        parts.headers.insert(COOKIE, line);
    }
}

/// Adds to each answer the cookies that were handed out on the way to it.
pub async fn hand_out(mut request: Request, next: Next) -> Response {
    let cookies = HandOut::default();
    request.extensions_mut().insert(cookies.clone());
    let mut response = next.run(request).await;
    for cookie in cookies.0.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}
