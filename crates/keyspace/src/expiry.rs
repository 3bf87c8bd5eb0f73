//! The index of keys by the time they expire.
//!
//! Each table keeps a sorted set of records *(expiry, hash)*, one per key with an expiry: the expiry as 48 bits of
//! milliseconds and the key's 48 hash bits within the stripe, twelve bytes together. What is due stands at the front, so that
//! expiring costs in proportion to the keys that are due, not to the keys that exist; and a record is removed exactly when
//! its key goes or gets another expiry, so that nothing stale piles up (a timer wheel with lazy removal was rejected for that:
//! `SETEX`, `DEL` in a loop grows it without bound).
//!
//! The set is a list of sorted leaves of at most 128 records: a B+ tree of two levels. A stripe holds a few thousand
//! records, so the upper level is a few dozen pointers. Inserting at the end, which equal time-to-lives do, leaves full leaves
//! behind.
//!
//! ```text
//!   leaves:  [ r r r r r r ]  [ r r r r ]  [ r r r r r ]
//!              ^ due first                           ^ last
//! ```

use crate::time::UnixMillis;

/// Records per leaf: 1536 bytes, moved by half on average when a record is inserted in the middle.
const LEAF_RECORDS_MAX: usize = 128;

/// Two neighbours whose records fit together in this are merged.
const LEAF_RECORDS_MERGE: usize = 64;

/// Expiries beyond this (the year 10889) share the last place in the order.
const MILLIS_MAX: i64 = (1 << 48) - 1;

/// An expiry and a hash of 48 bits each, most significant part first, so that comparing arrays compares the pair.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Record([u16; 6]);

impl Record {
    fn new(expiry: UnixMillis, hash: u64) -> Self {
        let at = expiry.0.clamp(0, MILLIS_MAX) as u64;
        let part = |of: u64, shift: u32| (of >> shift) as u16;
        Self([part(at, 32), part(at, 16), part(at, 0), part(hash, 32), part(hash, 16), part(hash, 0)])
    }

    fn expiry(self) -> UnixMillis {
        UnixMillis(join(&self.0[..3]) as i64)
    }

    fn hash(self) -> u64 {
        join(&self.0[3..])
    }
}

fn join(parts: &[u16]) -> u64 {
    parts.iter().fold(0, |sum, part| sum << 16 | u64::from(*part))
}

/// The lower 48 bits of a hash, by which records find their keys.
pub(crate) fn hash_within_stripe(hash: u64) -> u64 {
    hash & ((1 << 48) - 1)
}

/// A sorted set of *(expiry, hash)*.
///
/// Invariants: no leaf is empty; records ascend strictly within and across leaves; `len` counts them.
#[derive(Debug, Default)]
pub(crate) struct ExpiryIndex {
    leaves: Vec<Vec<Record>>,
    len: usize,
}

impl ExpiryIndex {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Adds a record. Two keys of equal hash and expiry share one. O(log n) to find the place, then a move within a leaf.
    pub(crate) fn insert(&mut self, expiry: UnixMillis, hash: u64) {
        let record = Record::new(expiry, hash);
        let at = self.leaf_for(record);
        if self.leaves.is_empty() {
            self.leaves.push(Vec::new());
        }
        let last = at + 1 == self.leaves.len();
        let leaf = &mut self.leaves[at];
        let Err(place) = leaf.binary_search(&record) else { return };
        self.len += 1;
        if leaf.len() < LEAF_RECORDS_MAX {
            if leaf.len() == leaf.capacity() {
                let more = if leaf.len() < LEAF_RECORDS_MERGE {
                    leaf.len().max(4)
                } else {
                    LEAF_RECORDS_MAX - leaf.len()
                };
                leaf.reserve_exact(more);
            }
            leaf.insert(place, record);
        } else if last && place == leaf.len() {
            let mut fresh = Vec::with_capacity(LEAF_RECORDS_MAX);
            fresh.push(record);
            self.leaves.push(fresh);
        } else {
            let mut upper = Vec::with_capacity(LEAF_RECORDS_MAX);
            upper.extend_from_slice(&leaf[LEAF_RECORDS_MAX / 2..]);
            leaf.truncate(LEAF_RECORDS_MAX / 2);
            if place <= leaf.len() {
                leaf.insert(place, record);
            } else {
                upper.insert(place - leaf.len(), record);
            }
            self.leaves.insert(at + 1, upper);
        }
    }

    /// Removes a record if it is there. The cost of `insert`.
    pub(crate) fn remove(&mut self, expiry: UnixMillis, hash: u64) {
        let record = Record::new(expiry, hash);
        let at = self.leaf_for(record);
        let Some(leaf) = self.leaves.get_mut(at) else { return };
        let Ok(place) = leaf.binary_search(&record) else { return };
        leaf.remove(place);
        self.len -= 1;
        self.tidy_leaf(at);
    }

    /// The earliest moment at which something is due: the millisecond after the first expiry.
    pub(crate) fn next_due(&self) -> Option<UnixMillis> {
        let first = self.leaves.first()?.first()?;
        Some(UnixMillis(first.expiry().0 + 1))
    }

    /// Removes and returns the hash of the first record that is due at `now`.
    pub(crate) fn pop_due(&mut self, now: UnixMillis) -> Option<u64> {
        if self.next_due()? > now {
            return None;
        }
        let leaf = self.leaves.first_mut()?;
        // The front leaf is consumed record by record; moving at most 127 records of twelve bytes is little
        // beside the removal of the key itself.
        let record = leaf.remove(0);
        self.len -= 1;
        if leaf.is_empty() {
            self.leaves.remove(0);
        }
        Some(record.hash())
    }

    /// Bytes of memory held.
    pub(crate) fn memory_bytes(&self) -> usize {
        let leaves: usize = self.leaves.iter().map(|leaf| leaf.capacity() * size_of::<Record>()).sum();
        leaves + self.leaves.capacity() * size_of::<Vec<Record>>()
    }

    /// Panics if an invariant is broken.
    pub(crate) fn check_invariants(&self) {
        let records: Vec<Record> = self.leaves.iter().flatten().copied().collect();
        assert!(
            self.leaves.iter().all(|leaf| !leaf.is_empty() && leaf.len() <= LEAF_RECORDS_MAX),
            "leaf size"
        );
        assert!(records.windows(2).all(|pair| pair[0] < pair[1]), "records ascend");
        assert_eq!(records.len(), self.len, "len counts the records");
    }

    /// The leaf in which `record` is or belongs: the last one that starts at or before it.
    fn leaf_for(&self, record: Record) -> usize {
        self.leaves
            .partition_point(|leaf| leaf.first().is_some_and(|first| *first <= record))
            .saturating_sub(1)
    }

    fn tidy_leaf(&mut self, at: usize) {
        if self.leaves[at].is_empty() {
            self.leaves.remove(at);
            return;
        }
        let Some(next) = self.leaves.get(at + 1) else { return };
        if self.leaves[at].len() + next.len() <= LEAF_RECORDS_MERGE {
            let next = self.leaves.remove(at + 1);
            self.leaves[at].extend_from_slice(&next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const BASE: i64 = 1_800_000_000_000;

    #[test]
    fn every_record_is_due_in_the_millisecond_after_its_expiry() {
        let mut index = ExpiryIndex::default();
        for offset in 0..1000 {
            index.insert(UnixMillis(BASE + offset), offset as u64);
        }
        for offset in 0..1000 {
            assert_eq!(index.pop_due(UnixMillis(BASE + offset)), None);
            assert_eq!(index.pop_due(UnixMillis(BASE + offset + 1)), Some(offset as u64));
        }
        assert_eq!(index.len(), 0);
    }

    #[test]
    fn expiries_out_of_range_are_kept_at_the_ends() {
        let mut index = ExpiryIndex::default();
        index.insert(UnixMillis(i64::MAX), 7);
        index.insert(UnixMillis(i64::MIN), 8);
        assert_eq!(index.pop_due(UnixMillis(1)), Some(8));
        assert_eq!(index.pop_due(UnixMillis(BASE * 2)), None);
        index.remove(UnixMillis(i64::MAX), 7);
        assert_eq!(index.len(), 0);
    }

    proptest::proptest! {
        #[test]
        fn behaves_like_a_sorted_set(steps in proptest::collection::vec((0u8..4, 0i64..3000, 0u64..50), 1..2000)) {
            let mut index = ExpiryIndex::default();
            let mut twin = BTreeSet::new();
            for (step, (kind, at, hash)) in steps.into_iter().enumerate() {
                let expiry = UnixMillis(BASE + at);
                if kind < 3 {
                    index.insert(expiry, hash);
                    twin.insert((expiry, hash));
                } else {
                    index.remove(expiry, hash);
                    twin.remove(&(expiry, hash));
                }
                if step % 50 == 0 {
                    index.check_invariants();
                }
            }
            index.check_invariants();
            let popped: Vec<u64> = std::iter::from_fn(|| index.pop_due(UnixMillis(i64::MAX))).collect();
            let expected: Vec<u64> = twin.iter().map(|(_, hash)| *hash).collect();
            proptest::prop_assert_eq!(popped, expected);
        }
    }
}
