//! The fields of a form or a query, decoded strictly: what cannot be read is refused, never repaired (A22).

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;

use crate::secret::Secret;
use crate::web::extract::form;
use crate::web::layers::BODY_LIMIT;
use crate::web::pages::error::PageError;

/// Name and value pairs in the order sent. No `Debug`: a value may be a password.
#[derive(Clone, Default)]
pub struct Fields(Vec<(String, String)>);

/// Text that is no `application/x-www-form-urlencoded` in UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

impl Fields {
    /// Decodes a query or a form body. Half an escape, invalid UTF-8 and NUL are refused.
    pub fn decode(encoded: &[u8]) -> Result<Self, Malformed> {
        let pairs = form::urlencoded(encoded).map_err(|_| Malformed)?;
        let is_text = pairs.iter().all(|(name, value)| !name.contains('\0') && !value.contains('\0'));
        is_text.then_some(Self(pairs)).ok_or(Malformed)
    }

    /// Fields that were read in another way; NUL is for nobody, so a field that holds one is left out.
    pub fn from_pairs(pairs: Vec<(String, String)>) -> Self {
        Self(pairs.into_iter().filter(|(name, value)| !name.contains('\0') && !value.contains('\0')).collect())
    }

    /// The field `name`; `None` when it is missing or came more than once.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut values = self.all(name);
        let first = values.next();
        values.next().is_none().then_some(first).flatten()
    }

    /// The field `name`, or nothing.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// The field `name` as something that is not to be shown.
    pub fn secret(&self, name: &str) -> Secret<String> {
        Secret::from(self.text(name))
    }

    /// Every value of `name`, for lists.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The pairs, for flows that judge repeats themselves.
    pub fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }
}

/// The body of a form post.
impl<S: Sync> FromRequest<S> for Fields {
    type Rejection = PageError;

    async fn from_request(request: Request, _: &S) -> Result<Self, PageError> {
        let body = form_body(request).await?;
        Self::decode(&body).map_err(|Malformed| PageError::new(StatusCode::BAD_REQUEST))
    }
}

/// Reads a body that says it is a form.
async fn form_body(request: Request) -> Result<Bytes, PageError> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(PageError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    to_bytes(request.into_body(), BODY_LIMIT).await.map_err(|_| PageError::new(StatusCode::PAYLOAD_TOO_LARGE))
}

#[cfg(test)]
mod tests;
