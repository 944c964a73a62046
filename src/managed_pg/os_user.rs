//! The account Postgres runs under: ours, or as root somebody else, for Postgres refuses to be root.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::managed_pg::error::{During, Error};

/// The account of Postgres packages on every distribution.
const PACKAGED: &str = "postgres";
/// What children see as PATH: the system's tools, nothing of the caller's.
const CHILD_PATH: &str = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";

/// An account and whether children must be switched to it.
#[derive(Debug, Clone)]
pub(super) struct OsUser {
    uid: u32,
    gid: u32,
    name: String,
    /// The account of this process, as the server sees its clients; differs from `name` under root.
    client: String,
    switch: bool,
}

impl OsUser {
    /// The account for the cluster in `home` below `data_dir`: its owner, else `wanted`, else the owner of `data_dir`, else `postgres`.
    /// Without root it is always our own.
    pub(super) fn resolve(data_dir: &Path, home: &Path, wanted: Option<&str>) -> Result<Self, Error> {
        let uid = rustix::process::geteuid().as_raw();
        let (client, gid) = by_uid(uid).ok_or(Error::NamelessUser { uid })?;
        if uid != 0 {
            return Ok(Self { uid, gid, name: client.clone(), client, switch: false });
        }
        let owner_of = |path: &Path| fs::symlink_metadata(path).ok().map(|found| found.uid()).filter(|uid| *uid != 0);
        let named = |uid: u32| by_uid(uid).map(|(name, gid)| (uid, gid, name)).ok_or(Error::NamelessUser { uid });
        let (uid, gid, name) = match (owner_of(home), wanted, owner_of(data_dir)) {
            (Some(uid), _, _) | (None, None, Some(uid)) => named(uid)?,
            (None, wanted, _) => {
                let name = wanted.unwrap_or(PACKAGED);
                let (uid, gid) = by_name(name).filter(|(uid, _)| *uid != 0).ok_or_else(|| Error::NoUser { wanted: name.to_owned() })?;
                (uid, gid, name.to_owned())
            }
        };
        Ok(Self { uid, gid, name, client, switch: true })
    }

    /// The account's numeric id.
    pub(super) fn uid(&self) -> u32 {
        self.uid
    }

    /// The account's name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The account the server sees behind our connections.
    pub(super) fn client(&self) -> &str {
        &self.client
    }

    /// Whether children run as somebody else than we.
    pub(super) fn is_switched(&self) -> bool {
        self.switch
    }

    /// A command that runs as this account in `dir`, in its own process group (so that Ctrl-C reaches only us), without our environment.
    /// std drops the supplementary groups together with the user id.
    pub(super) fn command(&self, program: &Path, dir: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("LC_ALL", "C.UTF-8").env("TZ", "UTC").env("PATH", CHILD_PATH);
        command.current_dir(dir).process_group(0).stdin(Stdio::null());
        if self.switch {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Whether the account can enter `dir`; asked of the kernel, which also knows access lists.
    pub(super) fn can_enter(&self, dir: &Path) -> bool {
        let mut shell = self.command(Path::new("/bin/sh"), Path::new("/"));
        shell.args(["-c", "cd -- \"$1\" && test -x .", "sh"]).arg(dir).stdout(Stdio::null()).stderr(Stdio::null());
        shell.status().is_ok_and(|status| status.success())
    }

    /// Makes `dir` exist, belong to the account and be closed to everybody else.
    pub(super) fn own_dir(&self, dir: &Path) -> Result<(), Error> {
        use std::os::unix::fs::DirBuilderExt;
        match fs::DirBuilder::new().mode(0o700).create(dir) {
            Ok(()) if self.switch => lchown(dir, Some(self.uid), Some(self.gid)).during("give away", dir)?,
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).during("create", dir),
        }
        let found = fs::symlink_metadata(dir).during("look at", dir)?;
        if !found.is_dir() || found.uid() != self.uid || found.mode() & 0o077 != 0 {
            return Err(Error::NotOurs { path: dir.to_owned(), user: self.name.clone() });
        }
        Ok(())
    }

    /// Writes a file as the account, so that root never follows a link its owner laid. Writes nothing when the content is there already.
    pub(super) fn write_file(&self, path: &Path, content: &str) -> Result<(), Error> {
        if fs::read_to_string(path).is_ok_and(|found| found == content) {
            return Ok(());
        }
        let mut shell = self.command(Path::new("/bin/sh"), Path::new("/"));
        shell.args(["-c", "umask 077 && cat >\"$1.new\" && mv -f -- \"$1.new\" \"$1\"", "sh"]).arg(path).stdin(Stdio::piped());
        let mut child = shell.spawn().during("write", path)?;
        if let Some(mut input) = child.stdin.take() {
            input.write_all(content.as_bytes()).during("write", path)?;
        }
        let status = child.wait().during("write", path)?;
        if status.success() { Ok(()) } else { Err(std::io::Error::other(format!("the shell ended with {status}"))).during("write", path) }
    }
}

/// Name and primary group of a user id.
fn by_uid(uid: u32) -> Option<(String, u32)> {
    passwd(|entry| entry.uid == uid).map(|entry| (entry.name, entry.gid)).or_else(|| {
        // Directory services and macOS keep people outside /etc/passwd.
        let name =
            id(&["-un", &uid.to_string()]).or_else(|| (uid == rustix::process::geteuid().as_raw()).then(|| id(&["-un"])).flatten())?;
        let gid = id(&["-g", &name])?.parse().ok()?;
        Some((name, gid))
    })
}

/// User id and primary group of a name.
fn by_name(name: &str) -> Option<(u32, u32)> {
    passwd(|entry| entry.name == name)
        .map(|entry| (entry.uid, entry.gid))
        .or_else(|| Some((id(&["-u", name])?.parse().ok()?, id(&["-g", name])?.parse().ok()?)))
}

/// One line of the user database.
struct Entry {
    name: String,
    uid: u32,
    gid: u32,
}

fn passwd(wanted: impl Fn(&Entry) -> bool) -> Option<Entry> {
    let text = fs::read_to_string("/etc/passwd").ok()?;
    text.lines()
        .filter_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?.to_owned();
            let uid = fields.nth(1)?.parse().ok()?;
            let gid = fields.next()?.parse().ok()?;
            Some(Entry { name, uid, gid })
        })
        .find(wanted)
}

fn id(arguments: &[&str]) -> Option<String> {
    let output = Command::new("id").args(arguments).env("PATH", CHILD_PATH).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then(|| text.trim().to_owned())
}
