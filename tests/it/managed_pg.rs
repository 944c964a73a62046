//! The managed Postgres, from outside: starts, refusals, restarts, and deaths of every kind.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use grantor::managed_pg::{Error, ManagedPg, Options, Profile};
use sqlx::{ConnectOptions, Connection};

/// Set for a copy of this test program that plays the process to be killed.
const PLAY_VICTIM: &str = "GRANTOR_TEST_VICTIM_DATA_DIR";

/// A data directory that is gone when the test ends.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// A fresh one; the name keeps folders of tests that run at once apart.
    pub(crate) fn new(name: &str) -> Self {
        // Short, for the socket's sake, and open to every account.
        let path = std::env::temp_dir().join(format!("grantor-mpg-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("the temporary folder is writable");
        Self(path)
    }

    /// A fast server in it.
    pub(crate) fn options(&self) -> Options {
        Options { profile: Profile::Test, state_dir: self.0.join("state"), ..Options::new(self.0.join("data")) }
    }

    /// Durable, for tests that kill.
    fn durable(&self) -> Options {
        Options { profile: Profile::Production, ..self.options() }
    }

    /// The process number of its running server.
    pub(crate) fn postmaster(&self) -> Option<String> {
        let text = fs::read_to_string(self.0.join("data/postgres/cluster/postmaster.pid")).ok()?;
        text.lines().next().map(str::to_owned)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Looks until `seen` is true; the thing looked at has no event to wait for.
fn eventually(what: &str, mut seen: impl FnMut() -> bool) {
    let started = Instant::now();
    while !seen() {
        assert!(started.elapsed() < Duration::from_mins(1), "not within a minute: {what}");
        std::thread::yield_now();
    }
}

async fn count_rows(server: &ManagedPg) -> i64 {
    let mut connection = server.connect_options("app").connect().await.expect("it accepts connections");
    let rows = sqlx::query_scalar("select count(*) from kept").fetch_one(&mut connection).await.expect("the table is there");
    connection.close().await.expect("it says goodbye");
    rows
}

async fn fill(server: &ManagedPg) {
    assert!(server.create_database_if_absent("app").await.expect("the role may create databases"));
    assert!(!server.create_database_if_absent("app").await.expect("asking again is fine"));
    let mut connection = server.connect_options("app").connect().await.expect("it accepts connections");
    let made = sqlx::raw_sql("create table kept (n int); insert into kept select generate_series(1, 100)").execute(&mut connection).await;
    made.expect("the role may create tables");
}

/// Sends a signal by name.
pub(crate) fn signal(pid: &str, name: &str) {
    let status = Command::new("kill").args(["-s", name, pid]).status().expect("every system has kill");
    assert!(status.success(), "kill -s {name} {pid}");
}

#[tokio::test]
async fn a_restart_keeps_the_data() {
    let folder = Folder::new("restart");
    let server = ManagedPg::start(folder.options()).await.expect("it starts");
    assert!(server.is_ready());
    fill(&server).await;
    server.stop().await.expect("it stops");
    assert_eq!(folder.postmaster(), None, "a clean stop leaves no pid file");

    let server = ManagedPg::start(folder.options()).await.expect("it starts again");
    assert_eq!(count_rows(&server).await, 100);
}

#[tokio::test]
async fn a_second_instance_is_refused_and_the_first_lives_on() {
    let folder = Folder::new("second");
    let first = ManagedPg::start(folder.options()).await.expect("it starts");
    let impatient = Options { patience: Duration::ZERO, ..folder.options() };
    let refusal = ManagedPg::start(impatient.clone()).await.expect_err("the data directory is taken");
    assert!(matches!(refusal, Error::Locked { .. }), "{refusal}");
    assert!(first.create_database_if_absent("app").await.expect("the first still answers"));
    first.stop().await.expect("it stops");
    ManagedPg::start(impatient).await.expect("the data directory is free the moment `stop` returns");
}

#[tokio::test]
async fn nobody_enters_over_tcp_or_with_a_password() {
    let folder = Folder::new("doors");
    let server = ManagedPg::start(folder.options()).await.expect("it starts");
    let cluster = folder.0.join("data/postgres/cluster");
    assert_eq!(fs::read_to_string(cluster.join("pg_hba.conf")).expect("it is readable to its owner"), "local all all peer map=grantor\n");
    let stranger = server.connect_options("postgres").username("postgres").connect().await;
    assert!(stranger.is_err(), "the map admits the role grantor only");
    let mut connection = server.connect_options("postgres").connect().await.expect("it accepts connections");
    let tcp: String = sqlx::query_scalar("show listen_addresses").fetch_one(&mut connection).await.expect("it answers");
    assert_eq!(tcp, "");
    let checked: String = sqlx::query_scalar("show data_checksums").fetch_one(&mut connection).await.expect("it answers");
    assert_eq!(checked, "on");
}

#[tokio::test]
async fn production_data_waits_for_the_disk() {
    let folder = Folder::new("durable");
    let server = ManagedPg::start(folder.durable()).await.expect("it starts");
    let mut connection = server.connect_options("postgres").connect().await.expect("it accepts connections");
    for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
        let value: String =
            sqlx::query_scalar("select current_setting($1)").bind(setting).fetch_one(&mut connection).await.expect("it answers");
        assert_eq!(value, "on", "{setting}");
    }
}

#[tokio::test]
async fn a_server_that_dies_is_started_again() {
    let folder = Folder::new("dies");
    let server = ManagedPg::start(folder.durable()).await.expect("it starts");
    fill(&server).await;
    let old = folder.postmaster().expect("it runs");
    signal(&old, "KILL");
    eventually("the supervisor notices", || folder.postmaster().is_some_and(|pid| pid != old) && server.is_ready());
    assert_eq!(count_rows(&server).await, 100);
    server.stop().await.expect("it stops");
}

#[tokio::test]
async fn a_configured_folder_without_programs_is_named() {
    let folder = Folder::new("nobin");
    let options = Options { bin_dir: Some(folder.0.join("nowhere")), ..folder.options() };
    let refusal = ManagedPg::start(options).await.expect_err("there is nothing in it");
    assert!(matches!(&refusal, Error::BinDir { path } if path.ends_with("nowhere")), "{refusal}");
}

#[tokio::test]
async fn data_of_another_major_version_is_refused_and_left_alone() {
    let folder = Folder::new("major");
    ManagedPg::start(folder.options()).await.expect("it starts").stop().await.expect("it stops");
    let version = folder.0.join("data/postgres/cluster/PG_VERSION");
    fs::write(&version, "11\n").expect("the owner may write");
    let refusal = ManagedPg::start(folder.options()).await.expect_err("nobody has version 11 any more");
    assert!(matches!(&refusal, Error::OtherMajor { cluster: 11, .. }), "{refusal}");
    assert_eq!(fs::read_to_string(&version).expect("it is still there"), "11\n");
}

#[tokio::test]
async fn a_failed_start_shows_the_end_of_the_log() {
    let folder = Folder::new("log");
    ManagedPg::start(folder.options()).await.expect("it starts").stop().await.expect("it stops");
    let settings = folder.0.join("data/postgres/cluster/postgresql.conf");
    let text = fs::read_to_string(&settings).expect("it is readable to its owner");
    fs::write(&settings, format!("{text}\nno_such_setting = 1\n")).expect("the owner may write");
    let refusal = ManagedPg::start(folder.options()).await.expect_err("Postgres refuses the setting").to_string();
    assert!(refusal.contains("no_such_setting") && refusal.contains("postgres.log"), "{refusal}");
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_gets_a_short_one() {
    let folder = Folder::new("long");
    let options = Options { data_dir: folder.0.join("d".repeat(120)), ..folder.options() };
    let server = ManagedPg::start(options).await.expect("it starts");
    assert!(server.create_database_if_absent("app").await.expect("the socket is reachable"));
    let socket_dir = server.connect_options("app").get_socket().expect("it is a socket").clone();
    server.stop().await.expect("it stops");
    fs::remove_dir_all(socket_dir).expect("the short folder is ours");
}

#[tokio::test]
async fn data_below_a_closed_folder_moves_to_the_state_folder_under_root() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("closed");
    let closed = folder.0.join("closed");
    fs::create_dir(&closed).expect("the temporary folder is writable");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).expect("it is ours");
    let server = ManagedPg::start(Options { data_dir: closed.join("data"), ..folder.options() }).await.expect("it starts");
    let moved = server.data_dir().starts_with(folder.0.join("state"));
    assert_eq!(moved, rustix::process::geteuid().is_root(), "{}", server.data_dir().display());
}

/// Runs `test` of this program again as a process of its own that can be killed.
fn victim(test: &str, folder: &Folder) -> Child {
    let mut command = Command::new(std::env::current_exe().expect("a running program has a path"));
    command.args(["--exact", test, "--nocapture"]).env(PLAY_VICTIM, &folder.0).stdout(Stdio::piped());
    command.spawn().expect("this program can be run again")
}

/// The folder, if this process is the victim.
#[expect(clippy::disallowed_methods, reason = "how the copy of this program is told its part")]
fn victims_folder() -> Option<Folder> {
    std::env::var_os(PLAY_VICTIM).map(|path| Folder(path.into()))
}

fn said(child: &mut Child, word: &str) {
    let lines = BufReader::new(child.stdout.take().expect("its output is piped")).lines();
    assert!(lines.map_while(Result::ok).any(|line| line.contains(word)), "the victim ended without saying {word}");
}

#[tokio::test]
async fn the_server_stops_when_its_parent_is_killed_and_loses_nothing() {
    if let Some(folder) = victims_folder() {
        let server = ManagedPg::start(folder.durable()).await.expect("it starts");
        fill(&server).await;
        std::io::Write::write_all(&mut std::io::stdout(), b"\nvictim-is-ready\n").expect("the parent listens");
        std::future::pending::<()>().await;
    }
    let folder = Folder::new("kill9");
    let mut child = victim("managed_pg::the_server_stops_when_its_parent_is_killed_and_loses_nothing", &folder);
    said(&mut child, "victim-is-ready");
    assert!(folder.postmaster().is_some());
    child.kill().expect("it is our child");
    child.wait().expect("it is our child");
    eventually("the guard stops the server", || folder.postmaster().is_none());
    let server = ManagedPg::start(folder.durable()).await.expect("the next start finds the data free");
    assert_eq!(count_rows(&server).await, 100);
}

#[tokio::test]
async fn a_server_that_lost_parent_and_guard_is_ended_by_the_next_start() {
    if let Some(folder) = victims_folder() {
        let server = ManagedPg::start(folder.durable()).await.expect("it starts");
        fill(&server).await;
        std::io::Write::write_all(&mut std::io::stdout(), b"\nvictim-is-ready\n").expect("the parent listens");
        std::future::pending::<()>().await;
    }
    if !Path::new("/proc/self/stat").exists() {
        return;
    }
    let folder = Folder::new("orphan");
    let mut child = victim("managed_pg::a_server_that_lost_parent_and_guard_is_ended_by_the_next_start", &folder);
    said(&mut child, "victim-is-ready");
    let postmaster = folder.postmaster().expect("it runs");
    let status = fs::read_to_string(format!("/proc/{postmaster}/stat")).expect("it runs");
    let guard = status.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1)).expect("the parent is the second field");
    // The guard's group holds the shells that watch and the server itself stays: only the guard and its watch are killed.
    kill_shells_of_group(guard);
    child.kill().expect("it is our child");
    child.wait().expect("it is our child");
    assert_eq!(folder.postmaster().as_deref(), Some(&*postmaster), "the server has nobody left to stop it");
    let server = ManagedPg::start(folder.durable()).await.expect("the orphan is ended");
    assert_ne!(folder.postmaster().as_deref(), Some(&*postmaster));
    assert_eq!(count_rows(&server).await, 100);
}

/// Kills the watching shell first, then the guard, so that neither can act.
fn kill_shells_of_group(guard: &str) {
    let children = fs::read_to_string(format!("/proc/{guard}/task/{guard}/children")).expect("the guard runs");
    let is_shell = |pid: &str| fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| !name.starts_with("postgres"));
    for pid in children.split_whitespace().filter(|pid| is_shell(pid)).chain([guard]) {
        signal(pid, "KILL");
    }
}

#[tokio::test]
async fn an_interrupted_first_start_leaves_nothing_half() {
    if let Some(folder) = victims_folder() {
        let _server = ManagedPg::start(folder.options()).await;
        std::future::pending::<()>().await;
    }
    let folder = Folder::new("half");
    let mut child = victim("managed_pg::an_interrupted_first_start_leaves_nothing_half", &folder);
    let unfinished = folder.0.join("data/postgres/cluster.new");
    eventually("initdb has begun", || unfinished.join("base").exists());
    child.kill().expect("it is our child");
    child.wait().expect("it is our child");
    assert!(!folder.0.join("data/postgres/cluster").exists(), "nothing bears the cluster's name before it is whole");
    // Without any patience for a predecessor: what is waited for is the orphaned initdb alone.
    let options = Options { patience: Duration::ZERO, ..folder.options() };
    let server = ManagedPg::start(options).await.expect("the next start begins anew");
    assert!(server.create_database_if_absent("app").await.expect("it answers"));
    assert!(!unfinished.exists());
}

#[tokio::test]
async fn stale_pid_files_with_a_living_number_do_not_stop_a_start() {
    if !Path::new("/proc/self/stat").exists() {
        return;
    }
    let folder = Folder::new("stale");
    ManagedPg::start(folder.options()).await.expect("it starts").stop().await.expect("it stops");
    let cluster = folder.0.join("data/postgres/cluster");
    let text = format!("{}\n{}\n1\n5432\n\n\n\nready   \n", std::process::id(), cluster.display());
    fs::write(cluster.join("postmaster.pid"), text).expect("the owner may write");
    ManagedPg::start(folder.options()).await.expect("the number belongs to somebody else");
}
