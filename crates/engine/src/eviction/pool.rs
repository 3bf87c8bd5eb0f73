//! Keys that deserve to be evicted, kept from one search to the next: the best of many samples at the price of a few.

use keyspace::DbIndex;

/// More than these would grow old in the pool.
const CANDIDATES_MAX: usize = 16;

/// A key that may be evicted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    /// How much it deserved it when it was seen.
    pub(super) rating: u64,
    /// Its database.
    pub(super) db: DbIndex,
    /// Its name.
    pub(super) key: Vec<u8>,
}

/// The best candidates that were seen, each key once, the best one last.
#[derive(Debug, Default)]
pub(super) struct Pool {
    candidates: Vec<Candidate>,
    /// A name's memory, for the next one.
    spare: Vec<u8>,
}

impl Pool {
    /// Takes a key in, if it is better than the worst or there is room.
    pub(super) fn offer(&mut self, rating: u64, db: DbIndex, key: &[u8]) {
        let is_full = self.candidates.len() == CANDIDATES_MAX;
        if is_full && self.candidates.first().is_some_and(|worst| worst.rating >= rating) {
            return;
        }
        let is_it = |candidate: &Candidate| candidate.db == db && candidate.key == key;
        let mut candidate = match self.candidates.iter().position(is_it) {
            Some(known) => self.candidates.remove(known),
            None if is_full => self.candidates.remove(0),
            None => Candidate { rating, db, key: std::mem::take(&mut self.spare) },
        };
        candidate.rating = rating;
        candidate.db = db;
        candidate.key.clear();
        candidate.key.extend_from_slice(key);
        let at = self.candidates.partition_point(|other| other.rating <= rating);
        self.candidates.insert(at, candidate);
    }

    /// Takes the best one out.
    pub(super) fn take_best(&mut self) -> Option<Candidate> {
        self.candidates.pop()
    }

    /// Takes back the memory of one that was taken out.
    pub(super) fn give_back(&mut self, candidate: Candidate) {
        self.spare = candidate.key;
    }

    /// Forgets all: they were rated by another policy.
    pub(super) fn clear(&mut self) {
        self.candidates.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(pool: &mut Pool) -> Vec<(u64, Vec<u8>)> {
        std::iter::from_fn(|| pool.take_best()).map(|best| (best.rating, best.key)).collect()
    }

    #[test]
    fn the_best_of_all_that_were_offered_come_out_in_order() {
        let mut pool = Pool::default();
        for number in (0..100u64).map(|index| index * 37 % 100) {
            pool.offer(number, DbIndex(0), number.to_string().as_bytes());
        }
        let best: Vec<_> =
            (84..100u64).rev().map(|number| (number, number.to_string().into_bytes())).collect();
        assert_eq!(names(&mut pool), best);
    }

    #[test]
    fn a_key_stands_there_once_with_its_last_rating() {
        let mut pool = Pool::default();
        pool.offer(5, DbIndex(0), b"a");
        pool.offer(7, DbIndex(0), b"b");
        pool.offer(6, DbIndex(1), b"a");
        pool.offer(9, DbIndex(0), b"a");
        assert_eq!(names(&mut pool), [(9, b"a".to_vec()), (7, b"b".to_vec()), (6, b"a".to_vec())]);
    }
}
