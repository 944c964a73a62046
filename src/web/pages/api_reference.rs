//! `/docs/api`: the reference of the management API; `/problems/{name}`, where a problem's `type` leads.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Redirect;
use axum::routing::get;

use crate::web::api::document::problems;
use crate::web::extract::browser_session::Visitor;
use crate::web::pages::error::PageError;
use crate::web::views::api_reference::ApiReferencePage;
use crate::web::views::layout::Section;
use crate::web::{AppState, paths};

/// This area's routes.
pub fn routes() -> Router<AppState> {
    Router::new().route(paths::API_REFERENCE, get(show)).route("/problems/{name}", get(problem))
}

async fn show(State(app): State<AppState>, visitor: Visitor) -> ApiReferencePage {
    ApiReferencePage { layout: visitor.layout(&app, Section::Elsewhere), issuer: app.deps.policy.issuer.clone() }
}

async fn problem(Path(name): Path<String>) -> Result<Redirect, PageError> {
    let known = problems().iter().find(|problem| problem.name == name).ok_or_else(PageError::not_found)?;
    Ok(Redirect::to(&format!("{}#{}", paths::API_REFERENCE, known.name)))
}
