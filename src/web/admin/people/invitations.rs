//! Inviting, sending again, taking back.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use crate::flows::people::Error;
use crate::flows::people::invitations::{self, Sent};
use crate::model::membership::Role;
use crate::web::admin::lasting::Lasting;
use crate::web::admin::people::{list, refused};
use crate::web::admin::place::{Place, Post};
use crate::web::extract::browser_session::role_of;
use crate::web::extract::recent::RecentlyAuthenticated;
use crate::web::pages::error::PageError;
use crate::web::paths;
use crate::web::views::form::{FieldError, Form};
use crate::web::views::layout::{Layout, Section};
use crate::web::views::people::invited::InvitedPage;
use crate::web::views::people::list::InviteValues;

/// Invites an address: by mail, or with a link that is shown this once.
pub(super) async fn invite(
    Lasting { post: Post { place, fields }, is_late, .. }: Lasting<RecentlyAuthenticated<Post>>,
) -> Result<Response, PageError> {
    let values = InviteValues { email: fields.text("email").trim().to_owned(), role: fields.text("role").to_owned() };
    if is_late {
        return form_again(&place, values, Vec::new()).await;
    }
    let outcome = match Role::parse(&values.role) {
        Some(role) => invitations::invite(&place.deps, &place.access, &values.email, role, place.now).await,
        None => return form_again(&place, values, vec![FieldError::new("role", "Choose one of the roles.")]).await,
    };
    match outcome {
        Ok(sent) => Ok(told(&place, sent, "invited")),
        Err(Error::Invalid(errors)) => {
            let errors = errors.into_iter().map(|error| FieldError::new(error.field, error.message)).collect();
            form_again(&place, values, errors).await
        }
        Err(error) => refused(&place, error).await,
    }
}

/// Sends a new link.
pub(super) async fn resend(RecentlyAuthenticated(Post { place, .. }): RecentlyAuthenticated<Post>) -> Result<Response, PageError> {
    match invitations::resend(&place.deps, &place.access, place.id()?, place.now).await {
        Ok(sent) => Ok(told(&place, sent, "invitation-resent")),
        Err(error) => refused(&place, error).await,
    }
}

/// Takes an invitation back.
pub(super) async fn revoke(Post { place, .. }: Post) -> Result<Response, PageError> {
    match invitations::revoke(&place.deps, &place.access, place.id()?, place.now).await {
        Ok(()) => Ok(place.to_people("invitation-revoked")),
        Err(error) => refused(&place, error).await,
    }
}

fn told(place: &Place, sent: Sent, done: &str) -> Response {
    let Some(link) = sent.link else { return place.to_people(done) };
    let page = InvitedPage {
        layout: Layout { section: Section::People, ..place.layout() },
        org: place.org.clone(),
        email: sent.invitation.email.to_string(),
        role: role_of(sent.invitation.role),
        link: format!("{}{}", place.deps.policy.issuer, paths::invitation(link.expose())),
        expires_at: sent.invitation.expires_at,
    };
    (StatusCode::CREATED, page).into_response()
}

async fn form_again(place: &Place, values: InviteValues, errors: Vec<FieldError>) -> Result<Response, PageError> {
    let mut page = list::page(place).await?;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page.invite = Form::refused(values, errors);
    Ok((status, page).into_response())
}
