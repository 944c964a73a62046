//! Which migrations a database has, and applying the others.

use std::time::Duration;

use sqlx::migrate::Migrate as _;
use sqlx::{ConnectOptions as _, Connection as _};

use crate::db::{ConnectOptions, Connection, Error, MIGRATOR};

/// Where a database stands against the migrations of this binary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// The newest version applied; `None` for an empty database.
    pub applied: Option<i64>,
    /// The newest version this binary knows.
    pub expected: i64,
    /// Known versions that are not applied, oldest first.
    pub pending: Vec<i64>,
    /// A version that was begun and never finished.
    pub unfinished: Option<i64>,
}

impl Schema {
    /// Whether this binary can work on it. A newer database is fine: migrations expand before they contract, so that two versions
    /// can run side by side during an upgrade.
    pub fn is_current(&self) -> bool {
        self.pending.is_empty() && self.unfinished.is_none()
    }
}

/// Why migrations were not applied.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// Another process is migrating.
    #[error("another migration of this database is still running; wait for it and try again")]
    Locked,
    /// No connection.
    #[error("the database cannot be reached: {0}")]
    Unreachable(#[source] sqlx::Error),
    /// A migration failed, or does not match what was applied earlier.
    #[error("{0}")]
    Failed(#[source] sqlx::migrate::MigrateError),
}

/// Compares the database with this binary.
pub async fn schema(connection: &mut Connection) -> Result<Schema, Error> {
    let rows = match sqlx::query!("SELECT version, success FROM _sqlx_migrations ORDER BY version").fetch_all(connection).await {
        // No table of migrations: nothing was ever applied.
        Err(sqlx::Error::Database(refused)) if refused.code().as_deref() == Some("42P01") => Vec::new(),
        other => other?,
    };
    let known = || MIGRATOR.iter().filter(|migration| migration.migration_type.is_up_migration()).map(|migration| migration.version);
    Ok(Schema {
        applied: rows.iter().filter(|row| row.success).map(|row| row.version).max(),
        expected: known().max().unwrap_or_default(),
        pending: known().filter(|version| !rows.iter().any(|row| row.version == *version && row.success)).collect(),
        unfinished: rows.iter().find(|row| !row.success).map(|row| row.version),
    })
}

/// Applies what is missing and says which. Two at once are safe: the second waits for the first, at most `lock_timeout`.
pub async fn apply(options: ConnectOptions, lock_timeout: Duration) -> Result<Vec<i64>, MigrationError> {
    let options = options.application_name("grantor-migrate").options([
        ("lock_timeout", lock_timeout.as_millis().to_string()),
        ("statement_timeout", "0".to_owned()),
        ("timezone", "UTC".to_owned()),
    ]);
    let mut connection = options.connect().await.map_err(MigrationError::Unreachable)?;
    let outcome = apply_locked(&mut connection).await;
    // A failure to say goodbye changes nothing about what was applied.
    let _ = connection.close().await;
    match outcome {
        Ok(applied) => Ok(applied),
        Err(error) if is_lock_timeout(&error) => Err(MigrationError::Locked),
        Err(error) => Err(MigrationError::Failed(error)),
    }
}

/// Looks at what is missing only once nobody else applies it: the lock, which the migrator takes a second time, goes with the
/// connection.
async fn apply_locked(connection: &mut Connection) -> Result<Vec<i64>, sqlx::migrate::MigrateError> {
    connection.lock().await?;
    let before = schema(connection).await.map_err(|error| sqlx::migrate::MigrateError::Source(error.into()))?;
    MIGRATOR.run(connection).await?;
    Ok(before.pending)
}

/// SQLSTATE 55P03: `lock_timeout` ran out, also for the advisory lock that migrations take.
fn is_lock_timeout(error: &sqlx::migrate::MigrateError) -> bool {
    let cause = std::error::Error::source(error).and_then(|source| source.downcast_ref::<sqlx::Error>());
    cause.and_then(sqlx::Error::as_database_error).and_then(|refused| refused.code().map(|code| code == "55P03")).unwrap_or(false)
}
