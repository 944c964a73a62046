//! `/logos/{digest}.png`: pictures that we drew ourselves, on our own origin (E10). The address is the content's digest, so it may
//! be kept for ever; the headers let it be nothing but a picture, even if somebody opens it as a page.

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use crate::flows::clients::logo;
use crate::web::AppState;

/// The route of [`show`].
pub const ROUTE: &str = "/logos/{file}";

const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The picture; 304 when the browser has it, 404 for every other name.
pub async fn show(State(app): State<AppState>, Path(file): Path<String>, headers: HeaderMap) -> Response {
    let Some(digest) = digest_of(&file) else { return StatusCode::NOT_FOUND.into_response() };
    let etag = format!("\"{digest}\"");
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).is_some_and(|tags| tags.contains(&etag));
    if known {
        return (StatusCode::NOT_MODIFIED, [(ETAG, etag)]).into_response();
    }
    let png = match logo::find_png(&app.deps, digest).await {
        Ok(Some(png)) => png,
        Ok(None) => return StatusCode::NOT_FOUND.into_response(),
        Err(trouble) => {
            tracing::error!(cause = trouble.cause, "a logo cannot be read");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let mut response = as_picture(png);
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(ETAG, etag);
    }
    response
}

/// A PNG that is nothing but a PNG.
pub fn as_picture(png: Vec<u8>) -> Response {
    let mut response = png.into_response();
    for (name, value) in [(CONTENT_TYPE, "image/png"), (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"), (CORP, "same-origin")] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn digest_of(file: &str) -> Option<&str> {
    let digest = file.strip_suffix(".png")?;
    (digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))).then_some(digest)
}
