//! How often who may ask: counted in this process, by the app's clock, with keys that hostile text cannot multiply.

use std::hash::{BuildHasher as _, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::{Clock as GovernorClock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use crate::clock::Clock;
use crate::flows::Error;
use crate::model::ids::ClientKey;
use crate::model::policy::Limits;

/// Client ids that fail are counted in so many buckets an address: an attacker invents names, but not memory.
const BUCKETS: u64 = 64;

/// Where a request comes from, as far as it is counted: an IPv4 address, or the /64 that an IPv6 customer usually has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Prefix(Option<IpAddr>);

impl Prefix {
    /// The prefix of `ip`; all requests without an address (served in process) are one.
    pub fn of(ip: Option<IpAddr>) -> Self {
        Self(ip.map(|ip| match ip.to_canonical() {
            IpAddr::V4(v4) => IpAddr::V4(v4),
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        }))
    }
}

/// The limits of this process.
pub struct RateLimits {
    tokens: Option<Counter<(ClientKey, Prefix)>>,
    failures: Option<Counter<(u64, Prefix)>>,
    authorizations: Option<Counter<Prefix>>,
    buckets: RandomState,
    ticks: Ticks,
}

type Counter<K> = RateLimiter<K, DefaultKeyedStateStore<K>, Ticks, NoOpMiddleware<Tick>>;

impl RateLimits {
    /// Counts by `clock`; a limit of 0 counts nothing.
    pub fn new(limits: &Limits, clock: Arc<dyn Clock>) -> Self {
        let ticks = Ticks(clock);
        let second = |rate| NonZeroU32::new(rate).map(Quota::per_second);
        let minute = |rate| NonZeroU32::new(rate).map(Quota::per_minute);
        Self {
            tokens: second(limits.token_requests_per_second).map(|quota| RateLimiter::dashmap_with_clock(quota, ticks.clone())),
            failures: minute(limits.client_auth_failures_per_minute).map(|quota| RateLimiter::dashmap_with_clock(quota, ticks.clone())),
            authorizations: minute(limits.authorization_requests_per_minute)
                .map(|quota| RateLimiter::dashmap_with_clock(quota, ticks.clone())),
            buckets: RandomState::new(),
            ticks,
        }
    }

    /// A request for a token by an authenticated client; of a public one, also by address.
    pub fn token_request(&self, client: ClientKey, ip: Option<IpAddr>) -> Result<(), Error> {
        self.count(self.tokens.as_ref(), &(client, Prefix::of(ip)))
    }

    /// An authentication that has failed. Never asked before the secret is compared: who has it, passes.
    pub fn failed_authentication(&self, client_id: &str, ip: Option<IpAddr>) -> Result<(), Error> {
        let bucket = self.buckets.hash_one(client_id) % BUCKETS;
        self.count(self.failures.as_ref(), &(bucket, Prefix::of(ip)))
    }

    /// A request at the authorization endpoint.
    pub fn authorization_request(&self, ip: Option<IpAddr>) -> Result<(), Error> {
        self.count(self.authorizations.as_ref(), &Prefix::of(ip))
    }

    /// Forgets who has been quiet long enough; called from a timer, or the keys grow without bound.
    pub fn retain_recent(&self) {
        if let Some(counter) = &self.tokens {
            counter.retain_recent();
            counter.shrink_to_fit();
        }
        if let Some(counter) = &self.failures {
            counter.retain_recent();
            counter.shrink_to_fit();
        }
        if let Some(counter) = &self.authorizations {
            counter.retain_recent();
            counter.shrink_to_fit();
        }
    }

    fn count<K: std::hash::Hash + Eq + Clone>(&self, counter: Option<&Counter<K>>, key: &K) -> Result<(), Error> {
        let Some(counter) = counter else { return Ok(()) };
        counter.check_key(key).map_err(|until| {
            let wait = until.wait_time_from(self.ticks.now());
            // Rounded up: who comes back exactly then is let in.
            Error::RateLimited { retry_after: u32::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX).max(1) }
        })
    }
}

impl std::fmt::Debug for RateLimits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RateLimits")
    }
}

/// The app's clock, as governor reads it.
#[derive(Clone)]
struct Ticks(Arc<dyn Clock>);

/// Nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Tick(u64);

impl GovernorClock for Ticks {
    type Instant = Tick;

    fn now(&self) -> Tick {
        Tick(u64::try_from(self.0.now().unix_timestamp_nanos()).unwrap_or(0))
    }
}

impl Reference for Tick {
    fn duration_since(&self, earlier: Self) -> Nanos {
        self.0.saturating_sub(earlier.0).into()
    }

    fn saturating_sub(&self, duration: Nanos) -> Self {
        Self(self.0.saturating_sub(duration.as_u64()))
    }
}

impl std::ops::Add<Nanos> for Tick {
    type Output = Self;

    fn add(self, duration: Nanos) -> Self {
        Self(self.0.saturating_add(Duration::from(duration).as_nanos().try_into().unwrap_or(u64::MAX)))
    }
}

#[cfg(test)]
mod tests;
