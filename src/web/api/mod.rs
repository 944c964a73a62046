//! The management API, `/api/v1`: an OAuth-protected resource of this very server. It knows bearer tokens and no cookies, so
//! there is nothing for a foreign page to ride on (M8).

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::routing::{delete, get, patch, post};

use crate::web::AppState;
use crate::web::api::credentials::{check, keys, migration, secrets};
use crate::web::api::problem::Problem;

mod activity;
mod app_json;
mod apps;
mod audit;
mod authorizations;
mod body;
mod credentials;
pub mod document;
mod door;
mod members;
mod orgs;
mod people;
mod problem;
mod query;

/// Every route of the management API.
pub fn routes(app: &AppState) -> Router<AppState> {
    let one_app = "/orgs/{org}/apps/{client_id}";
    let below = |tail: &str| format!("{one_app}/{tail}");
    let routes = Router::new()
        .merge(people::routes())
        .route("/orgs/{org}/audit", get(audit::list))
        .route("/orgs/{org}", get(orgs::show))
        .route("/orgs/{org}/apps", get(apps::list).post(apps::create))
        .route(one_app, get(apps::show).patch(apps::change).delete(apps::remove))
        .route(&below("restore"), post(apps::restore))
        .route(&below("disable"), post(apps::disable))
        .route(&below("enable"), post(apps::enable))
        .route(&below("logo"), get(apps::logo::get).put(apps::logo::put).delete(apps::logo::remove))
        .route(&below("secrets"), get(secrets::list).post(secrets::create))
        .route(&below("secrets/{id}"), patch(secrets::change).delete(secrets::remove))
        .route(&below("activity"), get(activity::list))
        .route(&below("requests/{id}"), get(activity::show))
        .route(&below("test-token"), post(activity::test_token::issue))
        .route(&below("migration"), get(migration::show).post(migration::start).delete(migration::cancel))
        .route(&below("migration/complete"), post(migration::complete))
        .route(&below("migration/brown-out"), post(migration::begin_brown_out).delete(migration::end_brown_out))
        .route(&below("keys"), get(keys::list).post(keys::create))
        .route(&below("keys/{id}"), delete(keys::remove))
        .route(&below("keys/{id}/revoke"), post(keys::revoke))
        .route(&below("assertion-check"), post(check::check))
        .route(&below("service-credentials"), post(keys::create_service_credentials))
        .route(&below("technical-accounts"), get(keys::list_technical_accounts))
        .route(&below("technical-accounts/{id}"), delete(keys::remove_technical_account))
        .route(&below("authorizations"), get(authorizations::list))
        .route(&below("authorizations/{id}"), delete(authorizations::remove))
        .route(document::PATH, get(document::show))
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(from_fn_with_state(app.clone(), problem::render))
        .layer(from_fn(no_store));
    Router::new().nest("/api/v1", routes)
}

/// Answers hold what only the asker may see, once even a secret.
async fn no_store(request: axum::extract::Request, next: Next) -> axum::response::Response {
    let mut response = next.run(request).await;
    response.headers_mut().entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
