//! `grantor serve`: what the process promises to whoever runs it.

mod baseline;
mod metrics;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use rustix::process::Signal;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::kit::postgres::{TestDatabase, database};
use crate::kit::process::{Folder, ROOT_KEY, Server, run, said};

const ISSUER: &str = "https://auth.example.test";

async fn serve(folder: &Folder, database: &TestDatabase, extra: &[(&str, &str)]) -> Server {
    let mut environment = vec![
        ("DATABASE_URL", database.url.as_str()),
        ("GRANTOR_ROOT_KEY", ROOT_KEY),
        ("GRANTOR__ISSUER", ISSUER),
        ("GRANTOR__SERVER__TRUSTED_PROXIES", "127.0.0.1"),
        ("GRANTOR__METRICS__ADDRESS", ""),
        ("PORT", "0"),
    ];
    environment.extend(extra);
    Server::start(folder, &["serve"], &environment).await
}

fn client() -> reqwest::Client {
    let proxied =
        reqwest::header::HeaderMap::from_iter([("x-forwarded-proto".parse().expect("a name"), "https".parse().expect("a value"))]);
    reqwest::Client::builder().default_headers(proxied).no_proxy().build().expect("a client")
}

#[tokio::test]
async fn r1_health_and_readiness_differ_and_readiness_names_its_parts() {
    let (folder, database) = (Folder::new("ready"), database().await);
    let server = serve(&folder, &database, &[]).await;
    let healthz = client().get(format!("{}/healthz", server.url)).send().await.expect("an answer");
    assert_eq!((healthz.status().as_u16(), &*healthz.text().await.expect("text")), (200, r#"{"status":"ok"}"#));
    let readyz = client().get(format!("{}/readyz", server.url)).send().await.expect("an answer");
    assert_eq!(readyz.status(), 200);
    let body: serde_json::Value = readyz.json().await.expect("JSON");
    let expected = serde_json::json!({"status": "ready", "checks": {"database": "ok", "migrations": "ok", "signing_key": "ok"}});
    assert_eq!(body, expected);
    let doctor = run(&["doctor", "--url", &server.url], &[]).await;
    assert!(doctor.status.success(), "{}", said(&doctor.stderr));
    assert!(server.stop().await.0.success());
}

#[tokio::test]
async fn r1_a_server_without_its_database_lives_but_is_not_ready() {
    let (folder, database) = (Folder::new("away"), database().await);
    let server = serve(&folder, &database, &[("DATABASE_URL", "postgres://127.0.0.1:1/away")]).await;
    let status = async |path: &str| client().get(format!("{}{path}", server.url)).send().await.expect("an answer").status().as_u16();
    assert_eq!(status("/healthz").await, 200);
    assert_eq!(status("/readyz").await, 503);
    let doctor = run(&["doctor", "--url", &server.url], &[]).await;
    assert_eq!(doctor.status.code(), Some(3));
    assert!(server.stop().await.0.success());
}

#[tokio::test]
async fn a7_forged_hosts_change_no_url() {
    let (folder, database) = (Folder::new("forged"), database().await);
    let server = serve(&folder, &database, &[]).await;
    let path = format!("{}/.well-known/oauth-authorization-server", server.url);
    let fetch = async |forged: &[(&'static str, &str)]| {
        let request = forged.iter().fold(client().get(&path), |request, (name, value)| request.header(*name, *value));
        request.send().await.expect("an answer").text().await.expect("text")
    };
    let plain = fetch(&[]).await;
    assert!(plain.contains(&format!("\"issuer\":\"{ISSUER}\"")), "{plain}");
    let host = "evil.example";
    for forged in
        [[("host", host)], [("x-forwarded-host", host)], [("forwarded", "host=evil.example;proto=https")], [("x-forwarded-port", "1")]]
    {
        assert_eq!(fetch(&forged).await, plain, "{forged:?}");
    }
    assert!(server.stop().await.0.success());
}

#[tokio::test]
async fn a9_plain_http_is_refused_when_the_issuer_is_https() {
    let (folder, database) = (Folder::new("plain"), database().await);
    let server = serve(&folder, &database, &[]).await;
    let plain = reqwest::Client::builder().no_proxy().build().expect("a client");
    let status = async |path: &str| plain.get(format!("{}{path}", server.url)).send().await.expect("an answer").status().as_u16();
    assert_eq!(status("/.well-known/oauth-authorization-server").await, 403);
    assert_eq!(status("/healthz").await, 200);
    assert!(server.stop().await.0.success());
}

/// Asks again and again on new connections until told to stop; counts answers, and fails at once when one is missing.
async fn ask(url: String, stop: Arc<AtomicBool>, answers: Arc<AtomicU32>) {
    while !stop.load(Ordering::Relaxed) {
        let answer = client().get(format!("{url}/.well-known/jwks.json")).send().await.expect("no request is dropped");
        assert_eq!(answer.status(), 200);
        answers.fetch_add(1, Ordering::Relaxed);
    }
}

/// What F19 asks for: readiness turns off first, and until a proxy has seen that every request is answered.
#[tokio::test(flavor = "multi_thread")]
async fn r1_stopping_under_load_drops_no_request() {
    let (folder, database) = (Folder::new("drain"), database().await);
    let server = serve(&folder, &database, &[("GRANTOR__SERVER__DRAIN_DELAY", "3")]).await;
    let (stop, answers) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
    let askers: Vec<_> = (0..8).map(|_| tokio::spawn(ask(server.url.clone(), stop.clone(), answers.clone()))).collect();
    while answers.load(Ordering::Relaxed) < 50 {
        tokio::task::yield_now().await;
    }
    server.signal(Signal::TERM);
    // As a proxy does: look at readiness until it says no, then look away.
    while client().get(format!("{}/readyz", server.url)).send().await.expect("an answer").status() != 503 {}
    let when_draining = answers.load(Ordering::Relaxed);
    while answers.load(Ordering::Relaxed) < when_draining + 20 {
        tokio::task::yield_now().await;
    }
    stop.store(true, Ordering::Relaxed);
    for asker in askers {
        asker.await.expect("every request was answered");
    }
    let (status, log) = server.ended().await;
    assert!(status.success(), "{log}");
}

#[tokio::test]
async fn a_request_begun_before_the_stop_is_answered_after_the_listener_has_closed() {
    let (folder, database) = (Folder::new("begun"), database().await);
    let server = serve(&folder, &database, &[("GRANTOR__SERVER__DRAIN_DELAY", "0")]).await;
    let address = server.url.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).await.expect("it listens");
    let head = "POST /token HTTP/1.1\r\nHost: x\r\nX-Forwarded-Proto: https\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                Content-Length: 29\r\nExpect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("it reads");
    // The handler has begun when it asks for the body.
    let mut begun = [0; 25];
    stream.read_exact(&mut begun).await.expect("it answers");
    assert_eq!(&begun, b"HTTP/1.1 100 Continue\r\n\r\n");
    server.signal(Signal::TERM);
    while TcpStream::connect(&address).await.is_ok() {}
    stream.write_all(b"grant_type=client_credentials").await.expect("it still reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("it still answers");
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    let (status, log) = server.ended().await;
    assert!(status.success(), "{log}");
}

#[tokio::test]
async fn a_second_signal_ends_the_server_at_once_as_an_error() {
    let (folder, database) = (Folder::new("forced"), database().await);
    let server = serve(&folder, &database, &[("GRANTOR__SERVER__DRAIN_DELAY", "300")]).await;
    server.signal(Signal::TERM);
    while client().get(format!("{}/readyz", server.url)).send().await.expect("an answer").status() != 503 {}
    server.signal(Signal::INT);
    let (status, log) = server.ended().await;
    assert_eq!(status.code(), Some(1), "{log}");
    assert!(log.contains("a second SIGINT"), "{log}");
}

#[tokio::test]
async fn headers_that_come_drop_by_drop_are_cut_off_while_a_resting_connection_is_kept() {
    let (folder, database) = (Folder::new("slow"), database().await);
    let server = serve(&folder, &database, &[("GRANTOR__SERVER__HEADER_TIMEOUT", "1")]).await;
    let address = server.url.trim_start_matches("http://").to_owned();
    let request = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

    let mut resting = TcpStream::connect(&address).await.expect("it listens");
    resting.write_all(request).await.expect("it reads");
    let mut answer = [0; 15];
    resting.read_exact(&mut answer).await.expect("it answers");
    assert_eq!(&answer, b"HTTP/1.1 200 OK");

    let mut slow = TcpStream::connect(&address).await.expect("it listens");
    slow.write_all(b"GET /healthz HTTP/1.1\r\nX-Slow: ").await.expect("it reads");
    let mut rest = Vec::new();
    // Ends when the server closes, a second after the first byte; a reset ends it as well.
    let _ = slow.read_to_end(&mut rest).await;

    resting.write_all(request).await.expect("the resting connection was kept");
    let mut both = String::new();
    while both.matches("HTTP/1.1 200 OK").count() < 1 {
        let mut more = [0; 512];
        let count = resting.read(&mut more).await.expect("the resting connection was kept");
        assert!(count > 0, "the resting connection was closed");
        both.push_str(&said(&more[..count]));
    }
    assert!(server.stop().await.0.success());
}

#[tokio::test]
async fn a19_a_header_block_above_the_limit_is_431_and_the_server_goes_on() {
    let (folder, database) = (Folder::new("headers"), database().await);
    let server = serve(&folder, &database, &[]).await;
    let address = server.url.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).await.expect("it listens");
    // Never ends, so what answers is the limit.
    let block = format!("GET /healthz HTTP/1.1\r\nHost: x\r\n{}", format!("X-More: {}\r\n", "a".repeat(1_000)).repeat(33));
    stream.write_all(block.as_bytes()).await.expect("it reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("it answers and closes");
    assert!(said(&answer).starts_with("HTTP/1.1 431 "), "{}", said(&answer));
    assert_eq!(client().get(format!("{}/healthz", server.url)).send().await.expect("an answer").status(), 200);
    assert!(server.stop().await.0.success());
}

#[tokio::test]
async fn the_access_log_has_the_route_and_never_the_query() {
    let (folder, database) = (Folder::new("log"), database().await);
    let server = serve(&folder, &database, &[]).await;
    let id = "reference-0123456789";
    let url = format!("{}/authorize?state=s3cr3t-state&client_id=unknown", server.url);
    client().get(url).header("x-request-id", id).send().await.expect("an answer");
    let (_, log) = server.stop().await;
    let line = log
        .lines()
        .find(|line| line.contains(id) && line.contains("grantor::access"))
        .unwrap_or_else(|| panic!("no line with the reference id in {log}"));
    let line: serde_json::Value = serde_json::from_str(line).expect("one JSON object a line");
    assert_eq!(line["method"], "GET");
    assert!(line["status"].is_number() && !line["route"].is_null() && !line["took_us"].is_null(), "{line}");
    assert!(!log.contains("s3cr3t-state"), "{log}");
}
