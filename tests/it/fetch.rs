//! Outgoing HTTP against a host of our own: certificates, redirects, sizes and patience.

use std::time::Duration;

use grantor::fetch::{Bounds, Error, Fetcher};

use crate::kit::host::{Host, Reply};

fn fetcher(authorities: Vec<Vec<u8>>) -> Fetcher {
    Fetcher::new(Bounds { patience: Duration::from_secs(20), largest: 1_000, loopback: true, first_free_port: 1_024, authorities })
}

#[tokio::test]
async fn g20_a_host_needs_a_certificate_for_its_name_that_somebody_we_believe_signed() {
    let (host, certificate) = Host::start_tls().await;
    host.replies(Reply::of("200 OK", "", b"document"));
    assert_eq!(fetcher(Vec::new()).get(&host.url).await, Err(Error::Certificate), "nobody we believe");
    assert_eq!(fetcher(vec![certificate.clone()]).get(&host.url).await, Ok(b"document".to_vec()));
    let other_name = host.url.replace("localhost", "127.0.0.1");
    assert_eq!(fetcher(vec![certificate]).get(&other_name).await, Err(Error::Certificate), "not for this name");
    assert_eq!(host.asked(), 1, "the others got no request");
}

#[tokio::test]
async fn g20_redirects_are_not_followed_and_only_200_is_an_answer() {
    let (host, elsewhere) = (Host::start().await, Host::start().await);
    let plain = fetcher(Vec::new());
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        host.replies(Reply::of(status, &format!("location: {}\r\n", elsewhere.url), b""));
        assert_eq!(plain.get(&host.url).await, Err(Error::Redirect), "{status}");
    }
    assert_eq!(elsewhere.asked(), 0);
    for (status, code) in [("204 No Content", 204), ("206 Partial", 206), ("404 Not Found", 404), ("503 Unavailable", 503)] {
        host.replies(Reply::of(status, "", b""));
        assert_eq!(plain.get(&host.url).await, Err(Error::Status(code)), "{status}");
    }
}

#[tokio::test]
async fn g20_bodies_are_counted_whatever_their_headers_say() {
    let host = Host::start().await;
    let plain = fetcher(Vec::new());
    host.replies(Reply::of("200 OK", "", &[b'x'; 1_000]));
    assert_eq!(plain.get(&host.url).await.map(|body| body.len()), Ok(1_000));
    host.replies(Reply::of("200 OK", "", &[b'x'; 1_001]));
    assert_eq!(plain.get(&host.url).await, Err(Error::TooLong(1_000)));
    // A first chunk of two thousand bytes, and then silence: nobody waits for the rest.
    let chunk = [b"7d0\r\n".as_slice(), &[b'x'; 2_000], b"\r\n"].concat();
    host.replies(Reply::of("200 OK", "transfer-encoding: chunked\r\n", &chunk).and_silence());
    assert_eq!(plain.get(&host.url).await, Err(Error::TooLong(1_000)));
    host.replies(Reply::of("200 OK", "content-length: 20\r\n", b"short"));
    assert_eq!(plain.get(&host.url).await, Err(Error::Unreachable), "less than promised");
    // Not unpacked: what is small stays small.
    host.replies(Reply::of("200 OK", "content-encoding: gzip\r\n", b"\x1f\x8b"));
    assert_eq!(plain.get(&host.url).await, Ok(b"\x1f\x8b".to_vec()));
}

#[tokio::test]
async fn f25_a_host_that_says_nothing_or_stops_halfway_takes_no_more_than_the_patience() {
    let host = Host::start().await;
    let hasty = Fetcher::new(Bounds {
        patience: Duration::from_millis(300),
        largest: 1_000,
        loopback: true,
        first_free_port: 1_024,
        authorities: Vec::new(),
    });
    host.replies(Reply::silence());
    assert_eq!(hasty.get(&host.url).await, Err(Error::Slow));
    host.replies(Reply::of("200 OK", "content-length: 20\r\n", b"short").and_silence());
    assert_eq!(hasty.get(&host.url).await, Err(Error::Slow));
    assert_eq!(hasty.get("http://127.0.0.1:1/").await, Err(Error::Unreachable));
}
