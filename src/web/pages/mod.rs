//! Pages for everybody: sign-in, consent, the own account, errors.

use axum::Router;

use crate::web::AppState;

pub mod account;
pub mod api_reference;
pub mod consent;
pub mod error;
pub mod errors;
pub mod forgot;
pub mod home;
pub mod invitation;
pub mod login;
pub mod return_to;
pub mod set_password;

/// Every page of this area; wrap it in `layers::around_pages`.
pub fn routes() -> Router<AppState> {
    Router::new()
        .merge(forgot::routes())
        .merge(home::routes())
        .merge(invitation::routes())
        .merge(login::routes())
        .merge(consent::routes())
        .merge(account::routes())
        .merge(set_password::routes())
        .merge(errors::routes())
        .merge(api_reference::routes())
}
