//! Whether the workers' event loops come round.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// How often each worker's loop has come round; each counts for itself.
#[derive(Clone)]
pub(crate) struct Pulse(Arc<[AtomicU64]>);

impl Pulse {
    pub(crate) fn new(workers: usize) -> Self {
        Self((0..workers).map(|_| AtomicU64::new(0)).collect())
    }

    /// To be called by the worker whenever its timer rings, some dozens of times per second.
    pub(crate) fn beat(&self, worker: usize) {
        if let Some(beats) = self.0.get(worker) {
            beats.fetch_add(1, Relaxed);
        }
    }

    /// The beats of each worker so far.
    #[cfg(feature = "http")]
    pub(crate) fn beats(&self) -> Vec<u64> {
        self.0.iter().map(|beats| beats.load(Relaxed)).collect()
    }
}
