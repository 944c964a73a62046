//! Use cases: async, one transaction each. A flow loads facts, asks `protocol` for a decision, writes, and answers by value.

use std::sync::Arc;

use crate::clock::Clock;
use crate::crypto::{Busy, NoRootKey, NoSigningKey, Passwords, Sealer};
use crate::db::{self, Database};
use crate::entropy::Entropy;
use crate::fetch::{Bounds, Fetcher};
use crate::flows::cache::ClientCache;
use crate::flows::keys::LiveKeyring;
use crate::flows::last_use::LastUse;
use crate::flows::rate_limits::RateLimits;
use crate::flows::revocation::Revocations;
use crate::flows::traces::Traces;
use crate::mail::Mailer;
use crate::model::policy::{FIRST_FREE_PORT, KeyPolicy, Policy};
use crate::model::refusal::Refusal;
use crate::secret::Secret;

pub mod access;
pub mod account;
pub mod assertion;
pub mod audit;
pub mod authorize;
pub mod cache;
pub mod client_auth;
pub mod clients;
pub mod development;
pub mod health;
pub mod introspect;
pub mod keys;
pub mod last_use;
pub mod mails;
pub mod operator;
pub mod orgs;
pub mod people;
pub mod prune;
pub mod rate_limits;
pub mod revocation;
pub mod token;
pub mod traces;
pub mod tryout;

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
    /// Mints and opens what clients and browsers carry.
    pub sealer: Arc<Sealer>,
    /// Hashes and verifies passwords, a few at a time.
    pub passwords: Arc<Passwords>,
    /// Signs and verifies access tokens.
    pub keyring: Arc<LiveKeyring>,
    /// Last uses of credentials and clients that are not written yet.
    pub last_use: Arc<LastUse>,
    /// Remembers clients until they change.
    pub clients: Arc<ClientCache>,
    /// Remembers living access tokens until anything is revoked; the same as in `clients`.
    pub revocations: Arc<Revocations>,
    /// Counts requests.
    pub rate: Arc<RateLimits>,
    /// What apps' last requests came to, as far as it is not written yet.
    pub traces: Arc<Traces>,
    /// Sends what waits in `mails`.
    pub mailer: Arc<Mailer>,
    /// Reads what apps publish.
    pub fetcher: Arc<Fetcher>,
}

impl Deps {
    /// Everything, with empty caches and no signing key yet: `keys::ensure` makes or loads those. `root_keys` are newest first.
    pub fn new(
        db: Database,
        policy: Policy,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        root_keys: &[Secret<[u8; 32]>],
    ) -> Result<Self, NoRootKey> {
        let revocations = Arc::new(Revocations::default());
        Ok(Self {
            db,
            sealer: Arc::new(Sealer::new(root_keys)?),
            passwords: Arc::new(Passwords::new(policy.limits.password_hashes, policy.limits.password_queue)),
            keyring: Arc::new(LiveKeyring::empty()),
            last_use: Arc::new(LastUse::default()),
            clients: Arc::new(ClientCache::new(revocations.clone())),
            revocations,
            rate: Arc::new(RateLimits::new(&policy.limits, clock.clone())),
            traces: Arc::default(),
            mailer: Arc::new(Mailer::off()),
            fetcher: Arc::new(fetcher(&policy.keys)),
            policy: Arc::new(policy),
            clock,
            entropy,
        })
    }

    /// The same with a way to send mail.
    #[must_use]
    pub fn with_mailer(self, mailer: Mailer) -> Self {
        Self { mailer: Arc::new(mailer), ..self }
    }
}

fn fetcher(keys: &KeyPolicy) -> Fetcher {
    let patience = std::time::Duration::try_from(keys.fetch.patience).unwrap_or_default();
    Fetcher::new(Bounds {
        patience,
        largest: keys.fetch.largest,
        loopback: keys.fetch_loopback,
        first_free_port: FIRST_FREE_PORT,
        authorities: Vec::new(),
    })
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

impl From<Busy> for Unavailable {
    fn from(busy: Busy) -> Self {
        Self::because(busy)
    }
}

impl From<Busy> for Error {
    fn from(busy: Busy) -> Self {
        Self::Unavailable(busy.into())
    }
}

impl From<NoSigningKey> for Unavailable {
    fn from(missing: NoSigningKey) -> Self {
        Self::because(missing)
    }
}

impl From<NoSigningKey> for Error {
    fn from(missing: NoSigningKey) -> Self {
        Self::Unavailable(missing.into())
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
