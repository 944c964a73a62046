//! `/` leads where the person belongs.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;

use crate::flows::account::app_usage;
use crate::web::extract::browser_session::{SignedIn, org_link};
use crate::web::pages::error::PageError;
use crate::web::views::home::{HomePage, OrgCard};
use crate::web::views::layout::Section;
use crate::web::{AppState, paths};

/// This area's routes.
pub fn routes() -> Router<AppState> {
    Router::new().route(paths::HOME, get(show))
}

/// To the apps of the one org, to the own account where there are no apps to see, or to a choice of orgs.
async fn show(State(app): State<AppState>, person: SignedIn) -> Result<Response, PageError> {
    let memberships = &person.visitor.memberships;
    match memberships.as_slice() {
        [only] if only.role.reads_apps() => return Ok(Redirect::to(&paths::org_apps(&only.org.slug)).into_response()),
        [_, ..] if !memberships.iter().any(|membership| membership.role.reads_apps()) => {
            return Ok(Redirect::to(paths::ACCOUNT).into_response());
        }
        _ => {}
    }
    let mut orgs = Vec::new();
    for membership in memberships {
        let usage = if membership.role.reads_apps() { app_usage(&app.deps, membership).await? } else { None };
        let apps = usage.map(|usage| (u64::try_from(usage.used).unwrap_or(0), u64::try_from(usage.limit).unwrap_or(0)));
        orgs.push(OrgCard { org: org_link(membership), apps });
    }
    Ok(HomePage { layout: person.layout(&app, Section::Elsewhere), orgs }.into_response())
}
