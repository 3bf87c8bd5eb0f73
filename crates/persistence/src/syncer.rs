//! The thread that waits for the disk while the log's own thread goes on writing.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use aof::Syncing;

use crate::logger::Desk;

/// Makes the log durable each second (`appendfsync everysec`). Without one the log's thread does so itself, and what comes meanwhile is only in
/// memory until that is done.
pub struct Syncer {
    desk: Arc<Desk>,
}

/// Where the next fsync is left.
#[derive(Default)]
pub(crate) struct Syncs {
    slot: Mutex<Slot>,
    changed: Condvar,
}

#[derive(Default)]
struct Slot {
    syncing: Option<Syncing>,
    /// There is a [`Syncer`].
    is_heard: bool,
    /// There will be no more.
    is_over: bool,
}

impl Syncs {
    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has it done by a syncer. Gives it back if there is none.
    pub(crate) fn give(&self, syncing: Syncing) -> Option<Syncing> {
        let mut slot = self.slot();
        if !slot.is_heard {
            return Some(syncing);
        }
        // One of a log that was given up may still be there: nobody asks how it ends.
        slot.syncing = Some(syncing);
        drop(slot);
        self.changed.notify_all();
        None
    }

    /// Lets the syncer go.
    pub(crate) fn close(&self) {
        self.slot().is_over = true;
        self.changed.notify_all();
    }

    /// Waits for the next one. `None`: there will be none.
    fn take(&self) -> Option<Syncing> {
        let mut slot = self.slot();
        loop {
            if let Some(syncing) = slot.syncing.take() {
                return Some(syncing);
            }
            if slot.is_over {
                return None;
            }
            slot = self.changed.wait(slot).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Syncer {
    /// One for the log whose requests are left there.
    pub fn new(desk: Arc<Desk>) -> Self {
        desk.syncs().slot().is_heard = true;
        Self { desk }
    }

    /// Works until the log's thread has ended.
    pub fn run(self) {
        while let Some(syncing) = self.desk.syncs().take() {
            syncing.run();
            self.desk.ring();
        }
    }
}

impl Drop for Syncer {
    fn drop(&mut self) {
        let mut slot = self.desk.syncs().slot();
        slot.is_heard = false;
        slot.syncing = None;
    }
}
