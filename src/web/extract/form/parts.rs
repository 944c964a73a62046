//! `multipart/form-data` as parameters (RFC 7578): some clients of the source systems send nothing else.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;

use crate::web::extract::form::{FormError, MOST};

/// The parts of a body, each with a name and UTF-8 text.
pub(super) async fn pairs(content_type: &HeaderValue, body: Bytes) -> Result<Vec<(String, String)>, FormError> {
    let malformed = || FormError::Malformed("The body is not multipart/form-data with UTF-8 text in each part.");
    let mut request = Request::new(Body::from(body));
    request.headers_mut().insert(CONTENT_TYPE, content_type.clone());
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| malformed())?;
    let mut pairs = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(|_| malformed())? {
        let name = part.name().filter(|name| !name.is_empty()).ok_or_else(malformed)?.to_owned();
        let value = String::from_utf8(part.bytes().await.map_err(|_| malformed())?.to_vec()).map_err(|_| malformed())?;
        pairs.push((name, value));
        if pairs.len() > MOST {
            break;
        }
    }
    Ok(pairs)
}
