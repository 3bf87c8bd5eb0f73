//! Big entries that somebody waits for: they are saved before all others.

use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{
    AtomicBool, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::time::DbIndex;

/// The database that an entry was in at the instant of the snapshot, and its key.
pub(crate) type Place = (DbIndex, Arc<[u8]>);

/// The entries that are awaited.
///
/// Invariant: `count` is the number of places in `awaited`; it is written with `keys` locked.
#[derive(Default)]
pub(crate) struct Wanted {
    keys: Mutex<Keys>,
    count: AtomicUsize,
    /// One was completed of which nobody has been told yet.
    is_any_complete: AtomicBool,
}

#[derive(Default)]
struct Keys {
    /// Those that are not complete.
    awaited: BTreeSet<Place>,
    /// Those of them that the walk has yet to turn to, the longest awaited first.
    queue: VecDeque<Place>,
    /// The snapshot was given up: nothing is awaited.
    is_closed: bool,
}

impl Wanted {
    /// Somebody waits for this entry, whose stripe is locked. `false`: there is nothing to wait for any more.
    pub(crate) fn add(&self, db: DbIndex, key: &[u8]) -> bool {
        let mut keys = self.keys();
        if keys.is_closed {
            return false;
        }
        let place: Place = (db, key.into());
        if keys.awaited.insert(place.clone()) {
            keys.queue.push_back(place);
            self.count.store(keys.awaited.len(), Relaxed);
        }
        true
    }

    /// The next for the walk to turn to.
    pub(crate) fn next(&self) -> Option<Place> {
        if self.count.load(Relaxed) == 0 { None } else { self.keys().queue.pop_front() }
    }

    /// An entry is no longer owed. Its stripe is locked, or it is in none.
    pub(crate) fn complete(&self, db: DbIndex, key: &[u8]) {
        // Who waits for it has added it with its stripe locked.
        if self.count.load(Relaxed) == 0 {
            return;
        }
        let mut keys = self.keys();
        if keys.awaited.remove(&(db, key.into())) {
            self.count.store(keys.awaited.len(), Relaxed);
            self.is_any_complete.store(true, Release);
        }
    }

    /// Whether one was completed since the last call.
    pub(crate) fn take_completed(&self) -> bool {
        self.is_any_complete.load(Relaxed) && self.is_any_complete.swap(false, Acquire)
    }

    /// Nothing is awaited from now on.
    pub(crate) fn close(&self) {
        let mut keys = self.keys();
        *keys = Keys { is_closed: true, ..Keys::default() };
        self.count.store(0, Relaxed);
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
