//! An fsync while the log is written on.
//!
//! ```text
//!   the log's thread   append │ begin_sync │ append │ append │ append │ end_sync │ append
//!   another thread             └─────────── Syncing::run ────────────┘
//! ```
//!
//! What is appended meanwhile is in the file, where a process that is killed doesn't lose it, and becomes durable with the next fsync. Both threads use one
//! open file, so a failure is told once: until it is known how this fsync ended, there is no other.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use disk::{DiskError, File};
use journal::Offset;

use super::options::UnixMillis;
use super::writer::{Log, LogError};

/// An fsync that was begun. To be [run](Self::run) on any thread; dropped without that it makes nothing durable.
#[derive(Debug)]
pub struct Syncing {
    file: Box<dyn File>,
    flight: Arc<Flight>,
}

/// What the log knows of an fsync that was begun.
#[derive(Debug)]
pub(crate) struct Underway {
    flight: Arc<Flight>,
    /// What was written when it began.
    written: Offset,
    /// How long the file was.
    length: u64,
    at: UnixMillis,
}

#[derive(Debug, Default)]
struct Flight {
    outcome: Mutex<Option<Outcome>>,
    landed: Condvar,
}

#[derive(Debug)]
enum Outcome {
    Ran(Result<(), DiskError>),
    /// Whoever was to run it did not.
    Dropped,
}

impl Flight {
    fn outcome(&self) -> MutexGuard<'_, Option<Outcome>> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn land(&self, outcome: Outcome) {
        self.outcome().get_or_insert(outcome);
        self.landed.notify_all();
    }

    fn wait(&self) -> Outcome {
        let mut outcome = self.outcome();
        loop {
            match outcome.take() {
                Some(outcome) => return outcome,
                None => outcome = self.landed.wait(outcome).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

impl Syncing {
    /// Makes the file durable. Blocks as long as the disk does.
    pub fn run(mut self) {
        let result = self.file.sync_data();
        self.flight.land(Outcome::Ran(result));
    }
}

impl Drop for Syncing {
    fn drop(&mut self) {
        self.flight.land(Outcome::Dropped);
    }
}

impl Log {
    /// Begins to make durable what is written, if there is anything and no such fsync is under way: as [`sync`](Self::sync), but it is
    /// somebody else who waits for the disk. [`end_sync`](Self::end_sync) tells how it ended; whatever can't go on without knowing waits for that.
    pub fn begin_sync(&mut self, now: UnixMillis) -> Result<Option<Syncing>, LogError> {
        if self.syncing.is_some() || !self.settle_to_sync(now)? {
            return Ok(None);
        }
        let Ok(file) = self.output.second() else { return self.sync(now).map(|()| None) };
        let flight = Arc::new(Flight::default());
        let (written, length) = (self.written(), self.output.length);
        self.syncing = Some(Underway { flight: Arc::clone(&flight), written, length, at: now });
        Ok(Some(Syncing { file, flight }))
    }

    /// Whether an fsync that was begun isn't known to have ended.
    pub fn is_syncing(&self) -> bool {
        self.syncing.is_some()
    }

    /// Takes notice of how the fsync ended that was begun, if it has. Returns whether it has; `false`, too, if that was noticed before, as whatever
    /// writes to the log does.
    pub fn end_sync(&mut self) -> Result<bool, LogError> {
        let Some(underway) = self.syncing.take() else { return Ok(false) };
        let outcome = underway.flight.outcome().take();
        match outcome {
            Some(outcome) => self.landed(&underway, outcome).map(|()| true),
            None => {
                self.syncing = Some(underway);
                Ok(false)
            }
        }
    }

    /// Waits for the fsync that was begun, if one was.
    pub(crate) fn finish_sync(&mut self) -> Result<(), LogError> {
        let Some(underway) = self.syncing.take() else { return Ok(()) };
        let outcome = underway.flight.wait();
        self.landed(&underway, outcome)
    }

    fn landed(&mut self, underway: &Underway, outcome: Outcome) -> Result<(), LogError> {
        match outcome {
            Outcome::Ran(Ok(())) => {
                self.output.synced_to(underway.length);
                self.note_synced(underway.written, underway.at);
                Ok(())
            }
            Outcome::Ran(Err(error)) => Err(self.fail_sync(error, underway.at)),
            Outcome::Dropped => Ok(()),
        }
    }
}
