//! The thread that watches the server and starts it again when it dies.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::managed_pg::error::{During, Error};
use crate::managed_pg::server::{GONE_WITHIN, Plan, Server};

/// How often the server is looked at.
const GLANCE: Duration = Duration::from_millis(100);
/// How often the log's length is looked at.
const LOG_GLANCE: Duration = Duration::from_mins(1);
/// The pause before the first restart; it doubles up to the longest and starts over after a calm minute.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
const CALM: Duration = Duration::from_mins(1);

/// The watching thread and what it shares with us.
#[derive(Debug)]
pub(super) struct Supervisor {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<bool>>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    stopping: bool,
    ready: bool,
}

impl Supervisor {
    /// Starts the server, waits until it is ready, and watches it from then on.
    pub(super) fn start(plan: Plan) -> Result<Self, Error> {
        let server = plan.start()?;
        let shared = Arc::new(Shared { state: Mutex::new(State { stopping: false, ready: true }), changed: Condvar::new() });
        let path = plan.layout.data_dir.clone();
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("managed-pg".to_owned()).spawn(move || theirs.watch(&plan, server));
        Ok(Self { shared, thread: Some(thread.during("watch", &path)?) })
    }

    /// Whether the server is up, as far as we know.
    pub(super) fn is_ready(&self) -> bool {
        self.shared.lock().ready
    }

    /// Stops the server and waits for its end; false if it did not end in time. The second call does nothing.
    pub(super) fn stop(&mut self) -> bool {
        self.shared.lock().stopping = true;
        self.shared.changed.notify_all();
        self.thread.take().is_none_or(|thread| thread.join().unwrap_or(false))
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for `pause` or until we are told to stop; says whether we are.
    fn stopping_within(&self, pause: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.lock(), pause, |state| !state.stopping);
        waited.unwrap_or_else(PoisonError::into_inner).0.stopping
    }

    /// The thread's life; false if the server would not end.
    fn watch(&self, plan: &Plan, mut server: Server) -> bool {
        let mut pause = FIRST_PAUSE;
        loop {
            let born = Instant::now();
            let Some(how) = self.watch_one(plan, &mut server) else {
                server.ask_to_stop();
                self.lock().ready = false;
                return server.wait_gone(GONE_WITHIN);
            };
            self.lock().ready = false;
            tracing::error!(%how, log = %plan.layout.log.display(), tail = %plan.layout.log_tail(), "Postgres died: starting it again");
            if born.elapsed() > CALM {
                pause = FIRST_PAUSE;
            }
            match self.start_again(plan, &mut pause) {
                Some(next) => server = next,
                None => return true,
            }
        }
    }

    /// Watches until the server ends (says how) or we are told to stop (none).
    fn watch_one(&self, plan: &Plan, server: &mut Server) -> Option<String> {
        let mut looked = Instant::now();
        loop {
            if let Some(how) = server.ended() {
                return Some(how);
            }
            if self.stopping_within(GLANCE) {
                return None;
            }
            if looked.elapsed() > LOG_GLANCE {
                looked = Instant::now();
                if let Err(error) = plan.layout.rotate_log() {
                    tracing::warn!(%error, "the log of Postgres could not be rotated");
                }
            }
        }
    }

    /// Tries with growing pauses until a server is up, or we are told to stop (none).
    fn start_again(&self, plan: &Plan, pause: &mut Duration) -> Option<Server> {
        loop {
            if self.stopping_within(*pause) {
                return None;
            }
            *pause = (*pause * 2).min(LONGEST_PAUSE);
            match plan.start() {
                Ok(server) => {
                    self.lock().ready = true;
                    tracing::info!("Postgres is up again");
                    return Some(server);
                }
                Err(error) => tracing::error!(%error, "Postgres did not come up"),
            }
        }
    }
}
