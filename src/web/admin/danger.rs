//! The danger zone of an app: off, on, away and back.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use crate::flows::clients::delete as flow;
use crate::flows::clients::{self, Error, restore as bring_back, standing};
use crate::web::admin::list::quota_page;
use crate::web::admin::place::{Post, page_error};
use crate::web::admin::settings;
use crate::web::extract::recent::RecentlyAuthenticated;
use crate::web::pages::error::PageError;
use crate::web::views::form::{FieldError, Form};
use crate::web::views::layout::Notice;

/// Switches the app off.
pub(super) async fn disable(Post { place, .. }: Post) -> Result<Response, PageError> {
    standing::disable(&place.deps, &place.access, place.client_id(), place.now).await.map_err(page_error)?;
    Ok(place.to_app("settings", "disabled"))
}

/// Switches the app on.
pub(super) async fn enable(Post { place, .. }: Post) -> Result<Response, PageError> {
    standing::enable(&place.deps, &place.access, place.client_id(), place.now).await.map_err(page_error)?;
    Ok(place.to_app("settings", "enabled"))
}

/// Deletes the app, once its name is typed.
pub(super) async fn delete(RecentlyAuthenticated(Post { place, fields }): RecentlyAuthenticated<Post>) -> Result<Response, PageError> {
    let typed = fields.text("confirm_name");
    match flow::delete(&place.deps, &place.access, place.client_id(), Some(typed), None, place.now).await {
        Ok(()) => Ok(place.to_list("deleted")),
        Err(Error::NameMismatch) => {
            let record = clients::find(&place.deps, &place.access, place.client_id()).await.map_err(page_error)?;
            let error = FieldError::new("confirm_name", format!("Type the name exactly: {}.", record.client.profile.name));
            let mut page = settings::page(&place, &record).await?;
            page.danger.delete = Form::refused(typed.to_owned(), vec![error]);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(page_error(error)),
    }
}

/// Brings a deleted app back.
pub(super) async fn restore(Post { place, .. }: Post) -> Result<Response, PageError> {
    match bring_back::restore(&place.deps, &place.access, place.client_id(), place.now).await {
        Ok(_) => Ok(place.to_app("settings", "restored")),
        Err(Error::AppLimitReached(usage)) => {
            let layout = place.layout_with(Notice::failure(
                "Nothing was restored: all applications that you may have are in use. Delete one, then restore it.",
            ));
            Ok((StatusCode::CONFLICT, quota_page(&place, layout, usage).await?).into_response())
        }
        Err(error) => Err(page_error(error)),
    }
}
