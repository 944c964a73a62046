//! `grantor migrate [--check]`.

use std::time::Duration;

use anyhow::Context as _;
use clap::Args;

use crate::app;
use crate::cli::{Failure, Global, Outcome, output};
use crate::db::migrations::{self, Schema};
use crate::settings::Purpose;

/// Options of `grantor migrate`.
#[derive(Debug, Args)]
pub(crate) struct Migrate {
    /// Only tell whether the database is behind (exit code 3 when it is).
    #[arg(long)]
    check: bool,
}

impl Migrate {
    pub(crate) async fn run(self, global: &Global) -> Outcome {
        let loaded = global.prepare(Purpose::Database, Vec::new())?;
        let settings = &loaded.settings;
        let url = settings.database.url.expose();
        if !self.check {
            let applied = apply(url, Duration::from_secs(settings.database.migration_lock_timeout.into())).await?;
            let text = match applied.len() {
                0 => "the database is up to date".to_owned(),
                count => format!("{count} applied; the database is up to date"),
            };
            return Ok(output::line(text)?);
        }
        let db = app::database(settings, url)?;
        let schema = db.retrying(async |connection| migrations::schema(connection).await).await;
        let schema = schema.context("check the address in DATABASE_URL and that Postgres is running")?;
        match behind(&schema) {
            None => Ok(output::line(format!("the database is up to date (version {})", schema.expected))?),
            Some(why) => Err(Failure::CheckSaysNo(why)),
        }
    }
}

/// Applies what is missing.
pub(crate) async fn apply(url: &str, lock_timeout: Duration) -> anyhow::Result<Vec<i64>> {
    // The error could quote the password.
    let options =
        url.parse().map_err(|_| anyhow::anyhow!("the database URL cannot be read; write postgres://user:password@host:5432/database"))?;
    let applied = migrations::apply(options, lock_timeout).await.context("the database was not migrated")?;
    for version in &applied {
        tracing::info!(version, "migration applied");
    }
    Ok(applied)
}

/// Why a database is behind, with the fix.
pub(crate) fn behind(schema: &Schema) -> Option<String> {
    let fix = "run `grantor migrate`";
    match (schema.unfinished, schema.pending.len()) {
        (Some(version), _) => Some(format!("migration {version} was begun and never finished; {fix}")),
        (None, 0) => None,
        (None, count) => Some(format!("the database is behind by {count} of this binary's migrations; {fix}")),
    }
}
