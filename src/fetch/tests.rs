//! What is refused before anybody is asked.

use std::collections::VecDeque;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::fetch::{Bounds, Error, Fetcher, LookUp, check_addresses};

fn fetcher(loopback: bool) -> Fetcher {
    Fetcher::new(Bounds { patience: Duration::from_secs(5), largest: 1_024, loopback, first_free_port: 1_024, authorities: Vec::new() })
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
        ("https://keys.example.com:22/", Error::Port),
        ("https://keys.example.com:25/jwks.json", Error::Port),
        ("https://1.1.1.1:80/", Error::Port),
        ("https://keys.example.com:1023/", Error::Port),
        ("https://10.0.0.1:1024/", Error::NotPublic),
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

fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
    texts.iter().map(|text| SocketAddr::new(text.parse::<IpAddr>().expect("an address"), 0)).collect()
}

#[test]
fn g20_a_name_is_asked_where_every_one_of_its_addresses_is_public() {
    let (public, refused, none) = (Ok(()), Err(Error::NotPublic), Err(Error::NoAddress));
    for (found, end, with_loopback) in [
        (&["1.1.1.1"][..], &public, &public),
        (&["1.1.1.1", "2606:4700:4700::1111"], &public, &public),
        (&[], &none, &none),
        (&["10.0.0.1"], &refused, &refused),
        (&["1.1.1.1", "10.0.0.1"], &refused, &refused),
        (&["10.0.0.1", "1.1.1.1"], &refused, &refused),
        (&["1.1.1.1", "8.8.8.8", "169.254.169.254"], &refused, &refused),
        (&["1.1.1.1", "fd00::1"], &refused, &refused),
        (&["1.1.1.1", "fe80::1"], &refused, &refused),
        (&["1.1.1.1", "::ffff:10.0.0.1"], &refused, &refused),
        (&["2606:4700:4700::1111", "192.168.1.1"], &refused, &refused),
        (&["1.1.1.1", "::1"], &refused, &public),
        (&["127.0.0.1"], &refused, &public),
        (&["127.0.0.1", "10.0.0.1"], &refused, &refused),
    ] {
        let found = addresses(found);
        assert_eq!(&check_addresses(&found, false), end, "{found:?}");
        assert_eq!(&check_addresses(&found, true), with_loopback, "{found:?} with loopback");
    }
}

/// A host that answers everything with `document` and counts.
fn host() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            counter.fetch_add(1, Ordering::SeqCst);
            if stream.read(&mut [0; 2_048]).is_ok_and(|read| read > 0) {
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\nconnection: close\r\n\r\ndocument";
                stream.write_all(answer).expect("somebody listens");
            }
        }
    });
    (port, asked)
}

/// A fetcher for which names mean what `answers` says, one after the other, and how often it looked.
fn told(loopback: bool, answers: &[&[&str]]) -> (Fetcher, Arc<AtomicUsize>) {
    let looked = Arc::new(AtomicUsize::new(0));
    let counter = looked.clone();
    let answers: Mutex<VecDeque<_>> = Mutex::new(answers.iter().map(|found| addresses(found)).collect());
    let look_up = LookUp(Arc::new(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        answers.lock().expect("nobody fails").pop_front().ok_or_else(|| std::io::Error::other("asked too often"))
    }));
    let bounds = Bounds { patience: Duration::from_secs(5), largest: 1_024, loopback, first_free_port: 1_024, authorities: Vec::new() };
    (Fetcher::resolving(bounds, look_up), looked)
}

#[tokio::test]
async fn g20_the_connection_goes_to_the_very_addresses_that_were_checked() {
    let (port, asked) = host();
    let url = format!("http://localhost:{port}/");
    // A second look at the name, as an attacker's own name server waits for, would come to another address.
    let (rebound, looked) = told(true, &[&["127.0.0.1"], &["10.0.0.1"]]);
    assert_eq!(rebound.get(&url).await, Ok(b"document".to_vec()));
    assert_eq!((looked.load(Ordering::SeqCst), asked.load(Ordering::SeqCst)), (1, 1), "one look, one connection");
    assert_eq!(rebound.get(&url).await, Err(Error::NotPublic), "what it means now");
    assert_eq!((looked.load(Ordering::SeqCst), asked.load(Ordering::SeqCst)), (2, 1), "each reading looks anew and asks nobody else");
}

#[tokio::test]
async fn g20_a_name_with_a_private_address_is_not_asked_at_its_public_ones_either() {
    let (port, asked) = host();
    // To this machine a loopback address is what a public one is to a server with the setting off.
    for found in [&["127.0.0.1", "10.0.0.1"][..], &["127.0.0.1", "fd00::1"], &["10.0.0.1", "127.0.0.1"]] {
        let (mixed, _) = told(true, &[found]);
        assert_eq!(mixed.get(&format!("http://localhost:{port}/")).await, Err(Error::NotPublic), "{found:?}");
    }
    for (found, error) in [(&["1.1.1.1", "127.0.0.1"][..], Error::NotPublic), (&["::1"], Error::NotPublic), (&[], Error::NoAddress)] {
        let (guarded, _) = told(false, &[found]);
        assert_eq!(guarded.get(&format!("https://keys.example.com:{port}/")).await, Err(error), "{found:?}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}
