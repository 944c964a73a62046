//! The comparison of redirect URIs: what matches a registered one leads to the same place, whoever reads it.
//!
//! The input is a registered URI, a line break, and the one that was sent.

use grantor::protocol::authorize::redirect_uri::matches;
use grantor::protocol::client_metadata::check_redirect_uri;
use url::{Host, Url};

/// Tries one input.
pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (registered, sent) = text.split_once('\n').unwrap_or((text, text));
    for allow_localhost in [false, true] {
        let outcome = check_redirect_uri(registered, allow_localhost);
        if let Err(fault) = &outcome {
            assert!(!fault.code().is_empty() && !fault.message().is_empty());
        }
        let same = matches(registered, sent, allow_localhost);
        assert!(same || registered != sent, "a URI matches itself");
        assert_eq!(same, matches(sent, registered, allow_localhost), "it does not matter which came first");
        if outcome.is_ok() && same && registered != sent {
            leads_to_the_same_place(registered, sent, allow_localhost);
        }
        if outcome.is_ok() {
            is_safe(registered);
        }
    }
}

/// Equal but for the port, on this very machine, as browsers read it.
fn leads_to_the_same_place(registered: &str, sent: &str, allow_localhost: bool) {
    let (one, other) = (Url::parse(registered).expect("it is registered"), Url::parse(sent).expect("as good as the registered one"));
    assert_eq!((one.scheme(), other.scheme()), ("http", "http"));
    assert_eq!((one.host(), one.path(), one.query()), (other.host(), other.path(), other.query()));
    assert!(match other.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => allow_localhost && name == "localhost",
        None => false,
    });
    assert!(other.username().is_empty() && other.password().is_none() && other.fragment().is_none());
}

/// What may be registered is what a browser visits.
fn is_safe(registered: &str) {
    let url = Url::parse(registered).expect("it is registered");
    assert!(matches!(url.scheme(), "https" | "http"));
    assert!(url.fragment().is_none() && url.username().is_empty() && url.password().is_none());
    assert!(!registered.contains(['*', '#', '\\', ' ', '\r', '\t', '\0']) && registered.is_ascii());
    assert!(url.as_str() == registered || url.path() == "/", "{url} {registered}");
}
