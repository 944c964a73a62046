//! Prometheus metrics on a listener of their own, so that they are never reachable through the public address.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::app::listen::{self, Bounds};
use crate::db::Database;

/// From a tenth of a millisecond to ten seconds.
const BUCKETS: [f64; 14] = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];
/// Whoever collects metrics needs few connections, and small ones.
const BOUNDS: Bounds = Bounds { connections: 64, header_timeout: Duration::from_secs(10), header_bytes: 16 * 1024 };
/// How often samples are folded together.
const UPKEEP: Duration = Duration::from_secs(5);

/// The listener for metrics; none for an empty address.
pub async fn bind(address: &str) -> anyhow::Result<Option<TcpListener>> {
    if address.is_empty() {
        return Ok(None);
    }
    let bound = TcpListener::bind(address).await;
    let failed = || format!("cannot listen on {address} for metrics; change or empty `metrics.address`, or stop what uses the port");
    bound.map(Some).with_context(failed)
}

/// Records from here on and serves `/metrics` until the token is cancelled.
pub fn serve(listener: TcpListener, db: Database) -> anyhow::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let handle = PrometheusBuilder::new().set_buckets(&BUCKETS)?.install_recorder()?;
    metrics::describe_histogram!("grantor_http_request_duration_seconds", metrics::Unit::Seconds, "Time to answer, by route template.");
    metrics::describe_gauge!("grantor_database_connections", "Connections of the pool, by state.");
    metrics::gauge!("grantor_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    tracing::info!(address = %listener.local_addr()?, "metrics are served");
    let rendered = handle.clone();
    let router = Router::new().route("/metrics", get(move || async move { render(&rendered, &db) }));
    let stopped = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = listen::serve(listener, router, Arc::default(), BOUNDS, stopped) => {}
            () = upkeep(&handle) => {}
        }
    });
    Ok(stop)
}

async fn upkeep(handle: &PrometheusHandle) {
    loop {
        tokio::time::sleep(UPKEEP).await;
        handle.run_upkeep();
    }
}

fn render(handle: &PrometheusHandle, db: &Database) -> ([(axum::http::HeaderName, &'static str); 1], String) {
    let all = db.pool().size();
    let idle = u32::try_from(db.idle()).unwrap_or(all);
    metrics::gauge!("grantor_database_connections", "state" => "idle").set(f64::from(idle));
    metrics::gauge!("grantor_database_connections", "state" => "busy").set(f64::from(all.saturating_sub(idle)));
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render())
}
