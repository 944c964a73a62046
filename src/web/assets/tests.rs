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
