//! Lends connections for single statements. sqlx's pool asks every connection that comes back whether it still lives, a round
//! trip as long as the statement itself; here the last few are kept at hand and lent again without asking.
//!
//! A connection that died at hand is met by the next statement, which says so: callers then call [`Lane::forget`] and repeat.
//! One that comes back in the middle of a statement, because its request was dropped, is made ready by sqlx before its next use.

use std::collections::VecDeque;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::Postgres;
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgPool;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::db::{Connection, Error};

/// After so many statements a connection goes through the pool again, which ends those that have grown old.
const TURNS: u32 = 10_000;

/// Who may have a connection, and those at hand.
pub(super) struct Lane {
    /// As many as the pool has connections: whoever holds one need not wait for the pool.
    permits: Arc<Semaphore>,
    patience: Duration,
    /// Connections at hand at most; the others stay with the pool, for transactions.
    most: AtomicUsize,
    /// How often a dead connection was met. Whoever was lent before the last time goes through the pool, which looks whether it lives.
    losses: AtomicU64,
    at_hand: Mutex<VecDeque<Lent>>,
}

struct Lent {
    connection: PoolConnection<Postgres>,
    turns: u32,
    /// [`Lane::losses`] when it came from the pool.
    losses: u64,
}

/// A connection lent to one caller; dropping it gives it back.
pub struct PooledConnection {
    lent: Option<Lent>,
    lane: Arc<Lane>,
    /// Given back last: whoever waits for it then finds the connection at hand.
    _permit: OwnedSemaphorePermit,
}

impl Lane {
    pub(super) fn new(connections: u32, patience: Duration) -> Self {
        let connections = usize::try_from(connections).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        Self {
            permits: Arc::new(Semaphore::new(connections)),
            patience,
            most: AtomicUsize::new(connections / 2),
            losses: AtomicU64::new(0),
            at_hand: Mutex::default(),
        }
    }

    /// The right to one connection, within the time that a request may wait for it.
    pub(super) async fn permit(&self) -> Result<OwnedSemaphorePermit, Error> {
        let permit = tokio::time::timeout(self.patience, Arc::clone(&self.permits).acquire_owned()).await;
        permit.ok().and_then(Result::ok).ok_or(Error::Unavailable(sqlx::Error::PoolTimedOut))
    }

    /// Lends a connection: one at hand, else one of the pool's.
    pub(super) async fn lend(self: &Arc<Self>, pool: &PgPool) -> Result<PooledConnection, Error> {
        let permit = self.permit().await?;
        let at_hand = self.at_hand().pop_back();
        let lent = if let Some(lent) = at_hand {
            lent
        } else {
            let losses = self.losses.load(Ordering::Relaxed);
            // Boxed, for connecting is four kilobytes of every future that may have to, and few have to.
            Lent { connection: Box::pin(pool.acquire()).await?, turns: 0, losses }
        };
        Ok(PooledConnection { lent: Some(lent), lane: Arc::clone(self), _permit: permit })
    }

    /// Gives all that are at hand, and all that are lent when they come back, to the pool, which looks whether they live: one was dead.
    pub(super) fn forget(&self) {
        self.losses.fetch_add(1, Ordering::Relaxed);
        let all = std::mem::take(&mut *self.at_hand());
        drop(all);
    }

    /// Gives one back, for a transaction, so that the pool needs no more connections than there are permits.
    pub(super) fn make_room(&self) {
        let oldest = self.at_hand().pop_front();
        drop(oldest);
    }

    /// Keeps none at hand from now on.
    pub(super) fn close(&self) {
        self.most.store(0, Ordering::Relaxed);
        self.forget();
    }

    /// How many are at hand.
    pub(super) fn idle(&self) -> usize {
        self.at_hand().len()
    }

    fn at_hand(&self) -> MutexGuard<'_, VecDeque<Lent>> {
        self.at_hand.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        // Giving back needs a runtime, and there may be none any more: these are closed where they are.
        for lent in self.at_hand.get_mut().unwrap_or_else(PoisonError::into_inner).drain(..) {
            drop(lent.connection.detach());
        }
    }
}

impl Drop for PooledConnection {
    fn drop(&mut self) {
        let Some(mut lent) = self.lent.take() else { return };
        lent.turns += 1;
        let lane = &self.lane;
        let trusted = lent.turns < TURNS && lent.losses == lane.losses.load(Ordering::Relaxed);
        let mut at_hand = lane.at_hand();
        if trusted && at_hand.len() < lane.most.load(Ordering::Relaxed) {
            at_hand.push_back(lent);
        } else {
            drop(at_hand);
            drop(lent);
        }
    }
}

impl Deref for PooledConnection {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.lent.as_ref().expect("lent until dropped").connection
    }
}

impl DerefMut for PooledConnection {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.lent.as_mut().expect("lent until dropped").connection
    }
}

impl fmt::Debug for PooledConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PooledConnection")
    }
}

impl fmt::Debug for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lane").field("idle", &self.idle()).finish_non_exhaustive()
    }
}
