//! `/account`: profile, password, browser sessions, connected apps.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header::{RETRY_AFTER, SET_COOKIE};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};

use crate::flows::account::{self, MINIMUM_CHARACTERS, PasswordChange};
use crate::model::api::Scope;
use crate::model::authorization::{EndCause, Ending};
use crate::model::browser_session::BrowserSession;
use crate::web::extract::browser_session::{SignedIn, clear_session, org_link, set_session};
use crate::web::extract::csrf::SignedPost;
use crate::web::pages::error::PageError;
use crate::web::views::account::apps::{ConnectedApp, ConnectedAppsPage, EndedApp};
use crate::web::views::account::show::{AccountPage, SessionRow};
use crate::web::views::form::{FieldError, Form};
use crate::web::views::layout::{Notice, Section};
use crate::web::views::mark::{AppMark, ScopeLine};
use crate::web::{AppState, paths};

mod device;

/// This area's routes.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route(paths::ACCOUNT, get(show))
        .route("/account/password", post(change_password))
        .route("/account/sessions/{id}/end", post(end_session))
        .route("/account/sessions/end-others", post(end_other_sessions))
        .route(paths::ACCOUNT_APPS, get(show_apps))
        .route("/account/apps/{client_id}/end", post(end_app))
}

async fn show(State(app): State<AppState>, person: SignedIn) -> Result<Response, PageError> {
    Ok(page(&app, &person, Form::default(), None).await?.into_response())
}

async fn page(app: &AppState, person: &SignedIn, password: Form<()>, notice: Option<Notice>) -> Result<AccountPage, PageError> {
    let user = &person.session.user;
    let mut sessions = account::list_sessions(&app.deps, user.id, person.now()).await?;
    sessions.sort_by_key(|session| session.id != person.session.id);
    let mut layout = person.layout(app, Section::Account);
    layout.notice = notice;
    Ok(AccountPage {
        layout,
        name: user.name.clone(),
        email: user.email.to_string(),
        orgs: person.visitor.memberships.iter().map(org_link).collect(),
        password,
        minimum_length: MINIMUM_CHARACTERS,
        sessions: sessions.iter().map(|session| row(session, &person.session)).collect(),
    })
}

fn row(session: &BrowserSession, own: &BrowserSession) -> SessionRow {
    SessionRow {
        id: session.id.to_string(),
        device: device::name(&session.user_agent),
        ip: session.ip.map(|ip| ip.to_string()).unwrap_or_default(),
        signed_in_at: session.created_at,
        last_seen_at: session.last_seen_at,
        current: session.id == own.id,
    }
}

async fn change_password(State(app): State<AppState>, SignedPost { mut person, fields }: SignedPost) -> Result<Response, PageError> {
    let (current, new) = (fields.secret("current_password"), fields.secret("new_password"));
    let change = account::change_password(&app.deps, &person.session, &current, &new, &person.origin(), person.now()).await?;
    let (error, status, wait) = match change {
        PasswordChange::Done(session) => {
            let header = set_session(&app, &session.cookie);
            person.visitor.browser.session_cookie = Some(session.cookie.expose().clone());
            person.session = session.session;
            let notice = Notice::success("Your password is changed. Other browsers are signed out, and apps have to ask you again.");
            let mut response = page(&app, &person, Form::default(), Some(notice)).await?.into_response();
            response.headers_mut().append(SET_COOKIE, header);
            return Ok(response);
        }
        PasswordChange::WrongCurrent => {
            (FieldError::new("current_password", "This is not your current password."), StatusCode::UNPROCESSABLE_ENTITY, None)
        }
        PasswordChange::Refused(problem) => (FieldError::new("new_password", problem.text()), StatusCode::UNPROCESSABLE_ENTITY, None),
        PasswordChange::Throttled { retry_after } => {
            let text = format!("Too many tries. Wait {} and try again.", crate::web::views::text::wait(retry_after.into()));
            (FieldError::new("current_password", text), StatusCode::TOO_MANY_REQUESTS, Some(retry_after))
        }
    };
    let mut response = page(&app, &person, Form::refused((), vec![error]), None).await?.into_response();
    *response.status_mut() = status;
    if let Some(seconds) = wait {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    Ok(response)
}

async fn end_session(State(app): State<AppState>, Path(id): Path<String>, post: SignedPost) -> Result<Response, PageError> {
    let person = post.person;
    let id = id.parse().map_err(|_| PageError::not_found())?;
    if !account::end_session(&app.deps, &person.session, id, &person.origin(), person.now()).await? {
        return Err(PageError::not_found());
    }
    if id != person.session.id {
        return Ok(Redirect::to(paths::ACCOUNT).into_response());
    }
    let mut response = Redirect::to(paths::LOGIN).into_response();
    response.headers_mut().append(SET_COOKIE, clear_session(&app));
    Ok(response)
}

async fn end_other_sessions(State(app): State<AppState>, post: SignedPost) -> Result<Response, PageError> {
    let person = post.person;
    account::end_other_sessions(&app.deps, &person.session, &person.origin(), person.now()).await?;
    Ok(Redirect::to(paths::ACCOUNT).into_response())
}

async fn show_apps(State(app): State<AppState>, person: SignedIn) -> Result<Response, PageError> {
    let apps = account::connected_apps(&app.deps, person.session.user.id, person.now()).await?;
    let ended = account::ended_apps(&app.deps, person.session.user.id, person.now()).await?;
    let page = ConnectedAppsPage {
        layout: person.layout(&app, Section::ConnectedApps),
        apps: apps.into_iter().map(connected).collect(),
        ended: ended.iter().map(over).collect(),
    };
    Ok(page.into_response())
}

fn connected(app: account::ConnectedApp) -> ConnectedApp {
    ConnectedApp {
        app: AppMark::of(&app.record),
        org_name: app.record.org_name.clone(),
        scopes: app.scopes.into_iter().map(line).collect(),
        since: app.since,
        last_used_at: app.last_used_at,
        ends_at: app.ends_at,
        authorizations: app.authorizations,
    }
}

fn over(app: &account::EndedApp) -> EndedApp {
    let org = app.record.org_name.as_str();
    EndedApp {
        why: why(app.why, org),
        is_alarming: matches!(app.why, Ending::By(EndCause::Reuse | EndCause::CodeReplay)),
        app: AppMark::of(&app.record),
        since: app.since,
        ended_at: app.at,
    }
}

/// The cause in words for the person.
fn why(why: Ending, org: &str) -> String {
    match why {
        Ending::By(EndCause::RevokedByUser) => "You ended it.".to_owned(),
        Ending::By(EndCause::RevokedByAdmin) => format!("An admin of {org} ended it."),
        Ending::By(EndCause::RevokedByClient) => "The app itself signed you out.".to_owned(),
        Ending::By(EndCause::Reuse) => {
            "A key of the app that was good for one use came a second time. Somebody may have copied it, so it was ended to be safe."
                .to_owned()
        }
        Ending::By(EndCause::CodeReplay) => {
            "Your sign-in to the app was sent a second time. Somebody may have copied it, so it was ended to be safe.".to_owned()
        }
        Ending::By(EndCause::CodeMismatch) => "The app could not show that it had begun the sign-in.".to_owned(),
        Ending::By(EndCause::ClientDeleted) => format!("{org} deleted the app."),
        Ending::By(EndCause::PasswordChanged) => "Your password was changed, which ends every app’s access.".to_owned(),
        Ending::By(EndCause::UserRemoved) => format!("You left {org}, or your account was disabled."),
        Ending::AbsoluteLimit => format!("It had lasted as long as {org} lets this app stay connected."),
        Ending::IdleLimit => format!("The app had not used it for as long as {org} allows."),
    }
}

fn line(scope: Scope) -> ScopeLine {
    ScopeLine { name: scope.name, title: scope.title, description: scope.description, sensitive: scope.sensitive, is_new: false }
}

async fn end_app(State(app): State<AppState>, Path(client_id): Path<String>, post: SignedPost) -> Result<Response, PageError> {
    let person = post.person;
    if !account::disconnect(&app.deps, &person.session, &client_id, &person.origin(), person.now()).await? {
        return Err(PageError::not_found());
    }
    Ok(Redirect::to(paths::ACCOUNT_APPS).into_response())
}
