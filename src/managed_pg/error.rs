//! What can go wrong with the managed Postgres; every message says what to do next.

use std::io;
use std::path::{Path, PathBuf};

/// Why the managed Postgres could not start, answer or stop.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The machine has no Postgres server programs.
    #[error(
        "no PostgreSQL server programs (initdb, postgres) were found: install them with `{install}`, or set DATABASE_URL to a \
         running server, or start everything with `docker compose up`"
    )]
    NotInstalled {
        /// The command of this distribution that installs them.
        install: String,
    },
    /// The configured folder lacks `initdb` or `postgres`.
    #[error("postgres.bin_dir is {path}, but there is no working initdb and postgres in it", path = path.display())]
    BinDir {
        /// The configured folder.
        path: PathBuf,
    },
    /// Only versions older than we support are installed.
    #[error("PostgreSQL {found} is too old: version {minimum} or newer is needed; install it or set DATABASE_URL to a newer server")]
    TooOld {
        /// Major version found.
        found: u32,
        /// Oldest major version that works.
        minimum: u32,
    },
    /// The data was written by a major version whose programs are not here.
    #[error(
        "{data} was made by PostgreSQL {cluster}, but only version {found} is installed, which cannot read it: install PostgreSQL \
         {cluster} beside it and start again (it is chosen by itself); to move to version {found}, take a dump with pg_dumpall while \
         {cluster} runs, move {data} away, start again and load the dump, or use pg_upgrade",
        data = data.display()
    )]
    OtherMajor {
        /// Major version that wrote the data.
        cluster: u32,
        /// Major versions installed, for people.
        found: String,
        /// The cluster's folder.
        data: PathBuf,
    },
    /// Another instance uses the data directory.
    #[error("{path} is in use by another running grantor: stop it first, or choose another data directory", path = path.display())]
    Locked {
        /// The data directory.
        path: PathBuf,
    },
    /// Running as root, and no account to run Postgres under.
    #[error(
        "Postgres refuses to run as root and the account `{wanted}` does not exist: run grantor as an ordinary user, or create that account"
    )]
    NoUser {
        /// The account looked for.
        wanted: String,
    },
    /// The user id has no name, which peer authentication needs.
    #[error("user id {uid} has no entry in the user database, which Postgres needs: run as a named user, or set DATABASE_URL")]
    NamelessUser {
        /// The numeric user id.
        uid: u32,
    },
    /// A folder that must belong to the database user belongs to somebody else.
    #[error("{path} must be a folder that belongs to user `{user}`, and it is not: remove it or correct its owner", path = path.display())]
    NotOurs {
        /// The folder.
        path: PathBuf,
        /// The account that must own it.
        user: String,
    },
    /// `initdb` failed.
    #[error("initdb could not create the database cluster:\n{output}")]
    Init {
        /// What `initdb` printed.
        output: String,
    },
    /// The server ended before it was ready, or never became ready.
    #[error("Postgres did not start: {reason}; the end of {log}:\n{tail}", log = log.display())]
    Start {
        /// What was seen.
        reason: String,
        /// The server's log file.
        log: PathBuf,
        /// Its last lines.
        tail: String,
    },
    /// A server without supervisor still uses the data and does not end.
    #[error("process {pid} still uses {data} and does not end: stop it by hand", data = data.display())]
    Orphan {
        /// The process id.
        pid: i32,
        /// The cluster's folder.
        data: PathBuf,
    },
    /// The server did not end in time.
    #[error("Postgres did not stop in time; its log is {log}", log = log.display())]
    Stop {
        /// The server's log file.
        log: PathBuf,
    },
    /// The file system or the process table refused.
    #[error("could not {doing} {path}: {source}", path = path.display())]
    Io {
        /// The verb, for people.
        doing: &'static str,
        /// What it was done to.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The running server refused a database command.
    #[error("the managed Postgres refused: {0}")]
    Database(#[from] sqlx::Error),
}

/// Names the deed and the path an [`io::Error`] lacks.
pub(super) trait During<T> {
    /// Turns the system's answer into [`Error::Io`].
    fn during(self, doing: &'static str, path: &Path) -> Result<T, Error>;
}

impl<T> During<T> for io::Result<T> {
    fn during(self, doing: &'static str, path: &Path) -> Result<T, Error> {
        self.map_err(|source| Error::Io { doing, path: path.to_owned(), source })
    }
}
