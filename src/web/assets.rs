//! Static files: embedded, named by their content, cached for ever.
//!
//! `app.css` is served as `/static/app.<hash>.css` only. A page that names the hash always gets the bytes it was made for, so
//! browsers and proxies may keep a file as long as they like.

use std::{borrow::Cow, collections::BTreeMap, sync::LazyLock};

use axum::{
    body::Body,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};

/// The route of [`show`].
pub const ROUTE: &str = "/static/{file}";

const FOREVER: &str = "public, max-age=31536000, immutable";

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

struct Asset {
    bytes: Cow<'static, [u8]>,
    kind: &'static str,
    etag: HeaderValue,
}

/// Files by the name they are served under, and those names by the plain ones.
struct Assets {
    served: BTreeMap<String, Asset>,
    urls: BTreeMap<String, String>,
}

static ASSETS: LazyLock<Assets> = LazyLock::new(Assets::load);

impl Assets {
    fn load() -> Self {
        let mut assets = Self { served: BTreeMap::new(), urls: BTreeMap::new() };
        for name in Files::iter() {
            let Some(file) = Files::get(&name) else { continue };
            let hash = hash(&file.data);
            let hashed = hashed_name(&name, &hash);
            let etag = HeaderValue::from_str(&format!("\"{hash}\"")).expect("a quoted hex string is a header value");
            assets.urls.insert(name.to_string(), format!("/static/{hashed}"));
            assets.served.insert(hashed, Asset { bytes: file.data, kind: kind_of(&name), etag });
        }
        assets
    }
}

/// The first 16 hex digits of the SHA-256 of `bytes`.
fn hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let start = digest.iter().take(8).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    format!("{start:016x}")
}

/// `app.css` with its hash: `app.0123456789abcdef.css`.
fn hashed_name(name: &str, hash: &str) -> String {
    match name.rsplit_once('.') {
        Some((stem, ending)) => format!("{stem}.{hash}.{ending}"),
        None => format!("{name}.{hash}"),
    }
}

fn kind_of(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The address of the static file `name`, for templates. An unknown name gives an address that answers 404.
pub fn url(name: &str) -> &'static str {
    ASSETS.urls.get(name).map_or("/static/unknown", String::as_str)
}

/// `GET /static/{file}`: a file by its hashed name; 304 when the browser has it, 404 for every other name.
pub async fn show(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = ASSETS.served.get(&file) else { return StatusCode::NOT_FOUND.into_response() };
    let mut response = if headers.get(header::IF_NONE_MATCH).is_some_and(|known| names(known, &asset.etag)) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Body::from(bytes_of(asset)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
        response
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(FOREVER));
    response.headers_mut().insert(header::ETAG, asset.etag.clone());
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn bytes_of(asset: &'static Asset) -> axum::body::Bytes {
    match &asset.bytes {
        Cow::Borrowed(bytes) => axum::body::Bytes::from_static(bytes),
        Cow::Owned(bytes) => axum::body::Bytes::from_static(bytes),
    }
}

/// Whether `If-None-Match` lists `etag`, weakly or not (RFC 9110 §13.1.2).
fn names(known: &HeaderValue, etag: &HeaderValue) -> bool {
    let (Ok(known), Ok(etag)) = (known.to_str(), etag.to_str()) else { return false };
    known.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}

#[cfg(test)]
mod tests;
