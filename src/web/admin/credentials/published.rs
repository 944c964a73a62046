//! The key set that an app publishes itself: its address, and what was read there.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use crate::flows::clients::{Error, update};
use crate::model::client::ClientRecord;
use crate::model::client_draft::ClientDraft;
use crate::web::admin::credentials::{confidential, page, refused, size};
use crate::web::admin::lasting::Lasting;
use crate::web::admin::place::{Place, Post};
use crate::web::extract::recent::RecentlyAuthenticated;
use crate::web::pages::error::PageError;
use crate::web::views::apps::show::credentials::CredentialsPage;
use crate::web::views::apps::show::credentials::published::{KeySet, PublishedKey, Reading};
use crate::web::views::form::{FieldError, Form};

/// The set as it was read last.
pub(super) fn key_set(record: &ClientRecord) -> KeySet {
    let reading = record.jwks.as_ref().map(|set| Reading {
        fetched_at: set.fetched_at,
        attempted_at: set.attempted_at,
        problem: set.problem.clone(),
        keys: set
            .keys
            .iter()
            .map(|own| PublishedKey {
                kid: own.kid.clone().unwrap_or_default(),
                algorithm: own.key.algorithm.as_str().to_owned(),
                size: size(&own.key),
                thumbprint: own.key.thumbprint.clone(),
            })
            .collect(),
    });
    KeySet { form: Form::new(record.client.profile.jwks_uri.clone().unwrap_or_default()), reading }
}

/// Sets the address, or with an empty one takes it away: the app then proves itself with what is registered here.
pub(in crate::web::admin) async fn set(
    Lasting { post: Post { place, fields }, is_late, .. }: Lasting<RecentlyAuthenticated<Post>>,
) -> Result<Response, PageError> {
    confidential(&place).await?;
    let typed = fields.text("jwks_uri").trim().to_owned();
    if is_late {
        return again(&place, typed, Vec::new()).await;
    }
    let wanted = Some(typed.clone()).filter(|uri| !uri.is_empty());
    let done = if wanted.is_some() { "key-set-saved" } else { "key-set-removed" };
    let edit = |draft: ClientDraft| Ok(ClientDraft { jwks_uri: wanted, ..draft });
    match update::update(&place.deps, &place.access, place.client_id(), None, edit, place.now).await {
        Ok(_) => Ok(place.to_app("credentials", done)),
        Err(Error::Invalid(errors)) => {
            let errors = errors.into_iter().map(|error| FieldError::new(error.field, error.message)).collect();
            again(&place, typed, errors).await
        }
        Err(error) => refused(&place, error).await,
    }
}

async fn again(place: &Place, typed: String, errors: Vec<FieldError>) -> Result<Response, PageError> {
    let whole = page(place).await?;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let published = KeySet { form: Form::refused(typed, errors), ..whole.published };
    Ok((status, CredentialsPage { published, ..whole }).into_response())
}
