//! A cursor into the journal.

use std::sync::Arc;

use crate::batch::Batch;
use crate::journal::Journal;
use crate::offset::Offset;

/// A reader fell so far behind that what it would read next is no longer retained.
#[derive(Copy, Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the journal no longer holds what follows offset {}; it starts at {}", .at.0, .start.0)]
pub struct Lagged {
    /// Where the reader stood.
    pub at: Offset,
    /// Where the retained tail starts.
    pub start: Offset,
}

/// A cursor into the journal. Dropping it ends the reading.
///
/// Invariant: `at` is where the batch of number `next` begins, or will.
#[derive(Debug)]
pub struct Reader {
    journal: Arc<Journal>,
    at: Offset,
    next: u64,
    /// What it has yet to read is retained.
    keeps: bool,
}

impl Reader {
    pub(crate) fn new(journal: Arc<Journal>, at: Offset, next: u64) -> Self {
        Self { journal, at, next, keeps: false }
    }

    /// From now on it misses nothing.
    pub(crate) fn insist(&mut self) {
        self.keeps = true;
        self.journal.tail().kept_from = Some(self.next);
    }

    /// Where the reader stands: everything before has been read.
    pub fn at(&self) -> Offset {
        self.at
    }

    /// What was appended since the last call, all of it or as much as one batch holds: 64 KiB, or one entry that is larger.
    /// O(1); without the lock if there is nothing.
    pub fn next_batch(&mut self) -> Result<Option<Batch>, Lagged> {
        if self.at == self.journal.end() {
            return Ok(None);
        }
        let mut tail = self.journal.tail();
        let Some(batch) = tail.batch(self.next) else {
            return Err(Lagged { at: self.at, start: tail.start() });
        };
        if self.keeps {
            tail.kept_from = Some(self.next + 1);
        }
        drop(tail);
        self.at = batch.end();
        self.next += 1;
        Ok(Some(batch))
    }

    /// To be called before sleeping, when there was nothing to read. If there is still nothing, the next append calls the hook
    /// ([`Journal::on_append`]), be it before the caller sleeps or after; then this is true. If it is false, there is something to read
    /// by now.
    pub fn doze(&self) -> bool {
        let mut tail = self.journal.tail();
        let is_all_read = self.at == tail.end();
        // Another reader may doze already.
        tail.is_awaited |= is_all_read;
        is_all_read
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.journal.unsubscribe(self.keeps);
    }
}
