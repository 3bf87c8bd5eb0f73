//! Entries as they lie one behind the other.

use bytes::{Bytes, BytesMut};

use crate::effects::Effects;
use crate::offset::Offset;

/// In front of each entry's effects: its database and the number of its requests in four bytes each, their length in eight.
pub(crate) const HEADER_BYTES: usize = 16;

pub(crate) type Header = [u8; HEADER_BYTES];

/// Entries that follow on each other. Cheap to clone: the bytes are shared.
///
/// Invariant: `records` are whole and hold `end - start` bytes of effects; there is at least one entry in what the journal gives.
#[derive(Clone, Debug)]
pub struct Batch {
    start: Offset,
    end: Offset,
    records: Bytes,
}

/// One entry: the effects of one command on one database. They belong together: a reader that passes on more than one request wraps
/// them in `MULTI` and `EXEC`.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct EntryRef<'b> {
    /// The place right behind the entry.
    pub end: Offset,
    /// The database that was selected.
    pub db: u32,
    /// How many requests there are; at least one.
    pub count: usize,
    /// The requests one after the other, each as an array of bulk strings.
    pub wire: &'b [u8],
}

impl Batch {
    /// A batch that comes from no journal: these effects, each on a database, from a place on. Effects without a request are left out.
    pub fn new<'e>(start: Offset, entries: impl IntoIterator<Item = (u32, &'e Effects)>) -> Self {
        let mut records = BytesMut::new();
        let mut end = start;
        for (db, effects) in entries.into_iter().filter(|(_, effects)| !effects.is_empty()) {
            records.extend_from_slice(&header(db, effects.len(), effects.wire()));
            records.extend_from_slice(effects.wire());
            end.0 += effects.wire().len() as u64;
        }
        Self::of_records(start, end, records.freeze())
    }

    pub(crate) fn of_records(start: Offset, end: Offset, records: Bytes) -> Self {
        Self { start, end, records }
    }

    /// The place in front of the first entry.
    pub fn start(&self) -> Offset {
        self.start
    }

    /// The place behind the last entry.
    pub fn end(&self) -> Offset {
        self.end
    }

    /// The entries in order.
    pub fn entries(&self) -> impl Iterator<Item = EntryRef<'_>> {
        Entries { records: &self.records, end: self.start }
    }

    /// Bytes of effects.
    pub fn wire_bytes(&self) -> usize {
        (self.end.0 - self.start.0) as usize
    }

    /// Bytes of memory that it takes for itself or shares with its clones.
    pub fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.records.len()
    }
}

pub(crate) fn header(db: u32, count: usize, wire: &[u8]) -> Header {
    let mut header = Header::default();
    header[..4].copy_from_slice(&db.to_ne_bytes());
    // Whoever asks wants to know whether there is more than one.
    header[4..8].copy_from_slice(&u32::try_from(count).unwrap_or(u32::MAX).to_ne_bytes());
    header[8..].copy_from_slice(&(wire.len() as u64).to_ne_bytes());
    header
}

struct Entries<'b> {
    records: &'b [u8],
    /// The end of the entry before.
    end: Offset,
}

impl<'b> Iterator for Entries<'b> {
    type Item = EntryRef<'b>;

    fn next(&mut self) -> Option<EntryRef<'b>> {
        let (db, rest) = self.records.split_first_chunk()?;
        let (count, rest) = rest.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let length = u64::from_ne_bytes(*length);
        let (wire, rest) = rest.split_at_checked(length as usize)?;
        self.records = rest;
        self.end.0 += length;
        Some(EntryRef {
            end: self.end,
            db: u32::from_ne_bytes(*db),
            count: u32::from_ne_bytes(*count) as usize,
            wire,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_as_they_were_put_in() {
        let mut effects = [Effects::default(), Effects::default(), Effects::default()];
        effects[0].push(&[b"DEL", b"a"]);
        effects[2].push(&[b"SET", b"a", b""]);
        effects[2].push(&[b"DEL", b"b"]);
        let batch = Batch::new(Offset(7), [(0, &effects[0]), (3, &effects[1]), (u32::MAX, &effects[2])]);
        let read: Vec<_> = batch.entries().map(|entry| (entry.db, entry.count, entry.wire)).collect();
        assert_eq!(read, [(0, 1, effects[0].wire()), (u32::MAX, 2, effects[2].wire())]);
        let ends: Vec<Offset> = batch.entries().map(|entry| entry.end).collect();
        let first = Offset(7 + effects[0].wire().len() as u64);
        assert_eq!((ends, batch.start()), (vec![first, batch.end()], Offset(7)));
        assert_eq!(batch.wire_bytes(), effects[0].wire().len() + effects[2].wire().len());
    }
}
