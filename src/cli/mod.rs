//! The command line: parses, loads settings, calls flows, prints. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a check says no.

mod apps;
mod dev;
mod doctor;
mod keys;
mod migrate;
mod org;
mod output;
mod prune;
mod serve;
mod settings;
mod user;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use figment::value::Value;

use crate::app::{self, logging};
use crate::flows::Deps;
use crate::settings::{Flag, Loaded, LogFormat, Purpose, Sources, environment, load};
use crate::web::api::document;

/// The OAuth applications feature of your product: a self-hosted OAuth2 authorization server on Postgres.
#[derive(Debug, Parser)]
#[command(name = "grantor", version, max_term_width = 100, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
struct Global {
    /// A TOML file of settings; `config/default.toml` in the repository lists them all.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// How log lines are written.
    #[arg(long, global = true, value_enum, value_name = "FORMAT")]
    log_format: Option<LogFormat>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs everything on this machine for development: Postgres, demo data and the server.
    Dev(dev::Dev),
    /// Runs the server in production; refuses to start on an unsafe or unknown setting.
    Serve(serve::Serve),
    /// Applies the migrations of this binary to the database.
    Migrate(migrate::Migrate),
    /// Makes, lists and changes orgs.
    #[command(subcommand)]
    Org(org::Org),
    /// Marks apps of orgs as verified.
    #[command(subcommand)]
    App(apps::App),
    /// Adds people.
    #[command(subcommand)]
    User(user::User),
    /// Lists, rotates and retires the keys that sign access tokens.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Shows or checks the merged settings.
    #[command(subcommand)]
    Settings(settings::Settings),
    /// Tells whether a deployment is healthy (exit code 3 when it is not).
    Doctor(doctor::Doctor),
    /// Deletes expired rows now; a running server does it by itself.
    Prune,
    /// Prints the description of the management API for programs.
    #[command(name = "openapi")]
    OpenApi,
}

/// How a command ended without doing what was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It failed: exit code 1.
    Failed(anyhow::Error),
    /// It was asked to check, and the answer is no: exit code 3.
    CheckSaysNo(String),
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// What every command returns.
pub(crate) type Outcome = Result<(), Failure>;

/// Runs the command line of this process; wrong usage ends it right here with exit code 2.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return tell(&Failure::Failed(anyhow::anyhow!("the runtime cannot be started: {error}"))),
    };
    let outcome = runtime.block_on(cli.command.run(&cli.global));
    // Work that was cut off is not waited for.
    runtime.shutdown_background();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => tell(&failure),
    }
}

fn tell(failure: &Failure) -> ExitCode {
    let (text, code) = match failure {
        Failure::Failed(error) => (format!("grantor: {error:#}"), 1),
        Failure::CheckSaysNo(text) => (text.clone(), 3),
    };
    output::error(&text);
    ExitCode::from(code)
}

impl Command {
    async fn run(self, global: &Global) -> Outcome {
        match self {
            Self::Dev(dev) => dev.run(global).await,
            Self::Serve(serve) => serve.run(global).await,
            Self::Migrate(migrate) => migrate.run(global).await,
            Self::Org(org) => org.run(global).await,
            Self::App(app) => app.run(global).await,
            Self::User(user) => user.run(global).await,
            Self::Keys(keys) => keys.run(global).await,
            Self::Settings(settings) => settings.run(global),
            Self::Doctor(doctor) => doctor.run(global).await,
            Self::Prune => prune::run(global).await,
            Self::OpenApi => {
                output::line(document::TEXT.as_str())?;
                Ok(())
            }
        }
    }
}

impl Global {
    /// The merged settings, with `flags` on top.
    fn load(&self, mut flags: Vec<Flag>) -> anyhow::Result<Loaded> {
        if let Some(format) = self.log_format {
            let value = match format {
                LogFormat::Auto => "auto",
                LogFormat::Text => "text",
                LogFormat::Json => "json",
            };
            flags.push(Flag { name: "--log-format", key: "log.format", value: Value::from(value) });
        }
        Ok(load(&Sources { file: self.config.clone(), environment: environment(), flags })?)
    }

    /// The same, checked for `purpose`; logging is on from here.
    fn prepare(&self, purpose: Purpose, flags: Vec<Flag>) -> anyhow::Result<Loaded> {
        let loaded = self.load(flags)?;
        loaded.check(purpose)?;
        logging::start(&loaded.settings.log)?;
        Ok(loaded)
    }

    /// What an operator's command works with.
    fn operate(&self) -> anyhow::Result<Deps> {
        let loaded = self.prepare(Purpose::Operate, Vec::new())?;
        let db = app::database(&loaded.settings, loaded.settings.database.url.expose())?;
        app::deps(loaded, db)
    }
}
