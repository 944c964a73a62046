//! Work that nobody asks for: periodic calls into flows. A job that panics is logged and runs again at its next turn.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::shutdown;
use crate::flows::Deps;
use crate::flows::cache::listen::listen;
use crate::flows::keys;
use crate::flows::mails::deliver::deliver;
use crate::flows::mails::expiry::warn;
use crate::flows::prune::{self, Bounds, Cursor};
use crate::settings::JobSettings;

/// Batches of one kind of row in one turn.
const BATCHES_A_TURN: u32 = 200;
/// How soon other servers show what an app's request came to.
const TRACES: Duration = Duration::from_secs(1);
/// How often mail is sent: nobody waits for it in a request, so they wait for this.
const MAIL: Duration = Duration::from_secs(2);
/// How often credentials that will soon end are looked for: they are told of by the day.
const EXPIRY_WARNINGS: Duration = Duration::from_hours(1);
/// How often quiet callers are forgotten.
const RATE_LIMITS: Duration = Duration::from_mins(1);

/// The running jobs.
pub struct Jobs {
    stop: CancellationToken,
    running: TaskTracker,
    deps: Arc<Deps>,
}

impl Jobs {
    /// Starts them all.
    pub async fn start(deps: &Arc<Deps>, settings: &JobSettings) -> Self {
        let jobs = Self { stop: CancellationToken::new(), running: TaskTracker::new(), deps: deps.clone() };
        // Once right away, so that a server with its database at hand is ready when it says so.
        let loaded = load_keys(deps.clone()).await;
        jobs.keep_keys(seconds(settings.keyring_interval), loaded);
        jobs.every("last uses", seconds(settings.last_use_interval), |deps| async move { flush(&deps).await });
        jobs.every("request traces", TRACES, |deps| async move { flush_traces(&deps).await });
        if let Some(patience) = sd_notify::watchdog_enabled() {
            jobs.every("watchdog", patience / 3, |_| async { shutdown::tell_service_manager(&[NotifyState::Watchdog]) });
        }
        let cursor = Arc::new(Mutex::new(Cursor::default()));
        let bounds = Bounds { batch: settings.prune_batch.into(), batches: BATCHES_A_TURN };
        jobs.keep("listening for changes", |deps, stop| async move { listen(&deps, &stop).await });
        jobs.every("mail", MAIL, mail_turn);
        jobs.every("expiry warnings", EXPIRY_WARNINGS, warn_turn);
        jobs.every("rate limits", RATE_LIMITS, |deps| async move { deps.rate.retain_recent() });
        jobs.every("prune", seconds(settings.prune_interval), move |deps| prune_turn(deps, cursor.clone(), bounds));
        jobs
    }

    /// Calls `work` every `period`, each time in a task of its own so that a panic ends that turn only.
    fn every<F>(&self, name: &'static str, period: Duration, work: impl Fn(Arc<Deps>) -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (stop, deps) = (self.stop.clone(), self.deps.clone());
        self.running.spawn(async move {
            loop {
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = tokio::time::sleep(spread(&deps, period)) => {}
                }
                if let Err(failure) = tokio::spawn(work(deps.clone())).await {
                    tracing::error!(job = name, panicked = failure.is_panic(), "a job failed; it runs again at its next turn");
                }
            }
        });
    }

    /// Keeps `work` running until the server stops: it watches the token it is given, and is begun anew when it panics.
    fn keep<F>(&self, name: &'static str, work: impl Fn(Arc<Deps>, CancellationToken) -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (stop, deps) = (self.stop.clone(), self.deps.clone());
        self.running.spawn(async move {
            while !stop.is_cancelled() {
                if let Err(failure) = tokio::spawn(work(deps.clone(), stop.clone())).await {
                    tracing::error!(job = name, panicked = failure.is_panic(), "a job failed; it begins anew in a second");
                    let _ = tokio::time::timeout(Duration::from_secs(1), stop.cancelled()).await;
                }
            }
        });
    }

    /// Reads the signing keys every `period`; until they were read once, every second.
    fn keep_keys(&self, period: Duration, loaded: bool) {
        let loaded = Arc::new(AtomicBool::new(loaded));
        self.every("first signing keys", Duration::from_secs(1), {
            let loaded = loaded.clone();
            move |deps| {
                let loaded = loaded.clone();
                async move {
                    if !loaded.load(Ordering::Relaxed) {
                        loaded.store(load_keys(deps).await, Ordering::Relaxed);
                    }
                }
            }
        });
        self.every("signing keys", period, |deps| async move {
            let now = deps.clock.now();
            if let Err(error) = keys::reload(&deps, now).await {
                tracing::warn!(%error, "signing keys were not read again; the ones at hand stay in force");
            }
        });
    }

    /// Ends them; what runs may finish, and what is held back is written, within `patience`.
    pub async fn stop(self, patience: Duration) {
        self.stop.cancel();
        self.running.close();
        let ended = async {
            self.running.wait().await;
            flush(&self.deps).await;
            flush_traces(&self.deps).await;
        };
        if tokio::time::timeout(patience, ended).await.is_err() {
            tracing::warn!("jobs did not finish in time; the last times of use may be missing");
        }
    }
}

/// Makes the signing keys that are missing and loads them all.
async fn load_keys(deps: Arc<Deps>) -> bool {
    match keys::ensure(&deps, deps.clock.now()).await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(%error, "not ready: signing keys cannot be loaded yet; tried again every second");
            false
        }
    }
}

/// Writes what is held back in memory.
pub async fn flush(deps: &Deps) {
    if let Err(error) = deps.last_use.flush(&deps.db).await {
        tracing::warn!(%error, "last times of use were not written; tried again soon");
    }
}

/// Writes what apps' requests came to.
async fn flush_traces(deps: &Deps) {
    if let Err(error) = deps.traces.flush(&deps.db).await {
        tracing::debug!(%error, "request traces were not written; tried again soon");
    }
}

/// `period`, shortened by up to a tenth, so that many servers do not work in step.
fn spread(deps: &Deps, period: Duration) -> Duration {
    let [byte] = deps.entropy.bytes::<1>();
    period.saturating_sub(period.mul_f64(f64::from(byte) / 2_560.0))
}

async fn mail_turn(deps: Arc<Deps>) {
    if !deps.policy.mail {
        return;
    }
    if let Err(error) = deliver(&deps, deps.clock.now()).await {
        tracing::warn!(%error, "mail was not sent; tried again soon");
    }
}

async fn warn_turn(deps: Arc<Deps>) {
    match warn(&deps, deps.clock.now()).await {
        Ok(0) => {}
        Ok(credentials) => tracing::info!(credentials, "told admins of credentials that will soon stop working"),
        Err(error) => tracing::warn!(%error, "admins were not told of credentials that will soon stop working; tried again later"),
    }
}

async fn prune_turn(deps: Arc<Deps>, cursor: Arc<Mutex<Cursor>>, bounds: Bounds) {
    let now = deps.clock.now();
    match prune::prune(&deps, &mut *cursor.lock().await, bounds, now).await {
        Ok(pruned) if pruned.total() > 0 => tracing::info!(rows = pruned.total(), "deleted expired rows"),
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "expired rows were not deleted; tried again later"),
    }
}

fn seconds(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}
