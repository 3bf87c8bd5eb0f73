//! What the journal holds: batches that readers share, and behind them the entries that no reader has asked for yet.
//!
//! ```text
//!            sealed                                 open
//!   │ e e e │ e │ e e e e │ large │ e e │   │ e e e ·············│
//!     └──── one chunk ────┘         └────────── another ─────────┘
//! ```
//!
//! Entries are copied to the open end of a chunk of memory. To seal them is to cut them off from what is free behind them, which copies nothing:
//! both go on sharing the chunk. So a batch of a single entry takes no more memory than its bytes, and an append allocates once per chunk.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

use crate::batch::{Batch, HEADER_BYTES, Header, header};
use crate::offset::Offset;

/// The memory that entries share. A batch is no longer, unless it is of one large entry.
pub(crate) const CHUNK_BYTES: usize = 64 * 1024;
/// Effects longer than this get memory of their own, so that no more than a quarter of a chunk is left unused.
const SMALL_BYTES_MAX: usize = CHUNK_BYTES / 4 - HEADER_BYTES;

/// Invariant: the sealed batches follow on each other and end at `open_start`; the open entries end at `end`; `sealed_bytes` is the sum of the
/// batches' memory.
#[derive(Debug)]
pub(crate) struct Tail {
    sealed: VecDeque<Batch>,
    /// Batches are numbered as they are sealed; this is the number of the first that is retained.
    first_number: u64,
    sealed_bytes: usize,
    open: BytesMut,
    open_start: Offset,
    end: Offset,
    bytes_max: usize,
    /// The first batch that a reader must not miss, however many there are.
    pub(crate) kept_from: Option<u64>,
    /// Whether a reader waits for the next append.
    pub(crate) is_awaited: bool,
}

/// An entry on its way into the tail.
pub(crate) enum Record<'e> {
    Small(Header, &'e [u8]),
    /// Copied already.
    Large(Bytes),
}

impl<'e> Record<'e> {
    pub(crate) fn new(db: u32, count: usize, wire: &'e [u8]) -> Self {
        let header = header(db, count, wire);
        if wire.len() <= SMALL_BYTES_MAX {
            Self::Small(header, wire)
        } else {
            Self::Large([&header, wire].concat().into())
        }
    }
}

impl Tail {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self {
            sealed: VecDeque::new(),
            first_number: 0,
            sealed_bytes: 0,
            open: BytesMut::new(),
            open_start: Offset(0),
            end: Offset(0),
            bytes_max,
            kept_from: None,
            is_awaited: false,
        }
    }

    pub(crate) fn end(&self) -> Offset {
        self.end
    }

    /// Where what is retained begins.
    pub(crate) fn start(&self) -> Offset {
        self.sealed.front().map_or(self.open_start, Batch::start)
    }

    #[inline]
    pub(crate) fn append(&mut self, record: Record<'_>) {
        match record {
            Record::Small(header, wire) => {
                let bytes = HEADER_BYTES + wire.len();
                if self.open.capacity() - self.open.len() < bytes {
                    self.next_chunk();
                }
                self.open.extend_from_slice(&header);
                self.open.extend_from_slice(wire);
                self.end.0 += wire.len() as u64;
            }
            Record::Large(record) => {
                self.seal();
                self.end.0 += (record.len() - HEADER_BYTES) as u64;
                self.push(record);
            }
        }
    }

    /// The number that the next batch will have.
    pub(crate) fn next_number(&self) -> u64 {
        self.first_number + self.sealed.len() as u64
    }

    /// The batch of a number, if it is retained and holds anything.
    pub(crate) fn batch(&mut self, number: u64) -> Option<Batch> {
        if number == self.next_number() {
            self.seal();
        }
        let index = number.checked_sub(self.first_number)?;
        self.sealed.get(usize::try_from(index).ok()?).cloned()
    }

    /// Makes a batch of the open entries.
    pub(crate) fn seal(&mut self) {
        if !self.open.is_empty() {
            let records = self.open.split().freeze();
            self.push(records);
        }
    }

    /// Forgets everything; what it held is for the caller to drop.
    pub(crate) fn clear(&mut self) -> (VecDeque<Batch>, BytesMut) {
        self.first_number = self.next_number();
        self.sealed_bytes = 0;
        self.open_start = self.end;
        (std::mem::take(&mut self.sealed), std::mem::take(&mut self.open))
    }

    #[cold]
    fn next_chunk(&mut self) {
        self.seal();
        self.open.reserve(CHUNK_BYTES);
    }

    fn push(&mut self, records: Bytes) {
        let batch = Batch::of_records(self.open_start, self.end, records);
        self.open_start = self.end;
        self.sealed_bytes += batch.memory_bytes();
        self.sealed.push_back(batch);
        while self.sealed_bytes > self.bytes_max && self.sealed.len() > 1 && self.may_forget() {
            if let Some(oldest) = self.sealed.pop_front() {
                self.first_number += 1;
                self.sealed_bytes -= oldest.memory_bytes();
            }
        }
    }

    /// Whether nobody insists on the oldest batch.
    fn may_forget(&self) -> bool {
        self.kept_from.is_none_or(|number| self.first_number < number)
    }

    #[cfg(test)]
    fn check_invariants(&self) {
        let mut at = self.start();
        for batch in &self.sealed {
            assert_eq!(batch.start(), at);
            at = batch.entries().last().expect("a batch isn't empty").end;
            assert_eq!(batch.end(), at);
        }
        assert_eq!(self.open_start, at);
        let open = Batch::of_records(at, self.end, self.open.clone().freeze());
        assert_eq!(open.entries().last().map_or(at, |entry| entry.end), self.end);
        assert_eq!(self.sealed_bytes, self.sealed.iter().map(Batch::memory_bytes).sum::<usize>());
        let is_kept = self.kept_from == Some(self.first_number);
        assert!(self.sealed_bytes <= self.bytes_max || self.sealed.len() == 1 || is_kept);
        assert!(self.open.capacity() <= CHUNK_BYTES);
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::effects::Effects;

    #[derive(Clone, Debug)]
    enum Step {
        Append(u32, usize),
        Seal,
        Clear,
        Look(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        let sizes = prop_oneof![20 => 0usize..100, 3 => 0..SMALL_BYTES_MAX, 1 => near(SMALL_BYTES_MAX), 1 => near(CHUNK_BYTES)];
        prop_oneof![
            40 => (0u32..3, sizes).prop_map(|(db, bytes)| Step::Append(db, bytes)),
            10 => Just(Step::Seal),
            1 => Just(Step::Clear),
            10 => (0u64..20).prop_map(Step::Look),
        ]
    }

    fn near(bytes: usize) -> Range<usize> {
        bytes - 40..bytes + 10
    }

    fn effects(bytes: usize) -> Effects {
        let mut effects = Effects::default();
        effects.push(&[b"SET", &vec![b'v'; bytes]]);
        effects
    }

    proptest! {
        #[test]
        fn what_is_retained_is_what_was_appended(bytes_max in 0usize..200_000, steps in vec(step(), 1..200)) {
            let mut tail = Tail::new(bytes_max);
            let mut appended: Vec<(Offset, u32, Vec<u8>)> = Vec::new();
            for step in steps {
                match step {
                    Step::Append(db, bytes) => {
                        let effects = effects(bytes);
                        tail.append(Record::new(db, effects.len(), effects.wire()));
                        appended.push((tail.end(), db, effects.wire().to_vec()));
                    }
                    Step::Seal => tail.seal(),
                    Step::Clear => {
                        let number = tail.next_number();
                        drop(tail.clear());
                        prop_assert_eq!(tail.next_number(), number);
                        prop_assert_eq!(tail.start(), tail.end());
                    }
                    Step::Look(back) => {
                        let number = tail.next_number().saturating_sub(back);
                        let is_gone = number < tail.first_number;
                        let Some(batch) = tail.batch(number) else {
                            prop_assert!(is_gone || tail.open.is_empty());
                            continue;
                        };
                        prop_assert!(!is_gone);
                        let from = appended.partition_point(|(end, ..)| *end <= batch.start());
                        let to = appended.partition_point(|(end, ..)| *end <= batch.end());
                        let read: Vec<_> =
                            batch.entries().map(|entry| (entry.end, entry.db, entry.wire.to_vec())).collect();
                        prop_assert_eq!(read, &appended[from..to]);
                    }
                }
                tail.check_invariants();
            }
        }
    }
}
