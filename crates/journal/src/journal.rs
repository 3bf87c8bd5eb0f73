//! The journal: appended to under the stripes' locks, read by cursors.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::effects::Effects;

/// A place in the journal: how many bytes of effects were appended before it. Never falls, never wraps in practice.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offset(pub u64);

/// One entry: the effects of one command on one database. They belong together: a reader that passes on more than one of
/// them wraps them in `MULTI` and `EXEC`.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// The place right behind the entry.
    pub end: Offset,
    /// The database that was selected.
    pub db: u32,
    /// What happened.
    pub effects: Effects,
}

/// A reader fell so far behind that what it would read next is no longer retained.
#[derive(Copy, Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the journal no longer holds what follows offset {}; it starts at {}", .at.0, .start.0)]
pub struct Lagged {
    /// Where the reader stood.
    pub at: Offset,
    /// Where the retained tail starts.
    pub start: Offset,
}

/// The ordered journal of all changes to the data.
///
/// As long as nobody reads it, appending is skipped by its callers (`is_read`), so a server without log and replicas pays one
/// load per command.
#[derive(Debug)]
pub struct Journal {
    tail: Mutex<Tail>,
    readers: AtomicUsize,
    retained_bytes_max: usize,
}

/// Invariant: `entries` are contiguous and end at `end`; `bytes` is the sum of their wire lengths.
#[derive(Debug, Default)]
struct Tail {
    entries: VecDeque<Arc<Entry>>,
    bytes: usize,
    end: Offset,
}

impl Tail {
    fn start(&self) -> Offset {
        Offset(self.end.0 - self.bytes as u64)
    }
}

impl Journal {
    /// A journal that retains at most `retained_bytes_max` bytes of effects (and always the last entry) for readers.
    pub fn new(retained_bytes_max: usize) -> Self {
        Self { tail: Mutex::default(), readers: AtomicUsize::new(0), retained_bytes_max }
    }

    /// Whether anybody reads, hence whether effects are worth making.
    #[inline]
    pub fn is_read(&self) -> bool {
        self.readers.load(Ordering::Relaxed) > 0
    }

    /// Appends the effects of one command and returns the place behind them. To be called while the stripes that the command
    /// changed are still locked: this is what puts conflicting commands in the order they ran.
    pub fn append(&self, db: u32, effects: &Effects) -> Offset {
        let mut tail = self.tail();
        let bytes = effects.wire().len();
        tail.end.0 += bytes as u64;
        tail.bytes += bytes;
        let entry = Arc::new(Entry { end: tail.end, db, effects: effects.clone() });
        tail.entries.push_back(entry);
        while tail.bytes > self.retained_bytes_max && tail.entries.len() > 1 {
            if let Some(oldest) = tail.entries.pop_front() {
                tail.bytes -= oldest.effects.wire().len();
            }
        }
        tail.end
    }

    /// The place behind the last entry.
    pub fn end(&self) -> Offset {
        self.tail().end
    }

    /// A reader that will see everything appended from now on.
    pub fn subscribe(self: &Arc<Self>) -> Reader {
        let mut tail = self.tail();
        self.readers.fetch_add(1, Ordering::Relaxed);
        if self.readers.load(Ordering::Relaxed) == 1 {
            tail.entries.clear();
            tail.bytes = 0;
        }
        Reader { at: tail.end, journal: Arc::clone(self) }
    }

    fn tail(&self) -> MutexGuard<'_, Tail> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A cursor into the journal. Dropping it ends the reading.
#[derive(Debug)]
pub struct Reader {
    at: Offset,
    journal: Arc<Journal>,
}

impl Reader {
    /// Where the reader stands: everything before has been read.
    pub fn at(&self) -> Offset {
        self.at
    }

    /// The next entry, if one has been appended. O(log n) in the number of retained entries.
    pub fn next_entry(&mut self) -> Result<Option<Arc<Entry>>, Lagged> {
        let tail = self.journal.tail();
        if self.at == tail.end {
            return Ok(None);
        }
        let start = tail.start();
        if self.at < start {
            return Err(Lagged { at: self.at, start });
        }
        let index = tail.entries.partition_point(|entry| entry.end <= self.at);
        let entry = tail.entries.get(index).map(Arc::clone);
        drop(tail);
        if let Some(entry) = &entry {
            self.at = entry.end;
        }
        Ok(entry)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.journal.readers.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effects(words: &[&[u8]]) -> Effects {
        let mut effects = Effects::default();
        effects.push(words);
        effects
    }

    #[test]
    fn every_reader_sees_what_was_appended_after_it_came() {
        let journal = Arc::new(Journal::new(1 << 20));
        assert!(!journal.is_read());
        let mut first = journal.subscribe();
        journal.append(0, &effects(&[b"SET", b"a", b"1"]));
        let mut second = journal.subscribe();
        journal.append(3, &effects(&[b"DEL", b"a"]));
        let entry = first.next_entry().unwrap().unwrap();
        assert_eq!((entry.db, entry.effects.wire()), (0, &b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n"[..]));
        assert_eq!(first.next_entry().unwrap().unwrap().db, 3);
        assert_eq!(first.next_entry().unwrap(), None);
        assert_eq!(second.next_entry().unwrap().unwrap().end, journal.end());
        drop((first, second));
        assert!(!journal.is_read());
    }

    #[test]
    fn a_reader_too_far_behind_is_told_so() {
        let journal = Arc::new(Journal::new(100));
        let mut reader = journal.subscribe();
        for _ in 0..10 {
            journal.append(0, &effects(&[b"SET", b"key", b"value"]));
        }
        let lagged = reader.next_entry().unwrap_err();
        assert_eq!(lagged.at, Offset(0));
        assert!(lagged.start > Offset(0));
    }
}
