//! The managed Postgres of `grantor dev` and of the tests: a real, private server from the machine's own binaries.
//!
//! No TCP port is opened and no password exists: only our own account enters, over a socket in a closed folder. `docs/adr/0005` says why
//! it is so; the files here are the steps: find the programs ([`binaries`]), the account ([`os_user`]), the folders ([`layout`]), make the
//! cluster ([`cluster`]), clear what a killed predecessor left ([`leftovers`]), run the server under a guard ([`server`]), watch it
//! ([`supervisor`]).

mod binaries;
mod cluster;
mod error;
mod install;
mod layout;
mod leftovers;
mod os_user;
mod server;
mod supervisor;

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::MigrateDatabase;
use sqlx::postgres::PgConnectOptions;

pub use crate::managed_pg::error::Error;

use crate::managed_pg::binaries::Where;
use crate::managed_pg::layout::{Layout, PORT};
use crate::managed_pg::server::Plan;
use crate::managed_pg::supervisor::Supervisor;

/// Whether data must survive the machine's power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Durable: what Postgres does by itself.
    Production,
    /// Fast: nothing waits for the disk. For data nobody will miss.
    Test,
}

/// What to run and where.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the data lives; created if missing. When root's choice is out of the database user's reach, [`Self::state_dir`] is used.
    pub data_dir: PathBuf,
    /// The folder of `initdb` and `postgres`; found by itself if none.
    pub bin_dir: Option<PathBuf>,
    /// The account Postgres runs under when we are root and the data has no owner yet; `postgres` if none.
    pub os_user: Option<String>,
    /// Below it lies the data of data directories out of reach.
    pub state_dir: PathBuf,
    /// Durable or fast.
    pub profile: Profile,
    /// How long to wait for a predecessor that is just ending before it counts as a second instance.
    pub patience: Duration,
}

impl Options {
    /// Durable data in `data_dir`, everything else found by itself.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            bin_dir: None,
            os_user: None,
            state_dir: PathBuf::from("/var/lib/grantor"),
            profile: Profile::Production,
            patience: Duration::from_secs(3),
        }
    }
}

/// A running server. Dropping it stops the server and waits for its end (some 30 ms); so does the end of our process, however it comes.
#[derive(Debug)]
pub struct ManagedPg {
    layout: Layout,
    supervisor: Supervisor,
}

impl ManagedPg {
    /// Starts the server, creating its data the first time, and returns when it answers. [`Self::start_blocking`] off the runtime's threads.
    pub async fn start(options: Options) -> Result<Self, Error> {
        off_the_runtime(move || Self::start_blocking(&options)).await
    }

    /// Starts the server, creating its data the first time, and returns when it answers: 1.5 s the first time, 50 ms later.
    pub fn start_blocking(options: &Options) -> Result<Self, Error> {
        let (layout, user) = Layout::prepare(&options.data_dir, &options.state_dir, options.os_user.as_deref())?;
        let lock = layout.lock(options.patience)?;
        let places = Where { configured: options.bin_dir.as_deref(), search_path: binaries::ambient_path(), root: PathBuf::from("/") };
        let existing = cluster::major(&layout)?;
        let binaries = binaries::find(&places, existing.map(|major| (major, layout.cluster.as_path())), &user)?;
        if existing.is_none() {
            cluster::create(&layout, &binaries, &user, options.profile, &lock)?;
        }
        cluster::admit(&layout, &user)?;
        let (major, account) = (binaries.major, user.name().to_owned());
        let plan = Plan { layout: layout.clone(), binaries, user, profile: options.profile, lock };
        let supervisor = Supervisor::start(plan)?;
        tracing::info!(data = %layout.data_dir.display(), version = major, %account, "managed Postgres is running");
        Ok(Self { layout, supervisor })
    }

    /// How to connect to `database`, as the role `grantor`.
    #[expect(clippy::missing_panics_doc, reason = "it panics only if `url` and sqlx disagree, which a test would show")]
    pub fn connect_options(&self, database: &str) -> PgConnectOptions {
        self.url(database).parse().expect("a URL built by `url` is one sqlx reads")
    }

    /// The same as a URL that sqlx and libpq (`psql`, `pg_dump`, `pgbench`) read.
    #[expect(clippy::missing_panics_doc, reason = "a constant is parsed")]
    pub fn url(&self, database: &str) -> String {
        let mut url = url::Url::parse("postgres://localhost").expect("a constant URL");
        url.set_path(database);
        let socket_dir = self.layout.socket_dir.to_string_lossy();
        // Port and mode are said in full: sqlx would take what is missing from PGPORT and PGSSLMODE.
        let user = [("host", &*socket_dir), ("user", cluster::ROLE), ("sslmode", "disable")];
        url.query_pairs_mut().extend_pairs(user).append_pair("port", &PORT.to_string());
        url.into()
    }

    /// Creates `database` unless it is there already; says whether it did.
    pub async fn create_database_if_absent(&self, database: &str) -> Result<bool, Error> {
        let url = self.url(database);
        let absent = !sqlx::Postgres::database_exists(&url).await?;
        if absent {
            sqlx::Postgres::create_database(&url).await?;
        }
        Ok(absent)
    }

    /// The data directory in use: the one asked for, or the one that took its place.
    pub fn data_dir(&self) -> &Path {
        &self.layout.data_dir
    }

    /// Whether the server is up; false while it is being started again.
    pub fn is_ready(&self) -> bool {
        self.supervisor.is_ready()
    }

    /// Stops the server and waits for its end: SIGINT, after 30 s SIGQUIT. Close the pools first.
    pub async fn stop(self) -> Result<(), Error> {
        off_the_runtime(move || self.stop_blocking()).await
    }

    /// Stops the server and waits for its end: SIGINT, after 30 s SIGQUIT. Close the pools first.
    pub fn stop_blocking(mut self) -> Result<(), Error> {
        if self.supervisor.stop() { Ok(()) } else { Err(Error::Stop { log: self.layout.log.clone() }) }
    }
}

impl Drop for ManagedPg {
    fn drop(&mut self) {
        if !self.supervisor.stop() {
            tracing::error!(log = %self.layout.log.display(), "Postgres did not stop in time");
        }
    }
}

/// Waits for blocking work without holding up the runtime.
async fn off_the_runtime<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(failure) if failure.is_panic() => std::panic::resume_unwind(failure.into_panic()),
        Err(failure) => Err(Error::Io { doing: "wait for", path: PathBuf::from("the runtime"), source: std::io::Error::other(failure) }),
    }
}
