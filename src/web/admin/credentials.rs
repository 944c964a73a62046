//! `/orgs/{slug}/apps/{client_id}/credentials`

use std::collections::HashMap;

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use time::Duration;

use crate::flows::clients::secrets::{self, SecretDraft};
use crate::flows::clients::{self, Error, authorizations};
use crate::model::client::ClientRecord;
use crate::model::credential::{Credential, CredentialKind};
use crate::model::ids::{CredentialId, UserId};
use crate::web::admin::place::{Place, Post, page_error, sentence};
use crate::web::admin::show::header;
use crate::web::extract::recent::RecentlyAuthenticated;
use crate::web::pages::error::PageError;
use crate::web::views::apps::show::credentials::{AddSecretValues, CredentialsPage, LastUse, SecretRow};
use crate::web::views::apps::show::header::Tab;
use crate::web::views::apps::show::secret_once::SecretOncePage;
use crate::web::views::form::{FieldError, Form};
use crate::web::views::layout::Notice;

/// The secrets, without their values.
pub(super) async fn show(place: Place) -> Result<Response, PageError> {
    Ok(page(&place).await?.into_response())
}

/// Adds a secret and shows it, this once.
pub(super) async fn add(RecentlyAuthenticated(Post { place, fields }): RecentlyAuthenticated<Post>) -> Result<Response, PageError> {
    let values = AddSecretValues { note: fields.text("note").to_owned(), expires_in: fields.text("expires_in").to_owned() };
    let Some(draft) = draft(&place, &values) else {
        let error = FieldError::new("expires_in", "Choose one of the lifetimes.");
        let page = CredentialsPage { add: Form::refused(values, vec![error]), ..page(&place).await? };
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    match secrets::add(&place.deps, &place.access, place.client_id(), draft, place.now).await {
        Ok(added) => {
            let page = SecretOncePage {
                layout: place.layout(),
                header: header(&place, &added.record),
                client_secret: Some(added.client_secret),
                app_is_new: false,
                then: Tab::Credentials,
                issuer: place.deps.policy.issuer.clone(),
            };
            Ok((StatusCode::CREATED, page).into_response())
        }
        Err(Error::Invalid(errors)) => {
            let errors = errors.into_iter().map(|error| FieldError::new(form_field(&error.field), error.message)).collect();
            let page = CredentialsPage { add: Form::refused(values, errors), ..page(&place).await? };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error @ Error::SecretLimitReached { .. }) => refused(&place, &error).await,
        Err(error) => Err(page_error(error)),
    }
}

/// Saves a note.
pub(super) async fn note(Post { place, fields }: Post) -> Result<Response, PageError> {
    let id: CredentialId = place.id()?;
    let note = fields.text("note").to_owned();
    let edit = |draft| SecretDraft { note: note.clone(), ..draft };
    match secrets::edit(&place.deps, &place.access, (place.client_id(), id), edit, place.now).await {
        Ok(_) => Ok(place.to_app("credentials", "noted")),
        Err(Error::Invalid(errors)) => {
            let mut page = page(&place).await?;
            for row in page.secrets.iter_mut().filter(|row| row.id == id.to_string()) {
                row.note.clone_from(&note);
                row.note_error = errors.first().map(|error| error.message.clone());
            }
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(page_error(error)),
    }
}

/// Deletes a secret; tokens issued with it go on.
pub(super) async fn delete(RecentlyAuthenticated(Post { place, fields }): RecentlyAuthenticated<Post>) -> Result<Response, PageError> {
    let revoke_tokens = fields.get("revoke_tokens").is_some();
    match secrets::delete(&place.deps, &place.access, (place.client_id(), place.id()?), revoke_tokens, place.now).await {
        Ok(_) => Ok(place.to_app("credentials", "secret-deleted")),
        Err(error @ Error::LastCredential) => refused(&place, &error).await,
        Err(error) => Err(page_error(error)),
    }
}

/// The page again, with the reason on top.
async fn refused(place: &Place, error: &Error) -> Result<Response, PageError> {
    let page = CredentialsPage { layout: place.layout_with(Notice::failure(sentence(error))), ..page(place).await? };
    Ok((StatusCode::CONFLICT, page).into_response())
}

async fn page(place: &Place) -> Result<CredentialsPage, PageError> {
    let record = clients::find(&place.deps, &place.access, place.client_id()).await.map_err(page_error)?;
    let makers: Vec<UserId> = record.credentials.iter().filter_map(|credential| credential.created_by).collect();
    let names = authorizations::names(&place.deps, &makers).await.map_err(page_error)?;
    Ok(CredentialsPage {
        layout: place.layout(),
        header: header(place, &record).at(Tab::Credentials),
        secrets: rows(&record, &names),
        limit: place.deps.policy.limits.secrets_per_app,
        add: Form::new(AddSecretValues { note: String::new(), expires_in: "none".to_owned() }),
    })
}

fn rows(record: &ClientRecord, names: &HashMap<UserId, String>) -> Vec<SecretRow> {
    let row = |credential: &Credential| {
        let CredentialKind::Secret { hint, .. } = &credential.kind else { return None };
        let last_used = credential
            .last_use
            .map(|last| LastUse { at: last.at, grant_type: last.grant_type.map(|grant| grant.as_str().to_owned()).unwrap_or_default() });
        Some(SecretRow {
            id: credential.id.to_string(),
            hint: hint.clone(),
            note: credential.note.clone(),
            note_error: None,
            created_at: credential.created_at,
            created_by: credential.created_by.and_then(|user| names.get(&user).cloned()),
            last_used,
            expires_at: credential.expires_at,
        })
    };
    record.credentials.iter().filter_map(row).collect()
}

/// What was typed; `None` when the lifetime is none of those offered.
fn draft(place: &Place, values: &AddSecretValues) -> Option<SecretDraft> {
    let choices = values.choices();
    let chosen =
        choices.iter().find(|choice| choice.value == values.expires_in || (values.expires_in.is_empty() && choice.value == "none"))?;
    let expires_at = chosen.value.parse().ok().map(|seconds| place.now + Duration::seconds(seconds));
    Some(SecretDraft { note: values.note.clone(), expires_at })
}

fn form_field(field: &str) -> &str {
    if field == "expires_at" { "expires_in" } else { field }
}
