//! Lanes: how many threads use one engine.
//!
//! The engine counts per worker, and expects of each worker that it is one thread. A program's threads come and go; so here a worker is
//! a lane, which one thread at a time may use. There are more lanes than cores, and a thread comes back to the lane that it used before:
//! hardly ever does one wait for another.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use crossbeam_utils::CachePadded;
use parking_lot::{Mutex, MutexGuard};

use crate::link::Link;

/// What a lane has beside its number: the session that calls without one of their own use.
#[derive(Default)]
pub(crate) struct Lane {
    /// Not there before the first call, while one runs, and after one that panicked.
    pub(crate) link: Option<Box<Link>>,
}

/// A lane while its thread uses it: locked, but for the times at which a command waits.
pub(crate) struct Turn<'l> {
    pub(crate) number: usize,
    guard: MutexGuard<'l, Lane>,
}

impl Turn<'_> {
    pub(crate) fn lane(&mut self) -> &mut Lane {
        &mut self.guard
    }

    /// Lets others use the lane meanwhile.
    pub(crate) fn pause(&mut self, meanwhile: impl FnOnce()) {
        MutexGuard::unlocked(&mut self.guard, meanwhile);
    }
}

/// The lanes of one database.
pub(crate) struct Lanes {
    lanes: Box<[CachePadded<Mutex<Lane>>]>,
    /// Counts connections, to spread them.
    next: AtomicUsize,
}

thread_local! {
    /// The lane that this thread used last, of whichever database: a hint, nothing depends on it.
    static LAST: Cell<usize> = const { Cell::new(0) };
}

impl Lanes {
    pub(crate) fn new(count: usize) -> Self {
        Self { lanes: (0..count.max(1)).map(|_| CachePadded::default()).collect(), next: AtomicUsize::new(0) }
    }

    pub(crate) fn count(&self) -> usize {
        self.lanes.len()
    }

    /// A lane for a new connection.
    pub(crate) fn assign(&self) -> usize {
        self.next.fetch_add(1, Relaxed) % self.lanes.len()
    }

    /// This lane, as soon as nobody uses it.
    pub(crate) fn lock(&self, lane: usize) -> MutexGuard<'_, Lane> {
        self.lanes[lane].lock()
    }

    /// A turn at this lane, as soon as nobody uses it.
    pub(crate) fn turn(&self, lane: usize) -> Turn<'_> {
        Turn { number: lane, guard: self.lock(lane) }
    }

    /// A turn at a lane that nobody uses, the one of last time if possible. Waits only if all are in use.
    #[inline]
    pub(crate) fn any_turn(&self) -> Turn<'_> {
        let count = self.lanes.len();
        let last = LAST.get() % count;
        let (number, guard) = match self.lanes[last].try_lock() {
            Some(guard) => (last, guard),
            None => self.lock_other(last),
        };
        Turn { number, guard }
    }

    #[cold]
    fn lock_other(&self, last: usize) -> (usize, MutexGuard<'_, Lane>) {
        let count = self.lanes.len();
        let others = (last + 1..last + count).map(|lane| lane % count);
        for lane in others {
            if let Some(guard) = self.lanes[lane].try_lock() {
                LAST.set(lane);
                return (lane, guard);
            }
        }
        (last, self.lanes[last].lock())
    }
}
