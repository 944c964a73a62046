//! The built binary as a child process, with nothing of this process's settings in its environment.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// A root key as `openssl rand -hex 32` makes it.
pub(crate) const ROOT_KEY: &str = "8f1d7a52c36be904115afe2c9b8d70634ec5a1f7d2089b36e47f5c18a0d3926b";

/// A folder of this test's own, removed at the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let unique = format!("grantor-{name}-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(unique);
        fs::create_dir_all(&path).expect("the temporary folder is writable");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[expect(clippy::disallowed_methods, reason = "only the names are read, to take ours away from the child")]
fn command(arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grantor"));
    for (name, _) in std::env::vars_os() {
        let ours =
            name.to_string_lossy().starts_with("GRANTOR_") || ["DATABASE_URL", "PORT", "RUST_LOG"].iter().any(|known| name == *known);
        if ours {
            command.env_remove(name);
        }
    }
    command.args(arguments).envs(environment.iter().copied()).kill_on_drop(true).stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub(crate) async fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    command(arguments, environment).output().await.expect("the binary starts")
}

/// The same with something to read on standard input.
pub(crate) async fn run_with_input(arguments: &[&str], environment: &[(&str, &str)], input: &str) -> Output {
    let mut command = command(arguments, environment);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(input.as_bytes()).await.expect("the child reads");
    drop(stdin);
    child.wait_with_output().await.expect("the binary ends")
}

/// What a command said.
pub(crate) fn said(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A running server.
pub(crate) struct Server {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// Its log.
    pub(crate) log: PathBuf,
    /// Where it listens, as `http://127.0.0.1:1234`.
    pub(crate) url: String,
}

impl Server {
    /// Starts a server and waits until it says that it is ready. Its log is written into `folder`.
    pub(crate) async fn start(folder: &Folder, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let log = folder.path().join("stderr.log");
        let stderr = fs::File::options().create(true).append(true).open(&log).expect("the folder is writable");
        let mut child = command(arguments, environment).stdout(Stdio::piped()).stderr(stderr).spawn().expect("the binary starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let first =
            lines.next_line().await.expect("readable").unwrap_or_else(|| panic!("not ready: {}", said(&fs::read(&log).expect("a log"))));
        let ready = first.strip_prefix("grantor is ready at ").unwrap_or_else(|| panic!("the first line is {first}"));
        let url = match ready.split_once("(listening on ") {
            Some((_, address)) => format!("http://{}", address.trim_end_matches(')')),
            None => ready.to_owned(),
        };
        Self { child, lines, log, url }
    }

    /// The rest of what it prints, up to a line that has `text` in it.
    pub(crate) async fn line_with(&mut self, text: &str) -> String {
        loop {
            let line = self.lines.next_line().await.expect("readable").unwrap_or_else(|| panic!("no line with {text}"));
            if line.contains(text) {
                return line;
            }
        }
    }

    /// The number of the process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id().expect("the server runs")
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = self.child.id().and_then(|id| Pid::from_raw(i32::try_from(id).expect("a process id"))).expect("the server runs");
        kill_process(pid, signal).expect("our own child can be signalled");
    }

    /// Waits for its end and returns how it ended, with its log.
    pub(crate) async fn ended(mut self) -> (ExitStatus, String) {
        let mut rest = String::new();
        let _ = self.lines.into_inner().read_to_string(&mut rest).await;
        let status = self.child.wait().await.expect("the server ends");
        (status, said(&fs::read(&self.log).expect("a log")))
    }

    /// Asks it to stop and waits.
    pub(crate) async fn stop(self) -> (ExitStatus, String) {
        self.signal(Signal::TERM);
        self.ended().await
    }
}
