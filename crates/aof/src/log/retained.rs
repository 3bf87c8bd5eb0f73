//! The entries that aren't durable yet.

use std::collections::VecDeque;

use journal::{Batch, EntryRef, Offset};

/// Batches of entries in order: some that are written and not durable, then some that aren't written. A batch is written and made durable as a whole,
/// or counts as not.
///
/// Invariant: `written` is at most the number of batches; `bytes` is the sum of their sizes.
#[derive(Debug)]
pub(crate) struct Retained {
    batches: VecDeque<Batch>,
    written: usize,
    bytes: usize,
    bytes_max: usize,
    /// The end of the last batch that was dropped for want of room before it was durable.
    dropped: Option<Offset>,
}

impl Retained {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self { batches: VecDeque::new(), written: 0, bytes: 0, bytes_max, dropped: None }
    }

    /// Whether what isn't written fills it.
    pub(crate) fn is_full(&self) -> bool {
        self.bytes >= self.bytes_max && self.written == 0
    }

    pub(crate) fn push(&mut self, batch: &Batch) {
        self.bytes += batch.memory_bytes();
        self.batches.push_back(batch.clone());
        self.make_room();
    }

    pub(crate) fn unwritten(&self) -> impl Iterator<Item = EntryRef<'_>> {
        self.batches.range(self.written.min(self.batches.len())..).flat_map(Batch::entries)
    }

    /// The end of the last batch, if there is one.
    pub(crate) fn end(&self) -> Option<Offset> {
        self.batches.back().map(Batch::end)
    }

    pub(crate) fn all_written(&mut self) {
        self.written = self.batches.len();
        self.make_room();
    }

    pub(crate) fn none_written(&mut self) {
        self.written = 0;
    }

    /// Forgets what is durable.
    pub(crate) fn durable(&mut self, durable: Offset) {
        while self.batches.front().is_some_and(|batch| batch.end() <= durable) {
            self.drop_first();
        }
        self.dropped = self.dropped.filter(|dropped| *dropped > durable);
    }

    /// Whether everything is here that isn't durable.
    pub(crate) fn is_whole(&self) -> bool {
        self.dropped.is_none()
    }

    /// What isn't written is never dropped.
    fn make_room(&mut self) {
        while self.bytes > self.bytes_max && self.written > 0 {
            self.dropped = self.batches.front().map(Batch::end).or(self.dropped);
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        if let Some(batch) = self.batches.pop_front() {
            self.bytes -= batch.memory_bytes();
            self.written = self.written.saturating_sub(1);
        }
    }
}
