//! Traces that are not written yet: a few for each client, the newest, whatever comes.
//!
//! Noting one costs a short lock and no memory beyond a client's ring. Successes and refusals have rings of their own, so that a
//! flood of the ones does not wash away the others. What does not fit is forgotten: an explanation may be missing, a token not.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::model::ids::ClientKey;
use crate::model::request_trace::{Outcome, RequestTrace};

/// Traces of one client and outcome that wait, at most.
const RING: usize = 16;
/// Clients whose traces wait in one shard, at most.
const CLIENTS: usize = 512;
/// Locks; clients that are busy at once seldom share one.
const SHARDS: usize = 16;

/// What waits to be written.
#[derive(Debug)]
pub(super) struct Buffer {
    shards: [Mutex<HashMap<ClientKey, Waiting>>; SHARDS],
}

#[derive(Debug, Default)]
struct Waiting {
    served: VecDeque<RequestTrace>,
    refused: VecDeque<RequestTrace>,
}

impl Waiting {
    fn ring(&mut self, outcome: &Outcome) -> &mut VecDeque<RequestTrace> {
        match outcome {
            Outcome::Refused(_) => &mut self.refused,
            Outcome::Answered | Outcome::Waiting => &mut self.served,
        }
    }
}

impl Buffer {
    pub(super) fn new() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()) }
    }

    /// Keeps `trace`, at the cost of the oldest of its kind.
    pub(super) fn push(&self, trace: RequestTrace) {
        let mut shard = self.shard(trace.client);
        if shard.len() >= CLIENTS && !shard.contains_key(&trace.client) {
            return;
        }
        let ring = shard.entry(trace.client).or_default().ring(&trace.outcome);
        if ring.len() >= RING {
            ring.pop_front();
        }
        ring.push_back(trace);
    }

    /// Puts back what could not be written, as far as there is room.
    fn restore(&self, traces: impl DoubleEndedIterator<Item = RequestTrace>) {
        for trace in traces.rev() {
            let mut shard = self.shard(trace.client);
            let ring = shard.entry(trace.client).or_default().ring(&trace.outcome);
            if ring.len() < RING {
                ring.push_front(trace);
            }
        }
    }

    /// Takes about `most` out; they come back unless they are [`Taken::written`].
    pub(super) fn take(&self, most: usize) -> Taken<'_> {
        let mut traces = Vec::new();
        for shard in &self.shards {
            let mut shard = lock(shard);
            while traces.len() < most {
                let Some(client) = shard.keys().next().copied() else { break };
                let Some(waiting) = shard.remove(&client) else { break };
                traces.extend(waiting.refused);
                traces.extend(waiting.served);
            }
        }
        Taken { buffer: self, traces }
    }

    fn shard(&self, client: ClientKey) -> MutexGuard<'_, HashMap<ClientKey, Waiting>> {
        lock(&self.shards[usize::from(client.0.as_bytes()[15]) % SHARDS])
    }
}

fn lock(shard: &Mutex<HashMap<ClientKey, Waiting>>) -> MutexGuard<'_, HashMap<ClientKey, Waiting>> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Traces on their way to the database. A failure or a cancellation puts them back.
#[derive(Debug)]
pub(super) struct Taken<'b> {
    buffer: &'b Buffer,
    traces: Vec<RequestTrace>,
}

impl Taken<'_> {
    pub(super) fn traces(&self) -> &[RequestTrace] {
        &self.traces
    }

    /// They stand in the database.
    pub(super) fn written(mut self) {
        self.traces.clear();
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.buffer.restore(std::mem::take(&mut self.traces).into_iter());
    }
}

#[cfg(test)]
mod tests;
