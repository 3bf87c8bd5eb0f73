//! Things in the order in which they are due.
//!
//! A sorted set of records *(expiry, number)*: the expiry as 48 bits of milliseconds, and 48 bits that say what expires then, such as bits
//! of a key's hash or the place of a field; twelve bytes together. What is due stands at the front, so that expiring costs in
//! proportion to what is due, not to what exists; and a record is removed exactly when its subject goes or gets another expiry, so
//! that nothing stale piles up (a timer wheel with lazy removal was rejected for that: `SETEX`, `DEL` in a loop grows it without bound).
//!
//! The set is a list of sorted leaves of at most 128 records: a B+ tree of two levels. A few thousand records take a few dozen pointers
//! in the upper level; of ten million it has two megabytes, a part of which moves whenever a leaf comes or goes. Inserting at the end, which
//! equal time-to-lives do, leaves full leaves behind.
//!
//! ```text
//!   leaves:  [ r r r r r r ]  [ r r r r ]  [ r r r r r ]
//!              ^ due first                           ^ last
//! ```

/// Records per leaf: 1536 bytes, moved by half on average when a record is inserted in the middle.
const LEAF_RECORDS_MAX: usize = 128;

/// Two neighbours whose records fit together in this are merged.
const LEAF_RECORDS_MERGE: usize = 64;

/// Expiries beyond this (the year 10889) share the last place in the order.
const MILLIS_MAX: i64 = (1 << 48) - 1;

/// An expiry and a number of 48 bits each, most significant part first, so that comparing arrays compares the pair.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Record([u16; 6]);

impl Record {
    fn new(at_ms: i64, number: u64) -> Self {
        let at = at_ms.clamp(0, MILLIS_MAX) as u64;
        let part = |of: u64, shift: u32| (of >> shift) as u16;
        Self([part(at, 32), part(at, 16), part(at, 0), part(number, 32), part(number, 16), part(number, 0)])
    }

    fn pair(self) -> (i64, u64) {
        (join(&self.0[..3]) as i64, join(&self.0[3..]))
    }
}

fn join(parts: &[u16]) -> u64 {
    parts.iter().fold(0, |sum, part| sum << 16 | u64::from(*part))
}

/// A sorted set of pairs of an expiry, in milliseconds since the epoch, and a number of 48 bits.
///
/// ```
/// use kvd_structures::DueIndex;
///
/// let mut index = DueIndex::default();
/// index.insert(1_800_000_000_500, 7);
/// index.insert(1_800_000_000_000, 8);
/// assert_eq!(index.first(), Some((1_800_000_000_000, 8)));
/// index.remove(1_800_000_000_000, 8);
/// assert_eq!(index.first(), Some((1_800_000_000_500, 7)));
/// ```
///
/// Invariants: no leaf is empty; records ascend strictly within and across leaves; `len` counts them.
#[derive(Debug, Default)]
pub struct DueIndex {
    leaves: Vec<Vec<Record>>,
    len: usize,
}

impl DueIndex {
    /// Number of records.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds a record, of which equal ones are one. Expiries before the epoch are taken for it, those after the year 10889 for that. O(log n) to find the place, then a move within a leaf.
    pub fn insert(&mut self, at_ms: i64, number: u64) {
        let record = Record::new(at_ms, number);
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
    pub fn remove(&mut self, at_ms: i64, number: u64) {
        let record = Record::new(at_ms, number);
        let at = self.leaf_for(record);
        let Some(leaf) = self.leaves.get_mut(at) else { return };
        let Ok(place) = leaf.binary_search(&record) else { return };
        leaf.remove(place);
        self.len -= 1;
        self.tidy_leaf(at);
    }

    /// The record that expires first. O(1).
    #[inline]
    pub fn first(&self) -> Option<(i64, u64)> {
        Some(self.leaves.first()?.first()?.pair())
    }

    /// The record that expires last. O(1).
    pub fn last(&self) -> Option<(i64, u64)> {
        Some(self.leaves.last()?.last()?.pair())
    }

    /// All records, in order.
    pub fn iter(&self) -> impl Iterator<Item = (i64, u64)> {
        self.leaves.iter().flatten().map(|record| record.pair())
    }

    /// Bytes of memory held.
    pub fn memory_bytes(&self) -> usize {
        let leaves: usize = self.leaves.iter().map(|leaf| leaf.capacity() * size_of::<Record>()).sum();
        leaves + self.leaves.capacity() * size_of::<Vec<Record>>()
    }

    /// Panics if an invariant is broken.
    pub fn check_invariants(&self) {
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
    fn expiries_out_of_range_are_kept_at_the_ends() {
        let mut index = DueIndex::default();
        index.insert(i64::MAX, 7);
        index.insert(i64::MIN, 8);
        assert_eq!((index.first(), index.last()), (Some((0, 8)), Some((MILLIS_MAX, 7))));
        index.remove(i64::MIN, 8);
        assert_eq!(index.first(), Some((MILLIS_MAX, 7)));
        index.remove(i64::MAX, 7);
        assert!(index.is_empty());
    }

    proptest::proptest! {
        #[test]
        fn behaves_like_a_sorted_set(steps in proptest::collection::vec((0u8..4, 0i64..3000, 0u64..50), 1..2000)) {
            let mut index = DueIndex::default();
            let mut twin = BTreeSet::new();
            for (step, (kind, at, number)) in steps.into_iter().enumerate() {
                if kind < 3 {
                    index.insert(BASE + at, number);
                    twin.insert((BASE + at, number));
                } else {
                    index.remove(BASE + at, number);
                    twin.remove(&(BASE + at, number));
                }
                if step % 50 == 0 {
                    index.check_invariants();
                }
            }
            index.check_invariants();
            proptest::prop_assert_eq!(index.last(), twin.last().copied());
            while let Some(first) = index.first() {
                proptest::prop_assert_eq!(Some(first), twin.pop_first());
                index.remove(first.0, first.1);
            }
            proptest::prop_assert!(twin.is_empty());
        }
    }
}
