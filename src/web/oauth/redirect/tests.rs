//! C7 and A25.

use proptest::prelude::*;

use crate::model::redirect_uri::RedirectUri;
use crate::web::oauth::redirect::{append, form_action};

fn pairs(code: &str) -> Vec<(&'static str, String)> {
    vec![("code", code.to_owned()), ("state", "a b+c&d=%".to_owned())]
}

#[test]
fn c7_a_registered_query_is_kept_byte_for_byte() {
    let tail = "code=x&state=a%20b%2Bc%26d%3D%25";
    for (uri, separator) in [
        ("https://app.example/cb", "?"),
        ("https://app.example", "?"),
        ("https://app.example/cb?", ""),
        ("https://app.example/cb?a=1", "&"),
        ("https://app.example/cb?a=1&", ""),
        ("https://app.example/cb?B=%7e&a=%C3%A9+x", "&"),
    ] {
        assert_eq!(append(uri, &pairs("x")), format!("{uri}{separator}{tail}"));
    }
}

#[test]
fn a25_a_page_allows_the_origin_of_the_redirect_and_where_that_goes_on() {
    let sources = |uri: &str| form_action(&RedirectUri::from_registered(uri.into()));
    assert_eq!(sources("https://app.example/cb?a=1").as_deref(), Some("https://app.example https:"));
    assert_eq!(sources("https://app.example:8443/cb").as_deref(), Some("https://app.example:8443 https:"));
    assert_eq!(sources("http://127.0.0.1:51004/cb").as_deref(), Some("http://127.0.0.1:51004 http: https:"));
    assert_eq!(sources("http://[::1]:51004/cb").as_deref(), Some("http: https:"));
    assert_eq!(sources("https://my_app.example/cb").as_deref(), Some("https:"), "no source can name such a host");
    assert_eq!(sources("com.example.app:/cb").as_deref(), Some("com.example.app: https:"));
}

proptest! {
    #[test]
    fn b6_any_state_comes_back_as_it_was(state in "[^\0]{0,60}", uri in "https://a\\.example/[a-z]{0,4}(\\?[a-z]=[a-z]{0,3})?") {
        let target = append(&uri, &[("state", state.clone())]);
        prop_assert!(target.is_ascii() && target.starts_with(&uri));
        let parsed = url::Url::parse(&target).expect("an absolute URL");
        let back = parsed.query_pairs().find(|(name, _)| name == "state").map(|(_, value)| value.into_owned());
        prop_assert_eq!(back, Some(state));
    }
}
