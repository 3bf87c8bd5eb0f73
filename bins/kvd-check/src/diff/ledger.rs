//! What one side holds, 33 bytes a key.

use std::ops::Range;

/// Keys and what they say, as digests.
///
/// A sorted table and not a hash table: it has no empty places, so the bound is exact, and while it grows the system moves its pages instead of
/// copying them. Digests are spread evenly, so their first bits tell where to look.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    rows: Vec<(u128, u128)>,
    /// For all values of the first `bits` bits of a key where its rows begin, and where the last ones end.
    starts: Vec<usize>,
    bits: u32,
    /// For each row whether the other side has its key.
    marks: Vec<u64>,
}

/// From 8 to 15 rows are a bucket, were all of one size: so finding one looks at two places of memory, not at twenty.
const BUCKET_BITS: u32 = 3;
const BITS: usize = u64::BITS as usize;

impl Ledger {
    pub(super) fn push(&mut self, key: u128, state: u128) {
        self.rows.push((key, state));
    }

    /// To be called behind the last row. A key that came twice, as SCAN may give it, is one.
    pub(super) fn sort(&mut self) {
        self.rows.sort_unstable();
        self.rows.dedup_by_key(|(key, _)| *key);
        self.bits = self.rows.len().checked_ilog2().unwrap_or(0).saturating_sub(BUCKET_BITS);
        self.starts = vec![0];
        for (place, (key, _)) in self.rows.iter().enumerate() {
            let bucket = self.bucket(*key);
            self.starts.resize(self.starts.len().max(bucket + 1), place);
        }
        self.starts.resize((1 << self.bits) + 1, self.rows.len());
        self.marks = vec![0; self.rows.len().div_ceil(BITS)];
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The place of a key and what it says.
    pub(super) fn find(&self, key: u128) -> Option<(usize, u128)> {
        let near = self.near(key);
        let rows = self.rows.get(near.clone()).unwrap_or_default();
        let place = near.start + rows.binary_search_by_key(&key, |(key, _)| *key).ok()?;
        self.rows.get(place).map(|(_, state)| (place, *state))
    }

    /// The rows that begin with the same bits.
    fn near(&self, key: u128) -> Range<usize> {
        let start = |bucket: usize| self.starts.get(bucket).copied().unwrap_or(0);
        let bucket = self.bucket(key);
        start(bucket)..start(bucket + 1)
    }

    fn bucket(&self, key: u128) -> usize {
        key.checked_shr(u128::BITS - self.bits).unwrap_or(0) as usize
    }

    /// Marks a row; returns whether it wasn't marked before.
    pub(super) fn mark(&mut self, place: usize) -> bool {
        let bit = 1 << (place % BITS);
        let Some(word) = self.marks.get_mut(place / BITS) else { return false };
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    /// How many rows aren't marked.
    pub(super) fn unmarked(&self) -> usize {
        let marked: usize = self.marks.iter().map(|word| word.count_ones() as usize).sum();
        self.rows.len() - marked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_wherever_they_lie() {
        let mut ledger = Ledger::default();
        // Evenly, and then all that the guess doesn't expect.
        let spread = (0..5000_u128).map(|index| index * (u128::MAX / 5000));
        let keys: Vec<u128> = spread.chain(1..500).chain((0..500).map(|index| u128::MAX - index)).collect();
        keys.iter().for_each(|key| ledger.push(*key, !*key));
        ledger.sort();
        for key in keys {
            assert_eq!(ledger.find(key).map(|(_, state)| state), Some(!key), "{key:x}");
        }
        assert_eq!(ledger.find(u128::MAX / 3), None);
        assert_eq!(Ledger::default().find(1), None);
    }

    #[test]
    fn rows_are_found_once_and_marked() {
        let mut ledger = Ledger::default();
        for key in (0..200).rev().chain([7, 8]) {
            ledger.push(key, key * 10);
        }
        ledger.sort();
        assert_eq!((ledger.len(), ledger.unmarked()), (200, 200));
        let (place, state) = ledger.find(130).unwrap();
        assert_eq!(state, 1300);
        assert!(ledger.mark(place) && !ledger.mark(place));
        assert_eq!(ledger.unmarked(), 199);
        assert_eq!(ledger.find(200), None);
    }
}
