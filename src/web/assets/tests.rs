//! Static files through their handler.

use axum::{
    extract::Path,
    http::{HeaderMap, StatusCode, header},
};

use crate::web::assets::{show, url};

fn file(name: &str) -> String {
    url(name).trim_start_matches("/static/").to_owned()
}

#[tokio::test]
async fn a_file_is_served_by_its_hashed_name_and_kept_for_ever() {
    let response = show(Path(file("app.css")), HeaderMap::new()).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/css; charset=utf-8");
    assert_eq!(response.headers()[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
    let etag = response.headers()[header::ETAG].clone();
    let mut known = HeaderMap::new();
    known.insert(header::IF_NONE_MATCH, etag.clone());
    let response = show(Path(file("app.css")), known).await;
    assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(response.headers()[header::ETAG], etag);
}

#[tokio::test]
async fn any_other_name_is_not_found() {
    for name in ["app.css", "app.0000000000000000.css", "../Cargo.toml", ""] {
        let response = show(Path(name.to_owned()), HeaderMap::new()).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{name}");
    }
}

#[tokio::test]
async fn a_file_travels_as_small_as_the_browser_can_read() {
    let plain = axum::body::to_bytes(show(Path(file("app.css")), HeaderMap::new()).await.into_body(), 1 << 20).await.expect("a body");
    for (accepted, coding) in [("gzip, deflate, br, zstd", "br"), ("gzip;q=0.8, br;q=0", "gzip"), ("GZIP", "gzip")] {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, accepted.parse().expect("a header value"));
        let response = show(Path(file("app.css")), headers).await;
        assert_eq!(response.headers()[header::CONTENT_ENCODING], coding, "{accepted}");
        assert_eq!(response.headers()[header::VARY], "Accept-Encoding");
        let packed = axum::body::to_bytes(response.into_body(), 1 << 20).await.expect("a body");
        assert!(packed.len() * 3 < plain.len() && packed.len() < 14_000, "{} of {} bytes", packed.len(), plain.len());
    }
    for accepted in ["", "identity", "br;q=0", "x-br"] {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, accepted.parse().expect("a header value"));
        assert!(!show(Path(file("app.css")), headers).await.headers().contains_key(header::CONTENT_ENCODING), "{accepted}");
    }
}
