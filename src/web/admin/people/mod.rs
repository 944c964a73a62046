//! `/orgs/{slug}/people` and below: who belongs to the org, who is invited.

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};

use crate::flows::people::{Denial, Error};
use crate::web::AppState;
use crate::web::pages::error::PageError;

mod invitations;
mod list;
mod members;

/// Every route of these pages.
pub(super) fn routes() -> Router<AppState> {
    let people = "/orgs/{slug}/people";
    let below = |tail: &str| format!("{people}/{tail}");
    Router::new()
        .route(people, get(list::show))
        .route(&below("invitations"), post(invitations::invite))
        .route(&below("invitations/{id}/resend"), post(invitations::resend))
        .route(&below("invitations/{id}/revoke"), post(invitations::revoke))
        .route(&below("{id}/role"), post(members::change_role))
        .route(&below("{id}/remove"), post(members::remove))
        .route(&below("{id}/disable"), post(members::disable))
        .route(&below("{id}/enable"), post(members::enable))
        .route(&below("{id}/sign-out"), post(members::sign_out))
}

/// An error that the page of people cannot show beside a field.
fn page_error(error: Error) -> PageError {
    match error {
        Error::NotFound => PageError::not_found(),
        Error::Forbidden { .. } => PageError::forbidden(),
        Error::Unavailable(trouble) => trouble.into(),
        Error::TooMany { retry_after } => crate::flows::Error::RateLimited { retry_after }.into(),
        other => PageError::new(StatusCode::CONFLICT).with_detail(sentence(&other)),
    }
}

/// What a refusal means, for people.
fn sentence(error: &Error) -> String {
    match error {
        Error::Denied(Denial::StandsAbove) => "They stand above you. Only an owner changes owners.",
        Error::Denied(Denial::RoleAbove) => "You can give at most your own role. Ask an owner.",
        Error::Denied(Denial::LastOwner) => "An organization keeps an owner who can sign in. Make somebody else an owner first.",
        Error::Yourself => "You cannot disable yourself.",
        Error::NotYours => "This account belongs to other organizations too, or the operator disabled it. You can remove it from this one.",
        Error::Invalid(errors) => return errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join(" "),
        _ => "This cannot be done now.",
    }
    .to_owned()
}

/// The page again with the reason on top, where there is one to read.
async fn refused(place: &super::place::Place, error: Error) -> Result<Response, PageError> {
    match error {
        Error::Denied(_) | Error::Yourself | Error::NotYours => {
            let notice = crate::web::views::layout::Notice::failure(sentence(&error));
            let mut page = list::page(place).await?;
            page.layout.notice = Some(notice);
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        other => Err(page_error(other)),
    }
}
