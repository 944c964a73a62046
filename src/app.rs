//! The composition root: settings become dependencies, dependencies a router, and the router is served until a signal says stop.

pub mod brand;
pub mod listen;
pub mod logging;
pub mod metrics;
pub mod shutdown;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::clock::SystemClock;
use crate::db::{Database, PoolOptions};
use crate::entropy::SystemEntropy;
use crate::flows::Deps;
use crate::jobs::{self, Jobs};
use crate::mail::{Mailer, Security, Smtp};
use crate::settings::{DatabaseSettings, Loaded, MailSecurity, MailSettings, MailTransport, ServerSettings, Settings, parse_root_keys};
use crate::web::AppState;
use crate::web::router::router;

use listen::Bounds;
use shutdown::Signals;

/// How long jobs may take to write what they hold back when the server stops.
const LAST_WRITES: Duration = Duration::from_secs(5);

/// A pool for `url`, which connects when first used.
pub fn database(settings: &Settings, url: &str) -> anyhow::Result<Database> {
    let DatabaseSettings { acquire_timeout, statement_timeout, .. } = settings.database;
    let pool = PoolOptions {
        max_connections: settings.pool_size(),
        acquire_timeout: seconds(acquire_timeout),
        statement_timeout: seconds(statement_timeout),
    };
    // The error could quote the password.
    let options =
        url.parse().map_err(|_| anyhow::anyhow!("the database URL cannot be read; write postgres://user:password@host:5432/database"))?;
    Ok(Database::connect_lazy(options, pool))
}

/// Everything flows work with.
pub fn deps(loaded: Loaded, db: Database) -> anyhow::Result<Deps> {
    let root_keys = parse_root_keys(loaded.settings.root_key.expose())?;
    let mailer = mailer(&loaded.settings.mail)?;
    let logo = brand::logo(&loaded.settings.brand_logo)?;
    let mut policy = loaded.into_policy();
    policy.brand.logo = logo;
    Ok(Deps::new(db, policy, Arc::new(SystemClock), Arc::new(SystemEntropy), &root_keys)?.with_mailer(mailer))
}

/// What sends mail; a mail server is not spoken to before there is something to send.
fn mailer(settings: &MailSettings) -> anyhow::Result<Mailer> {
    let security = match settings.security {
        MailSecurity::Tls => Security::Tls,
        MailSecurity::Starttls => Security::StartTls,
        MailSecurity::None => Security::None,
    };
    let credentials = (!settings.user.is_empty()).then(|| (settings.user.clone(), settings.password.clone()));
    let smtp = Smtp { host: settings.host.clone(), port: settings.port, security, credentials };
    Ok(match settings.transport {
        MailTransport::Off => Mailer::off(),
        MailTransport::File => Mailer::folder(settings.folder.clone().into(), &settings.from)?,
        MailTransport::Smtp => Mailer::smtp(&smtp, &settings.from)?,
    })
}

/// The listener of the service.
pub async fn bind(server: &ServerSettings) -> anyhow::Result<TcpListener> {
    let address = SocketAddr::new(server.address, server.port);
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}; choose another port with --port or PORT, or stop what uses it"))
}

/// A server that is about to run.
pub struct Server {
    /// Bound already, so that a port in use is told before anything else is done.
    pub listener: TcpListener,
    /// Bound as well; none if metrics are off.
    pub metrics: Option<TcpListener>,
    /// What is in force.
    pub settings: Settings,
    /// What flows work with.
    pub deps: Arc<Deps>,
}

impl Server {
    /// Serves until SIGTERM or SIGINT and then ends without dropping a request: readiness turns off, the listener stays open for
    /// `drain_delay`, what runs may finish within `shutdown_timeout`, held-back writes are flushed, the pool is closed. A second
    /// signal ends it at once, as an error. `ready` is called when requests are accepted.
    pub async fn run(self, ready: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
        let Self { listener, metrics, settings, deps } = self;
        let mut signals = Signals::listen()?;
        let metrics = metrics.map(|listener| metrics::serve(listener, deps.db.clone())).transpose()?;
        let app = AppState { deps: deps.clone(), draining: Arc::new(AtomicBool::new(false)) };
        let jobs = Jobs::start(&deps, &settings.jobs).await;

        let stop = CancellationToken::new();
        let bounds = Bounds::from(&settings.server);
        let serving = tokio::spawn(listen::serve(listener, router(app.clone()), app.draining.clone(), bounds, stop.clone()));
        ready()?;
        shutdown::tell_service_manager(&[sd_notify::NotifyState::Ready]);

        let signal = signals.next().await;
        tracing::info!(signal, "stopping: not ready any more, still serving");
        shutdown::tell_service_manager(&[sd_notify::NotifyState::Stopping]);
        app.draining.store(true, Ordering::Relaxed);
        let finished = async {
            tokio::time::sleep(seconds(settings.server.drain_delay)).await;
            stop.cancel();
            let patience = seconds(settings.server.shutdown_timeout);
            if tokio::time::timeout(patience, serving).await.is_err() {
                tracing::warn!(seconds = patience.as_secs(), "requests were still running and are cut off");
            }
            jobs.stop(LAST_WRITES).await;
            metrics.inspect(CancellationToken::cancel);
            // Connections that a cut-off request still holds do not come back.
            let _ = tokio::time::timeout(LAST_WRITES, deps.db.close()).await;
        };
        tokio::select! {
            () = finished => {
                tracing::info!("stopped");
                Ok(())
            }
            signal = signals.next() => anyhow::bail!("stopped at once by a second {signal}; requests may have been cut off"),
        }
    }
}

/// Runs every job that must not be lost once, for commands that end by themselves.
pub async fn flush(deps: &Deps) {
    jobs::flush(deps).await;
}

fn seconds(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}
