//! Making the database cluster, and who may enter it.

use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;

use crate::managed_pg::Profile;
use crate::managed_pg::binaries::Binaries;
use crate::managed_pg::error::{During, Error};
use crate::managed_pg::layout::{Layout, PORT};
use crate::managed_pg::os_user::OsUser;

/// The database role we connect as.
pub(super) const ROLE: &str = "grantor";
/// The one rule: only over the socket, only accounts the map names. No password exists anywhere.
const HBA: &str = "local all all peer map=grantor\n";

/// The major version that wrote the cluster, if there is one.
pub(super) fn major(layout: &Layout) -> Result<Option<u32>, Error> {
    let path = layout.cluster.join("PG_VERSION");
    match fs::read_to_string(&path) {
        Ok(text) => {
            let major = text.trim().parse().map_err(|_| std::io::Error::other(format!("unknown version {:?}", text.trim())));
            Ok(Some(major.during("read", &path)?))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).during("read", &path),
    }
}

/// Creates the cluster beside its place and renames it, so that an interrupted first start leaves nothing half.
/// `initdb` holds the lock too: should we die meanwhile, nobody starts over while it still writes.
pub(super) fn create(layout: &Layout, binaries: &Binaries, user: &OsUser, profile: Profile, lock: &File) -> Result<(), Error> {
    let unfinished = layout.unfinished();
    let output = match init(&unfinished, "C.UTF-8", layout, binaries, user, profile, lock)? {
        Err(output) if output.contains("locale") => init(&unfinished, "C", layout, binaries, user, profile, lock)?,
        finished => finished,
    };
    output.map_err(|output| Error::Init { output })?;
    fs::rename(&unfinished, &layout.cluster).during("rename", &unfinished)?;
    File::open(&layout.home).and_then(|dir| dir.sync_all()).during("sync", &layout.home)
}

/// One run of `initdb`; the inner error is what it printed.
fn init(
    target: &Path,
    locale: &str,
    layout: &Layout,
    binaries: &Binaries,
    user: &OsUser,
    profile: Profile,
    lock: &File,
) -> Result<Result<(), String>, Error> {
    if target.exists() {
        fs::remove_dir_all(target).during("remove", target)?;
    }
    let program = binaries.dir.join("initdb");
    let mut command = user.command(&program, &layout.home);
    command.arg("-D").arg(target).args(["-U", ROLE, "-E", "UTF8", "--auth-local=peer", "--auth-host=reject", "--data-checksums"]);
    command.arg(format!("--locale={locale}"));
    if profile == Profile::Test {
        command.arg("--no-sync");
    }
    command.stdin(Stdio::from(lock.try_clone().during("share", &layout.data_dir)?));
    let output = command.output().during("run", &program)?;
    if output.status.success() {
        return Ok(Ok(()));
    }
    Ok(Err(format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)).trim().to_owned()))
}

/// Writes who may enter. At every start, for the account we run under may have changed.
pub(super) fn admit(layout: &Layout, user: &OsUser) -> Result<(), Error> {
    let mut accounts = vec![user.client(), user.name()];
    accounts.dedup();
    let lines: Vec<String> = accounts.iter().map(|account| format!("grantor \"{}\" {ROLE}\n", account.replace('"', "\"\""))).collect();
    user.write_file(&layout.cluster.join("pg_hba.conf"), HBA)?;
    user.write_file(&layout.cluster.join("pg_ident.conf"), &lines.concat())
}

/// The server's options.
pub(super) fn options(layout: &Layout, profile: Profile) -> Vec<String> {
    let socket_dir = layout.socket_dir.to_string_lossy().replace('"', "\"\"");
    let mut options = vec![
        "listen_addresses=".to_owned(),
        format!("port={}", PORT),
        format!("unix_socket_directories=\"{socket_dir}\""),
        "unix_socket_permissions=0700".to_owned(),
        "logging_collector=off".to_owned(),
        "log_destination=stderr".to_owned(),
        "timezone=UTC".to_owned(),
        "log_timezone=UTC".to_owned(),
    ];
    let more: &[&str] = match profile {
        Profile::Production => &["max_connections=100", "log_checkpoints=off"],
        // Test data may be lost with the power, not with the server: commits still reach the system's page cache, they only never wait
        // for the disk.
        Profile::Test => &[
            "fsync=off",
            "full_page_writes=off",
            "wal_level=minimal",
            "max_wal_senders=0",
            "autovacuum=off",
            "jit=off",
            "max_connections=400",
            "shared_buffers=64MB",
            "checkpoint_timeout=30min",
            "max_wal_size=256MB",
        ],
    };
    options.extend(more.iter().map(|option| (*option).to_owned()));
    options
}
