//! `/errors/{code}`: what an `error_uri` points to.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::web::AppState;
use crate::web::extract::browser_session::Visitor;
use crate::web::pages::error::PageError;
use crate::web::views::errors::reference::ErrorReferencePage;
use crate::web::views::layout::Section;

/// This area's routes.
pub fn routes() -> Router<AppState> {
    Router::new().route("/errors/{code}", get(show))
}

async fn show(State(app): State<AppState>, visitor: Visitor, Path(code): Path<String>) -> Result<Response, PageError> {
    let page = ErrorReferencePage::for_code(visitor.layout(&app, Section::Elsewhere), &code);
    page.map(IntoResponse::into_response).ok_or_else(PageError::not_found)
}
