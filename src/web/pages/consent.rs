//! `/consent/{id}`: asks the person of a waiting request, and takes the answer.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use crate::flows::account::login::find_session;
use crate::flows::account::reauthenticate::{Proof, prove};
use crate::flows::authorize::approve::approve;
use crate::flows::authorize::deny::deny;
use crate::flows::authorize::question::{AskedScope, Question, question};
use crate::flows::authorize::{Closed, Next, Reason};
use crate::model::client::ClientRecord;
use crate::model::ids::AuthorizationRequestId;
use crate::model::redirect_uri::RedirectUri;
use crate::web::AppState;
use crate::web::extract::browser_session::{Visitor, set_session};
use crate::web::extract::csrf;
use crate::web::extract::fields::Fields;
use crate::web::extract::recent::PASSWORD;
use crate::web::oauth::authorize::{follow, holder, with_cookie};
use crate::web::oauth::redirect::allow_redirect;
use crate::web::pages::error::PageError;
use crate::web::views::consent::confirm::ConfirmPage;
use crate::web::views::consent::outsider::OutsiderPage;
use crate::web::views::consent::show::{AskReason, ConsentPage, Lasts};
use crate::web::views::layout::Section;
use crate::web::views::mark::{AppMark, OutsideLink, ScopeLine};
use crate::web::views::reauthenticate::Doubt;

/// This area's routes.
pub fn routes() -> Router<AppState> {
    Router::new().route("/consent/{id}", get(show).post(answer))
}

fn request_id(text: &str) -> Result<AuthorizationRequestId, PageError> {
    text.parse().map_err(|_| PageError::not_found())
}

async fn show(State(app): State<AppState>, visitor: Visitor, Path(id): Path<String>) -> Result<Response, PageError> {
    let id = request_id(&id)?;
    let browser = &visitor.browser;
    let asked = match question(&app.deps, id, &holder(browser), browser.now).await? {
        Ok(asked) => asked,
        Err(next) => return Ok(follow(&app, &visitor, next, &[])),
    };
    let Some(cookie) = browser.session_cookie.as_deref() else { return Ok(follow(&app, &visitor, Next::Login(id), &[])) };
    let token = csrf::token(&app, &csrf::consent(id), cookie);
    let redirect_uri = asked.asked.redirect_uri.clone();
    let response = if asked.is_member {
        page(&app, &visitor, id, token, asked).into_response()
    } else {
        let app_mark = mark(&asked.record);
        let layout = visitor.layout(&app, Section::Elsewhere);
        let page = OutsiderPage { layout, id: id.to_string(), csrf: token, app: app_mark, org_name: asked.record.org_name.clone() };
        (StatusCode::FORBIDDEN, page).into_response()
    };
    Ok(allow_redirect(response, &redirect_uri))
}

async fn answer(State(app): State<AppState>, visitor: Visitor, Path(id): Path<String>, fields: Fields) -> Result<Response, PageError> {
    let id = request_id(&id)?;
    let browser = &visitor.browser;
    if let Err(refused) = csrf::check(&app, &csrf::consent(id), browser.session_cookie.as_deref(), &fields) {
        // Of two quick answers with the password, the second one comes with a cookie that the first one has replaced.
        return match question(&app.deps, id, &holder(browser), browser.now).await? {
            Err(next @ Next::Closed(Closed::Answered(..))) => Ok(follow(&app, &visitor, next, &[])),
            _ => Err(refused),
        };
    }
    match fields.get("decision") {
        Some("allow") if fields.get(PASSWORD).is_some() => prove_and_allow(&app, visitor, id, &fields).await,
        Some("allow") => allow(&app, &visitor, id).await,
        Some("deny") => {
            let next = deny(&app.deps, id, &holder(browser), &browser.origin(), browser.now).await?;
            Ok(follow(&app, &visitor, next, &[]))
        }
        _ => Err(PageError::new(StatusCode::BAD_REQUEST).with_detail("Choose Allow or Cancel.")),
    }
}

async fn allow(app: &AppState, visitor: &Visitor, id: AuthorizationRequestId) -> Result<Response, PageError> {
    let browser = &visitor.browser;
    match approve(&app.deps, id, &holder(browser), &browser.origin(), browser.now).await? {
        Next::Prove(id) => confirm(app, visitor, id, None).await,
        next => Ok(follow(app, visitor, next, &[])),
    }
}

/// Looks at the password of the signed-in person, then allows as who has just proved who they are. Whatever becomes of that, the
/// browser gets the session's new cookie (O2).
async fn prove_and_allow(app: &AppState, mut visitor: Visitor, id: AuthorizationRequestId, fields: &Fields) -> Result<Response, PageError> {
    let browser = &visitor.browser;
    let Some(session) = &browser.session else { return Ok(follow(app, &visitor, Next::Login(id), &[])) };
    let cookie = match prove(&app.deps, session, &fields.secret(PASSWORD), &browser.origin(), browser.now).await? {
        Proof::Done(cookie) => cookie,
        Proof::Wrong => return confirm(app, &visitor, id, Some(Doubt::Wrong)).await,
        Proof::Throttled { retry_after } => {
            let mut response = confirm(app, &visitor, id, Some(Doubt::Throttled { retry_after: retry_after.into() })).await?;
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(retry_after));
            return Ok(response);
        }
    };
    let header = set_session(app, &cookie);
    // Read again by its new cookie: had it ended meanwhile, nobody would be signed in.
    let response = match find_session(&app.deps, cookie.expose(), browser.now).await {
        Ok(session) => {
            visitor.browser.session = session;
            visitor.browser.session_cookie = Some(cookie.expose().clone());
            allow(app, &visitor, id).await.unwrap_or_else(PageError::into_response)
        }
        Err(error) => PageError::from(error).into_response(),
    };
    Ok(with_cookie(response, Some(header)))
}

/// The page that asks for the password; it answers what was chosen on the page before.
async fn confirm(app: &AppState, visitor: &Visitor, id: AuthorizationRequestId, doubt: Option<Doubt>) -> Result<Response, PageError> {
    let browser = &visitor.browser;
    let asked = match question(&app.deps, id, &holder(browser), browser.now).await? {
        Ok(asked) => asked,
        Err(next) => return Ok(follow(app, visitor, next, &[])),
    };
    let (Some(session), Some(cookie)) = (&browser.session, &browser.session_cookie) else {
        return Ok(follow(app, visitor, Next::Login(id), &[]));
    };
    let page = ConfirmPage {
        layout: visitor.layout(app, Section::Elsewhere),
        id: id.to_string(),
        csrf: csrf::token(app, &csrf::consent(id), cookie),
        app: mark(&asked.record),
        email: session.user.email.to_string(),
        scopes: asked.scopes.into_iter().filter(|scope| scope.is_unproven).map(line).collect(),
        doubt,
    };
    let status = if matches!(doubt, Some(Doubt::Throttled { .. })) { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::UNAUTHORIZED };
    Ok(allow_redirect((status, page).into_response(), &asked.asked.redirect_uri))
}

fn page(app: &AppState, visitor: &Visitor, id: AuthorizationRequestId, csrf: String, asked: Question) -> ConsentPage {
    let profile = &asked.record.client.profile;
    let refresh = profile.refresh_tokens;
    let lasts = if asked.asked.offline {
        Lasts::Refreshable { absolute: refresh.absolute_lifetime, idle: refresh.idle_lifetime }
    } else {
        Lasts::OneToken(profile.access_token_lifetime.into())
    };
    let link = |url: &Option<String>| url.as_deref().and_then(OutsideLink::new);
    ConsentPage {
        layout: visitor.layout(app, Section::Elsewhere),
        id: id.to_string(),
        csrf,
        app: mark(&asked.record),
        description: profile.description.clone(),
        org_name: asked.record.org_name.clone(),
        verified: asked.record.client.verification.verified_at().is_some(),
        redirect_host: host(&asked.asked.redirect_uri),
        lasts,
        reasons: asked.reasons.iter().copied().map(reason).collect(),
        about: link(&profile.links.description_url),
        privacy_policy: link(&profile.links.privacy_policy_url),
        terms_of_service: link(&profile.links.terms_of_service_url),
        scopes: asked.scopes.into_iter().map(line).collect(),
    }
}

fn mark(record: &ClientRecord) -> AppMark {
    AppMark::of(record)
}

fn line(asked: AskedScope) -> ScopeLine {
    let scope = asked.scope;
    ScopeLine { name: scope.name, title: scope.title, description: scope.description, sensitive: scope.sensitive, is_new: asked.is_new }
}

fn reason(reason: Reason) -> AskReason {
    match reason {
        Reason::NewScopes => AskReason::NewScopes,
        Reason::AppAsked => AskReason::AppAsked,
        Reason::Unproven => AskReason::Unproven,
        Reason::AppChanged => AskReason::AppChanged,
    }
}

/// Where the person is sent: the host of a web address, with its port if that is unusual; otherwise the scheme.
fn host(uri: &RedirectUri) -> String {
    let Ok(url) = url::Url::parse(uri.as_str()) else { return String::new() };
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => url.scheme().to_owned(),
    }
}
