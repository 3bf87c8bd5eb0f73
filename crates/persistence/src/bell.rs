//! Wakes a thread that waits for work.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A bell: rung by anybody, heard by one.
#[derive(Default)]
pub(crate) struct Bell {
    has_rung: Mutex<bool>,
    rings: Condvar,
}

impl Bell {
    pub(crate) fn ring(&self) {
        *self.lock() = true;
        self.rings.notify_one();
    }

    /// Waits until it rings, or has rung since it was heard last, or for so long.
    pub(crate) fn wait(&self, at_most: Duration) {
        let has_rung = self.lock();
        let outcome = self.rings.wait_timeout_while(has_rung, at_most, |has_rung| !*has_rung);
        let (mut has_rung, _) = outcome.unwrap_or_else(PoisonError::into_inner);
        *has_rung = false;
    }

    /// Waits for so long, if it doesn't ring before. Returns whether it has, which whoever waits next still hears.
    pub(crate) fn pause(&self, at_most: Duration) -> bool {
        let outcome = self.rings.wait_timeout_while(self.lock(), at_most, |has_rung| !*has_rung);
        let (has_rung, _) = outcome.unwrap_or_else(PoisonError::into_inner);
        *has_rung
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        self.has_rung.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
