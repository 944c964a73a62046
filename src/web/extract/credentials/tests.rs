//! Authorization headers, good and bad.

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use rstest::rstest;

use crate::web::extract::credentials::Authorization;

fn read(value: impl AsRef<[u8]>) -> Authorization {
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, HeaderValue::from_bytes(value.as_ref()).expect("a header value"));
    Authorization::read(&headers)
}

fn basic(value: &str) -> (String, String) {
    match read(value) {
        Authorization::Basic(basic) => (basic.client_id.clone(), basic.client_secret.expose().clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn g1_raw_and_percent_encoded_credentials_are_the_same() {
    let expected = ("app-0001".to_owned(), "grs_a-b_c".to_owned());
    for text in ["app-0001:grs_a-b_c", "app%2D0001:grs%5Fa%2Db%5fc"] {
        assert_eq!(basic(&format!("Basic {}", STANDARD.encode(text))), expected);
    }
    assert_eq!(basic(&format!("bAsIc   {}", STANDARD_NO_PAD.encode("app-0001:grs_a-b_c"))), expected);
}

#[test]
fn only_the_first_colon_parts_and_a_broken_escape_stays_as_it_is() {
    assert_eq!(basic(&format!("Basic {}", STANDARD.encode("app-0001:a:b"))).1, "a:b");
    assert_eq!(basic(&format!("Basic {}", STANDARD.encode("app-0001:100%"))).1, "100%");
}

#[rstest]
#[case::nothing("Basic")]
#[case::only_a_space("Basic ")]
#[case::bad_base64("Basic !!!")]
#[case::no_colon("Basic YWJj")]
#[case::invalid_utf8("Basic /zr/")]
#[case::bearer_without_token("Bearer ")]
fn g8_malformed_headers_are_seen_as_such(#[case] value: &str) {
    assert!(matches!(read(value), Authorization::Malformed), "{value}");
}

#[test]
fn g8_a_huge_header_and_two_headers_are_malformed() {
    assert!(matches!(read(format!("Basic {}", "A".repeat(1 << 20))), Authorization::Malformed));
    assert!(matches!(read(b"Basic \xff\xfe"), Authorization::Malformed));
    let mut two = HeaderMap::new();
    two.append(AUTHORIZATION, HeaderValue::from_static("Basic YTpi"));
    two.append(AUTHORIZATION, HeaderValue::from_static("Basic YTpi"));
    assert!(matches!(Authorization::read(&two), Authorization::Malformed));
}

#[test]
fn r88_schemes_that_we_do_not_know_are_ignored() {
    assert!(matches!(read("Negotiate abc"), Authorization::Absent));
    assert!(matches!(Authorization::read(&HeaderMap::new()), Authorization::Absent));
}

#[test]
fn k10_the_bearer_scheme_is_read_in_any_case() {
    for value in ["Bearer abc", "bearer abc", "BEARER  abc"] {
        assert!(matches!(read(value), Authorization::Bearer(token) if token.expose() == "abc"), "{value}");
    }
}
