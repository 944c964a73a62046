//! One run of the server under its guard.
//!
//! The guard is a shell between us and Postgres. Its standard input is a pipe we hold: when we close it, or die even by `kill -9`, it ends
//! Postgres (SIGINT, after 30 s SIGQUIT). The kernel's parent-death signal would follow the thread that spawned, is cleared by a change of
//! user and exists on Linux only.

use std::fs::{self, File};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};
use std::time::{Duration, Instant};

use crate::managed_pg::Profile;
use crate::managed_pg::binaries::Binaries;
use crate::managed_pg::cluster;
use crate::managed_pg::error::{During, Error};
use crate::managed_pg::layout::{Layout, PORT};
use crate::managed_pg::leftovers;
use crate::managed_pg::os_user::OsUser;

const GUARD: &str = include_str!("guard.sh");
/// How often files and processes are looked at while we wait.
const GLANCE: Duration = Duration::from_millis(5);
/// Recovery after a crash may take its time.
const READY_WITHIN: Duration = Duration::from_mins(5);
/// The guard's 30 s and some for SIGQUIT.
pub(super) const GONE_WITHIN: Duration = Duration::from_secs(40);

/// Everything a start needs; kept for restarts.
#[derive(Debug)]
pub(super) struct Plan {
    /// The paths.
    pub(super) layout: Layout,
    /// The programs.
    pub(super) binaries: Binaries,
    /// The account.
    pub(super) user: OsUser,
    /// Durable or fast.
    pub(super) profile: Profile,
    /// The data directory's lock.
    pub(super) lock: File,
}

/// A guard and, below it, a server.
#[derive(Debug)]
pub(super) struct Server {
    guard: Child,
    lifeline: Option<ChildStdin>,
}

impl Plan {
    /// Starts the server and waits until it answers.
    pub(super) fn start(&self) -> Result<Server, Error> {
        leftovers::clear(&self.layout)?;
        self.layout.rotate_log()?;
        let mut server = self.spawn()?;
        match self.wait_ready(&mut server) {
            Ok(()) => Ok(server),
            Err(error) => {
                server.ask_to_stop();
                server.wait_gone(GONE_WITHIN);
                Err(error)
            }
        }
    }

    fn spawn(&self) -> Result<Server, Error> {
        let told = self.told_pid();
        match fs::remove_file(&told) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error).during("remove", &told),
            Ok(()) | Err(_) => {}
        }
        let layout = &self.layout;
        let mut command = self.user.command(Path::new("/bin/sh"), &layout.home);
        command.args(["-c", GUARD]).arg(&told).arg(self.binaries.dir.join("postgres")).arg("-D").arg(&layout.cluster);
        for option in cluster::options(layout, self.profile) {
            command.args(["-c", &option]);
        }
        command.stdin(Stdio::piped()).stderr(Stdio::from(layout.open_log()?));
        command.stdout(Stdio::from(self.lock.try_clone().during("share", &layout.data_dir)?));
        let mut guard = command.spawn().during("run", Path::new("/bin/sh"))?;
        let lifeline = guard.stdin.take();
        Ok(Server { guard, lifeline })
    }

    /// Waits for line 8 of the pid file of *our* server (what `pg_ctl` reads too), then for the socket.
    fn wait_ready(&self, server: &mut Server) -> Result<(), Error> {
        let started = Instant::now();
        let socket = self.layout.socket_dir.join(format!(".s.PGSQL.{PORT}"));
        loop {
            if let Some(how) = server.ended() {
                return Err(self.refused(how));
            }
            if self.is_ready() && UnixStream::connect(&socket).is_ok() {
                return Ok(());
            }
            if started.elapsed() > READY_WITHIN {
                return Err(self.refused(format!("not ready after {} s", READY_WITHIN.as_secs())));
            }
            std::thread::sleep(GLANCE);
        }
    }

    fn is_ready(&self) -> bool {
        let Some(ours) = leftovers::pid_in(&self.told_pid()) else { return false };
        let Ok(text) = fs::read_to_string(self.layout.cluster.join("postmaster.pid")) else { return false };
        let mut lines = text.lines();
        let pid = lines.next().and_then(|line| line.trim().parse::<i32>().ok());
        pid == Some(ours.as_raw_nonzero().get()) && lines.nth(6).is_some_and(|status| status.trim() == "ready")
    }

    /// Where the guard tells the number of its server.
    fn told_pid(&self) -> PathBuf {
        self.layout.home.join("server.pid")
    }

    fn refused(&self, reason: String) -> Error {
        Error::Start { reason, log: self.layout.log.clone(), tail: self.layout.log_tail() }
    }
}

impl Server {
    /// How the server ended, if it did.
    pub(super) fn ended(&mut self) -> Option<String> {
        match self.guard.try_wait() {
            Ok(None) => None,
            Ok(Some(status)) => Some(format!("it ended with {status}")),
            Err(error) => Some(format!("its guard is lost: {error}")),
        }
    }

    /// Closes the pipe: the guard sends SIGINT (a fast shutdown), after 30 s SIGQUIT. Never SIGKILL.
    pub(super) fn ask_to_stop(&mut self) {
        self.lifeline = None;
    }

    /// Whether the server is gone within `patience`.
    pub(super) fn wait_gone(&mut self, patience: Duration) -> bool {
        let started = Instant::now();
        while self.ended().is_none() {
            if started.elapsed() > patience {
                return false;
            }
            std::thread::sleep(GLANCE);
        }
        true
    }
}
