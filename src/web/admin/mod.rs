//! The pages by which people manage their org's apps: `/orgs/{slug}/apps` and below.

use axum::Router;
use axum::routing::{get, post};

use crate::web::AppState;
use crate::web::admin::lasting::Lasting;
use crate::web::admin::place::Post;
use crate::web::extract::upload::body_limit;
use crate::web::views::apps::step::Step;

mod activity;
mod audit;
mod create;
mod credentials;
mod danger;
mod development;
mod form;
mod lasting;
mod list;
mod migration;
mod people;
mod place;
mod quickstart;
mod settings;
mod show;

/// Every route of these pages.
pub fn routes() -> Router<AppState> {
    let app = "/orgs/{slug}/apps/{client_id}";
    let below = |tail: &str| format!("{app}/{tail}");
    let steps = Step::ALL.into_iter().fold(Router::new(), |router, step| {
        let path = format!("/orgs/{{slug}}/apps/new/{}", step.word());
        router.route(&path, get(create::lead_back).post(move |late: Lasting<Post>| create::go(step, late.post)))
    });
    Router::new()
        .merge(people::routes())
        .merge(steps)
        .merge(development::routes())
        .route("/orgs/{slug}/audit", get(audit::show))
        .route("/orgs/{slug}/apps", get(list::show))
        .route("/orgs/{slug}/apps/deleted", get(list::show_deleted))
        .route("/orgs/{slug}/apps/new", get(create::ask).post(create::create))
        .route(app, get(settings::lead_there))
        .route(&below("settings"), get(settings::show).post(settings::save))
        .route(&below("logo"), post(settings::logo::set).layer(body_limit()))
        .route(&below("logo/remove"), post(settings::logo::remove))
        .route(&below("disable"), post(danger::disable))
        .route(&below("enable"), post(danger::enable))
        .route(&below("delete"), post(danger::delete))
        .route(&below("restore"), post(danger::restore))
        .route(&below("activity"), get(activity::show))
        .route(&below("activity/newest"), get(activity::newest))
        .route(&below("activity/{id}"), get(activity::request::show))
        .route(&below("activity/authorizations/{id}/end"), post(activity::end))
        .route(&below("quickstart"), get(quickstart::show))
        .merge(credentials::routes(&below("credentials")))
        .route(&below("quickstart/try"), get(quickstart::tried::finish).post(quickstart::tried::start))
        .route(&below("quickstart/tries/{id}/end"), post(quickstart::tried::end))
        .route(&below("quickstart/token"), post(quickstart::tried::token))
        .route(&below("migration"), get(migration::show).post(migration::start))
        .route(&below("migration/cancel"), post(migration::cancel))
        .route(&below("migration/complete"), post(migration::complete))
        .route(&below("migration/brown-out"), post(migration::begin_brown_out))
        .route(&below("migration/brown-out/end"), post(migration::end_brown_out))
}
