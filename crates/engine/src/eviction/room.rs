//! Whether there is room, and how it is made.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use catalog::{Flags, id};
use crossbeam_utils::CachePadded;
use fastrand::Rng;

use super::policy::EvictionPolicy;
use super::search::{Evictor, Search};
use crate::clock::{Clock, Moment};
use crate::ctx::Ctx;
use crate::engine::Engine;
use crate::error::CommandError;
use crate::latency::LatencyEvent;
use crate::session::Session;

/// Evictions between two looks at the clock.
const EVICTIONS_PER_LOOK: u32 = 16;

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

impl Eviction {
    pub(crate) fn new(workers: usize, random: &mut Rng) -> Self {
        let evictors = (0..workers.max(1)).map(|_| CachePadded::new(Mutex::new(Evictor::new(random.fork()))));
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
    /// Bytes in use that count for `maxmemory`: without what will be free soon. What a snapshot keeps is: if it counted, evicting a key would free
    /// nothing, as its copy takes its place.
    fn counted_bytes(&self) -> u64 {
        let (used, keyspace) = (keyspace::memory::used_bytes(), self.keyspace());
        let kept = keyspace.snapshot_bytes() + keyspace.flushed_snapshot_bytes();
        used.saturating_sub(keyspace.garbage().pending_bytes()).saturating_sub(kept) as u64
    }

    /// Says in the log what a limit below what is in use is going to do.
    pub(crate) fn warn_of_small_limit(&self) {
        let (used, limits) = (self.counted_bytes(), self.settings().memory_limits());
        let bytes_max = limits.bytes_max();
        if bytes_max == 0 || used <= bytes_max {
            return;
        }
        let outcome = match limits.policy(self.settings().access_policy()) {
            Some(_) => "keys are evicted until it is kept",
            None => "maxmemory-policy is noeviction, so commands that may need memory are refused",
        };
        self.host().log(&format!("maxmemory is {bytes_max} bytes now, and {used} are in use: {outcome}"));
    }

    /// Milliseconds for which `maxmemory` has been exceeded until `now`, and for which it was exceeded before.
    pub fn memory_exceeded_millis(&self, now: Moment) -> (u64, u64) {
        const NANOS: u64 = 1_000_000;
        let since = self.eviction.over_since.load(Relaxed);
        let present = if since == 0 { 0 } else { now.unix_nanos().saturating_sub(since) };
        (present / NANOS, (self.eviction.over_nanos.load(Relaxed) + present) / NANOS)
    }

    /// The same for what a session is about to run. A log that is carried out needs no leave.
    #[inline]
    pub(crate) fn make_room_for(&self, session: &Session, clock: &dyn Clock, now: Moment) -> (Room, Moment) {
        if session.is_replaying { (Room::Enough, now) } else { self.make_room(session.worker, clock, now) }
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
        // Whoever pauses the clients expects that the data stays as it is; while it is read, it isn't there yet.
        if self.hides_due(now) {
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
        evictor.rate_by(policy);
        let changes = self.stats().sum(|counters| &counters.changes);
        if evictor.found_nothing_at(changes) {
            return (Room::None, now);
        }
        let mut count = 0;
        let room = loop {
            match self.evict_one(&mut evictor, policy, worker, now) {
                Search::Evicted => {}
                Search::Paused => break Room::Enough,
                Search::Nothing => {
                    evictor.note_nothing_at(changes);
                    break Room::None;
                }
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
