//! The sorted set: its members one by one.

use std::ops::Range;

use dict::HashKey;

use super::iter::Iter;
use super::member::Scored;
use super::tree::{Probe, Tree};
use crate::elements::{Elements, Handle};

/// Entries of a node of the tree: the scores of a leaf are eight cache lines then, which come all at once.
pub(super) const NODE: usize = 64;

/// Members moved after each change, while a set that has become smaller gives memory back. Two for each removed one bring that to an
/// end before half of what is left has been removed too.
const MOVES: usize = 2;

/// Members with scores, ordered by score and then by their bytes.
///
/// `N` is for tests, who want high trees of few members: use `RankedSet` without it.
///
/// ```
/// use kvd_structures::HashKey;
/// use kvd_structures::sorted_set::RankedSet;
///
/// let mut set = RankedSet::new(HashKey::new(*b"16 random bytes!"));
/// set.insert(b"b", 2.0);
/// set.insert(b"c", 2.0);
/// assert_eq!(set.insert(b"a", 9.0), None);
/// assert_eq!(set.insert(b"a", 3.0), Some(9.0));
/// assert_eq!(set.rank(b"a"), Some(2));
/// let last: Vec<_> = set.by_rank(1..3).rev().collect();
/// assert_eq!(last, [(&b"a"[..], 3.0), (b"c", 2.0)]);
/// ```
pub struct RankedSet<const N: usize = NODE> {
    pub(super) elements: Elements<Scored>,
    pub(super) tree: Tree<N>,
}

impl<const N: usize> Clone for RankedSet<N> {
    fn clone(&self) -> Self {
        let mut copy = Self::with_nodes(self.elements.hash_key());
        for (member, score) in self.iter() {
            copy.insert(member, score);
        }
        copy
    }
}

impl RankedSet {
    /// An empty set, whose hash table is keyed with this.
    pub fn new(hash_key: HashKey) -> Self {
        Self::with_nodes(hash_key)
    }

    /// A set of these elements; `order` has each of them once with its score, in the order of the set.
    pub(super) fn from_ordered(elements: Elements<Scored>, order: &[(f64, Handle)]) -> Self {
        let mut tree = Tree::new();
        for &(score, handle) in order {
            tree.insert(score, handle, &elements);
        }
        Self { elements, tree }
    }
}

impl<const N: usize> RankedSet<N> {
    /// An empty set with nodes of another size.
    #[doc(hidden)]
    pub fn with_nodes(hash_key: HashKey) -> Self {
        Self { elements: Elements::new(hash_key), tree: Tree::new() }
    }

    /// Number of members.
    #[inline]
    pub fn len(&self) -> usize {
        self.tree.len()
    }

    /// Whether there are no members.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes room in the table for so many members if there are none. O(count).
    pub fn reserve(&mut self, count: usize) {
        self.elements.reserve(count);
    }

    /// Gives members their scores, and returns how many of them were not there. Faster than one by one, as what they need of memory comes all at
    /// once; and if they come in the set's order, or against it.
    ///
    /// Panics if a score is NaN.
    pub fn insert_all<'m>(&mut self, mut members: impl Iterator<Item = (&'m [u8], f64)> + Clone) -> usize {
        let before = self.len();
        loop {
            let hashes = self.elements.fetch_buckets(members.clone().map(|(member, _)| member));
            if hashes.as_slice().is_empty() {
                return self.len() - before;
            }
            for (&hash, (member, score)) in hashes.as_slice().iter().zip(members.by_ref()) {
                self.insert_hashed(hash, member, score);
            }
        }
    }

    /// Gives a member its score, and returns the one that it had before. If the two are equal nothing changes: `-0` does not
    /// replace `0`.
    ///
    /// Panics if the score is NaN, which has no place in an order.
    pub fn insert(&mut self, member: &[u8], score: f64) -> Option<f64> {
        let hash = self.elements.hash(member);
        // The bucket comes while the way through the tree is found, which most insertions need anyway.
        self.elements.fetch_bucket(hash);
        self.insert_hashed(hash, member, score)
    }

    #[inline]
    fn insert_hashed(&mut self, hash: u64, member: &[u8], score: f64) -> Option<f64> {
        assert!(!score.is_nan(), "a score is a number");
        let path = self.tree.path_to(Probe { score, name: member }, &self.elements);
        let Some(handle) = self.elements.find(hash, member) else {
            let handle = self.elements.insert(hash, &[&score.to_le_bytes(), member]);
            self.tree.insert_on(path, score, handle, &self.elements);
            self.give_back();
            return None;
        };
        let old = self.elements.score(handle);
        if old != score {
            self.tree.remove(Probe { score: old, name: member }, &self.elements);
            self.elements.replace_score(handle, score);
            self.tree.insert(score, handle, &self.elements);
        }
        Some(old)
    }

    /// The score of a member.
    #[inline]
    pub fn score(&self, member: &[u8]) -> Option<f64> {
        let handle = self.find(member)?;
        Some(self.elements.score(handle))
    }

    /// Whether this is a member.
    #[inline]
    pub fn contains(&self, member: &[u8]) -> bool {
        self.find(member).is_some()
    }

    /// Takes a member out and returns its score.
    pub fn remove(&mut self, member: &[u8]) -> Option<f64> {
        let hash = self.elements.hash(member);
        let handle = self.elements.find(hash, member)?;
        let score = self.elements.score(handle);
        let removed = self.tree.remove(Probe { score, name: member }, &self.elements);
        debug_assert_eq!(removed, handle);
        self.elements.remove(hash, handle);
        self.give_back();
        Some(score)
    }

    /// How many members come before this one.
    pub fn rank(&self, member: &[u8]) -> Option<usize> {
        self.rank_and_score(member).map(|(rank, _)| rank)
    }

    /// How many members come after this one.
    pub fn rev_rank(&self, member: &[u8]) -> Option<usize> {
        self.rank(member).map(|rank| self.len() - 1 - rank)
    }

    /// Rank and score, for the price of the rank.
    pub fn rank_and_score(&self, member: &[u8]) -> Option<(usize, f64)> {
        let handle = self.find(member)?;
        let score = self.elements.score(handle);
        Some((self.tree.rank(Probe { score, name: member }, &self.elements), score))
    }

    /// The member of this rank, with its score. By a rank by chance, a member by chance.
    pub fn at(&self, rank: usize) -> Option<(&[u8], f64)> {
        if rank >= self.len() {
            return None;
        }
        let (score, handle) = self.tree.key(self.tree.place(rank));
        Some((self.elements.name(handle), score))
    }

    /// Takes the first member out.
    pub fn pop_min(&mut self) -> Option<(Vec<u8>, f64)> {
        self.pop(0)
    }

    /// Takes the last member out.
    pub fn pop_max(&mut self) -> Option<(Vec<u8>, f64)> {
        self.pop(self.len().checked_sub(1)?)
    }

    /// Takes out up to `max` members from the one of rank `start` on, shows each to `visit`, and returns how many.
    ///
    /// For removing a range in slices: call it again with the same `start` for the next ones.
    pub fn remove_ranks(&mut self, start: usize, max: usize, mut visit: impl FnMut(&[u8], f64)) -> usize {
        let count = max.min(self.len().saturating_sub(start));
        for _ in 0..count {
            let (score, handle) = self.tree.remove_rank(start, &self.elements);
            let member = self.elements.name(handle);
            visit(member, score);
            let hash = self.elements.hash(member);
            self.elements.remove(hash, handle);
            self.give_back();
        }
        count
    }

    /// A set of the members that have other ranks.
    pub(super) fn without(&self, ranks: Range<usize>) -> Self {
        let mut few = Self::with_nodes(self.elements.hash_key());
        for (member, score) in self.by_rank(0..ranks.start).chain(self.by_rank(ranks.end..self.len())) {
            few.insert(member, score);
        }
        few
    }

    /// Shows `count` members or a few more, in no order, and returns the cursor to go on with; 0 when all have been shown.
    ///
    /// Begin with 0. Every member that is in the set from the first call to the last is shown, whatever else comes and goes in
    /// between; some perhaps more than once. Any number is accepted as a cursor.
    pub fn scan<'a>(&'a self, cursor: u64, count: usize, mut visit: impl FnMut(&'a [u8], f64)) -> u64 {
        self.elements.scan(cursor, count, |handle| {
            visit(self.elements.name(handle), self.elements.score(handle));
        })
    }

    /// Whether a scan that is now at `cursor` has passed a member, or would have if it had been there. Nothing has been passed at 0.
    ///
    /// For a walk beside which the set changes: what has been passed has been shown as it was.
    pub fn is_scanned(&self, cursor: u64, member: &[u8]) -> bool {
        self.elements.is_scanned(cursor, member)
    }

    /// All members in order.
    pub fn iter(&self) -> Iter<'_, N> {
        self.by_rank(0..self.len())
    }

    /// Bytes allocated for the set, beside this value itself.
    pub fn memory_bytes(&self) -> usize {
        self.elements.memory_bytes() + self.tree.memory_bytes()
    }

    /// Panics if the set is not as it should be. Takes the time of a full walk.
    #[doc(hidden)]
    pub fn check_invariants(&self) {
        self.elements.check_invariants();
        self.tree.check_invariants(&self.elements);
        assert_eq!(self.elements.len(), self.tree.len(), "each member is in the tree");
        for (member, score) in self.iter() {
            assert!(self.score(member) == Some(score), "the score of a member is the one in the tree");
        }
    }

    fn pop(&mut self, rank: usize) -> Option<(Vec<u8>, f64)> {
        let mut popped = None;
        self.remove_ranks(rank, 1, |member, score| popped = Some((member.to_vec(), score)));
        popped
    }

    #[inline]
    fn find(&self, member: &[u8]) -> Option<Handle> {
        self.elements.find(self.elements.hash(member), member)
    }

    /// Gives memory of removed members back, a little at a time.
    #[inline]
    fn give_back(&mut self) {
        let Self { elements, tree } = self;
        for _ in 0..MOVES {
            let moved = elements.move_one(|elements, from, to| {
                let probe = Probe { score: elements.score(to), name: elements.name(to) };
                tree.replace_handle(probe, from, to, elements);
            });
            if !moved {
                return;
            }
        }
    }
}

impl<'a, const N: usize> IntoIterator for &'a RankedSet<N> {
    type Item = (&'a [u8], f64);
    type IntoIter = Iter<'a, N>;

    fn into_iter(self) -> Iter<'a, N> {
        self.iter()
    }
}
