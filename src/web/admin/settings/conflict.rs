//! Two people saved at one time: the second one sees both versions and loses nothing (M7).

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use time::OffsetDateTime;

use crate::flows::audit::trail;
use crate::model::client::ClientRecord;
use crate::model::client_draft::ClientDraft;
use crate::web::admin::form;
use crate::web::admin::place::{Place, page_error};
use crate::web::admin::settings::typed;
use crate::web::pages::error::PageError;
use crate::web::views::apps::fields::AppValues;
use crate::web::views::apps::show::settings::difference::differences;
use crate::web::views::apps::show::settings::{Conflict, SettingsPage};
use crate::web::views::form::Form;

/// The page with what was typed over the newer version, and where the two differ.
pub(super) async fn page(place: &Place, newer: &ClientRecord, values: AppValues) -> Result<Response, PageError> {
    let saved = form::values_of(&ClientDraft::from(&newer.client.profile));
    let (who, at) = last_change(place, newer).await?;
    let conflict = Conflict { who, at, differences: differences(&saved, &values) };
    let page = SettingsPage { conflict: Some(conflict), ..typed(place, newer, Form::new(values)).await? };
    Ok((StatusCode::CONFLICT, page).into_response())
}

/// Who changed the app last, as far as the trail tells, and when.
async fn last_change(place: &Place, newer: &ClientRecord) -> Result<(Option<String>, OffsetDateTime), PageError> {
    let filter = trail::Filter { app: Some(newer.client.client_id.clone()), action: Some("client".to_owned()), ..trail::Filter::default() };
    let found = trail::list(&place.deps, &place.access, &filter, (None, Some(1))).await.map_err(page_error)?;
    Ok(found.items.into_iter().next().map_or((None, newer.client.updated_at), |entry| (Some(entry.actor), entry.at)))
}
