//! Use cases: async, one transaction each. A flow loads facts, asks `protocol` for a decision, writes, and answers by value.

use std::sync::Arc;

use crate::clock::Clock;
use crate::db::{self, Database};
use crate::entropy::Entropy;
use crate::model::policy::Policy;
use crate::model::refusal::Refusal;

/// What every flow works with; made once by `app`.
#[derive(Clone)]
pub struct Deps {
    /// The database.
    pub db: Database,
    /// What is in force.
    pub policy: Arc<Policy>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
}

/// Why a flow did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// By the rules.
    #[error("refused: {} ({})", .0.error.as_str(), .0.cause)]
    Refused(Refusal),
    /// Too many requests.
    #[error("rate limited")]
    RateLimited {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// Our own trouble.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// The server cannot answer now: 503 with `Retry-After`. It says nothing about anybody's credentials, ever.
#[derive(Debug, thiserror::Error)]
#[error("unavailable: {cause}")]
pub struct Unavailable {
    /// For the log.
    pub cause: String,
    /// Seconds to wait.
    pub retry_after: u32,
}

impl Unavailable {
    /// Trouble with a cause for the log, to be tried again soon.
    pub fn because(cause: impl std::fmt::Display) -> Self {
        Self { cause: cause.to_string(), retry_after: 2 }
    }
}

impl From<db::Error> for Unavailable {
    fn from(error: db::Error) -> Self {
        Self::because(error)
    }
}

impl From<db::Error> for Error {
    fn from(error: db::Error) -> Self {
        Self::Unavailable(error.into())
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
