//! What can go wrong below, sorted by what a caller can do about it.

use std::sync::Arc;

/// A statement did not work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The connection was closed under the statement; whether it took effect is unknown, so only guarded or read-only
    /// statements may be repeated.
    #[error("the database connection was lost: {0}")]
    Disconnected(#[source] sqlx::Error),
    /// The database is away, full, read-only, overloaded or too slow: 503, and nothing about anybody's credentials.
    #[error("the database is unavailable: {0}")]
    Unavailable(#[source] sqlx::Error),
    /// A named constraint said no.
    #[error("constraint {name} refused the row")]
    Constraint {
        /// As named in the migrations.
        name: String,
    },
    /// A row that means nothing, such as an unknown state word.
    #[error("corrupt row in {table}: {what}")]
    Corrupt {
        /// Where.
        table: &'static str,
        /// What was found.
        what: String,
    },
    /// The same trouble for all who were asked for in one statement.
    #[error(transparent)]
    Shared(Arc<Self>),
}

impl Error {
    /// A row that cannot be understood.
    pub fn corrupt(table: &'static str, what: impl Into<String>) -> Self {
        Self::Corrupt { table, what: what.into() }
    }

    /// Whether it may be about one row of a statement for many: its data are out of range, break a constraint or mean nothing.
    pub(super) fn is_of_one_row(&self) -> bool {
        match self {
            Self::Constraint { .. } | Self::Corrupt { .. } => true,
            // Classes 21, 22 and 23: cardinality, data, integrity.
            Self::Unavailable(sqlx::Error::Database(refused)) => {
                refused.code().is_some_and(|code| ["21", "22", "23"].iter().any(|class| code.starts_with(class)))
            }
            Self::Disconnected(_) | Self::Unavailable(_) | Self::Shared(_) => false,
        }
    }

    /// The name of the constraint that refused, if one did.
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Constraint { name } => Some(name),
            _ => None,
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(refused) if refused.constraint().is_some() => {
                Self::Constraint { name: refused.constraint().unwrap_or_default().to_owned() }
            }
            // Class 57P is an operator's intervention (shutdown, terminated backend): the connection is gone.
            sqlx::Error::Database(ref refused) if refused.code().is_some_and(|code| code.starts_with("57P")) => Self::Disconnected(error),
            sqlx::Error::Io(_) => Self::Disconnected(error),
            other => Self::Unavailable(other),
        }
    }
}
