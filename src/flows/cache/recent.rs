//! A bounded memory of what was read, that cannot keep what was read before a change and stored after it.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use time::{Duration, OffsetDateTime};

/// How long something read is believed while nobody tells us about changes.
pub const BLIND_TRUST: Duration = Duration::SECOND;

/// Whether this server still hears of changes made by others: the instant up to which all notices are known to have arrived.
#[derive(Debug)]
pub struct Hearing(AtomicI64);

impl Default for Hearing {
    fn default() -> Self {
        Self(AtomicI64::new(i64::MIN))
    }
}

impl Hearing {
    /// All that was told before `at` has arrived and was acted on.
    pub fn proven_at(&self, at: OffsetDateTime) {
        self.0.store(micros(at), Ordering::Release);
    }

    /// Whether something read at `read_at` may be believed at `now`: it is young, or every change up to a moment ago was heard.
    /// A clock that was set back makes neither true.
    pub fn is_fresh(&self, read_at: OffsetDateTime, now: OffsetDateTime) -> bool {
        let recent = |at: i64| {
            let age = micros(now).saturating_sub(at);
            (0..=micros_of(BLIND_TRUST)).contains(&age)
        };
        recent(micros(read_at)) || recent(self.0.load(Ordering::Acquire))
    }
}

fn micros(at: OffsetDateTime) -> i64 {
    at.unix_timestamp().saturating_mul(1_000_000).saturating_add(i64::from(at.microsecond()))
}

fn micros_of(duration: Duration) -> i64 {
    i64::try_from(duration.whole_microseconds()).unwrap_or(i64::MAX)
}

/// A mark taken before reading; what was read is kept only if nothing was forgotten since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Epoch(u64);

/// A map of at most `capacity` entries. When full it drops what was not used since the last time it was full.
#[derive(Debug)]
pub struct Recent<K, V> {
    state: RwLock<State<K, V>>,
    capacity: usize,
}

#[derive(Debug)]
struct State<K, V> {
    entries: HashMap<K, Entry<V>>,
    epoch: u64,
}

#[derive(Debug)]
struct Entry<V> {
    value: V,
    read_at: OffsetDateTime,
    used: AtomicBool,
}

impl<K: Eq + Hash, V: Clone> Recent<K, V> {
    /// An empty memory.
    pub fn new(capacity: usize) -> Self {
        Self { state: RwLock::new(State { entries: HashMap::new(), epoch: 0 }), capacity }
    }

    /// The entry, if `believe` accepts the instant it was read at.
    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q, believe: impl FnOnce(OffsetDateTime) -> bool) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let state = self.reading();
        let entry = state.entries.get(key).filter(|entry| believe(entry.read_at))?;
        if !entry.used.load(Ordering::Relaxed) {
            entry.used.store(true, Ordering::Relaxed);
        }
        Some(entry.value.clone())
    }

    /// The mark to take before reading from the database.
    pub fn epoch(&self) -> Epoch {
        Epoch(self.reading().epoch)
    }

    /// Keeps what was read at `read_at`, unless something was forgotten since `epoch` was taken.
    pub fn put(&self, epoch: Epoch, key: K, value: V, read_at: OffsetDateTime) {
        let mut state = self.writing();
        if state.epoch != epoch.0 {
            return;
        }
        if state.entries.len() >= self.capacity && !state.entries.contains_key(&key) {
            state.entries.retain(|_, entry| std::mem::take(entry.used.get_mut()));
            if state.entries.len() >= self.capacity {
                state.entries.clear();
            }
        }
        state.entries.insert(key, Entry { value, read_at, used: AtomicBool::new(false) });
    }

    /// Forgets one entry, and what is being read at this moment.
    pub fn forget<Q: Eq + Hash + ?Sized>(&self, key: &Q)
    where
        K: Borrow<Q>,
    {
        let mut state = self.writing();
        state.epoch += 1;
        state.entries.remove(key);
    }

    /// Forgets everything, and what is being read at this moment.
    pub fn clear(&self) {
        let mut state = self.writing();
        state.epoch += 1;
        state.entries.clear();
    }

    fn reading(&self) -> RwLockReadGuard<'_, State<K, V>> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn writing(&self) -> RwLockWriteGuard<'_, State<K, V>> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
