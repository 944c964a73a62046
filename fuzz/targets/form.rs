//! The reader of bodies: whatever comes is refused, or is what every other reader of forms and JSON would read.
//!
//! The first byte says how the rest is sent: urlencoded, JSON or multipart.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue};
use grantor::web::extract::form::{FormError, read_or_parts, read_query, urlencoded};
use grantor::wire::Parameters;
use serde_json::Value;

const BOUNDARY: &str = "x";

/// Tries one input.
pub(crate) fn run(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    match first % 3 {
        0 => urlencoded_body(rest),
        1 => json_body(rest),
        _ => {
            let _ = sent("multipart/form-data; boundary=x", rest);
            parts(rest);
        }
    }
}

fn sent(kind: &'static str, body: &[u8]) -> Result<Parameters, FormError> {
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(read_or_parts(&headers, Body::from(body.to_vec())))
}

fn urlencoded_body(body: &[u8]) {
    let Ok(pairs) = urlencoded(body) else {
        assert!(sent("application/x-www-form-urlencoded", body).is_err());
        return;
    };
    // The URL standard repairs what we refuse; what we accept it reads likewise.
    let others: Vec<(String, String)> = url::form_urlencoded::parse(body).into_owned().take(pairs.len() + 1).collect();
    assert!(others == pairs || pairs.len() > 200, "{pairs:?} {others:?}");
    if let Ok(parameters) = sent("application/x-www-form-urlencoded", body) {
        holds(&parameters, &pairs);
    }
    if let Some(text) = std::str::from_utf8(body).ok().filter(|text| !text.is_empty()) {
        assert_eq!(read_query(Some(text)).is_ok(), sent("application/x-www-form-urlencoded", body).is_ok() || body.len() > 65_536);
    }
}

/// Each parameter is there once, as the pairs say, and an empty one is none.
fn holds(parameters: &Parameters, pairs: &[(String, String)]) {
    assert!(pairs.len() <= 200);
    for (name, value) in pairs {
        assert!(!name.contains(['\0', '\r', '\n']) && !value.contains(['\0', '\r', '\n']));
        if value.is_empty() {
            continue;
        }
        assert_eq!(parameters.get(name), Some(value.as_str()), "{name}");
        let same = pairs.iter().filter(|(other, value)| other == name && !value.is_empty());
        assert_eq!(same.count(), 1, "{name} came twice");
    }
}

fn json_body(body: &[u8]) {
    let Ok(parameters) = sent("application/json", body) else { return };
    let other: Value = serde_json::from_slice(body).expect("it was JSON before");
    for (name, value) in other.as_object().expect("it was an object before") {
        if let Some(text) = value.as_str() {
            assert_eq!(parameters.get(name).unwrap_or_default(), text, "{name}");
        }
    }
}

/// The rest as the value of a part: it comes out as it went in.
fn parts(value: &[u8]) {
    let Ok(text) = std::str::from_utf8(value) else { return };
    if text.contains(BOUNDARY) || text.is_empty() {
        return;
    }
    let body = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"jwt_token\"\r\n\r\n{text}\r\n--{BOUNDARY}--\r\n");
    match sent("multipart/form-data; boundary=x", body.as_bytes()) {
        Ok(parameters) => assert_eq!(parameters.get("jwt_token"), Some(text)),
        Err(_) => assert!(text.contains(['\0', '\r', '\n']) || body.len() > 65_536, "{text:?}"),
    }
}
