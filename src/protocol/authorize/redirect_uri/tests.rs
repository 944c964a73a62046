//! The table of C1, the loopback exception, and what holds for any string.

use proptest::prelude::*;

use crate::protocol::authorize::redirect_uri::matches;

const REGISTERED: &str = "https://app.example/path/cb?a=1&b=2";

#[test]
fn c1_every_variant_of_a_registered_uri_is_another_uri() {
    let variants = [
        "https://app.example/path/cb/extra?a=1&b=2",
        "https://app.example/path/cb/?a=1&b=2",
        "https://app.example/path?a=1&b=2",
        "https://app.example/Path/cb?a=1&b=2",
        "https://APP.example/path/cb?a=1&b=2",
        "https://app.example//path/cb?a=1&b=2",
        "https://app.example/./path/cb?a=1&b=2",
        "https://app.example/x/../path/cb?a=1&b=2",
        "https://app.example/path/%2e%2e%2fpath/cb?a=1&b=2",
        "https://app.example/path/%252f/cb?a=1&b=2",
        "https://app.example/path;/../path/cb?a=1&b=2",
        "https://app.example/path..;/cb?a=1&b=2",
        "https://app.example\\path/cb?a=1&b=2",
        "https://app.example/path/cb\t?a=1&b=2",
        "https://app.example/path/cb\n?a=1&b=2",
        "https://app.example@evil.example/path/cb?a=1&b=2",
        "https://good@app.example/path/cb?a=1&b=2",
        "https://app.example:443/path/cb?a=1&b=2",
        "https://app.example/path/cb?a=1&b=2&c=3",
        "https://app.example/path/cb",
        "https://app.example/path/cb?b=2&a=1",
        "https://app.example/path/cb?a=1&b=2#fragment",
        "https://app.example/path/cb?a=1&b=2#",
        "https://аpp.example/path/cb?a=1&b=2",
        "https://xn--pp-7kc.example/path/cb?a=1&b=2",
        "https://app.example./path/cb?a=1&b=2",
        "HTTPS://app.example/path/cb?a=1&b=2",
        "http://app.example/path/cb?a=1&b=2",
        " https://app.example/path/cb?a=1&b=2",
        "https://app.example/path/cb?a=1&b=2 ",
        "https://app.example.evil.example/path/cb?a=1&b=2",
        "//app.example/path/cb?a=1&b=2",
        "/path/cb?a=1&b=2",
        "",
    ];
    for variant in variants {
        assert!(!matches(REGISTERED, variant, true), "{variant:?}");
    }
    assert!(matches(REGISTERED, REGISTERED, false));
    assert!(!matches("https://app.example:8443/cb", "https://app.example/cb", true), "a removed port");
}

#[test]
fn c2_any_port_stands_for_a_loopback_ip() {
    for (registered, sent) in [
        ("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb"),
        ("http://127.0.0.1:3000/cb", "http://127.0.0.1:51004/cb"),
        ("http://127.0.0.1:3000/cb", "http://127.0.0.1/cb"),
        ("http://[::1]/cb?x=1", "http://[::1]:51004/cb?x=1"),
        ("http://127.0.0.1", "http://127.0.0.1:1"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:65535/cb"),
    ] {
        assert!(matches(registered, sent, false), "{registered} {sent}");
    }
    assert!(!matches("http://localhost/cb", "http://localhost:51004/cb", false), "localhost needs the app's switch");
    assert!(matches("http://localhost/cb", "http://localhost:51004/cb", true));
    assert!(matches("http://localhost/cb", "http://localhost/cb", false), "what is registered is registered");
}

#[test]
fn c3_the_loopback_exception_is_for_the_port_and_nothing_else() {
    for (registered, sent) in [
        ("http://127.0.0.1/cb", "http://127.0.0.1.evil/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:80.evil/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:80@evil/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1@evil/cb"),
        ("http://localhost/cb", "http://localhost.evil:80/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:80/other"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:80/cb?x=1"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:80/cb#x"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:0/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:080/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:65536/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:99999999999/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:+80/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:８０/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.2:80/cb"),
        ("http://127.0.0.1/cb", "http://[::1]:80/cb"),
        ("http://127.0.0.1/cb", "http://localhost:80/cb"),
        ("http://127.0.0.1/cb", "https://127.0.0.1:80/cb"),
        ("http://127.0.0.1/cb", "HTTP://127.0.0.1:80/cb"),
        ("http://127.0.0.1/cb", "http://0x7f000001:80/cb"),
        ("https://127.0.0.1/cb", "https://127.0.0.1:8443/cb"),
        ("https://localhost/cb", "https://localhost:8443/cb"),
        ("https://app.example/cb", "https://app.example:8443/cb"),
    ] {
        assert!(!matches(registered, sent, true), "{registered} {sent}");
    }
}

proptest! {
    #[test]
    fn c1_only_equal_strings_match_outside_loopback(registered in "https://[a-z]{1,9}\\.example/[ -~]{0,12}", sent in "\\PC{0,40}", localhost: bool) {
        prop_assert_eq!(matches(&registered, &sent, localhost), registered == sent);
        prop_assert!(matches(&registered, &registered, localhost));
    }

    #[test]
    fn c1_one_changed_byte_is_another_uri(at in 0..REGISTERED.len(), byte in b' '..=b'~') {
        let mut changed = REGISTERED.as_bytes().to_vec();
        changed[at] = byte;
        let changed = String::from_utf8(changed).expect("ASCII stays ASCII");
        prop_assert_eq!(matches(REGISTERED, &changed, true), changed == REGISTERED);
    }

    #[test]
    fn c2_a_loopback_match_differs_in_the_port_only(port in 1..=u16::MAX, tail in "(/[a-z]{0,5})?(\\?[a-z=]{0,5})?", other in "(/[a-z]{0,5})?(\\?[a-z=]{0,5})?") {
        let registered = format!("http://127.0.0.1{tail}");
        let same = format!("http://127.0.0.1:{port}{tail}");
        let different = format!("http://127.0.0.1:{port}{other}");
        prop_assert!(matches(&registered, &same, false));
        prop_assert_eq!(matches(&registered, &different, false), tail == other);
    }

    #[test]
    fn c3_what_is_not_a_loopback_host_never_matches_one(host in "[a-z0-9.\\-\\[\\]:@]{1,20}", port in 1..=u16::MAX) {
        let sent = format!("http://{host}:{port}/cb");
        let is_loopback = matches!(host.as_str(), "127.0.0.1");
        prop_assert_eq!(matches("http://127.0.0.1/cb", &sent, false), is_loopback);
    }
}
