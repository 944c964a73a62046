//! What is refused before anybody is asked.

use std::time::Duration;

use crate::fetch::{Bounds, Error, Fetcher};

fn fetcher(loopback: bool) -> Fetcher {
    Fetcher::new(Bounds { patience: Duration::from_secs(5), largest: 1_024, loopback, authorities: Vec::new() })
}

#[tokio::test]
async fn g20_urls_that_are_not_https_or_name_a_private_address_in_any_spelling_are_refused() {
    let cases = [
        ("http://keys.example.com/", Error::NotHttps),
        ("http://127.0.0.1/", Error::NotHttps),
        ("file:///etc/passwd", Error::NotHttps),
        ("gopher://127.0.0.1/", Error::NotHttps),
        ("data:application/json,{}", Error::NotHttps),
        ("https://user:password@keys.example.com/", Error::NotHttps),
        ("keys.example.com", Error::NotHttps),
        ("https://127.0.0.1/", Error::NotPublic),
        ("https://2130706433/", Error::NotPublic),
        ("https://0177.0.0.1/", Error::NotPublic),
        ("https://0x7f.1/", Error::NotPublic),
        ("https://127.1/", Error::NotPublic),
        ("https://0/", Error::NotPublic),
        ("https://[::1]/", Error::NotPublic),
        ("https://[::ffff:169.254.169.254]/", Error::NotPublic),
        ("https://[::ffff:a9fe:a9fe]/", Error::NotPublic),
        ("https://[64:ff9b::a9fe:a9fe]/", Error::NotPublic),
        ("https://169.254.169.254/latest/meta-data/", Error::NotPublic),
        ("https://１２７.0.0.1/", Error::NotPublic),
        ("https://localhost/", Error::NotPublic),
        ("https://LOCALHOST:8443/", Error::NotPublic),
    ];
    let guarded = fetcher(false);
    for (url, error) in cases {
        assert_eq!(guarded.get(url).await, Err(error), "{url}");
    }
}

#[tokio::test]
async fn the_loopback_setting_opens_loopback_and_nothing_else() {
    let open = fetcher(true);
    for (url, error) in [
        ("http://keys.example.com/", Error::NotHttps),
        ("http://10.0.0.1/", Error::NotHttps),
        ("https://10.0.0.1/", Error::NotPublic),
        ("https://0.0.0.0/", Error::NotPublic),
        ("https://[::ffff:127.0.0.1]/", Error::NotPublic),
        ("https://169.254.169.254/", Error::NotPublic),
        // Nobody listens on this port, but it was asked.
        ("http://127.0.0.1:1/", Error::Unreachable),
        ("http://localhost:1/", Error::Unreachable),
    ] {
        assert_eq!(open.get(url).await, Err(error), "{url}");
    }
}
