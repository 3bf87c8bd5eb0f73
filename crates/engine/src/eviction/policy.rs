//! Which keys may be evicted, and which of them before others (`maxmemory-policy`).

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed};

use config::{Config, id};
use keyspace::{Entry, UnixMillis};

use crate::access::AccessPolicy;
use crate::clock::Moment;

/// Which key goes before another.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// The one that was used least recently, or least often: as the access clock is kept.
    Access(AccessPolicy),
    /// Any.
    Random,
    /// The one that expires first.
    Expiry,
}

/// How keys are chosen for eviction.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct EvictionPolicy {
    /// Which goes first.
    pub(super) order: Order,
    /// Only keys with an expiry may go.
    pub(super) only_expiring: bool,
}

impl EvictionPolicy {
    /// How much a key deserves to be evicted; `None` if it may not be.
    pub(super) fn rate(self, entry: &Entry, now: Moment) -> Option<u64> {
        if self.only_expiring && entry.expiry().is_none() {
            return None;
        }
        match self.order {
            Order::Access(access) => Some(access.dispensability(entry.clock(), now)),
            Order::Random => Some(0),
            Order::Expiry => entry.expiry().map(|UnixMillis(at)| u64::MAX - at.max(0).unsigned_abs()),
        }
    }
}

/// The parameters about memory, for readers in a hurry.
#[derive(Debug, Default)]
pub(crate) struct MemoryLimits {
    bytes_max: AtomicU64,
    evicts: AtomicBool,
    order: AtomicU8,
    only_expiring: AtomicBool,
    samples: AtomicU8,
    tenacity: AtomicU8,
}

const BY_ACCESS: u8 = 0;
const BY_CHANCE: u8 = 1;
const BY_EXPIRY: u8 = 2;

impl MemoryLimits {
    /// `maxmemory` in bytes; 0 for no limit.
    #[inline]
    pub(crate) fn bytes_max(&self) -> u64 {
        self.bytes_max.load(Relaxed)
    }

    /// Keys looked at before one is evicted: `maxmemory-samples`, 1 to 64.
    pub(super) fn samples(&self) -> usize {
        usize::from(self.samples.load(Relaxed)).max(1)
    }

    /// The policy, if anything may be evicted.
    pub(super) fn policy(&self, access: AccessPolicy) -> Option<EvictionPolicy> {
        let order = match self.order.load(Relaxed) {
            BY_CHANCE => Order::Random,
            BY_EXPIRY => Order::Expiry,
            _ => Order::Access(access),
        };
        let policy = EvictionPolicy { order, only_expiring: self.only_expiring.load(Relaxed) };
        self.evicts.load(Relaxed).then_some(policy)
    }

    /// How long one command may be kept waiting by evictions, in nanoseconds, as `maxmemory-eviction-tenacity` says: up to 10 in steps of 50
    /// microseconds, then growing by 15 % each, and at 100 without a limit.
    pub(super) fn nanos_max(&self) -> u64 {
        const STEP_NANOS: u64 = 50_000;
        const GROWTH: f64 = 1.15;
        match self.tenacity.load(Relaxed) {
            linear @ 0..=10 => u64::from(linear) * STEP_NANOS,
            steep @ 11..=99 => (10.0 * STEP_NANOS as f64 * GROWTH.powi(i32::from(steep) - 10)) as u64,
            _ => u64::MAX,
        }
    }

    pub(crate) fn refresh(&self, config: &Config) {
        let policy = config.choice(id::MAXMEMORY_POLICY);
        let order = if policy.ends_with("random") {
            BY_CHANCE
        } else if policy.ends_with("ttl") {
            BY_EXPIRY
        } else {
            BY_ACCESS
        };
        let small = |value: i64| u8::try_from(value).unwrap_or(u8::MAX);
        self.order.store(order, Relaxed);
        self.only_expiring.store(policy.starts_with("volatile"), Relaxed);
        self.evicts.store(policy != "noeviction", Relaxed);
        self.samples.store(small(config.integer(id::MAXMEMORY_SAMPLES)), Relaxed);
        self.tenacity.store(small(config.integer(id::MAXMEMORY_EVICTION_TENACITY)), Relaxed);
        self.bytes_max.store(config.bytes(id::MAXMEMORY), Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenacity_is_a_time() {
        let limits = MemoryLimits::default();
        for (tenacity, nanos) in [(0, 0), (1, 50_000), (10, 500_000), (11, 575_000), (100, u64::MAX)] {
            limits.tenacity.store(tenacity, Relaxed);
            assert_eq!(limits.nanos_max(), nanos, "{tenacity}");
        }
        limits.tenacity.store(99, Relaxed);
        assert!((100_000_000_000..200_000_000_000).contains(&limits.nanos_max()), "some two minutes");
    }
}
