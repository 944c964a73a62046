//! `/orgs/{slug}/apps/{client_id}/logo`: a picture for an app, sent by a form, and taking it away.

use axum::extract::{FromRequest as _, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use crate::flows::clients::{self, Error, logo};
use crate::web::AppState;
use crate::web::admin::form;
use crate::web::admin::place::{Place, Post, page_error};
use crate::web::admin::settings;
use crate::web::extract::browser_session::SignedIn;
use crate::web::extract::csrf;
use crate::web::extract::fields::Fields;
use crate::web::extract::upload::{Upload, is_multipart, read_form};
use crate::web::pages::error::PageError;
use crate::web::views::apps::fields::AppValues;
use crate::web::views::apps::show::settings::SettingsPage;
use crate::web::views::form::Form;

/// The field of the file.
const FIELD: &str = "logo";

/// Gives the app the picture that was sent.
pub(in crate::web::admin) async fn set(
    State(app): State<AppState>,
    person: SignedIn,
    place: Place,
    request: Request,
) -> Result<Response, PageError> {
    place.access.check_manages_apps().map_err(page_error)?;
    // Nobody's bytes are read before it is known whose app it is.
    clients::find(&place.deps, &place.access, place.client_id()).await.map_err(page_error)?;
    let Upload { fields, file } = read(request).await?;
    csrf::check(&app, csrf::FORM, Some(&person.cookie), &fields)?;
    let Ok(file) = file else { return refused(&place, logo::too_large()).await };
    match logo::set(&place.deps, &place.access, place.client_id(), file, None, place.now).await {
        Ok(_) => Ok(place.to_app("settings", "logo-set")),
        Err(error) => refused(&place, error).await,
    }
}

/// Takes the picture away.
pub(in crate::web::admin) async fn remove(Post { place, .. }: Post) -> Result<Response, PageError> {
    logo::remove(&place.deps, &place.access, place.client_id(), None, place.now).await.map_err(page_error)?;
    Ok(place.to_app("settings", "logo-removed"))
}

/// The form with its file; one that came without a file's encoding has none.
async fn read(request: Request) -> Result<Upload, PageError> {
    if !is_multipart(request.headers()) {
        let fields = Fields::from_request(request, &()).await?;
        return Ok(Upload { fields, file: Ok(Vec::new()) });
    }
    let (parts, body) = request.into_parts();
    read_form(parts, body, FIELD, logo::MAX_BYTES).await
}

/// The settings as they are, with what is wrong with the file.
async fn refused(place: &Place, error: Error) -> Result<Response, PageError> {
    let Error::Invalid(errors) = error else { return Err(page_error(error)) };
    let record = clients::find(&place.deps, &place.access, place.client_id()).await.map_err(page_error)?;
    let errors = form::errors(errors, &AppValues::defaults(0));
    let page = SettingsPage { logo: Form::refused((), errors), ..settings::page(place, &record).await? };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
