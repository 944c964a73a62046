//! Static files: embedded, named by their content, cached for ever.
//!
//! `app.css` is served as `/static/app.<hash>.css` only. A page that names the hash always gets the bytes it was made for, so
//! browsers and proxies may keep a file as long as they like. Files are compressed when the program is built (`build.rs`); pages
//! never are, because they may hold a secret beside what a visitor sent (BREACH).

use std::{collections::BTreeMap, sync::LazyLock};

use axum::{
    body::{Body, Bytes},
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use sha2::{Digest as _, Sha256};

/// The route of [`show`].
pub const ROUTE: &str = "/static/{file}";

const FOREVER: &str = "public, max-age=31536000, immutable";

/// A file in its codings; those that would not make it smaller are not there.
struct File {
    name: &'static str,
    bytes: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

/// What `build.rs` found in `static/`.
const FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/static_files.rs"));

struct Asset {
    file: &'static File,
    kind: &'static str,
    hash: String,
}

/// How a file travels.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Coding {
    Brotli,
    Gzip,
    Plain,
}

impl Coding {
    const ALL: [Self; 3] = [Self::Brotli, Self::Gzip, Self::Plain];

    /// The word of `Content-Encoding`.
    const fn word(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
            Self::Plain => "identity",
        }
    }

    /// The best that `Accept-Encoding` names without refusing it (RFC 9110 §12.5.3).
    fn best(headers: &HeaderMap) -> Self {
        let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let names = |coding: Self| {
            accepted.split(',').any(|one| {
                let (word, weight) = one.split_once(';').unwrap_or((one, ""));
                let refused = weight.trim().strip_prefix("q=").and_then(|q| q.trim().parse::<f32>().ok()).is_some_and(|q| q <= 0.0);
                word.trim().eq_ignore_ascii_case(coding.word()) && !refused
            })
        };
        [Self::Brotli, Self::Gzip].into_iter().find(|coding| names(*coding)).unwrap_or(Self::Plain)
    }
}

impl Asset {
    fn coded(&self, coding: Coding) -> Option<Bytes> {
        let bytes = match coding {
            Coding::Brotli => self.file.brotli,
            Coding::Gzip => self.file.gzip,
            Coding::Plain => Some(self.file.bytes),
        };
        bytes.map(Bytes::from_static)
    }

    /// Each coding is a representation of its own (RFC 9110 §8.8.3).
    fn etag(&self, coding: Coding) -> HeaderValue {
        HeaderValue::from_str(&format!("\"{}-{}\"", self.hash, coding.word())).expect("hex digits and a word are a header value")
    }
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
        for file in FILES {
            let hash = hash(file.bytes);
            let hashed = hashed_name(file.name, &hash);
            assets.urls.insert(file.name.to_owned(), format!("/static/{hashed}"));
            assets.served.insert(hashed, Asset { file, kind: kind_of(file.name), hash });
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
    let wanted = Coding::best(&headers);
    let (coding, bytes) = match asset.coded(wanted) {
        Some(bytes) => (wanted, bytes),
        None => (Coding::Plain, Bytes::from_static(asset.file.bytes)),
    };
    let is_known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| Coding::ALL.iter().any(|one| names(known, &asset.etag(*one))));
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Body::from(bytes).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
        if coding != Coding::Plain {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.word()));
        }
        response
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(FOREVER));
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    response.headers_mut().insert(header::ETAG, asset.etag(coding));
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Whether `If-None-Match` lists `etag`, weakly or not (RFC 9110 §13.1.2).
fn names(known: &HeaderValue, etag: &HeaderValue) -> bool {
    let (Ok(known), Ok(etag)) = (known.to_str(), etag.to_str()) else { return false };
    known.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}

#[cfg(test)]
mod tests;
