//! Work on the data that nobody asked for: removing keys and fields that are due, and forgetting reads that are too many.
//!
//! Each worker tends the stripes whose index leaves its own number as the remainder. One call looks at each of them, locked for
//! that look, and removes what is due until its budget is spent. A look at a stripe with nothing due costs some twenty
//! nanoseconds, so that a sweep of a thousand stripes every few milliseconds is not felt; and what is due is found at
//! once, however many other keys have an expiry.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use crossbeam_utils::CachePadded;
use keyspace::{Stripe, UnixMillis};

use crate::clock::{Clock, Moment};
use crate::engine::Engine;
use crate::event::EXPIRED;
use crate::eviction::Room;
use crate::latency::LatencyEvent;
use crate::mailbox::Postman;
use crate::record::{Effect, Recorder};

/// Time between two sweeps with nothing left to do in between, in milliseconds.
const SWEEP_EVERY_MS: u64 = 25;

/// How often a worker with nothing left to do looks for background work (`hz` of INFO).
pub const SWEEPS_PER_SECOND: u64 = 1000 / SWEEP_EVERY_MS;

/// Keys or fields removed by one call: a quarter of a millisecond of work, then clients have a turn.
const KEYS_PER_TICK: usize = 256;

/// Keys or fields removed while one stripe is held.
const KEYS_PER_LOCK: usize = 64;

/// One field of a hash of millions counts as so many keys: two others may move into its place.
const KEYS_PER_FIELD: usize = 2;

/// When to tick again.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// The next call is due at this moment; if that is now, work is left: let the clients have a turn, then call again.
    pub next: Moment,
}

/// Where each worker's sweep stands.
pub(crate) struct Sweeps(Box<[CachePadded<AtomicUsize>]>);

impl Sweeps {
    pub(crate) fn new(workers: usize) -> Self {
        Self((0..workers.max(1)).map(|worker| CachePadded::new(AtomicUsize::new(worker))).collect())
    }
}

impl Engine {
    /// Does one bounded slice of background work. To be called by each worker when its last answer says.
    pub fn tick(&self, worker: usize, clock: &dyn Clock) -> Tick {
        let now = clock.now();
        self.stats().note_memory(now);
        if worker == 0 {
            self.sampler.tick(self.stats(), now);
            self.end_hot_keys_in_time(now);
        }
        let rest = match self.sweep_tracked(worker, now) {
            true => Tick { next: Moment::from_unix_nanos(now.unix_nanos() + SWEEP_EVERY_MS * 1_000_000) },
            false => Tick { next: now },
        };
        let (room, _) = self.make_room(worker, clock, now);
        if !self.settings().active_expire() || self.hides_due(now) {
            return rest;
        }
        let is_done = self.sweep(worker, now);
        let done = clock.now();
        let nanos = done.nanos_since(now);
        if self.settings().thresholds().is_monitored(nanos) {
            self.latency().note(LatencyEvent::ExpireCycle, done, nanos);
        }
        let counters = self.stats().counters(worker);
        counters.sweep_nanos.add(nanos);
        counters.sweeps_cut.add(u64::from(!is_done));
        if is_done && room != Room::Soon { rest } else { Tick { next: now } }
    }

    /// Removes what is due from the worker's stripes until its budget is spent. Returns whether nothing is left.
    fn sweep(&self, worker: usize, now: Moment) -> bool {
        let stripes = self.keyspace().stripes();
        let workers = self.workers();
        let mut budget = KEYS_PER_TICK;
        let mut stripe = self.sweeps.0[worker].load(Relaxed);
        for _ in 0..stripes.div_ceil(workers) {
            if stripe >= stripes {
                stripe = worker;
            }
            if stripe >= stripes {
                return true;
            }
            budget -= self.expire_stripe(stripe, now, budget, worker);
            if budget == 0 {
                self.sweeps.0[worker].store(stripe, Relaxed);
                return false;
            }
            stripe += workers;
        }
        self.sweeps.0[worker].store(stripe, Relaxed);
        true
    }

    /// Removes up to `keys_max` due keys and fields from a stripe, unlocking it in between. Returns how many.
    fn expire_stripe(&self, stripe: usize, now: Moment, keys_max: usize, worker: usize) -> usize {
        let mut removed = 0;
        while removed < keys_max {
            let slice = (keys_max - removed).min(KEYS_PER_LOCK);
            let count = self.keyspace().roam().visit(stripe, |stripe| {
                if self.hides_due(now) {
                    return 0;
                }
                let keys = self.expire_keys(stripe, now.unix_millis(), slice, worker);
                let fields_max = (slice - keys).div_ceil(KEYS_PER_FIELD);
                let fields = self.expire_fields(stripe, now.unix_millis(), fields_max, worker);
                (keys + fields * KEYS_PER_FIELD).min(slice)
            });
            removed += count;
            if count < slice {
                break;
            }
        }
        removed
    }

    fn expire_keys(&self, stripe: &mut Stripe, now: UnixMillis, keys_max: usize, worker: usize) -> usize {
        let mut count = 0;
        let mut recorder = Recorder::new(self, Postman::new(worker, None), false);
        stripe.expire(now, keys_max, self.keyspace().garbage(), |db, entry| {
            recorder.expired(db, entry.key(), EXPIRED, Effect::Instead(&[b"DEL", entry.key()]));
            recorder.finish(db, None);
            self.tell_expired(db, entry.key());
            count += 1;
        });
        if count > 0 {
            self.stats().counters(worker).expired_keys.add(count as u64);
        }
        count
    }

    fn expire_fields(&self, stripe: &mut Stripe, now: UnixMillis, fields_max: usize, worker: usize) -> usize {
        let mut recorder = Recorder::new(self, Postman::new(worker, None), false);
        let mut count = 0;
        while count < fields_max
            && let Some((db, name)) = stripe.first_with_due_fields(now)
        {
            let (key, left) = (self.keyspace().key(&name), fields_max - count);
            let removed = recorder.expire_fields(self.keyspace(), stripe.table_mut(db), db, &key, now, left);
            recorder.finish(db, None);
            if removed == 0 {
                break;
            }
            count += removed;
        }
        self.stats().counters(worker).expired_fields.add(recorder.take_expired().fields);
        count
    }
}
