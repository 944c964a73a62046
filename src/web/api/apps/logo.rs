//! `/api/v1/orgs/{org}/apps/{client_id}/logo`: the body is the picture itself.

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::ETAG;
use axum::response::{IntoResponse as _, Response};

use crate::flows::clients::{self, logo};
use crate::web::api::apps::with_etag;
use crate::web::api::door::Door;
use crate::web::api::problem::Problem;
use crate::web::extract::upload::{TooLarge, read_file};
use crate::web::logos::as_picture;

/// Gives the app a logo: PNG, JPEG, WebP or GIF of at most 1 MiB.
pub(in crate::web::api) async fn put(door: Door, body: Body) -> Result<Response, Problem> {
    let expected = door.if_match()?;
    door.access.check_manages_apps()?;
    let file = match read_file(body, logo::MAX_BYTES).await {
        Ok(Ok(file)) => file,
        Ok(Err(TooLarge)) => return Err(logo::too_large().into()),
        Err(_) => return Err(Problem::malformed("The body broke off.")),
    };
    let record = logo::set(&door.deps, &door.access, door.client_id(), file, expected, door.now).await?;
    Ok(with_etag(&door, &record))
}

/// The logo as it is served to people: always a PNG.
pub(in crate::web::api) async fn get(door: Door) -> Result<Response, Problem> {
    let record = clients::find(&door.deps, &door.access, door.client_id()).await?;
    let digest = record.client.logo.ok_or_else(Problem::not_found)?;
    let png = logo::find_png(&door.deps, &digest).await.map_err(clients::Error::from)?.ok_or_else(Problem::not_found)?;
    let mut response = as_picture(png);
    if let Ok(etag) = format!("\"{digest}\"").parse() {
        response.headers_mut().insert(ETAG, etag);
    }
    Ok(response)
}

/// 204; initials stand in its place.
pub(in crate::web::api) async fn remove(door: Door) -> Result<Response, Problem> {
    let expected = door.if_match()?;
    logo::remove(&door.deps, &door.access, door.client_id(), expected, door.now).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
