//! Where things lie: the cluster, its socket, log and lock.
//!
//! Below the data directory: `lock` and `postgres.log` (ours), and `postgres/` (the database user's, mode 0700) with `cluster/` and `run/`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::managed_pg::error::{During, Error};
use crate::managed_pg::os_user::OsUser;

/// How long the making of a cluster may hold the lock, on a slow machine too.
const FIRST_START: Duration = Duration::from_mins(2);
/// The port in the socket's name; no TCP port is opened.
pub(super) const PORT: u16 = 5432;
/// Socket addresses hold 104 bytes on macOS and 108 on Linux, with the closing NUL.
const LONGEST_SOCKET: usize = 103;
/// A log beyond this many bytes is moved aside.
const LONGEST_LOG: u64 = 16 * 1024 * 1024;
/// How many lines of the log an error shows.
const TAIL_LINES: usize = 20;

/// The paths of one managed Postgres.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// The data directory in use.
    pub(super) data_dir: PathBuf,
    /// The database user's part of it.
    pub(super) home: PathBuf,
    /// What Postgres calls PGDATA.
    pub(super) cluster: PathBuf,
    /// The folder of the socket.
    pub(super) socket_dir: PathBuf,
    /// What the server prints.
    pub(super) log: PathBuf,
}

impl Layout {
    /// Prepares the folders. When `user` cannot reach `wanted` (root's home, mostly), a folder below `state_dir` takes its place.
    pub(super) fn prepare(wanted: &Path, state_dir: &Path, os_user: Option<&str>) -> Result<(Self, OsUser), Error> {
        let wanted = std::path::absolute(wanted).during("resolve", wanted)?;
        let user = OsUser::resolve(&wanted, &wanted.join("postgres"), os_user)?;
        let mut data_dir = reachable(&wanted, &user)?;
        if user.is_switched() && !user.can_enter(&data_dir) {
            let elsewhere = state_dir.join(slug(&wanted));
            tracing::warn!(wanted = %wanted.display(), used = %elsewhere.display(), user = user.name(),
                "the database user cannot reach the data directory: the database lies elsewhere");
            data_dir = reachable(&elsewhere, &user)?;
        }
        let home = data_dir.join("postgres");
        user.own_dir(&home)?;
        let socket_dir = socket_dir(&home, &user)?;
        let layout = Self { cluster: home.join("cluster"), log: data_dir.join("postgres.log"), data_dir, home, socket_dir };
        Ok((layout, user))
    }

    /// Where a cluster is made before it gets its name.
    pub(super) fn unfinished(&self) -> PathBuf {
        self.home.join("cluster.new")
    }

    /// Takes the data directory for this process, waiting up to `patience` for a predecessor that is just ending.
    /// The lock ends with the last handle, and the guard process holds one as long as its Postgres lives, as `initdb` does: the orphan of
    /// a first start that was killed ends by itself, but not within the time that a shutdown takes.
    ///
    /// It looks again and again since flock(2) has no wait with an end: a thread left in one would take the lock after we gave up.
    pub(super) fn lock(&self, patience: Duration) -> Result<File, Error> {
        let path = self.data_dir.join("lock");
        let file = open_own(&path, OpenOptions::new().read(true).write(true).create(true))?;
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(fs::TryLockError::WouldBlock) if started.elapsed() < self.patience(patience) => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                Err(fs::TryLockError::WouldBlock) => return Err(Error::Locked { path: self.data_dir.clone() }),
                Err(fs::TryLockError::Error(error)) => return Err(error).during("lock", &path),
            }
        }
    }

    fn patience(&self, usual: Duration) -> Duration {
        if self.unfinished().exists() { usual.max(FIRST_START) } else { usual }
    }

    /// The log, opened for appending.
    pub(super) fn open_log(&self) -> Result<File, Error> {
        open_own(&self.log, OpenOptions::new().append(true).create(true))
    }

    /// Copies a log that grew too long to `postgres.log.1` and empties it; the server, which appends, goes on writing.
    pub(super) fn rotate_log(&self) -> Result<(), Error> {
        if fs::metadata(&self.log).map_or(0, |found| found.len()) <= LONGEST_LOG {
            return Ok(());
        }
        let old = self.data_dir.join("postgres.log.1");
        let mut from = open_own(&self.log, OpenOptions::new().read(true))?;
        let mut to = open_own(&old, OpenOptions::new().write(true).create(true).truncate(true))?;
        io::copy(&mut from, &mut to).during("rotate", &self.log)?;
        open_own(&self.log, OpenOptions::new().write(true))?.set_len(0).during("rotate", &self.log)
    }

    /// The last lines of the log.
    pub(super) fn log_tail(&self) -> String {
        let read = || -> io::Result<String> {
            let mut file = File::open(&self.log)?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(8 * 1024)))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        let text = read().unwrap_or_else(|error| format!("(unreadable: {error})"));
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
    }
}

/// Creates `dir` if need be. What root creates can be crossed by the database user, but not listed.
fn reachable(dir: &Path, user: &OsUser) -> Result<PathBuf, Error> {
    if !dir.exists() {
        fs::create_dir_all(dir).during("create", dir)?;
        let mode = if user.is_switched() { 0o711 } else { 0o700 };
        fs::set_permissions(dir, fs::Permissions::from_mode(mode)).during("set the mode of", dir)?;
    }
    fs::canonicalize(dir).during("resolve", dir)
}

/// Opens a file of ours without following a link that somebody laid in its place.
fn open_own(path: &Path, options: &mut OpenOptions) -> Result<File, Error> {
    let flags = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).expect("O_NOFOLLOW is a small flag on every platform");
    options.mode(0o600).custom_flags(flags).open(path).during("open", path)
}

/// The folder of the socket: in `home`, or at a short place when that path is too long for a socket address.
fn socket_dir(home: &Path, user: &OsUser) -> Result<PathBuf, Error> {
    let fits = |dir: &Path| dir.join(format!(".s.PGSQL.{PORT}")).as_os_str().as_bytes().len() <= LONGEST_SOCKET;
    let mut dir = home.join("run");
    if !fits(&dir) {
        let runtime = PathBuf::from(format!("/run/user/{}", user.uid()));
        let parent = if !user.is_switched() && runtime.is_dir() { runtime } else { PathBuf::from("/tmp") };
        dir = parent.join(format!("grantor-{:016x}", fingerprint(home)));
    }
    user.own_dir(&dir)?;
    Ok(dir)
}

/// A readable name for `path`, unique by its fingerprint.
fn slug(path: &Path) -> String {
    let words: Vec<String> = path.components().rev().take(2).map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    let clean: String = words.into_iter().rev().collect::<Vec<_>>().join("-");
    let clean: String = clean.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).take(40).collect();
    format!("{clean}-{:08x}", fingerprint(path) & 0xffff_ffff)
}

/// FNV-1a over the path: stable over releases, which std's hasher is not. Not for secrets.
fn fingerprint(path: &Path) -> u64 {
    path.as_os_str().as_bytes().iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
