//! `/orgs/{slug}/apps/{client_id}/activity`

use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::flows::clients::Error;
use crate::flows::clients::authorizations::{self, Connected};
use crate::flows::traces::read;
use crate::model::request_trace::{Outcome, RequestTrace};
use crate::web::admin::place::{Place, Post, page_error};
use crate::web::admin::show::header;
use crate::web::pages::error::PageError;
use crate::web::paths;
use crate::web::views::apps::show::activity::{ActivityPage, ConnectedRow, Ending, RequestRow};
use crate::web::views::apps::show::header::Tab;

pub(super) mod request;

/// People on one page.
const PEOPLE: i64 = 50;

/// The list; `?ref=` leads to the request with that reference id.
pub(super) async fn show(place: Place) -> Result<Response, PageError> {
    let searched = place.query("ref").trim();
    if searched.is_empty() {
        return Ok(page(&place).await?.into_response());
    }
    match read::find(&place.deps, &place.access, place.client_id(), searched).await {
        Ok((_, found)) => {
            let path = paths::app(&place.org.slug, place.client_id());
            return Ok(Redirect::to(&format!("{path}/activity/{}", found.request_id)).into_response());
        }
        Err(Error::NotFound) => {}
        Err(trouble) => return Err(page_error(trouble)),
    }
    let missed: String = searched.chars().take(64).collect();
    Ok((StatusCode::NOT_FOUND, ActivityPage { missed, ..page(&place).await? }).into_response())
}

/// The reference id of the newest request, for the script that waits for the next one.
pub(super) async fn newest(place: Place) -> Result<Response, PageError> {
    let query = read::Query { limit: Some(1), refused_only: place.query("refused") == "true", ..read::Query::default() };
    let (_, list) = read::list(&place.deps, &place.access, place.client_id(), query).await.map_err(page_error)?;
    let newest = list.items.first().map(|trace| trace.request_id.as_str()).unwrap_or_default();
    let body = serde_json::json!({ "newest": newest });
    Ok(([(CACHE_CONTROL, "no-store")], axum::Json(body)).into_response())
}

/// Ends the access of one person.
pub(super) async fn end(Post { place, .. }: Post) -> Result<Response, PageError> {
    authorizations::end(&place.deps, &place.access, place.client_id(), place.id()?, place.now).await.map_err(page_error)?;
    Ok(place.to_app("activity", "access-ended"))
}

async fn page(place: &Place) -> Result<ActivityPage, PageError> {
    let refused_only = place.query("refused") == "true";
    let query = read::Query { limit: Some(read::SHOWN), refused_only, ..read::Query::default() };
    let (record, requests) = read::list(&place.deps, &place.access, place.client_id(), query).await.map_err(page_error)?;
    let asked = (None, Some(PEOPLE));
    let people = authorizations::list(&place.deps, &place.access, place.client_id(), asked, place.now).await.map_err(page_error)?;
    Ok(ActivityPage {
        layout: place.layout(),
        header: header(place, &record).at(Tab::Activity),
        rows: requests.items.iter().map(row).collect(),
        refused_only,
        missed: String::new(),
        more_connected: people.next.is_some(),
        connected: people.items.into_iter().map(connected).collect(),
    })
}

/// A request as a line.
fn row(trace: &RequestTrace) -> RequestRow {
    let fault = trace.fault();
    RequestRow {
        request_id: trace.request_id.clone(),
        at: trace.at,
        endpoint: trace.endpoint.path().to_owned(),
        what: trace.grant.map(|grant| grant.as_str().to_owned()).unwrap_or_default(),
        ending: match trace.outcome {
            Outcome::Answered => Ending::Answered,
            Outcome::Waiting => Ending::Waiting,
            Outcome::Refused(_) => Ending::Refused,
        },
        status: trace.status,
        error: fault.map(|fault| fault.error.clone()).unwrap_or_default(),
        failed: fault.map(|fault| fault.check.title().to_owned()).unwrap_or_default(),
    }
}

fn connected(person: Connected) -> ConnectedRow {
    let row = person.authorization;
    ConnectedRow {
        id: row.id.to_string(),
        name: if person.name.is_empty() { person.email.clone() } else { person.name },
        email: person.email,
        scopes: row.scopes.iter().map(str::to_owned).collect(),
        since: row.created_at,
        last_used_at: row.last_used_at,
    }
}
