//! Finding `initdb` and `postgres` on the machine, and the version that fits the data.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::managed_pg::error::Error;
use crate::managed_pg::install;
use crate::managed_pg::os_user::OsUser;

/// The oldest major version of Postgres we run on.
const OLDEST: u32 = 14;

/// A folder that holds `initdb` and `postgres` of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binaries {
    /// The folder.
    pub(super) dir: PathBuf,
    /// Major version, such as 17.
    pub(super) major: u32,
}

/// Where to look, besides the places distributions use.
#[derive(Debug, Clone)]
pub(super) struct Where<'a> {
    /// The configured folder: if given, the only one.
    pub(super) configured: Option<&'a Path>,
    /// The caller's PATH.
    pub(super) search_path: OsString,
    /// Prefix of the distributions' places: `/`, or a test's folder.
    pub(super) root: PathBuf,
}

/// The binaries to run: those of major version `cluster` if there is data already, else the first found.
pub(super) fn find(places: &Where<'_>, cluster: Option<(u32, &Path)>, user: &OsUser) -> Result<Binaries, Error> {
    let found: Vec<Binaries> = candidates(places).into_iter().filter_map(|dir| probe(dir, user)).collect();
    choose(&found, cluster).map_err(|refusal| match (refusal, places.configured) {
        (Error::NotInstalled { .. }, Some(path)) => Error::BinDir { path: path.to_owned() },
        (refusal, _) => refusal,
    })
}

/// The choice among what is installed; `found` is in order of preference.
fn choose(found: &[Binaries], cluster: Option<(u32, &Path)>) -> Result<Binaries, Error> {
    let Some(first) = found.first() else {
        return Err(Error::NotInstalled { install: install::line() });
    };
    if let Some((major, data)) = cluster {
        return found.iter().find(|binaries| binaries.major == major).cloned().ok_or_else(|| {
            let mut majors: Vec<u32> = found.iter().map(|binaries| binaries.major).collect();
            majors.sort_unstable();
            majors.dedup();
            let found = majors.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
            Error::OtherMajor { cluster: major, found, data: data.to_owned() }
        });
    }
    found.iter().find(|binaries| binaries.major >= OLDEST).cloned().ok_or(Error::TooOld { found: first.major, minimum: OLDEST })
}

/// Folders that may hold the programs, best first, each once.
fn candidates(places: &Where<'_>) -> Vec<PathBuf> {
    if let Some(configured) = places.configured {
        return vec![configured.to_owned()];
    }
    let mut dirs: Vec<PathBuf> = Vec::new();
    let path: Vec<PathBuf> = std::env::split_paths(&places.search_path).filter(|dir| dir.is_absolute()).collect();
    dirs.extend(pg_config(&path));
    dirs.extend(path);
    // Debian and Ubuntu; RPM of the PostgreSQL project; Fedora's own; Alpine; Homebrew on ARM, on Intel, on Linux; MacPorts; FreeBSD.
    for parent in ["usr/lib/postgresql", "usr/lib64", "usr/libexec", "usr/local/opt", "opt/homebrew/opt", "home/linuxbrew/.linuxbrew/opt"] {
        dirs.extend(versions(&places.root.join(parent), ""));
    }
    dirs.extend(versions(&places.root, "usr/pgsql-"));
    dirs.extend(["usr/bin", "usr/local/bin", "usr/local/pgsql/bin"].map(|dir| places.root.join(dir)));
    let mut seen = Vec::new();
    dirs.retain(|dir| {
        let real = fs::canonicalize(dir.join("postgres")).ok();
        let new = real.is_some() && dir.join("initdb").exists() && !seen.contains(&real);
        seen.push(real);
        new
    });
    dirs
}

/// `bin` folders of the versions below `parent`, highest first: `15/bin`, `postgresql17/bin`, `postgresql@17/bin`, `pgsql-16/bin`.
fn versions(parent: &Path, prefix: &str) -> Vec<PathBuf> {
    let (parent, prefix) = match prefix.rsplit_once('/') {
        Some((below, prefix)) => (parent.join(below), prefix),
        None => (parent.to_owned(), prefix),
    };
    let Ok(entries) = fs::read_dir(&parent) else { return Vec::new() };
    let mut found: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            let version = if prefix.is_empty() {
                name.strip_prefix("postgresql").map_or(name.as_str(), |rest| rest.trim_start_matches(['@', '-']))
            } else {
                name.strip_prefix(prefix)?
            };
            let major = if version.is_empty() && name == "postgresql" { 0 } else { version.parse().ok()? };
            Some((major, parent.join(name).join("bin")))
        })
        .collect();
    found.sort_by_key(|(major, _)| std::cmp::Reverse(*major));
    found.into_iter().map(|(_, dir)| dir).collect()
}

/// What the first `pg_config` on the PATH says.
fn pg_config(path: &[PathBuf]) -> Option<PathBuf> {
    let program = path.iter().map(|dir| dir.join("pg_config")).find(|program| program.is_file())?;
    let output = Command::new(program).arg("--bindir").stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then(|| PathBuf::from(text.trim()))
}

/// The version in `dir`, asked as `user`: a program that account cannot run is no program to us.
fn probe(dir: PathBuf, user: &OsUser) -> Option<Binaries> {
    if !dir.join("initdb").exists() {
        return None;
    }
    let output = user.command(&dir.join("postgres"), Path::new("/")).arg("--version").stderr(Stdio::null()).output().ok()?;
    let major = major_of(&String::from_utf8(output.stdout).ok()?)?;
    output.status.success().then_some(Binaries { dir, major })
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` is 15; betas such as `18beta1` count as their version.
fn major_of(version: &str) -> Option<u32> {
    let number = version.split("PostgreSQL)").nth(1)?.trim_start();
    let digits = number.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// The PATH of this process: a place to look for programs, not a setting.
#[expect(clippy::disallowed_methods, reason = "PATH belongs to the machine and not to us")]
pub(super) fn ambient_path() -> OsString {
    std::env::var_os("PATH").unwrap_or_else(|| OsStr::new("/usr/local/bin:/usr/bin:/bin").to_owned())
}

#[cfg(test)]
mod tests;
