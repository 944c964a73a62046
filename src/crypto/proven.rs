//! Tokens whose signature need not be checked again: this server made it, or has checked it.
//!
//! A signature that was good stays good, so nothing here ever has to be forgotten. What can change is judged elsewhere each
//! time: whether the key is still ours, and whether what the token stands on was revoked.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::secret::Digest;

/// Tokens that share a lock are one in so many.
const SHARDS: usize = 64;
/// Sets of a shard.
const SETS: usize = 256;
/// Tokens of a set; the next one takes the place of one of them.
const WAYS: usize = 4;

/// The SHA-256 of up to 65,536 tokens, in two megabytes.
pub struct Proven {
    shards: [Mutex<Vec<[Option<Digest>; WAYS]>>; SHARDS],
}

impl Default for Proven {
    fn default() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()) }
    }
}

impl std::fmt::Debug for Proven {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Proven")
    }
}

impl Proven {
    /// Whether the signature of the token with this SHA-256 is known to be good.
    pub fn contains(&self, token: &Digest) -> bool {
        let (shard, set, _) = place(token);
        self.shard(shard).get(set).is_some_and(|ways| ways.iter().flatten().any(|known| known == token))
    }

    /// Its signature is good; some older token may have to be checked again for it.
    pub fn insert(&self, token: Digest) {
        let (shard, set, way) = place(&token);
        let mut sets = self.shard(shard);
        if sets.is_empty() {
            sets.resize(SETS, [const { None }; WAYS]);
        }
        let ways = &mut sets[set];
        let free = ways.iter().position(|known| known.as_ref().is_none_or(|known| *known == token));
        ways[free.unwrap_or(way)] = Some(token);
    }

    fn shard(&self, number: usize) -> MutexGuard<'_, Vec<[Option<Digest>; WAYS]>> {
        self.shards[number].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shard, set and way by bytes of the digest, which spread evenly whatever is hashed.
fn place(token: &Digest) -> (usize, usize, usize) {
    let [shard, set, way, ..] = token.as_bytes().map(usize::from);
    (shard % SHARDS, set % SETS, way % WAYS)
}

#[cfg(test)]
mod tests;
