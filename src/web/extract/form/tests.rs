//! What a body may look like.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use hyper::body::Frame;
use rstest::rstest;

use crate::web::extract::form::{FormError, read, read_query};
use crate::web::layers::BODY_LIMIT;
use crate::wire::Parameters;

const FORM: &str = "application/x-www-form-urlencoded";

async fn body(content_type: &str, text: impl Into<Body>) -> Result<Parameters, FormError> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_str(content_type).expect("a header value"));
    read(&headers, text.into()).await
}

#[tokio::test]
async fn r14_forms_and_json_objects_are_read_alike() {
    for (content_type, text) in [
        (FORM, "grant_type=refresh_token&scope=a+b%20c"),
        ("application/x-www-form-urlencoded; charset=UTF-8", "grant_type=refresh_token&scope=a+b%20c"),
        ("Application/X-WWW-Form-Urlencoded;charset=\"utf-8\"", "grant_type=refresh_token&scope=a+b%20c"),
        ("application/json", r#"{"grant_type":"refresh_token","scope":"a b c"}"#),
        ("application/json;charset=utf-8", "{ \"grant_type\" : \"refresh_token\", \"scope\": \"a b \\u0063\" }"),
    ] {
        let sent = body(content_type, text).await.expect(content_type);
        assert_eq!((sent.get("grant_type"), sent.get("scope")), (Some("refresh_token"), Some("a b c")), "{content_type}");
    }
}

#[tokio::test]
async fn json_numbers_and_booleans_are_text_and_null_is_nothing() {
    let sent = body("application/json", r#"{"n":12,"b":true,"z":null}"#).await.expect("flat");
    assert_eq!((sent.get("n"), sent.get("b"), sent.get("z")), (Some("12"), Some("true"), None));
}

#[rstest]
#[case::nested_object(r#"{"a":{"b":1}}"#)]
#[case::array(r#"{"a":["b"]}"#)]
#[case::no_object(r#"["a"]"#)]
#[case::text(r#""a""#)]
#[case::trailing(r#"{"a":"b"} x"#)]
#[case::broken(r#"{"a":"#)]
#[case::empty("")]
#[case::lone_surrogate(r#"{"a":"\ud800"}"#)]
#[case::nul(r#"{"a":"\u0000"}"#)]
#[case::line_break(r#"{"a":"b\r\nc"}"#)]
#[tokio::test]
async fn a18_a22_json_that_is_no_flat_object_of_clean_text_is_refused(#[case] text: &'static str) {
    assert!(matches!(body("application/json", text).await, Err(FormError::Malformed(_))));
}

#[tokio::test]
async fn a15_a_parameter_that_comes_twice_is_refused_in_either_form() {
    assert_eq!(body(FORM, "a=1&a=1").await, Err(FormError::Duplicate));
    assert_eq!(body(FORM, "a=1&%61=").await, Err(FormError::Duplicate));
    assert_eq!(body("application/json", r#"{"a":"1","a":"1"}"#).await, Err(FormError::Duplicate));
}

#[tokio::test]
async fn a16_an_empty_value_is_no_value() {
    let sent = body(FORM, "a=&b&c=1").await.expect("fine");
    assert_eq!((sent.get("a"), sent.get("b"), sent.get("c")), (None, None, Some("1")));
}

#[rstest]
#[case::invalid_utf8("a=%ff")]
#[case::raw_invalid_utf8("a=\u{0}")]
#[case::surrogate("a=%ED%A0%80")]
#[case::overlong("a=%C0%AF")]
#[case::overlong_nul("a=%C0%80")]
#[case::nul("a=%00")]
#[case::carriage_return("a=b%0Dc")]
#[case::line_feed("a=b%0Ac")]
#[case::in_the_name("a%0A=b")]
#[case::half_an_escape("a=%4")]
#[case::no_hex("a=%zz")]
#[case::signed_hex("a=%+1")]
#[tokio::test]
async fn a22_text_that_two_readers_could_read_differently_is_refused(#[case] text: &'static str) {
    assert!(matches!(body(FORM, text).await, Err(FormError::Malformed(_))), "{text}");
}

#[tokio::test]
async fn a22_raw_bytes_that_are_not_utf8_are_refused() {
    assert!(matches!(body(FORM, &b"a=\xff"[..]).await, Err(FormError::Malformed(_))));
    assert!(matches!(body("application/json", &b"{\"a\":\"\xff\"}"[..]).await, Err(FormError::Malformed(_))));
}

#[rstest]
#[case("text/plain")]
#[case("multipart/form-data; boundary=x")]
#[case("application/x-www-form-urlencoded; charset=utf-16")]
#[case("application/x-www-form-urlencoded; charset=utf-8; charset=utf-7")]
#[case("application/json; charset=latin1")]
#[case("application/jsonp")]
#[case("")]
#[tokio::test]
async fn a18_other_content_types_and_character_sets_are_refused(#[case] content_type: &str) {
    assert_eq!(body(content_type, "a=1").await, Err(FormError::WrongType));
}

#[tokio::test]
async fn a18_no_content_type_two_of_them_and_packed_bodies_are_refused() {
    assert_eq!(read(&HeaderMap::new(), Body::from("a=1")).await, Err(FormError::WrongType));
    let mut two = HeaderMap::new();
    two.append(CONTENT_TYPE, HeaderValue::from_static(FORM));
    two.append(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    assert_eq!(read(&two, Body::from("a=1")).await, Err(FormError::WrongType));
    let mut packed = HeaderMap::new();
    packed.append(CONTENT_TYPE, HeaderValue::from_static(FORM));
    packed.append(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    assert_eq!(read(&packed, Body::from("a=1")).await, Err(FormError::WrongType));
}

#[tokio::test]
async fn a19_a_body_above_the_limit_is_refused_and_one_at_the_limit_is_read() {
    let at = format!("a={}", "b".repeat(BODY_LIMIT - 2));
    assert!(body(FORM, at.clone()).await.is_ok());
    assert_eq!(body(FORM, at + "b").await, Err(FormError::TooLarge));
}

#[tokio::test]
async fn a19_thousands_of_parameters_are_refused() {
    let many = (0..5_000).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join("&");
    assert!(matches!(body(FORM, many).await, Err(FormError::Malformed(_))));
}

#[test]
fn queries_follow_the_same_rules() {
    assert_eq!(read_query(Some("a=1&b=x+y")).expect("fine").get("b"), Some("x y"));
    assert_eq!(read_query(Some("a=1&a=2")), Err(FormError::Duplicate));
    assert!(read_query(None).expect("nothing").get("a").is_none());
}

/// Says a word and then nothing more, without ending.
struct Stalls(Option<&'static str>);

impl HttpBody for Stalls {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.take().map_or(Poll::Pending, |word| Poll::Ready(Some(Ok(Frame::data(word.into())))))
    }
}

#[tokio::test]
async fn a19_a_body_that_stalls_is_given_up() {
    let said = super::within(Body::new(Stalls(Some("grant_type="))), Duration::from_millis(1)).await;
    assert_eq!(said, Err(FormError::TooSlow));
}
