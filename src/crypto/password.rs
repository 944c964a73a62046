//! Passwords that people chose: argon2id (RFC 9106), a few at a time.
//!
//! One hash takes 19 MiB and tens of milliseconds, so a flood of sign-ins must not run them all at once: a semaphore bounds how
//! many run, a counter bounds how many wait, and the rest is told to come back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::secret::Secret;

/// Memory in KiB, passes, lanes: the minimum that OWASP's password storage sheet names for argon2id.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Verified for unknown users, so that they cost what known ones cost: today's parameters, and an output that no password gives in
/// practice. Written down, since computing it would cost every start 19 MiB and a third of its time.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlzLg$bm8gcGFzc3dvcmQgaGFzIHRoaXMgYXMgaXRzIGhhc2g";
/// A stored hash that asks for more than this is not computed: nothing of ours ever wrote one.
const MEMORY_KIB_LIMIT: u32 = 65_536;
const PASSES_LIMIT: u32 = 8;

/// Too many password checks run and wait: 503 with `Retry-After`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many password checks are waiting")]
pub struct Busy;

/// What a password check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// The password belongs to the hash.
    pub matches: bool,
    /// It does, and the hash was made with other parameters than today's: hash it again and store that.
    pub needs_rehash: bool,
}

/// Hashes and verifies passwords, at most so many at a time.
#[derive(Debug)]
pub struct Passwords {
    running: Arc<Semaphore>,
    /// Callers that run or wait.
    present: AtomicUsize,
    /// Callers that may.
    capacity: usize,
}

impl Passwords {
    /// At most `permits` (at least one) computations run and `queue` more wait.
    pub fn new(permits: usize, queue: usize) -> Self {
        let permits = permits.max(1);
        Self { running: Arc::new(Semaphore::new(permits)), present: AtomicUsize::new(0), capacity: permits.saturating_add(queue) }
    }

    /// Compares `password` with a stored hash. Without one (an unknown user, or one who has no password) the same work is done
    /// for a hash that no password matches.
    pub async fn verify(&self, password: &Secret<String>, hash: Option<&str>) -> Result<Verified, Busy> {
        let known = hash.is_some();
        let hash: Arc<str> = hash.unwrap_or(NOBODYS).into();
        let password = password.clone();
        let mut verified = self.run(move || verify_now(&password, &hash)).await?;
        if !known {
            verified = Verified { matches: false, needs_rehash: false };
        }
        Ok(verified)
    }

    /// Hashes `password` with a fresh salt, as a PHC string.
    pub async fn hash(&self, password: &Secret<String>) -> Result<String, Busy> {
        let password = password.clone();
        self.run(move || hash_now(password.expose().as_bytes())).await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let _place = Place::take(&self.present, self.capacity).ok_or(Busy)?;
        let permit = Arc::clone(&self.running).acquire_owned().await.map_err(|_| Busy)?;
        let work = move || {
            // Held by the computation, not by the caller: a caller that hangs up does not stop the work it started.
            let _permit = permit;
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| Busy)
    }
}

/// A caller's place among those who run or wait; given back however the caller leaves.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(present: &'a AtomicUsize, capacity: usize) -> Option<Self> {
        let one_more = |now: usize| (now < capacity).then_some(now + 1);
        present.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more).ok().map(|_| Self(present))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn argon2id() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("constants within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_now(password: &[u8]) -> String {
    argon2id().hash_password(password).expect("argon2 fails only without memory or randomness").to_string()
}

fn verify_now(password: &Secret<String>, hash: &str) -> Verified {
    const NO: Verified = Verified { matches: false, needs_rehash: false };
    let Some((parsed, params)) = parse(hash) else {
        // A hash that is none of ours must neither match nor be told by its speed.
        let _ = hash_now(password.expose().as_bytes());
        return NO;
    };
    if argon2id().verify_password(password.expose().as_bytes(), &parsed).is_err() {
        return NO;
    }
    let today = (MEMORY_KIB, PASSES, LANES, Some(Version::V0x13.into()));
    Verified { matches: true, needs_rehash: (params.m_cost(), params.t_cost(), params.p_cost(), parsed.version) != today }
}

/// Reads an argon2id hash whose cost is no more than we are willing to pay.
fn parse(hash: &str) -> Option<(PasswordHash, Params)> {
    let parsed = PasswordHash::new(hash).ok()?;
    let params = Params::try_from(&parsed).ok()?;
    let affordable = params.m_cost() <= MEMORY_KIB_LIMIT && params.t_cost() <= PASSES_LIMIT && params.p_cost() <= 4;
    (parsed.algorithm.as_str() == "argon2id" && affordable).then_some((parsed, params))
}

#[cfg(test)]
mod tests;
