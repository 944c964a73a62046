//! A form with a file (RFC 7578), read within bounds: what is larger is taken off the wire and forgotten, so that the browser
//! hears the answer instead of a broken connection.

use axum::body::Body;
use axum::extract::multipart::MultipartError;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use http_body_util::BodyExt as _;

use crate::web::extract::fields::Fields;
use crate::web::pages::error::PageError;

/// How much of an oversized body is taken and forgotten, in bytes; beyond it the connection may break.
const PATIENCE: usize = 16 * 1024 * 1024;
/// How much the other fields may take beside the file, in bytes.
const BESIDE: usize = 64 * 1024;
/// More fields than any form of ours has.
const MOST_FIELDS: usize = 100;

/// A body was larger than it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge;

/// The fields of a form, and its file.
pub struct Upload {
    /// Everything but the file.
    pub fields: Fields,
    /// The bytes of the file in the field asked for; empty when none was chosen.
    pub file: Result<Vec<u8>, TooLarge>,
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

/// Reads a form whose field `name` is a file of at most `most` bytes. A larger one is left behind, and the rest of the form is read
/// all the same. Its route needs [`body_limit`].
pub async fn read_form(parts: Parts, body: Body, name: &str, most: usize) -> Result<Upload, PageError> {
    if !is_multipart(&parts.headers) {
        return Err(PageError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let form = Multipart::from_request(Request::from_parts(parts, body), &()).await;
    let mut form = form.map_err(|_| PageError::new(StatusCode::BAD_REQUEST))?;
    let (mut pairs, mut file, mut room) = (Vec::new(), Ok(Vec::new()), BESIDE);
    while let Some(mut field) = form.next_field().await.map_err(|error| broken(&error))? {
        let own = field.name().unwrap_or_default().to_owned();
        let room_here = if own == name { most } else { room };
        let mut bytes = Ok(Vec::new());
        while let Some(chunk) = field.chunk().await.map_err(|error| broken(&error))? {
            match &mut bytes {
                Ok(kept) if kept.len() + chunk.len() <= room_here => kept.extend_from_slice(&chunk),
                _ => bytes = Err(TooLarge),
            }
        }
        if own == name {
            file = bytes;
            continue;
        }
        let Ok(bytes) = bytes else { return Err(PageError::new(StatusCode::PAYLOAD_TOO_LARGE)) };
        room -= bytes.len();
        pairs.push((own, String::from_utf8(bytes).map_err(|_| PageError::new(StatusCode::BAD_REQUEST))?));
        if pairs.len() > MOST_FIELDS {
            return Err(PageError::new(StatusCode::BAD_REQUEST));
        }
    }
    Ok(Upload { fields: Fields::from_pairs(pairs), file })
}

/// What a route that reads files takes off the wire, at most.
pub fn body_limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(PATIENCE)
}

fn broken(error: &MultipartError) -> PageError {
    PageError::new(error.status())
}

/// Whether the body says that it is a form with files.
pub fn is_multipart(headers: &HeaderMap) -> bool {
    let kind = headers.get(axum::http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("multipart/form-data")
}
