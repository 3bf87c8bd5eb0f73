//! What one side holds, 32 bytes a key.

/// Keys and what they say, as digests.
///
/// A sorted table and not a hash table: it has no empty places, so the bound is exact, and while it grows the system moves its pages instead of
/// copying them.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    rows: Vec<(u128, u128)>,
    /// For each row whether the other side has its key.
    marks: Vec<u64>,
}

const BITS: usize = u64::BITS as usize;

impl Ledger {
    pub(super) fn push(&mut self, key: u128, state: u128) {
        self.rows.push((key, state));
    }

    /// To be called behind the last row. A key that came twice, as SCAN may give it, is one.
    pub(super) fn sort(&mut self) {
        self.rows.sort_unstable();
        self.rows.dedup_by_key(|(key, _)| *key);
        self.marks = vec![0; self.rows.len().div_ceil(BITS)];
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The place of a key and what it says.
    pub(super) fn find(&self, key: u128) -> Option<(usize, u128)> {
        let place = self.rows.binary_search_by_key(&key, |(key, _)| *key).ok()?;
        self.rows.get(place).map(|(_, state)| (place, *state))
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
