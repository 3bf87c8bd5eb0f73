//! The journal: appended to under the stripes' locks, read by cursors.

use std::fmt;
use std::sync::{Arc, PoisonError};

use crossbeam_utils::CachePadded;

use crate::effects::Effects;
use crate::offset::Offset;
use crate::reader::Reader;
use crate::sync::{AtomicU64, AtomicUsize, Mutex, MutexGuard, Ordering};
use crate::tail::{Record, Tail};

/// The ordered journal of all changes to the data.
///
/// As long as nobody reads it, appending is skipped by its callers (`is_read`), so a server without log and replicas pays one
/// load per command.
#[derive(Debug)]
pub struct Journal {
    /// Looked at by every command; so it doesn't share a cache line with what every change writes.
    readers: AtomicUsize,
    hook: Mutex<Hook>,
    written: CachePadded<Written>,
}

/// What every append writes.
#[derive(Debug)]
struct Written {
    tail: Mutex<Tail>,
    /// The tail's end, for those who don't lock it.
    end: AtomicU64,
}

/// What wakes readers.
#[derive(Clone, Default)]
struct Hook(Option<Arc<dyn Fn() + Send + Sync>>);

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Hook" } else { "None" })
    }
}

impl Journal {
    /// A journal that retains what readers have yet to read: batches of `retained_bytes_max` bytes of memory, or the last one if that is larger;
    /// and behind them the entries that aren't a batch yet, which take 64 KiB at most.
    pub fn new(retained_bytes_max: usize) -> Self {
        let written = Written { tail: Mutex::new(Tail::new(retained_bytes_max)), end: AtomicU64::new(0) };
        Self { readers: AtomicUsize::new(0), hook: Mutex::default(), written: CachePadded::new(written) }
    }

    /// Whether anybody reads, hence whether effects are worth making.
    #[inline]
    pub fn is_read(&self) -> bool {
        self.readers.load(Ordering::Relaxed) > 0
    }

    /// Appends the effects of one command and returns the place behind them. To be called while the stripes that the command
    /// changed are still locked: this is what puts conflicting commands in the order they ran. Effects without a request are no entry.
    ///
    /// Copies them; allocates once for some 64 KiB, and for effects that are large.
    pub fn append(&self, db: u32, effects: &Effects) -> Offset {
        if effects.is_empty() {
            return self.end();
        }
        self.append_record(Record::new(db, effects.len(), effects.wire()))
    }

    /// Appends the effect of one command that is a single request: an array of bulk strings as [`Effects::push`] makes it. Otherwise as
    /// [`append`](Self::append).
    pub fn append_request(&self, db: u32, wire: &[u8]) -> Offset {
        self.append_record(Record::new(db, 1, wire))
    }

    #[inline]
    fn append_record(&self, record: Record<'_>) -> Offset {
        let mut tail = self.tail();
        tail.append(record);
        let end = tail.end();
        self.written.end.store(end.0, Ordering::Release);
        let is_awaited = std::mem::take(&mut tail.is_awaited);
        drop(tail);
        if is_awaited {
            self.wake();
        }
        end
    }

    /// The place behind the last entry. Takes no lock.
    #[inline]
    pub fn end(&self) -> Offset {
        Offset(self.written.end.load(Ordering::Acquire))
    }

    /// A reader that will see everything appended from now on.
    pub fn subscribe(self: &Arc<Self>) -> Reader {
        let mut tail = self.tail();
        self.readers.fetch_add(1, Ordering::Relaxed);
        // What it will read begins a batch.
        tail.seal();
        Reader::new(Arc::clone(self), tail.end(), tail.next_number())
    }

    /// A reader that misses nothing: what it has yet to read is retained, however much that is. Whoever appends has to see that it doesn't become
    /// too much. There is one at a time; another takes its place.
    pub fn subscribe_keeping(self: &Arc<Self>) -> Reader {
        let mut reader = self.subscribe();
        reader.insist();
        reader
    }

    /// What is to be called, once, by the first append after a reader began to [doze](Reader::doze). It takes the place of what was set before, and serves
    /// all readers. It is called while the stripes' locks are held that the append was made under; so it should wake, and do nothing else.
    pub fn on_append(&self, wake: impl Fn() + Send + Sync + 'static) {
        *self.hook.lock().unwrap_or_else(PoisonError::into_inner) = Hook(Some(Arc::new(wake)));
    }

    #[cold]
    fn wake(&self) {
        let hook = self.hook.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(wake) = hook.0 {
            wake();
        }
    }

    pub(crate) fn unsubscribe(&self, keeps: bool) {
        let mut tail = self.tail();
        if keeps {
            tail.kept_from = None;
        }
        let is_last = self.readers.fetch_sub(1, Ordering::Relaxed) == 1;
        // From here on appends are skipped, so nothing that is here would be followed by what comes.
        let left = is_last.then(|| tail.clear());
        drop(tail);
        drop(left);
    }

    pub(crate) fn tail(&self) -> MutexGuard<'_, Tail> {
        self.written.tail.lock().unwrap_or_else(PoisonError::into_inner)
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

    fn databases(reader: &mut Reader) -> Vec<u32> {
        let mut databases = Vec::new();
        while let Some(batch) = reader.next_batch().unwrap() {
            databases.extend(batch.entries().map(|entry| entry.db));
            assert_eq!(reader.at(), batch.end());
        }
        databases
    }

    #[test]
    fn every_reader_sees_what_was_appended_after_it_came() {
        let journal = Arc::new(Journal::new(1 << 20));
        assert!(!journal.is_read());
        let mut first = journal.subscribe();
        journal.append(0, &effects(&[b"SET", b"a", b"1"]));
        let mut second = journal.subscribe();
        let end = journal.append(3, &effects(&[b"DEL", b"a"]));
        let mut third = journal.subscribe();
        journal.append(4, &effects(&[b"DEL", b"a"]));
        let batch = first.next_batch().unwrap().unwrap();
        let entry = batch.entries().next().unwrap();
        assert_eq!((entry.db, entry.wire), (0, &b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n"[..]));
        assert_eq!((second.at(), third.at()), (batch.end(), end));
        assert_eq!(databases(&mut first), [3, 4]);
        assert_eq!(databases(&mut second), [3, 4]);
        assert_eq!(databases(&mut third), [4]);
        assert_eq!(first.at(), journal.end());
        drop((first, second, third));
        assert!(!journal.is_read());
    }

    #[test]
    fn a_reader_too_far_behind_is_told_so() {
        let journal = Arc::new(Journal::new(100));
        let (mut slow, mut fast) = (journal.subscribe(), journal.subscribe());
        for _ in 0..10 {
            journal.append(0, &effects(&[b"SET", b"key", b"value"]));
            assert_eq!(databases(&mut fast), [0]);
        }
        let lagged = slow.next_batch().unwrap_err();
        assert_eq!(lagged.at, Offset(0));
        assert!(lagged.start > Offset(0) && lagged.start < journal.end());
        assert!(!slow.doze(), "it has something to read, even if it can't");
    }

    #[test]
    fn a_reader_that_keeps_misses_nothing() {
        let journal = Arc::new(Journal::new(100));
        let (mut slow, mut fast) = (journal.subscribe_keeping(), journal.subscribe());
        for db in 0..10 {
            journal.append(db, &effects(&[b"SET", b"key", b"value"]));
            assert_eq!(databases(&mut fast), [db]);
        }
        assert_eq!(databases(&mut slow), (0..10).collect::<Vec<_>>());
        journal.append(0, &effects(&[b"DEL", b"key"]));
        assert_eq!(databases(&mut fast), [0]);
        journal.append(0, &effects(&[b"SET", b"key", &[b'v'; 20_000]]));
        assert!(
            journal.tail().start() < Offset(journal.end().0 - 20_000),
            "it has yet to read the first of the two"
        );
        drop(slow);
        journal.append(0, &effects(&[b"SET", b"key", &[b'v'; 20_000]]));
        assert!(fast.next_batch().is_err(), "nobody insists on anything now");
    }

    #[test]
    fn an_entry_larger_than_everything_retained_is_read() {
        let journal = Arc::new(Journal::new(100));
        let mut reader = journal.subscribe();
        journal.append(1, &effects(&[b"SET", b"key", &[b'v'; 1 << 20]]));
        assert_eq!(databases(&mut reader), [1]);
        journal.append(2, &effects(&[b"DEL", b"key"]));
        assert_eq!(databases(&mut reader), [2]);
    }

    #[test]
    fn nothing_is_kept_when_nobody_reads_any_more() {
        let journal = Arc::new(Journal::new(1 << 20));
        let readers = (journal.subscribe(), journal.subscribe());
        journal.append(0, &effects(&[b"DEL", b"a"]));
        drop(readers.0);
        assert_eq!(journal.tail().start(), Offset(0));
        drop(readers.1);
        assert_eq!(journal.tail().start(), journal.end());
        journal.append(0, &effects(&[b"DEL", b"a"]));
        let mut reader = journal.subscribe();
        assert_eq!(databases(&mut reader), [0; 0]);
        journal.append(0, &Effects::default());
        assert_eq!((databases(&mut reader), reader.at()), (Vec::new(), journal.end()));
        journal.append(5, &effects(&[b"DEL", b"a"]));
        assert_eq!(databases(&mut reader), [5]);
    }

    #[test]
    fn the_hook_is_called_once_for_each_time_that_a_reader_dozes() {
        let journal = Arc::new(Journal::new(1 << 20));
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&calls);
        journal.on_append(move || _ = counter.fetch_add(1, Ordering::Relaxed));
        let mut reader = journal.subscribe();
        let append = || _ = journal.append(0, &effects(&[b"DEL", b"a"]));
        append();
        assert!(!reader.doze(), "there is something to read");
        append();
        assert_eq!(calls.load(Ordering::Relaxed), 0);
        for times in 1..4 {
            databases(&mut reader);
            assert!(reader.doze() && reader.doze());
            append();
            append();
            assert_eq!(calls.load(Ordering::Relaxed), times);
        }
    }

    #[test]
    fn a_reader_that_finds_something_leaves_others_to_be_woken() {
        let journal = Arc::new(Journal::new(1 << 20));
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&calls);
        journal.on_append(move || _ = counter.fetch_add(1, Ordering::Relaxed));
        let (mut first, second) = (journal.subscribe(), journal.subscribe());
        journal.append(0, &effects(&[b"DEL", b"a"]));
        databases(&mut first);
        assert!(first.doze() && !second.doze());
        journal.append(0, &effects(&[b"DEL", b"a"]));
        assert_eq!(calls.load(Ordering::Relaxed), 1);
    }
}
