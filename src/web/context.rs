//! The facts of one request that every door needs: one instant, one reference id, one address; and its line in the log.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use ipnet::IpNet;
use time::OffsetDateTime;
use tracing::Instrument as _;

use crate::web::{AppState, layers};

/// The header that carries the reference id, in and out.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The facts of one request.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// The one instant that every decision of this request uses.
    pub now: OffsetDateTime,
    /// The reference id: in the answer's header, in error bodies and in the log.
    pub request_id: String,
    /// Where it came from, seen through trusted proxies; `None` when served in process.
    pub ip: Option<IpAddr>,
    /// Whether it came over TLS, as far as a trusted proxy tells; `None` when nobody can tell.
    pub https: Option<bool>,
}

/// Puts a [`RequestContext`] into the request, its id into the answer, and one line into the log: method, route template,
/// status, duration. Never the path as sent, never the query: both carry codes and states (P1, P4).
pub async fn establish(State(app): State<AppState>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip().to_canonical());
    let context = context(&app, peer, request.headers());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let id = context.request_id.clone();
    let span = tracing::info_span!("request", request_id = %id);
    request.extensions_mut().insert(context);

    let started = Instant::now();
    let mut response = layers::guard(&app, request, next).instrument(span.clone()).await;
    let took = started.elapsed();
    let status = response.status();
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    span.in_scope(
        || tracing::info!(target: "grantor::access", %method, route, status = status.as_u16(), took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX), "answered"),
    );
    let labels = [("method", method_label(&method).to_owned()), ("route", route), ("status", status.as_u16().to_string())];
    metrics::histogram!("grantor_http_request_duration_seconds", &labels).record(took.as_secs_f64());
    response
}

fn context(app: &AppState, peer: Option<IpAddr>, headers: &HeaderMap) -> RequestContext {
    let deps = &app.deps;
    let trusted = &deps.policy.trusted_proxies;
    let behind_proxy = peer.is_some_and(|peer| is_trusted(trusted, peer));
    let sent_id = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).filter(|id| behind_proxy && is_reference_id(id));
    RequestContext {
        now: deps.clock.now(),
        request_id: sent_id.map_or_else(|| hex(&deps.entropy.bytes::<10>()), str::to_owned),
        ip: peer.map(|peer| if behind_proxy { forwarded_for(trusted, headers).unwrap_or(peer) } else { peer }),
        https: peer.map(|_| behind_proxy && header(headers, "x-forwarded-proto") == Some("https")),
    }
}

/// The nearest address that is not one of our own proxies: each proxy appends the peer it saw, so the list is believed from
/// its right end, only as far as trusted addresses reach (A8).
fn forwarded_for(trusted: &[IpNet], headers: &HeaderMap) -> Option<IpAddr> {
    let hops = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    let hops: Vec<IpAddr> = hops.map(|hop| hop.trim().parse::<IpAddr>().map(|ip| ip.to_canonical())).collect::<Result<_, _>>().ok()?;
    hops.iter().rev().find(|hop| !is_trusted(trusted, **hop)).or(hops.first()).copied()
}

fn is_trusted(trusted: &[IpNet], peer: IpAddr) -> bool {
    trusted.iter().any(|net| net.contains(&peer))
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn is_reference_id(text: &str) -> bool {
    (8..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Unknown verbs are client-supplied text; metrics label with them would grow without bound.
fn method_label(method: &axum::http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests;
