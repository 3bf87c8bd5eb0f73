//! The entries that aren't durable yet.

use std::collections::VecDeque;
use std::sync::Arc;

use journal::{Entry, Offset};

/// What an entry takes besides its effects, about.
const ENTRY_BYTES: usize = 96;

/// Entries in order: some that are written and not durable, then some that aren't written.
///
/// Invariant: `written` is at most the number of entries; `bytes` is the sum of their sizes.
#[derive(Debug)]
pub(crate) struct Retained {
    entries: VecDeque<Arc<Entry>>,
    written: usize,
    bytes: usize,
    bytes_max: usize,
    /// The end of the last entry that was dropped for want of room before it was durable.
    dropped: Option<Offset>,
}

fn bytes_of(entry: &Entry) -> usize {
    entry.effects.wire().len() + ENTRY_BYTES
}

impl Retained {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self { entries: VecDeque::new(), written: 0, bytes: 0, bytes_max, dropped: None }
    }

    /// Whether what isn't written fills it.
    pub(crate) fn is_full(&self) -> bool {
        self.bytes >= self.bytes_max && self.written == 0
    }

    pub(crate) fn push(&mut self, entry: &Arc<Entry>) {
        self.bytes += bytes_of(entry);
        self.entries.push_back(Arc::clone(entry));
        self.make_room();
    }

    pub(crate) fn unwritten(&self) -> impl Iterator<Item = &Entry> {
        self.entries.range(self.written.min(self.entries.len())..).map(Arc::as_ref)
    }

    /// The end of the last entry, if there is one.
    pub(crate) fn end(&self) -> Option<Offset> {
        self.entries.back().map(|entry| entry.end)
    }

    pub(crate) fn all_written(&mut self) {
        self.written = self.entries.len();
        self.make_room();
    }

    pub(crate) fn none_written(&mut self) {
        self.written = 0;
    }

    /// Forgets what is durable.
    pub(crate) fn durable(&mut self, durable: Offset) {
        while self.entries.front().is_some_and(|entry| entry.end <= durable) {
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
            self.dropped = self.entries.front().map(|entry| entry.end).or(self.dropped);
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        if let Some(entry) = self.entries.pop_front() {
            self.bytes -= bytes_of(&entry);
            self.written = self.written.saturating_sub(1);
        }
    }
}
