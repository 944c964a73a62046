//! A real, migrated, empty database for each test, in some 40 ms and without configuration.
//!
//! Each test process leases a slot below the build directory, runs a managed Postgres there, migrates one template and clones it per test.
//! With `TEST_DATABASE_URL` set (a role that may create databases) it uses that server instead and starts nothing.

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{OnceLock, mpsc};
use std::time::Duration;

use grantor::managed_pg::{Error, ManagedPg, Options, Profile};
use sha2::{Digest, Sha256};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row};

/// How many test processes may run at once on one build directory.
const SLOTS: u32 = 64;
/// Names of clones begin so; the run's number and a counter follow.
const PREFIX: &str = "grantor_test_";

/// One test's own database. Keep it alive as long as the test uses the database: the end of this value drops it.
pub(crate) struct TestDatabase {
    /// How to connect to it.
    pub(crate) options: PgConnectOptions,
    /// The same as a URL, for `DATABASE_URL` of a child process.
    pub(crate) url: String,
    name: String,
}

impl TestDatabase {
    /// A database on a server that the test itself runs, and may stop.
    pub(crate) fn elsewhere(url: String) -> Self {
        Self { options: url.parse().expect("a URL that sqlx reads"), url, name: String::new() }
    }

    /// A small pool on the database.
    pub(crate) async fn pool(&self) -> PgPool {
        let pool = PgPoolOptions::new().max_connections(8).acquire_timeout(Duration::from_secs(20));
        pool.connect_with(self.options.clone()).await.expect("the test's own database accepts connections")
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some(Ok(server)) = SERVER.get().filter(|_| !self.name.is_empty()) {
            // The sweeper is gone only when the process ends, and then the next run sweeps.
            let _ = server.sweep.send(std::mem::take(&mut self.name));
        }
    }
}

/// A fresh database with all migrations applied.
pub(crate) async fn database() -> TestDatabase {
    create(|server| format!(" template {}", server.template)).await
}

/// A fresh database with nothing in it.
pub(crate) async fn empty_database() -> TestDatabase {
    create(|_| String::new()).await
}

async fn create(from: impl FnOnce(&Server) -> String) -> TestDatabase {
    static CLONES: AtomicU32 = AtomicU32::new(0);
    let server = tokio::task::spawn_blocking(|| SERVER.get_or_init(|| Server::start().map_err(|error| format!("{error:#}"))));
    let server = match server.await.expect("starting the server does not panic") {
        Ok(server) => server,
        Err(error) => panic!("no database for the tests: {error}"),
    };
    let name = format!("{PREFIX}{}_{}", server.run, CLONES.fetch_add(1, Ordering::Relaxed));
    let mut admin = server.source.connect_as_admin().await.expect("the test server accepts connections");
    let create = format!("create database {name}{}", from(server));
    sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut admin).await.expect("the template can be cloned");
    admin.close().await.expect("the test server says goodbye");
    let url = server.source.url(&name);
    TestDatabase { options: url.parse().expect("the kit writes URLs that sqlx reads"), url, name }
}

/// Shared by all tests of the process. It lives on no test's runtime, and ends with the process: the guard of the managed Postgres sees to it.
static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();

struct Server {
    source: Source,
    run: String,
    template: String,
    /// Takes names of databases nobody uses any more.
    sweep: mpsc::Sender<String>,
}

/// Where databases come from.
enum Source {
    /// Our own server, in a leased slot.
    Managed(Box<ManagedPg>),
    /// The server of `TEST_DATABASE_URL`.
    Given(url::Url),
}

impl Source {
    #[expect(clippy::disallowed_methods, reason = "the tests' only switch: a server somebody else runs")]
    fn open() -> anyhow::Result<Self> {
        match std::env::var("TEST_DATABASE_URL") {
            Ok(url) if !url.is_empty() => Ok(Self::Given(url.parse()?)),
            _ => lease().map(|server| Self::Managed(Box::new(server))),
        }
    }

    fn url(&self, database: &str) -> String {
        match self {
            Self::Managed(server) => server.url(database),
            Self::Given(url) => {
                let mut url = url.clone();
                url.set_path(database);
                url.into()
            }
        }
    }

    async fn connect_as_admin(&self) -> sqlx::Result<PgConnection> {
        let url = match self {
            Self::Managed(server) => server.url("postgres"),
            Self::Given(url) => url.to_string(),
        };
        url.parse::<PgConnectOptions>()?.connect().await
    }
}

/// The first slot no other test process holds.
fn lease() -> anyhow::Result<ManagedPg> {
    let base = slots();
    for slot in 0..SLOTS {
        let mut options = Options::new(base.join(format!("pg-{slot}")));
        options.profile = Profile::Test;
        options.patience = Duration::ZERO;
        // Root's build directory may be closed to the database user.
        options.state_dir = std::env::temp_dir().join("grantor-tests");
        match ManagedPg::start_blocking(&options) {
            Err(Error::Locked { .. }) => {}
            other => return Ok(other?),
        }
    }
    anyhow::bail!("{SLOTS} test processes run already: every slot below {} is taken", base.display())
}

/// Where slots lie: in the build directory, or for somebody who may not write there, in a temporary one of their own.
fn slots() -> PathBuf {
    let built = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let uid = rustix::process::geteuid().as_raw();
    if rustix::fs::access(built, rustix::fs::Access::WRITE_OK).is_ok() || std::fs::create_dir_all(built).is_ok_and(|()| uid == 0) {
        built.to_owned()
    } else {
        std::env::temp_dir().join(format!("grantor-tests-{uid}"))
    }
}

impl Server {
    /// Starts or reaches the server, prepares the template and the sweeper. Blocking; uses a runtime of its own.
    fn start() -> anyhow::Result<Self> {
        let source = Source::open()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut admin = runtime.block_on(source.connect_as_admin())?;
        let run = runtime.block_on(claim_run(&mut admin))?;
        let migrator = runtime.block_on(migrations())?;
        // Our own server keeps its template from run to run; on a given one each run makes its own, so that no other run's depends on it.
        let template = match &source {
            Source::Managed(_) => format!("tpl_{}", fingerprint(&migrator)),
            Source::Given(_) => format!("{PREFIX}{run}_tpl"),
        };
        let leftovers = runtime.block_on(async {
            prepare_template(&source, &mut admin, &template, &migrator).await?;
            let ours = matches!(source, Source::Managed(_)).then_some(&*template);
            anyhow::Ok(leftovers(&mut admin, &run, ours).await?)
        })?;
        let (sweep, unused) = mpsc::channel();
        for name in leftovers {
            match &source {
                Source::Managed(_) => sweep.send(name)?,
                // A given server waits for its disk, and drops are slow once the tests keep it busy: now is the time.
                Source::Given(_) => runtime.block_on(drop_database(&mut admin, &name))?,
            }
        }
        std::thread::Builder::new().name("sweeper".to_owned()).spawn(move || {
            // Holding `admin` is also what keeps our claim on the run's number.
            while let Ok(name) = unused.recv() {
                // What cannot be dropped now is the next run's leftover.
                let _ = runtime.block_on(drop_database(&mut admin, &name));
            }
        })?;
        Ok(Self { source, run, template, sweep })
    }
}

async fn drop_database(admin: &mut PgConnection, name: &str) -> sqlx::Result<()> {
    let drop = format!("drop database if exists \"{name}\" with (force)");
    sqlx::raw_sql(AssertSqlSafe(drop)).execute(admin).await?;
    Ok(())
}

/// Takes a number no living run has: a session lock on the server that ends with our connection.
async fn claim_run(admin: &mut PgConnection) -> sqlx::Result<String> {
    let mut number = std::process::id();
    while !sqlx::query_scalar::<_, bool>("select pg_try_advisory_lock(hashtext('grantor_test'), $1)")
        .bind(number.cast_signed())
        .fetch_one(&mut *admin)
        .await?
    {
        number = number.wrapping_add(1);
    }
    Ok(number.to_string())
}

/// The migrations as they are on disk now: the macro would miss a new file until something else recompiles the tests.
async fn migrations() -> anyhow::Result<Migrator> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    Ok(Migrator::new(dir).await?)
}

/// Changes whenever a migration is added or edited.
fn fingerprint(migrator: &Migrator) -> String {
    let mut hash = Sha256::new();
    for migration in migrator.iter() {
        hash.update(migration.version.to_be_bytes());
        hash.update(&migration.checksum);
    }
    let start = hash.finalize().iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    format!("{start:016x}")
}

/// Makes the template unless it is there. It gets its name only when it is whole.
async fn prepare_template(source: &Source, admin: &mut PgConnection, template: &str, migrator: &Migrator) -> anyhow::Result<()> {
    let known: bool =
        sqlx::query_scalar("select exists (select from pg_database where datname = $1)").bind(template).fetch_one(&mut *admin).await?;
    if known {
        return Ok(());
    }
    let half = format!("{template}_half");
    let make = format!("drop database if exists {half} with (force)");
    sqlx::raw_sql(AssertSqlSafe(make)).execute(&mut *admin).await?;
    sqlx::raw_sql(AssertSqlSafe(format!("create database {half} template template0"))).execute(&mut *admin).await?;
    let mut inside = source.url(&half).parse::<PgConnectOptions>()?.connect().await?;
    migrator.run(&mut inside).await?;
    inside.close().await?;
    sqlx::raw_sql(AssertSqlSafe(format!("alter database {half} rename to {template}"))).execute(&mut *admin).await?;
    Ok(())
}

/// Databases of runs that are over; on our own server (`keep` given) also templates other than the present one.
async fn leftovers(admin: &mut PgConnection, run: &str, keep: Option<&str>) -> sqlx::Result<Vec<String>> {
    let rows = sqlx::query("select datname::text from pg_database where starts_with(datname, $1) or starts_with(datname, 'tpl_')")
        .bind(PREFIX)
        .fetch_all(&mut *admin)
        .await?;
    let mut over = Vec::new();
    for row in rows {
        let name: String = row.try_get(0)?;
        let useless = match name.strip_prefix(PREFIX).map(|rest| rest.split('_').next().unwrap_or_default()) {
            Some(other) => other != run && is_over(admin, other).await?,
            None => keep.is_some_and(|keep| keep != name),
        };
        if useless {
            over.push(name);
        }
    }
    Ok(over)
}

/// Whether nobody holds the run's number.
async fn is_over(admin: &mut PgConnection, run: &str) -> sqlx::Result<bool> {
    let Ok(number) = run.parse::<u32>() else { return Ok(false) };
    let lock = "select pg_try_advisory_lock(hashtext('grantor_test'), $1)";
    let free = sqlx::query_scalar::<_, bool>(lock).bind(number.cast_signed()).fetch_one(&mut *admin).await?;
    if free {
        let unlock = "select pg_advisory_unlock(hashtext('grantor_test'), $1)";
        sqlx::query(unlock).bind(number.cast_signed()).execute(&mut *admin).await?;
    }
    Ok(free)
}
