//! Service credentials: made and handed over once; technical accounts without keys deleted.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use crate::flows::clients::Error;
use crate::flows::clients::keys::service_credentials::{self, Made, ServiceDraft};
use crate::model::client::ClientKind;
use crate::web::admin::credentials::{Rows, confidential, page, refused};
use crate::web::admin::place::{Place, Post, page_error};
use crate::web::admin::show::header;
use crate::web::extract::recent::RecentlyAuthenticated;
use crate::web::pages::error::PageError;
use crate::web::views::apps::show::credentials::service::{ServiceOncePage, ServiceSection};

/// Makes a key pair with its certificate and secret, for a new technical account or one of the app's, and shows them this once.
pub(in crate::web::admin) async fn create(
    RecentlyAuthenticated(Post { place, fields }): RecentlyAuthenticated<Post>,
) -> Result<Response, PageError> {
    place.access.check_manages_secrets(place.client_id()).map_err(page_error)?;
    if confidential(&place).await?.client.kind != ClientKind::M2m {
        let detail = "Service credentials are for machine-to-machine applications.";
        return Err(PageError::new(StatusCode::UNPROCESSABLE_ENTITY).with_detail(detail));
    }
    let account = Some(fields.text("technical_account")).filter(|id| !id.is_empty());
    let account = account.map(str::parse).transpose().map_err(|_| PageError::not_found())?;
    let draft = ServiceDraft { technical_account: account, note: fields.text("note").to_owned() };
    match service_credentials::create(&place.deps, &place.access, place.client_id(), draft, place.now).await {
        Ok(made) => once(&place, made).await,
        Err(Error::Invalid(errors)) => {
            let mut page = page(&place).await?;
            let why = errors.into_iter().map(|error| error.message).collect::<Vec<_>>().join(" ");
            page.service = page.service.map(|own| ServiceSection { refused: Some((fields.text("note").to_owned(), why)), ..own });
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => refused(&place, error).await,
    }
}

async fn once(place: &Place, made: Made) -> Result<Response, PageError> {
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
