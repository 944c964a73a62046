//! Accepting connections: bounded in number, in header size and in patience, and ended without losing a request.
//!
//! HTTP/1.1 only: the TLS proxy in front speaks whatever its clients like, and one protocol is one set of limits to get right.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Request};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service as _;

use crate::app::listen::patience::{HeadTimer, Patient};
use crate::settings::ServerSettings;

mod patience;

/// A connection may rest this long between two requests; longer than proxies keep theirs, so that they close first.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// When stopping, a connection that has not sent anything yet gets this long to begin.
const LAST_WORD: Duration = Duration::from_millis(250);

/// What a client may take.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Connections at one time.
    pub connections: usize,
    /// From the first byte of a request to the end of its headers.
    pub header_timeout: Duration,
    /// All headers of a request together.
    pub header_bytes: usize,
}

impl From<&ServerSettings> for Bounds {
    fn from(settings: &ServerSettings) -> Self {
        let count = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        Self {
            connections: count(settings.max_connections),
            header_timeout: Duration::from_secs(settings.header_timeout.into()),
            header_bytes: count(settings.max_header_bytes),
        }
    }
}

/// Serves until `stop`, then returns when every request that was begun has been answered. While `draining`, answers ask clients
/// to come back on a new connection, which a proxy opens elsewhere.
pub async fn serve(listener: TcpListener, router: Router, draining: Arc<AtomicBool>, bounds: Bounds, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(bounds.connections.min(Semaphore::MAX_PERMITS)));
    let connections = TaskTracker::new();
    let start = |stream: TcpStream, peer: SocketAddr, place: OwnedSemaphorePermit| {
        let (router, draining, stop) = (router.clone(), draining.clone(), stop.clone());
        connections.spawn(async move {
            converse(stream, peer, router, draining, bounds, stop).await;
            drop(place);
        });
    };
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = accept(&listener, &places) => accepted,
        };
        match accepted {
            Ok((stream, peer, place)) => start(stream, peer, place),
            Err(error) => pause_after(&error).await,
        }
    }
    // Whoever was already let in by the kernel would be reset with the listener.
    while let Ok(Ok((stream, peer, place))) = tokio::time::timeout(Duration::ZERO, accept(&listener, &places)).await {
        start(stream, peer, place);
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.expect("the semaphore is never closed");
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer, place))
}

/// A client that vanished says nothing about us. Anything else is a lack (of file descriptors, of memory) that lasts until somebody
/// gives back, and the connection stays in the kernel's queue: asking again at once would only burn a core (accept(2)).
async fn pause_after(error: &io::Error) {
    if !matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) {
        tracing::error!(%error, "cannot accept connections");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// One connection from its first byte to its end.
async fn converse(stream: TcpStream, peer: SocketAddr, router: Router, draining: Arc<AtomicBool>, bounds: Bounds, stop: CancellationToken) {
    if stream.set_nodelay(true).is_err() || !begins(&stream, bounds.header_timeout, &stop).await {
        return;
    }
    let timer = HeadTimer::new(bounds.header_timeout);
    let head = timer.clone();
    let service = service_fn(move |mut request: Request<Incoming>| {
        head.head_is_read();
        request.extensions_mut().insert(ConnectInfo(peer));
        let answer = router.clone().call(request);
        let (head, draining) = (head.clone(), draining.clone());
        async move {
            let mut response: Response = answer.await?;
            if draining.load(Ordering::Relaxed) {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            head.next_head_may_come();
            Ok::<_, Infallible>(response)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(KEEP_ALIVE)
        .max_buf_size(bounds.header_bytes)
        .serve_connection(TokioIo::new(Patient::new(stream, timer)), service);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Waits for the first byte: a connection that never speaks holds nothing but its socket, and does not hold up a shutdown.
async fn begins(stream: &TcpStream, patience: Duration, stop: &CancellationToken) -> bool {
    let mut byte = [0];
    let hurry = async {
        stop.cancelled().await;
        tokio::time::sleep(LAST_WORD).await;
    };
    tokio::select! {
        read = stream.peek(&mut byte) => matches!(read, Ok(1..)),
        () = tokio::time::sleep(patience) => false,
        () = hurry => false,
    }
}
