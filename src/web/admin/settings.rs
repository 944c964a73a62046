//! `/orgs/{slug}/apps/{client_id}/settings`

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::flows::clients::{self, Error, delete, update};
use crate::model::client::ClientRecord;
use crate::model::client_draft::ClientDraft;
use crate::web::admin::form;
use crate::web::admin::place::{Place, Post, page_error};
use crate::web::admin::show::header;
use crate::web::pages::error::PageError;
use crate::web::paths;
use crate::web::views::apps::show::settings::{DangerZone, SettingsPage};
use crate::web::views::form::Form;

/// The app's own address leads to its first tab.
pub(super) async fn lead_there(place: Place) -> Result<Response, PageError> {
    clients::find(&place.deps, &place.access, place.client_id()).await.map_err(page_error)?;
    Ok(Redirect::to(&format!("{}/settings", paths::app(&place.org.slug, place.client_id()))).into_response())
}

/// The settings as they are.
pub(super) async fn show(place: Place) -> Result<Response, PageError> {
    let record = clients::find(&place.deps, &place.access, place.client_id()).await.map_err(page_error)?;
    Ok(page(&place, &record).await?.into_response())
}

/// Saves what was typed, unless somebody else saved first (M7): then it is kept on the page, over the newer version.
pub(super) async fn save(Post { place, fields }: Post) -> Result<Response, PageError> {
    let version = fields.text("version").parse().map_err(|_| PageError::new(StatusCode::BAD_REQUEST))?;
    let record = clients::find(&place.deps, &place.access, place.client_id()).await.map_err(page_error)?;
    let values = form::values(&fields);
    let edit = |draft: ClientDraft| Ok(form::draft(&values, record.client.kind, draft));
    let saved = update::update(&place.deps, &place.access, place.client_id(), Some(version), edit, place.now).await;
    match saved {
        Ok(_) => Ok(place.to_app("settings", "saved")),
        Err(Error::Invalid(errors)) => {
            let errors = form::errors(errors, &values);
            let page = SettingsPage { form: Form::refused(values, errors), version: version.to_string(), ..page(&place, &record).await? };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(Error::VersionConflict { current }) => {
            let newer = clients::find(&place.deps, &place.access, place.client_id()).await.map_err(page_error)?;
            let page =
                SettingsPage { form: Form::new(values), version: current.to_string(), conflict: true, ..page(&place, &newer).await? };
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        Err(error) => Err(page_error(error)),
    }
}

/// The page of an app as it is.
pub(super) async fn page(place: &Place, record: &ClientRecord) -> Result<SettingsPage, PageError> {
    let impact = delete::impact(&place.deps, &place.access, place.client_id(), place.now).await.map_err(page_error)?;
    Ok(SettingsPage {
        layout: place.layout(),
        header: header(place, record),
        form: Form::new(form::values_of(&ClientDraft::from(&record.client.profile))),
        scopes: form::scope_choices(&place.deps, record.client.kind),
        version: record.client.version.to_string(),
        conflict: false,
        warnings: update::warnings(&record.client.profile).into_iter().map(str::to_owned).collect(),
        danger: DangerZone { authorizations: impact.authorizations, users: impact.users, delete: Form::default() },
    })
}
