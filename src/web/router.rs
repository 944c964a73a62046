//! The one table: which area answers where, and what wraps it.

use axum::Router;
use axum::routing::get;

use crate::web::pages::error::PageError;
use crate::web::{AppState, admin, api, assets, brand, health, layers, logos, oauth, pages, theme};

/// The whole service.
pub fn router(app: AppState) -> Router {
    let assets =
        Router::new().route(assets::ROUTE, get(assets::show)).route(logos::ROUTE, get(logos::show)).route(brand::ROUTE, get(brand::show));
    let authorize = layers::with_page_headers(oauth::authorize::routes(), &app);
    let pages = pages::routes().merge(admin::routes()).merge(theme::routes()).fallback(async || PageError::not_found());
    let pages = layers::around_pages(pages, &app);
    let all =
        Router::new().merge(health::routes()).merge(oauth::routes()).merge(api::routes(&app)).merge(authorize).merge(pages).merge(assets);
    layers::around_everything(all, &app).with_state(app)
}
