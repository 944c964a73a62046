//! `/orgs/{slug}/apps/{client_id}/settings`

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::flows::clients::{self, Error, delete, update};
use crate::model::client::ClientRecord;
use crate::model::client_draft::ClientDraft;
use crate::web::admin::form::{self, Step};
use crate::web::admin::lasting::Lasting;
use crate::web::admin::place::{Place, Post, page_error};
use crate::web::admin::show::{header, kind};
use crate::web::extract::csrf;
use crate::web::extract::fields::Fields;
use crate::web::pages::error::PageError;
use crate::web::paths;
use crate::web::views::apps::fields::AppValues;
use crate::web::views::apps::show::settings::difference::differences;
use crate::web::views::apps::show::settings::review::ReviewPage;
use crate::web::views::apps::show::settings::timeline::Timeline;
use crate::web::views::apps::show::settings::{DangerZone, SettingsPage};
use crate::web::views::form::Form;

mod conflict;
pub(super) mod logo;

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

/// Saves what was typed, unless somebody else saved first (M7): then it is kept on the page, beside the newer version. What would end
/// anybody's access earlier is shown before it is saved, and the buttons that change the form save nothing.
pub(super) async fn save(Lasting { post: Post { place, fields }, is_late, .. }: Lasting<Post>) -> Result<Response, PageError> {
    let version = fields.text("version").parse().map_err(|_| PageError::new(StatusCode::BAD_REQUEST))?;
    place.access.check_manages_apps().map_err(page_error)?;
    let record = clients::find(&place.deps, &place.access, place.client_id()).await.map_err(page_error)?;
    let mut values = form::values(&fields);
    if form::step(&fields, &mut values) == Step::Edit || is_late {
        let page = SettingsPage { version: fields.text("version").to_owned(), ..typed(&place, &record, Form::new(values)).await? };
        return Ok(page.into_response());
    }
    if version != record.client.version {
        return conflict::page(&place, &record, values).await;
    }
    if fields.get("reviewed").is_none()
        && let Some(page) = review(&place, &record, &values, fields).await?
    {
        return Ok(page.into_response());
    }
    let edit = |draft: ClientDraft| Ok(form::draft(&values, record.client.kind, draft));
    match update::update(&place.deps, &place.access, place.client_id(), Some(version), edit, place.now).await {
        Ok(_) => Ok(place.to_app("settings", "saved")),
        Err(Error::Invalid(errors)) => {
            let errors = form::errors(errors, &values);
            let page = typed(&place, &record, Form::refused(values, errors)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(Error::VersionConflict { .. }) => {
            let newer = clients::find(&place.deps, &place.access, place.client_id()).await.map_err(page_error)?;
            conflict::page(&place, &newer, values).await
        }
        Err(error) => Err(page_error(error)),
    }
}

/// The page of an app as it is.
pub(super) async fn page(place: &Place, record: &ClientRecord) -> Result<SettingsPage, PageError> {
    let impact = delete::impact(&place.deps, &place.access, place.client_id(), place.now).await.map_err(page_error)?;
    let values = form::values_of(&ClientDraft::from(&record.client.profile));
    Ok(SettingsPage {
        layout: place.layout(),
        header: header(place, record),
        timeline: Timeline::draw(place.now, &values, kind(record.client.kind)),
        form: Form::new(values),
        scopes: form::scope_choices(&place.deps, record.client.kind),
        version: record.client.version.to_string(),
        conflict: None,
        warnings: update::warnings(&record.client.profile).into_iter().map(str::to_owned).collect(),
        logo: Form::default(),
        danger: DangerZone { authorizations: impact.authorizations, users: impact.users, delete: Form::default() },
    })
}

/// The page with what was typed, and what it would mean.
async fn typed(place: &Place, record: &ClientRecord, form: Form<AppValues>) -> Result<SettingsPage, PageError> {
    let client = &record.client;
    let draft = form::draft(&form.values, client.kind, ClientDraft::from(&client.profile));
    let warnings = update::warnings_of(&place.deps, &place.access, client, draft);
    Ok(SettingsPage {
        timeline: Timeline::draw(place.now, &form.values, kind(client.kind)),
        warnings: warnings.into_iter().map(str::to_owned).collect(),
        form,
        ..page(place, record).await?
    })
}

/// What the change does to those who are connected now, if it does anything to them.
async fn review(place: &Place, record: &ClientRecord, values: &AppValues, fields: Fields) -> Result<Option<ReviewPage>, PageError> {
    let client = &record.client;
    let draft = form::draft(values, client.kind, ClientDraft::from(&client.profile));
    let effect = update::effect(&place.deps, &place.access, place.client_id(), &draft, place.now).await.map_err(page_error)?;
    let Some(effect) = effect.filter(|effect| effect.earlier > 0) else { return Ok(None) };
    let kept = |name: &str| ![csrf::FIELD, "step", "reviewed"].contains(&name);
    Ok(Some(ReviewPage {
        layout: place.layout(),
        header: header(place, record),
        fields: fields.into_pairs().into_iter().filter(|(name, _)| kept(name)).collect(),
        changes: differences(&form::values_of(&ClientDraft::from(&client.profile)), values),
        timeline: Timeline::draw(place.now, values, kind(client.kind)),
        living: effect.living,
        earlier: effect.earlier,
        at_once: effect.at_once,
    }))
}
