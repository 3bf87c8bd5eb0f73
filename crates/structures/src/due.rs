//! Things in the order in which they are due.
//!
//! A sorted set of records *(expiry, number)*: the expiry as 48 bits of milliseconds, and 48 bits that say what expires then, such as bits
//! of a key's hash or the place of a field; twelve bytes together. What is due stands at the front, so that expiring costs in
//! proportion to what is due, not to what exists; and a record is removed exactly when its subject goes or gets another expiry, so
//! that nothing stale piles up (a timer wheel with lazy removal was rejected for that: `SETEX`, `DEL` in a loop grows it without bound).
//!
//! The set is a B+ tree of three levels: groups of at most 256 leaves, and sorted leaves of at most 128 records. A few thousand records are
//! one group; ten million are a few hundred, so that no step moves more than some kilobytes (with leaves in a single list, two megabytes
//! moved whenever one came or went). Inserting at the end, which equal time-to-lives do, leaves full leaves behind.
//!
//! ```text
//!   groups:  [ leaf, leaf, leaf ]             [ leaf, leaf ]
//!   leaves:  [ r r r r r ]  [ r r r ]  [ r ]  [ r r r r ]  [ r r r ]
//!              ^ due first                                       ^ last
//! ```

/// Records per leaf: 1536 bytes, moved by half on average when a record is inserted in the middle.
const LEAF_RECORDS_MAX: usize = 128;

/// Two neighbours whose records fit together in this are merged.
const LEAF_RECORDS_MERGE: usize = 64;

/// Leaves per group: six kilobytes, moved when a leaf comes or goes in front of them.
const GROUP_LEAVES_MAX: usize = 256;

/// The same as for leaves.
const GROUP_LEAVES_MERGE: usize = 128;

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
/// Invariants: no leaf and no group is empty; records ascend strictly within and across leaves; `len` counts them, and `capacity` what
/// leaves have room for.
#[derive(Debug, Default)]
pub struct DueIndex {
    groups: Vec<Vec<Leaf>>,
    len: usize,
    capacity: usize,
}

type Leaf = Vec<Record>;

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
        let Some((group_at, leaf_at)) = self.place(record) else {
            return self.insert_first(record);
        };
        let is_last = group_at + 1 == self.groups.len() && leaf_at + 1 == self.groups[group_at].len();
        let leaf = &mut self.groups[group_at][leaf_at];
        let Err(at) = leaf.binary_search(&record) else { return };
        self.len += 1;
        if leaf.len() < LEAF_RECORDS_MAX {
            self.capacity += make_room(leaf);
            leaf.insert(at, record);
            return;
        }
        let is_end = is_last && at == LEAF_RECORDS_MAX;
        let next = split(leaf, if is_end { LEAF_RECORDS_MAX } else { LEAF_RECORDS_MAX / 2 }, at, record);
        self.capacity += next.capacity();
        self.insert_leaf(group_at, leaf_at + 1, next, is_end);
    }

    /// Removes a record if it is there. The cost of `insert`.
    pub fn remove(&mut self, at_ms: i64, number: u64) {
        let record = Record::new(at_ms, number);
        let Some((group_at, leaf_at)) = self.place(record) else { return };
        let leaf = &mut self.groups[group_at][leaf_at];
        let Ok(at) = leaf.binary_search(&record) else { return };
        leaf.remove(at);
        self.len -= 1;
        self.tidy_leaf(group_at, leaf_at);
    }

    /// The record that expires first. O(1).
    #[inline]
    pub fn first(&self) -> Option<(i64, u64)> {
        Some(self.groups.first()?.first()?.first()?.pair())
    }

    /// The record that expires last. O(1).
    pub fn last(&self) -> Option<(i64, u64)> {
        Some(self.groups.last()?.last()?.last()?.pair())
    }

    /// The record that `index` others expire before. It takes a step for every group, and for every leaf of one group.
    pub fn nth(&self, mut index: usize) -> Option<(i64, u64)> {
        for group in &self.groups {
            let len = group.iter().map(Vec::len).sum();
            if index >= len {
                index -= len;
                continue;
            }
            for leaf in group {
                match leaf.get(index) {
                    Some(record) => return Some(record.pair()),
                    None => index -= leaf.len(),
                }
            }
        }
        None
    }

    /// All records, in order.
    pub fn iter(&self) -> impl Iterator<Item = (i64, u64)> {
        self.groups.iter().flatten().flatten().map(|record| record.pair())
    }

    /// Bytes of memory held. It takes a step for every group, of which ten million records have a few hundred.
    pub fn memory_bytes(&self) -> usize {
        let leaves: usize = self.groups.iter().map(Vec::capacity).sum();
        self.capacity * size_of::<Record>()
            + leaves * size_of::<Leaf>()
            + self.groups.capacity() * size_of::<Vec<Leaf>>()
    }

    /// Panics if an invariant is broken.
    pub fn check_invariants(&self) {
        let is_size = |len, max| (1..=max).contains(&len);
        assert!(self.groups.iter().all(|group| is_size(group.len(), GROUP_LEAVES_MAX)), "group size");
        let leaves = || self.groups.iter().flatten();
        assert!(leaves().all(|leaf| is_size(leaf.len(), LEAF_RECORDS_MAX)), "leaf size");
        let records: Vec<Record> = leaves().flatten().copied().collect();
        assert!(records.windows(2).all(|pair| pair[0] < pair[1]), "records ascend");
        assert_eq!(records.len(), self.len, "len counts the records");
        assert_eq!(
            leaves().map(Vec::capacity).sum::<usize>(),
            self.capacity,
            "capacity is the room in leaves"
        );
    }

    /// The group and the leaf in it in which `record` is or belongs: the last ones that start at or before it. `None` without any leaf.
    #[inline]
    fn place(&self, record: Record) -> Option<(usize, usize)> {
        let starts_before = |leaf: &Leaf| leaf.first().is_some_and(|first| *first <= record);
        let behind = self.groups.partition_point(|group| group.first().is_some_and(starts_before));
        let group_at = behind.saturating_sub(1);
        let leaves = self.groups.get(group_at)?;
        Some((group_at, leaves.partition_point(starts_before).saturating_sub(1)))
    }

    fn insert_first(&mut self, record: Record) {
        let mut leaf = Leaf::new();
        self.capacity = make_room(&mut leaf);
        leaf.push(record);
        self.groups.reserve_exact(1);
        self.groups.push(vec![leaf]);
        self.len = 1;
    }

    /// Adds a leaf to a group, of which a part goes to a new one if it is full: at the end just the leaf, so that full groups stay behind.
    fn insert_leaf(&mut self, group_at: usize, leaf_at: usize, leaf: Leaf, is_end: bool) {
        let group = &mut self.groups[group_at];
        group.insert(leaf_at, leaf);
        if group.len() > GROUP_LEAVES_MAX {
            let upper = group.split_off(if is_end { GROUP_LEAVES_MAX } else { GROUP_LEAVES_MAX / 2 });
            self.groups.insert(group_at + 1, upper);
        }
    }

    /// Removes a leaf that has become empty, or merges it with its successor.
    fn tidy_leaf(&mut self, group_at: usize, leaf_at: usize) {
        let group = &mut self.groups[group_at];
        if group[leaf_at].is_empty() {
            self.capacity -= group.remove(leaf_at).capacity();
        } else if group
            .get(leaf_at + 1)
            .is_some_and(|next| group[leaf_at].len() + next.len() <= LEAF_RECORDS_MERGE)
        {
            let next = group.remove(leaf_at + 1);
            let leaf = &mut group[leaf_at];
            self.capacity -= next.capacity() + leaf.capacity();
            leaf.extend_from_slice(&next);
            self.capacity += leaf.capacity();
        } else {
            return;
        }
        self.tidy_group(group_at);
    }

    /// The same for a group.
    fn tidy_group(&mut self, group_at: usize) {
        let len = self.groups[group_at].len();
        if len == 0 {
            self.groups.remove(group_at);
        } else if self.groups.get(group_at + 1).is_some_and(|next| len + next.len() <= GROUP_LEAVES_MERGE) {
            let next = self.groups.remove(group_at + 1);
            self.groups[group_at].extend(next);
        }
    }
}

/// Makes room for a record in a leaf that is not full; returns for how many more than before.
fn make_room(leaf: &mut Leaf) -> usize {
    let before = leaf.capacity();
    if leaf.len() == before {
        let more =
            if leaf.len() < LEAF_RECORDS_MERGE { leaf.len().max(4) } else { LEAF_RECORDS_MAX - leaf.len() };
        leaf.reserve_exact(more);
    }
    leaf.capacity() - before
}

/// Inserts a record at a place of a full leaf, and returns a leaf of what is behind `keep` records.
fn split(leaf: &mut Leaf, keep: usize, at: usize, record: Record) -> Leaf {
    let mut upper = Leaf::with_capacity(LEAF_RECORDS_MAX);
    upper.extend_from_slice(&leaf[keep..]);
    leaf.truncate(keep);
    if at <= keep && keep < LEAF_RECORDS_MAX {
        leaf.insert(at, record);
    } else {
        upper.insert(at - keep, record);
    }
    upper
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

    /// Enough records for several groups, that come by chance or in order and go by chance or in order.
    #[test]
    fn groups_come_and_go() {
        const RECORDS: u64 = 120_000;
        for (stride_in, stride_out) in [(1, 1), (1, 7_919), (7_919, 1), (7_919, 104_729)] {
            let mut index = DueIndex::default();
            (0..RECORDS).for_each(|step| index.insert(BASE, step * stride_in % RECORDS));
            index.check_invariants();
            assert!(index.groups.len() > 2);
            assert!(index.iter().map(|(_, number)| number).eq(0..RECORDS));
            for step in 0..RECORDS {
                index.remove(BASE, step * stride_out % RECORDS);
                if step % 10_007 == 0 {
                    index.check_invariants();
                }
            }
            assert_eq!((index.len(), index.first(), index.groups.len()), (0, None, 0));
        }
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
