//! The query of a page, decoded as strictly as a form.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;

use crate::web::extract::fields::{Fields, Malformed};
use crate::web::pages::error::PageError;

/// The parameters of a page's address.
#[derive(Clone, Default)]
pub struct Query(pub Fields);

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        let query = parts.uri.query().unwrap_or_default();
        Fields::decode(query.as_bytes()).map(Self).map_err(|Malformed| PageError::new(StatusCode::BAD_REQUEST))
    }
}
