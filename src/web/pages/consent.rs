//! `/consent/{id}`: asks the person of a waiting request, and takes the answer.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use crate::flows::authorize::approve::approve;
use crate::flows::authorize::deny::deny;
use crate::flows::authorize::question::{AskedScope, Question, question};
use crate::flows::authorize::{Next, Reason};
use crate::model::client::ClientRecord;
use crate::model::ids::AuthorizationRequestId;
use crate::model::redirect_uri::RedirectUri;
use crate::web::AppState;
use crate::web::extract::browser_session::Visitor;
use crate::web::extract::csrf;
use crate::web::extract::fields::Fields;
use crate::web::oauth::authorize::{follow, holder};
use crate::web::oauth::redirect::allow_redirect;
use crate::web::pages::error::PageError;
use crate::web::views::consent::outsider::OutsiderPage;
use crate::web::views::consent::show::{AskReason, ConsentPage, Lasts};
use crate::web::views::layout::Section;
use crate::web::views::mark::{AppMark, OutsideLink, ScopeLine};

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
    csrf::check(&app, &csrf::consent(id), browser.session_cookie.as_deref(), &fields)?;
    let (facts, origin) = (holder(browser), browser.origin());
    let next = match fields.get("decision") {
        Some("allow") => approve(&app.deps, id, &facts, &origin, browser.now).await?,
        Some("deny") => deny(&app.deps, id, &facts, &origin, browser.now).await?,
        _ => return Err(PageError::new(StatusCode::BAD_REQUEST).with_detail("Choose Allow or Cancel.")),
    };
    Ok(follow(&app, &visitor, next, &[]))
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
