//! Service credentials: made and handed over once; technical accounts without keys deleted.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use crate::flows::clients::Error;
use crate::flows::clients::idempotency::{Answer, Once};
use crate::flows::clients::keys::service_credentials::{self, Made, ServiceDraft};
use crate::model::client::ClientKind;
use crate::web::admin::credentials::{Rows, confidential, page, refused};
use crate::web::admin::lasting::Lasting;
use crate::web::admin::place::{Place, Post, page_error};
use crate::web::admin::show::header;
use crate::web::extract::recent::RecentlyAuthenticated;
use crate::web::pages::error::PageError;
use crate::web::views::apps::show::credentials::CredentialsPage;
use crate::web::views::apps::show::credentials::service::{ServiceOncePage, ServiceSection};
use crate::web::views::layout::Notice;

/// Makes a key pair with its certificate and secret, for a new technical account or one of the app's, and shows them this once.
pub(in crate::web::admin) async fn create(
    Lasting { post: Post { place, fields }, is_late, .. }: Lasting<RecentlyAuthenticated<Post>>,
) -> Result<Response, PageError> {
    place.access.check_manages_secrets(place.client_id()).map_err(page_error)?;
    if confidential(&place).await?.client.kind != ClientKind::M2m {
        let detail = "Service credentials are for machine-to-machine applications.";
        return Err(PageError::new(StatusCode::UNPROCESSABLE_ENTITY).with_detail(detail));
    }
    let account = Some(fields.text("technical_account")).filter(|id| !id.is_empty());
    let account = account.map(str::parse).transpose().map_err(|_| PageError::not_found())?;
    let note = fields.text("note").to_owned();
    if is_late {
        return Ok(typed(&place, note, None).await?.into_response());
    }
    let draft = ServiceDraft { technical_account: account, note: note.clone() };
    let made = if let Some(key) = fields.get("once").filter(|once| (1..=64).contains(&once.len())) {
        once(&place, draft, key).await
    } else {
        let made = service_credentials::create(&place.deps, &place.access, place.client_id(), draft, place.now).await;
        made.map(|made| Some(Box::new(made)))
    };
    match made {
        Ok(Some(made)) => shown_once(&place, *made).await,
        Ok(None) => Ok(place.to_app("credentials", "service-made")),
        Err(error @ (Error::IdempotencyInProgress | Error::IdempotencyKeyReused)) => {
            let notice = Notice::info(if matches!(error, Error::IdempotencyInProgress) {
                "Service credentials are being made by your first click, and are handed over to that one only."
            } else {
                "This form has made service credentials already. Send it again to make others."
            });
            let page = CredentialsPage { layout: place.layout_with(notice), ..typed(&place, note, None).await? };
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        Err(Error::Invalid(errors)) => {
            let why = errors.into_iter().map(|error| error.message).collect::<Vec<_>>().join(" ");
            Ok((StatusCode::UNPROCESSABLE_ENTITY, typed(&place, note, Some(why)).await?).into_response())
        }
        Err(error) => refused(&place, error).await,
    }
}

/// The page with the note that was typed, and what is wrong with it.
async fn typed(place: &Place, note: String, wrong: Option<String>) -> Result<CredentialsPage, PageError> {
    let mut page = page(place).await?;
    page.service = page.service.map(|own| ServiceSection { note, wrong, ..own });
    Ok(page)
}

/// Makes them once for this key. The same post again makes no second ones, and cannot show the first: their private key is nowhere.
async fn once(place: &Place, draft: ServiceDraft, key: &str) -> Result<Option<Box<Made>>, Error> {
    let request = json!(["service credentials", place.client_id(), draft.technical_account, draft.note]).to_string();
    let render = |made: &Made| json!({ "id": made.id }).to_string().into_bytes();
    let once = Once { key, request: &request, render: &render };
    match service_credentials::create_once(&place.deps, &place.access, (place.client_id(), draft), &once, place.now).await? {
        Answer::Made(made, _) => Ok(Some(Box::new(made))),
        Answer::Kept(_) => Ok(None),
    }
}

async fn shown_once(place: &Place, made: Made) -> Result<Response, PageError> {
    let rows = Rows::of(place, &made.record).await?;
    let own = made.record.credentials.iter().filter(|own| own.technical_account == Some(made.account));
    let (new, others): (Vec<_>, Vec<_>) = own.partition(|own| own.id == made.id);
    let key = new.into_iter().find_map(|own| rows.key(own)).ok_or_else(PageError::not_found)?;
    let account = made.record.technical_account(made.account).ok_or_else(PageError::not_found)?;
    let page = ServiceOncePage {
        layout: place.layout(),
        header: header(place, &made.record),
        subject: account.subject.clone(),
        overlaps: others.iter().any(|own| !own.is_secret() && own.is_live(place.now)),
        key,
        document: made.document,
    };
    Ok((StatusCode::CREATED, page).into_response())
}

/// Deletes a technical account that has no keys left.
pub(in crate::web::admin) async fn delete_account(
    RecentlyAuthenticated(Post { place, .. }): RecentlyAuthenticated<Post>,
) -> Result<Response, PageError> {
    match service_credentials::delete_account(&place.deps, &place.access, (place.client_id(), place.id()?), place.now).await {
        Ok(_) => Ok(place.to_app("credentials", "account-deleted")),
        Err(error) => refused(&place, error).await,
    }
}
