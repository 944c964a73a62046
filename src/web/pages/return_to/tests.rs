//! E17.

use proptest::prelude::*;

use crate::web::pages::return_to::ReturnTo;

#[test]
fn e17_only_own_paths_and_request_ids_are_followed() {
    for own in ["/", "/account/apps", "/orgs/acme/apps?q=x&kind=web", "/orgs/acme/apps/k3v9q2m7x4t8w1r6z5n0b2c9d7/settings"] {
        assert_eq!(ReturnTo::parse(own), Some(ReturnTo::Path(own.into())), "{own}");
    }
    assert!(matches!(ReturnTo::parse("0198f3c2-9b10-7d21-8f00-52c1a7e90b44"), Some(ReturnTo::Request(_))));
    for foreign in [
        "",
        "//evil.example",
        "/\\evil.example",
        "/%09/evil.example",
        "/\t/evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "https://evil.example/",
        "evil.example",
        "/x//evil.example",
        "/ /evil.example",
        "/%2f/evil.example",
        "/@evil.example",
        "/é",
    ] {
        assert_eq!(ReturnTo::parse(foreign), None, "{foreign:?}");
    }
}

proptest! {
    #[test]
    fn e17_whatever_is_followed_stays_here(text in "[/\\\\a-z.:@%09?# -]{0,14}") {
        if let Some(target) = ReturnTo::parse(&text) {
            let here = url::Url::parse("https://as.example/login").expect("a URL");
            let there = here.join(&target.path()).expect("a path of ours");
            prop_assert_eq!(there.origin(), here.origin());
        }
    }
}
