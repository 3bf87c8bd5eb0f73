//! Who waits at which key.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keyspace::DbIndex;

use crate::waiting::waiter::{AwaitedKind, Wait, Waiter};

/// The register of waiting commands. A part for each stripe; keys enter a part while its stripe is locked.
pub(crate) struct Waits {
    parts: Box<[Part]>,
    /// Keys that somebody waits at, with every stripe counted.
    total: AtomicUsize,
    last_number: AtomicU64,
}

#[derive(Default)]
struct Part {
    /// How many places there are in the queues.
    places: AtomicU32,
    queues: Mutex<BTreeMap<Box<[u8]>, Queue>>,
}

/// Who waits at one key.
#[derive(Default)]
struct Queue {
    waiters: BTreeMap<Place, Arc<Waiter>>,
    /// Keys that these touch as well when they are served, each with how many do. Whoever changes the key asks for them, and must not have to
    /// ask everybody.
    touched: BTreeMap<Box<[u8]>, u32>,
}

/// By database and kind, then in the order in which they came.
pub(crate) type Place = (u32, AwaitedKind, u64);

impl Queue {
    fn add(&mut self, place: Place, waiter: &Arc<Waiter>) {
        for key in &waiter.touches {
            *self.touched.entry(key.clone()).or_default() += 1;
        }
        self.waiters.insert(place, Arc::clone(waiter));
    }

    /// Returns whether it was there.
    fn remove(&mut self, place: Place) -> bool {
        let Some(waiter) = self.waiters.remove(&place) else { return false };
        for key in &waiter.touches {
            if let Some(count) = self.touched.get_mut(key) {
                *count -= 1;
                if *count == 0 {
                    self.touched.remove(key);
                }
            }
        }
        true
    }
}

impl Part {
    fn queues(&self) -> MutexGuard<'_, BTreeMap<Box<[u8]>, Queue>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waits {
    pub(crate) fn new(stripes: usize) -> Self {
        Self {
            parts: (0..stripes).map(|_| Part::default()).collect(),
            total: AtomicUsize::new(0),
            last_number: AtomicU64::new(0),
        }
    }

    /// Whether nobody waits for anything. One load.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.total.load(Relaxed) == 0
    }

    /// Whether somebody waits at a key of this stripe.
    #[inline]
    pub(crate) fn any(&self, stripe: usize) -> bool {
        self.parts[stripe].places.load(Relaxed) > 0
    }

    /// The next place in all queues.
    pub(crate) fn next_number(&self) -> u64 {
        self.last_number.fetch_add(1, Relaxed) + 1
    }

    /// Adds a wait to the queues of its keys, whose stripes are locked.
    pub(crate) fn add(&self, wait: &Wait) {
        for (stripe, key) in &wait.keys {
            let part = &self.parts[*stripe];
            part.queues().entry(key.clone()).or_default().add(wait.place(), &wait.waiter);
            part.places.fetch_add(1, Relaxed);
            self.total.fetch_add(1, Relaxed);
        }
    }

    /// Takes a wait out of all queues in which it still is. O(keys · log of those who wait).
    pub(crate) fn remove(&self, wait: &Wait) {
        for (stripe, key) in &wait.keys {
            self.leave(*stripe, key, wait.place());
        }
    }

    /// Takes one out of the queue of one key.
    pub(crate) fn leave(&self, stripe: usize, key: &[u8], place: Place) {
        let part = &self.parts[stripe];
        let mut queues = part.queues();
        let Some(queue) = queues.get_mut(key) else { return };
        if queue.remove(place) {
            part.places.fetch_sub(1, Relaxed);
            self.total.fetch_sub(1, Relaxed);
        }
        if queue.waiters.is_empty() {
            queues.remove(key);
        }
    }

    /// The first who waits at a key behind place `behind`.
    pub(crate) fn next(
        &self,
        stripe: usize,
        key: &[u8],
        db: DbIndex,
        kind: AwaitedKind,
        behind: u64,
    ) -> Option<(u64, Arc<Waiter>)> {
        let queues = self.parts[stripe].queues();
        let places = (db.0, kind, behind + 1)..=(db.0, kind, u64::MAX);
        let ((_, _, number), waiter) = queues.get(key)?.waiters.range(places).next()?;
        Some((*number, Arc::clone(waiter)))
    }

    /// How many keys somebody waits at.
    pub(crate) fn keys(&self) -> usize {
        let mut keys = 0;
        for part in self.parts.iter().filter(|part| part.places.load(Relaxed) > 0) {
            let queues = part.queues();
            let databases =
                |queue: &Queue| queue.waiters.keys().map(|place| place.0).collect::<BTreeSet<_>>().len();
            keys += queues.values().map(databases).sum::<usize>();
        }
        keys
    }

    /// Whether somebody waits at this very key.
    pub(crate) fn awaits(&self, stripe: usize, key: &[u8]) -> bool {
        self.parts[stripe].queues().contains_key(key)
    }

    /// Keys that those who wait at `key`, in whatever database, touch when they are served.
    pub(crate) fn also_touched(&self, stripe: usize, key: &[u8], found: &mut BTreeSet<Box<[u8]>>) {
        if let Some(queue) = self.parts[stripe].queues().get(key) {
            found.extend(queue.touched.keys().cloned());
        }
    }

    /// Every key of these stripes that somebody waits at in this database; for changes of whole databases.
    pub(crate) fn awaited_in(&self, db: DbIndex) -> Vec<Box<[u8]>> {
        let mut keys = Vec::new();
        for part in self.parts.iter().filter(|part| part.places.load(Relaxed) > 0) {
            let queues = part.queues();
            let here = queues.iter().filter(|(_, queue)| queue.waiters.keys().any(|place| place.0 == db.0));
            keys.extend(here.map(|(key, _)| key.clone()));
        }
        keys
    }
}
