//! Memory stays within `maxmemory`: keys are evicted before commands are run, and in the background.
//!
//! What is in use is counted exactly ([`keyspace::memory`]), but for what the service thread is about to free. Before a chunk of commands, if there is a limit and
//! it is exceeded, keys go until it isn't, for half a millisecond at most (`maxmemory-eviction-tenacity`); the workers' ticks go on from there. If nothing can
//! be evicted, commands that may need memory are refused.
//!
//! Nobody keeps all keys in the order of their use. A search looks at a few keys by chance (`maxmemory-samples`), of a bucket of a stripe and so at the
//! price of one or two cache lines and the keys' own, and enters them into a pool of the best that earlier searches have seen; the best of the pool
//! goes, unless it was used since. With `volatile-ttl` the few are the first to expire of as many stripes.

mod policy;
mod pool;

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use catalog::{Flags, id};
use crossbeam_utils::CachePadded;
use fastrand::Rng;
use keyspace::{Entry, Stripe};

use self::policy::{EvictionPolicy, Order};
use self::pool::{Candidate, Pool};
use crate::clock::{Clock, Moment};
use crate::ctx::Ctx;
use crate::engine::Engine;
use crate::error::CommandError;
use crate::event::EVICTED;
use crate::latency::LatencyEvent;
use crate::mailbox::Postman;
use crate::record::{Effect, Recorder};

pub(crate) use self::policy::MemoryLimits;

/// Evictions between two looks at the clock.
const EVICTIONS_PER_LOOK: u32 = 16;

/// Searches for one victim. The best one goes in the end even if it was used since it was seen.
const SEARCHES_MAX: usize = 4;

/// Databases of a stripe that one search looks into.
const DATABASES_PER_SEARCH: usize = 16;

/// Whether there is memory to be had.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// No limit, or it is kept.
    Enough,
    /// The limit is exceeded, but evicting goes on.
    Soon,
    /// The limit is exceeded, and nothing can be evicted.
    None,
}

/// What the workers know about evicting.
pub(crate) struct Eviction {
    evictors: Box<[CachePadded<Mutex<Evictor>>]>,
    /// Since when the limit has been exceeded, in nanoseconds; 0: it isn't.
    over_since: AtomicU64,
    /// How long it was exceeded before, in nanoseconds.
    over_nanos: AtomicU64,
}

/// One worker's search.
struct Evictor {
    pool: Pool,
    random: Rng,
    rated_by: Option<EvictionPolicy>,
}

/// What became of the best candidate.
enum Outcome {
    Evicted,
    /// It was used since, or may no longer be evicted, or is gone.
    Spared,
}

impl Eviction {
    pub(crate) fn new(workers: usize, random: &mut Rng) -> Self {
        let evictor = |random: Rng| Evictor { pool: Pool::default(), random, rated_by: None };
        let evictors = (0..workers.max(1)).map(|_| CachePadded::new(Mutex::new(evictor(random.fork()))));
        Self { evictors: evictors.collect(), over_since: AtomicU64::new(0), over_nanos: AtomicU64::new(0) }
    }

    /// Notes whether the limit is exceeded.
    fn note(&self, is_over: bool, now: Moment) {
        let since = self.over_since.load(Relaxed);
        if is_over == (since != 0) {
            return;
        }
        let next = if is_over { now.unix_nanos().max(1) } else { 0 };
        // Of several workers that see the same one counts.
        if self.over_since.compare_exchange(since, next, Relaxed, Relaxed).is_ok() && !is_over {
            self.over_nanos.fetch_add(now.unix_nanos().saturating_sub(since), Relaxed);
        }
    }
}

impl Engine {
    /// Bytes in use that count for `maxmemory`.
    fn counted_bytes(&self) -> u64 {
        let used = keyspace::memory::used_bytes();
        used.saturating_sub(self.keyspace().garbage().pending_bytes()) as u64
    }

    /// Milliseconds for which `maxmemory` has been exceeded until `now`, and for which it was exceeded before.
    pub fn memory_exceeded_millis(&self, now: Moment) -> (u64, u64) {
        const NANOS: u64 = 1_000_000;
        let since = self.eviction.over_since.load(Relaxed);
        let present = if since == 0 { 0 } else { now.unix_nanos().saturating_sub(since) };
        (present / NANOS, (self.eviction.over_nanos.load(Relaxed) + present) / NANOS)
    }

    /// Evicts keys while `maxmemory` is exceeded, for a bounded time. Returns the moment at which that was done, too.
    #[inline]
    pub(crate) fn make_room(&self, worker: usize, clock: &dyn Clock, now: Moment) -> (Room, Moment) {
        let bytes_max = self.settings().memory_limits().bytes_max();
        if bytes_max == 0 { (Room::Enough, now) } else { self.make_room_below(bytes_max, worker, clock, now) }
    }

    #[cold]
    fn make_room_below(
        &self,
        bytes_max: u64,
        worker: usize,
        clock: &dyn Clock,
        now: Moment,
    ) -> (Room, Moment) {
        if self.counted_bytes() <= bytes_max {
            self.eviction.note(false, now);
            return (Room::Enough, now);
        }
        // Whoever pauses the clients expects that the data stays as it is.
        if self.paused(now).is_some() {
            return (Room::Enough, now);
        }
        let policy = self.settings().memory_limits().policy(self.settings().access_policy());
        let (room, done) = match policy {
            Some(policy) => self.evict_keys(policy, bytes_max, worker, clock, now),
            None => (Room::None, now),
        };
        self.eviction.note(room != Room::Enough, done);
        (room, done)
    }

    fn evict_keys(
        &self,
        policy: EvictionPolicy,
        bytes_max: u64,
        worker: usize,
        clock: &dyn Clock,
        now: Moment,
    ) -> (Room, Moment) {
        let limits = self.settings().memory_limits();
        let nanos_max = limits.nanos_max();
        let mut evictor = self.eviction.evictors[worker].lock().unwrap_or_else(PoisonError::into_inner);
        if evictor.rated_by.replace(policy) != Some(policy) {
            evictor.pool.clear();
        }
        let mut count = 0;
        let room = loop {
            if !self.evict_one(&mut evictor, policy, worker, now) {
                break Room::None;
            }
            count += 1;
            if self.counted_bytes() <= bytes_max {
                break Room::Enough;
            }
            if count % EVICTIONS_PER_LOOK == 0 && clock.now().nanos_since(now) >= nanos_max {
                break Room::Soon;
            }
        };
        let done = clock.now();
        let nanos = done.nanos_since(now);
        if self.settings().thresholds().is_monitored(nanos) {
            self.latency().note(LatencyEvent::EvictionCycle, done, nanos);
        }
        (room, done)
    }

    /// Evicts the key that deserves it most of those that a search finds. `false`: there is none.
    fn evict_one(&self, evictor: &mut Evictor, policy: EvictionPolicy, worker: usize, now: Moment) -> bool {
        for search in 1..=SEARCHES_MAX {
            self.search(evictor, policy, now);
            while let Some(candidate) = evictor.pool.take_best() {
                let is_last = search == SEARCHES_MAX;
                let outcome = self.try_to_evict(&candidate, policy, is_last, worker, now);
                evictor.pool.give_back(candidate);
                if matches!(outcome, Outcome::Evicted) {
                    return true;
                }
            }
        }
        false
    }

    /// Enters some keys by chance into the pool.
    fn search(&self, evictor: &mut Evictor, policy: EvictionPolicy, now: Moment) {
        let samples = self.settings().memory_limits().samples();
        let stripes = self.keyspace().stripes();
        let start = evictor.random.usize(..stripes);
        let mut locked = self.keyspace().roam();
        // The first to expire is one for each stripe; of other keys a stripe has as many as are wanted.
        let stripes_wanted = if policy.order == Order::Expiry { samples } else { 1 };
        let mut found = 0;
        for stripe in (start..stripes).chain(0..start) {
            let has_any = locked.visit(stripe, |stripe| evictor.look_at(stripe, policy, samples, now));
            found += usize::from(has_any);
            if found == stripes_wanted {
                return;
            }
        }
    }

    fn try_to_evict(
        &self,
        candidate: &Candidate,
        policy: EvictionPolicy,
        is_last_chance: bool,
        worker: usize,
        now: Moment,
    ) -> Outcome {
        let (db, key) = (candidate.db, self.keyspace().key(&candidate.key));
        let mut locked = self.keyspace().roam();
        locked.visit(self.keyspace().stripe_of(key.hash()), |stripe| {
            let rating = stripe.table(db).and_then(|table| policy.rate(&*table.find(&key)?, now));
            if rating.is_none_or(|rating| rating < candidate.rating && !is_last_chance) {
                return Outcome::Spared;
            }
            let Some(entry) = stripe.table_mut(db).remove(&key) else { return Outcome::Spared };
            let mut recorder = Recorder::new(self, Postman::new(worker, None));
            recorder.change(db, key.bytes(), EVICTED, Effect::Instead(&[b"DEL", key.bytes()]));
            recorder.finish(db, None);
            self.tell_expired(db, key.bytes());
            self.keyspace().garbage().bury_entry(entry);
            self.stats().counters(worker).evicted_keys.add(1);
            Outcome::Evicted
        })
    }
}

impl Evictor {
    /// Enters some keys of a stripe into the pool. Returns whether any may be evicted.
    fn look_at(&mut self, stripe: &Stripe, policy: EvictionPolicy, samples: usize, now: Moment) -> bool {
        let Self { pool, random, .. } = self;
        let tables = || {
            stripe.tables().filter(|(_, table)| match policy.only_expiring {
                true => table.expiring() > 0,
                false => !table.is_empty(),
            })
        };
        let count = tables().count();
        if count == 0 {
            return false;
        }
        let first = random.usize(..count);
        for (db, table) in tables().chain(tables()).skip(first).take(count.min(DATABASES_PER_SEARCH)) {
            let mut offer = |entry: &Entry| {
                if let Some(rating) = policy.rate(entry, now) {
                    pool.offer(rating, db, entry.key());
                }
            };
            match (policy.order, policy.only_expiring) {
                (Order::Expiry, _) => table.first_expiring().iter().for_each(|entry| offer(entry)),
                (_, true) => {
                    let some = (0..samples).filter_map(|_| table.sample_expiring(random.u64(..)));
                    some.for_each(|entry| offer(&entry));
                }
                (_, false) => table.sample_some(random.u64(..), samples, offer),
            }
        }
        true
    }
}

impl Ctx<'_> {
    /// Whether the present command may run, or be queued, although there is no memory to be had.
    #[cold]
    pub(crate) fn check_room(&self) -> Result<(), CommandError> {
        let is_exec = std::ptr::eq(self.command, catalog::command(id::EXEC));
        let takes_memory = match self.session.transaction.queue() {
            Some(block) if is_exec => block.takes_memory(),
            _ => self.command.flags.contains(Flags::DENYOOM),
        };
        if takes_memory { Err(CommandError::OutOfMemory) } else { Ok(()) }
    }
}
