//! Forms about one person of the org; each asks for the password again if it was typed long ago (M14).

use axum::response::Response;

use crate::flows::people::{roles, standing};
use crate::model::membership::Role;
use crate::web::admin::people::refused;
use crate::web::admin::place::Post;
use crate::web::extract::recent::RecentlyAuthenticated;
use crate::web::pages::error::PageError;

/// Gives a person another role.
pub(super) async fn change_role(RecentlyAuthenticated(Post { place, fields }): RecentlyAuthenticated<Post>) -> Result<Response, PageError> {
    let Some(role) = Role::parse(fields.text("role")) else {
        return Err(PageError::new(axum::http::StatusCode::UNPROCESSABLE_ENTITY).with_detail("Choose one of the roles."));
    };
    match roles::change(&place.deps, &place.access, place.id()?, role, place.now).await {
        Ok(_) => Ok(place.to_people("role-changed")),
        Err(error) => refused(&place, error).await,
    }
}

/// Takes a person out of the org.
pub(super) async fn remove(RecentlyAuthenticated(Post { place, .. }): RecentlyAuthenticated<Post>) -> Result<Response, PageError> {
    let user = place.id()?;
    match roles::remove(&place.deps, &place.access, user, place.now).await {
        // Who left sees this org no more.
        Ok(()) if place.access.user() == Some(user) => Ok(axum::response::IntoResponse::into_response(axum::response::Redirect::to("/"))),
        Ok(()) => Ok(place.to_people("removed")),
        Err(error) => refused(&place, error).await,
    }
}

/// Disables an account that is this org's alone.
pub(super) async fn disable(RecentlyAuthenticated(Post { place, .. }): RecentlyAuthenticated<Post>) -> Result<Response, PageError> {
    match standing::disable(&place.deps, &place.access, place.id()?, place.now).await {
        Ok(_) => Ok(place.to_people("person-disabled")),
        Err(error) => refused(&place, error).await,
    }
}

/// Ends every browser session of such an account.
pub(super) async fn sign_out(RecentlyAuthenticated(Post { place, .. }): RecentlyAuthenticated<Post>) -> Result<Response, PageError> {
    match standing::sign_out(&place.deps, &place.access, place.id()?, place.now).await {
        Ok(_) => Ok(place.to_people("signed-out")),
        Err(error) => refused(&place, error).await,
    }
}

/// Enables it again.
pub(super) async fn enable(RecentlyAuthenticated(Post { place, .. }): RecentlyAuthenticated<Post>) -> Result<Response, PageError> {
    match standing::enable(&place.deps, &place.access, place.id()?, place.now).await {
        Ok(_) => Ok(place.to_people("person-enabled")),
        Err(error) => refused(&place, error).await,
    }
}
