//! What is shown of a value, and that it is no more.

use time::macros::datetime;

use super::{instant, is_secret_like, length, uri, uri_beside, word};

#[test]
fn a_value_is_repeated_only_when_it_is_close_to_a_known_one() {
    let known = ["projects:read", "projects:write"];
    assert_eq!(word("projects:read", known), "“projects:read”");
    assert_eq!(word("projects:reed", known), "“projects:reed”, which is almost “projects:read”");
    assert_eq!(word("hunter2", known), "a value of 7 characters");
    assert_eq!(word("", known), "nothing");
    assert_eq!(word("grs_jects:read", known), "a value of 14 characters", "a prefix of ours is never repeated");
}

#[test]
fn of_an_address_neither_query_nor_fragment_nor_userinfo_is_told() {
    assert_eq!(uri("https://app.example/cb?code=s3cr3t&x&y=1#token"), "https://app.example/cb?…#…");
    assert_eq!(uri("https://me:pass@app.example:8443/cb"), "https://app.example:8443/cb");
    assert_eq!(uri("https://app.example/hooks/A9f8e7d6c5b4a3928170ff"), "https://app.example/hooks/…");
    assert_eq!(uri("https://app.example/a/../b"), "https://app.example/a/../b", "the path as sent");
    assert_eq!(uri_beside("https://app.example/calback/hunter2", ["https://app.example/callback"]), "https://app.example/calback/…");
    assert_eq!(uri("no address"), "no absolute URI (a value of 10 characters)");
}

#[test]
fn tokens_of_ours_jwts_and_long_mixed_words_look_like_secrets() {
    for secret in ["grr_x", "x.eyJhbGciOi", "A9f8e7d6c5b4a3928170ff", &"a".repeat(40)] {
        assert!(is_secret_like(secret), "{secret}");
    }
    for name in ["callback", "oauth2", "a-word-of-thirty-letters-or-so"] {
        assert!(!is_secret_like(name), "{name}");
    }
}

#[test]
fn times_and_lengths_are_told_in_words() {
    assert_eq!(instant(datetime!(2026-03-01 13:00:59 +1)), "1 Mar 2026, 12:00:59 UTC");
    assert_eq!((length("x").as_str(), length("äöü").as_str()), ("1 character", "a value of 3 characters"));
}
