//! What this server knows to be alive, and how it learns that something is not.
//!
//! Every flow that ends an authorization or a token, or disables somebody tokens depend on, ends its transaction with
//! [`commit`].

use std::sync::Arc;

use time::OffsetDateTime;

use crate::db::notices::{self, Notice};
use crate::db::{self, Transaction};
use crate::flows::Deps;
use crate::flows::cache::recent::{Epoch, Hearing, Recent};
use crate::flows::introspect::LiveToken;
use crate::secret::Digest;

pub mod revoke;

/// About 600 bytes each.
const TOKENS: usize = 10_000;

/// Access tokens lately found to be alive, by the SHA-256 of the token. Any revocation, here or heard of, empties it.
#[derive(Debug)]
pub struct Revocations {
    live: Recent<Digest, Arc<LiveToken>>,
    hearing: Hearing,
}

impl Default for Revocations {
    fn default() -> Self {
        Self { live: Recent::new(TOKENS), hearing: Hearing::default() }
    }
}

impl Revocations {
    /// Something ended: nothing is known to be alive until it is read again.
    pub fn forget(&self) {
        self.live.clear();
    }

    /// Whether this server still hears of what others end.
    pub fn hearing(&self) -> &Hearing {
        &self.hearing
    }

    /// The mark to take before reading what decides about a token.
    pub fn epoch(&self) -> Epoch {
        self.live.epoch()
    }

    /// The token, if it was alive and nothing ended since; its own end is for the caller to compare.
    pub fn find_live(&self, deps: &Deps, token: &Digest) -> Option<Arc<LiveToken>> {
        let now = deps.clock.now();
        self.live.get(token, |read_at| self.hearing.is_fresh(read_at, now))
    }

    /// Remembers a token found alive by what was read after `epoch`, not before `read_at`.
    pub fn remember(&self, epoch: Epoch, token: Digest, live: Arc<LiveToken>, read_at: OffsetDateTime) {
        self.live.put(epoch, token, live, read_at);
    }
}

/// Commits a transaction that ends something, so that the next introspection anywhere sees it: other servers are told with
/// the commit, this one forgets after it. It forgets also when the commit's answer was lost, for it may have worked.
pub async fn commit(deps: &Deps, mut transaction: Transaction) -> Result<(), db::Error> {
    notices::send(&mut transaction, &Notice::Revoked).await?;
    let outcome = transaction.commit().await;
    deps.revocations.forget();
    outcome
}

/// The same for an end that reaches beyond tokens: somebody or some org is out, so that nothing remembered of them counts.
pub async fn commit_everything(deps: &Deps, mut transaction: Transaction) -> Result<(), db::Error> {
    notices::send(&mut transaction, &Notice::Everything).await?;
    let outcome = commit(deps, transaction).await;
    deps.clients.forget_all();
    outcome
}
