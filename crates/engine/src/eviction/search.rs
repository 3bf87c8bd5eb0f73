//! The search for the next key to go.

use fastrand::Rng;
use keyspace::{Entry, Stripe};

use super::policy::{EvictionPolicy, Order};
use super::pool::{Candidate, Pool};
use crate::clock::Moment;
use crate::engine::Engine;
use crate::event::EVICTED;
use crate::mailbox::Postman;
use crate::record::{Effect, Recorder};
use crate::view::is_over;

/// Searches for one victim. The best one goes in the end even if it was used since it was seen.
const SEARCHES_MAX: usize = 4;

/// Databases of a stripe that one search looks into.
const DATABASES_PER_SEARCH: usize = 16;

/// One worker's search.
pub(super) struct Evictor {
    pool: Pool,
    random: Rng,
    rated_by: Option<EvictionPolicy>,
    /// After so many changes to the data nothing could be evicted.
    nothing_at: Option<u64>,
}

/// What became of a search.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Search {
    Evicted,
    /// There is nothing to evict.
    Nothing,
    /// The clients are paused: the data has to stay as it is, whatever there is of it.
    Paused,
}

/// What became of the best candidate.
enum Outcome {
    Evicted,
    /// It was used since, or may no longer be evicted, or is gone.
    Spared,
    /// The clients are paused.
    Paused,
}

impl Engine {
    /// Evicts the key that deserves it most of those that a search finds.
    pub(super) fn evict_one(
        &self,
        evictor: &mut Evictor,
        policy: EvictionPolicy,
        worker: usize,
        now: Moment,
    ) -> Search {
        for search in 1..=SEARCHES_MAX {
            if policy.order == Order::Random {
                // None is better than another, so that old ones would stay and keep new ones out.
                evictor.pool.clear();
            }
            if !self.search(evictor, policy, now) {
                return Search::Nothing;
            }
            while let Some(candidate) = evictor.pool.take_best() {
                let is_last = search == SEARCHES_MAX;
                let outcome = self.try_to_evict(&candidate, policy, is_last, worker, now);
                evictor.pool.give_back(candidate);
                match outcome {
                    Outcome::Evicted => return Search::Evicted,
                    Outcome::Paused => return Search::Paused,
                    Outcome::Spared => {}
                }
            }
        }
        Search::Nothing
    }

    /// Enters some keys by chance into the pool. Returns whether there were any.
    fn search(&self, evictor: &mut Evictor, policy: EvictionPolicy, now: Moment) -> bool {
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
                break;
            }
        }
        found > 0
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
            if self.paused(now).is_some() {
                return Outcome::Paused;
            }
            let rating = stripe.table(db).and_then(|table| policy.rate(&*table.find(&key)?, now));
            if rating.is_none_or(|rating| rating < candidate.rating && !is_last_chance) {
                return Outcome::Spared;
            }
            let was_over = stripe
                .table(db)
                .and_then(|table| table.find(&key))
                .is_some_and(|entry| is_over(&entry, now.unix_millis()));
            let Some(discarded) = stripe.table_mut(db).discard(&key) else { return Outcome::Spared };
            let mut recorder = Recorder::new(self, Postman::new(worker, None), false);
            let effect = Effect::Instead(&[b"DEL", key.bytes()]);
            match was_over {
                true => recorder.expired(db, key.bytes(), EVICTED, effect),
                false => recorder.change(db, key.bytes(), EVICTED, effect),
            }
            recorder.finish(db, None);
            self.tell_expired(db, key.bytes());
            self.keyspace().garbage().bury_discarded(discarded);
            self.stats().counters(worker).evicted_keys.add(1);
            Outcome::Evicted
        })
    }
}

impl Evictor {
    pub(super) fn new(random: Rng) -> Self {
        Self { pool: Pool::default(), random, rated_by: None, nothing_at: None }
    }

    /// Forgets what was rated by another policy.
    pub(super) fn rate_by(&mut self, policy: EvictionPolicy) {
        if self.rated_by.replace(policy) != Some(policy) {
            self.pool.clear();
            self.nothing_at = None;
        }
    }

    /// Whether nothing could be evicted when the data had been changed as often as now: then a search through all of it would find as little.
    pub(super) fn found_nothing_at(&self, changes: u64) -> bool {
        self.nothing_at == Some(changes)
    }

    /// Notes that nothing could be evicted.
    pub(super) fn note_nothing_at(&mut self, changes: u64) {
        self.nothing_at = Some(changes);
    }

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

#[cfg(test)]
mod tests {
    use config::{Config, Origin};
    use keyspace::{DbIndex, Expiry, NewValue};

    use super::*;
    use crate::engine::Options;
    use crate::handlers::Handlers;
    use crate::host::NoHost;
    use crate::pause::{Pause, PauseKind};

    #[test]
    fn a_pause_is_told_from_there_being_nothing_to_evict() {
        let now = Moment::from_unix_millis(1_800_000_000_000);
        let mut config = Config::default();
        let policy: (&[u8], &[u8]) = (b"maxmemory-policy", b"allkeys-random");
        config.set(&[policy], Origin::CommandLine).expect("a fine value");
        let (handlers, host) = (Handlers::default(), Box::new(NoHost));
        let engine = Engine::new(Options { config, handlers, workers: 1, seed: [7; 32], now, host });
        let key = engine.keyspace().key(b"key");
        let mut locked = engine.keyspace().lock([key.hash()]);
        let table = locked.stripe_mut(key.hash()).table_mut(DbIndex(0));
        assert!(table.set(&key, NewValue::Bytes(b"value"), Expiry::None, 0).is_new);
        drop(locked);

        let mut evictor = Evictor::new(Rng::with_seed(7));
        let policy = engine.settings().memory_limits().policy(engine.settings().access_policy());
        let policy = policy.expect("keys may be evicted");
        engine.pause(Pause { kind: PauseKind::Writes, until: Moment::MAX }, now);
        assert_eq!(engine.evict_one(&mut evictor, policy, 0, now), Search::Paused);
        engine.unpause();
        assert_eq!(engine.evict_one(&mut evictor, policy, 0, now), Search::Evicted);
        assert_eq!(engine.evict_one(&mut evictor, policy, 0, now), Search::Nothing);
    }
}
