//! A form with a file (RFC 7578), read within bounds: what is larger is taken off the wire and forgotten, so that the browser
//! hears the answer instead of a broken connection.

use axum::body::Body;
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use http_body_util::BodyExt as _;

use crate::web::extract::fields::Fields;
use crate::web::pages::error::PageError;

/// How much of an oversized body is taken and forgotten, in bytes; beyond it the connection may break.
const PATIENCE: usize = 16 * 1024 * 1024;
/// How much the other fields and the form's own marks may take beside the file, in bytes.
const BESIDE: usize = 16 * 1024;

/// A body was larger than it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge;

/// The fields of a form, and its file.
pub struct Upload {
    /// Everything but the file.
    pub fields: Fields,
    /// The bytes of the file in the field asked for; empty when none was chosen.
    pub file: Vec<u8>,
}

/// Reads a body of at most `most` bytes. The outer error is a connection that broke.
pub async fn read_file(body: Body, most: usize) -> Result<Result<Vec<u8>, TooLarge>, PageError> {
    let mut body = body;
    let (mut kept, mut seen) = (Vec::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| PageError::new(StatusCode::BAD_REQUEST))?;
        let Some(data) = frame.data_ref() else { continue };
        seen = seen.saturating_add(data.len());
        if seen > PATIENCE {
            break;
        }
        if seen <= most {
            kept.extend_from_slice(data);
        } else {
            kept = Vec::new();
        }
    }
    Ok(if seen > most { Err(TooLarge) } else { Ok(kept) })
}

/// Reads a form whose field `name` is a file of at most `most` bytes.
pub async fn read_form(parts: Parts, body: Body, name: &str, most: usize) -> Result<Result<Upload, TooLarge>, PageError> {
    let malformed = || PageError::new(StatusCode::BAD_REQUEST);
    if !is_multipart(&parts.headers) {
        return Err(PageError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let Ok(whole) = read_file(body, most + BESIDE).await? else { return Ok(Err(TooLarge)) };
    let request = Request::from_parts(parts, Body::from(whole));
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| malformed())?;
    let (mut pairs, mut file) = (Vec::new(), Vec::new());
    while let Some(field) = form.next_field().await.map_err(|_| malformed())? {
        let own = field.name().unwrap_or_default().to_owned();
        if own == name {
            file = field.bytes().await.map_err(|_| malformed())?.to_vec();
        } else {
            pairs.push((own, field.text().await.map_err(|_| malformed())?));
        }
    }
    Ok(if file.len() > most { Err(TooLarge) } else { Ok(Upload { fields: Fields::from_pairs(pairs), file }) })
}

/// Whether the body says that it is a form with files.
pub fn is_multipart(headers: &HeaderMap) -> bool {
    let kind = headers.get(axum::http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("multipart/form-data")
}
