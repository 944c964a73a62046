//! What a predecessor that was killed left behind: a server without supervisor, a stale pid file, a stale socket.
//!
//! Called with the data directory's lock in hand, so no other supervisor lives. `kill(pid, 0)` is of no use here: it succeeds on zombies
//! and on reused numbers. A server's working directory is its cluster, and procfs tells it.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::managed_pg::error::{During, Error};
use crate::managed_pg::layout::{Layout, PORT};

/// How long an orphan may take to shut down fast, then at once.
const FAST: Duration = Duration::from_secs(30);
const IMMEDIATE: Duration = Duration::from_secs(5);

/// Ends servers without supervisor that use the cluster and removes the files they left.
pub(super) fn clear(layout: &Layout) -> Result<(), Error> {
    if !Path::new("/proc/self/cwd").exists() {
        // Without procfs Postgres' own checks decide; its message is shown.
        return Ok(());
    }
    end_orphans(&layout.cluster)?;
    let pid_file = layout.cluster.join("postmaster.pid");
    let socket = layout.socket_dir.join(format!(".s.PGSQL.{PORT}"));
    let socket_lock = layout.socket_dir.join(format!(".s.PGSQL.{PORT}.lock"));
    for stale in [&pid_file, &socket, &socket_lock] {
        match fs::remove_file(stale) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error).during("remove", stale),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

/// Asks servers in `cluster` to shut down, and looks until none is left: they are nobody's children any more, so that nothing tells.
fn end_orphans(cluster: &Path) -> Result<(), Error> {
    let started = Instant::now();
    let mut asked = None;
    loop {
        let inside = servers_in(cluster);
        let Some(any) = inside.first().copied() else { return Ok(()) };
        let postmaster = pid_in(&cluster.join("postmaster.pid")).filter(|pid| inside.contains(pid));
        let wanted = match (postmaster, started.elapsed()) {
            (_, waited) if waited > FAST + IMMEDIATE => {
                return Err(Error::Orphan { pid: any.as_raw_nonzero().get(), data: cluster.to_owned() });
            }
            (_, waited) if waited > FAST => Signal::QUIT,
            (Some(_), _) => Signal::INT,
            (None, _) => Signal::TERM,
        };
        if asked != Some(wanted) {
            tracing::warn!(pid = any.as_raw_nonzero().get(), "a Postgres without supervisor still uses the data directory: ending it");
            for pid in postmaster.map_or(inside, |pid| vec![pid]) {
                // Gone in between is what we want.
                let _ = kill_process(pid, wanted);
            }
            asked = Some(wanted);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Postgres processes whose working directory is `cluster`. Zombies have none.
fn servers_in(cluster: &Path) -> Vec<Pid> {
    let Ok(processes) = fs::read_dir("/proc") else { return Vec::new() };
    processes
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let pid = Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)?;
            let inside = fs::read_link(entry.path().join("cwd")).ok()? == cluster;
            let program = fs::read_link(entry.path().join("exe")).ok()?;
            (inside && program.file_name()?.to_str()?.starts_with("postgres")).then_some(pid)
        })
        .collect()
}

/// The first line of a pid file.
pub(super) fn pid_in(path: &Path) -> Option<Pid> {
    Pid::from_raw(fs::read_to_string(path).ok()?.lines().next()?.trim().parse().ok()?)
}
