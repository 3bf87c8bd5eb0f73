//! A sorted set in whichever form suits its size.

use std::ops::Range;

use dict::HashKey;
use listpack::{Element, Listpack, Storage};

use super::bounds::{LexBounds, ScoreBounds};
use super::members::RankedSet;
use super::packed::{self, PackedRef};
use super::walk::Members;

/// Fewer members than this are removed one by one.
const CUT_MIN: usize = 1024;

/// To put a member into a new set takes at most as long as to remove so many.
const REMOVED_PER_KEPT: usize = 2;

/// A sorted set: packed while it is small.
///
/// ```
/// use kvd_structures::HashKey;
/// use kvd_structures::sorted_set::{Limits, SortedSet};
///
/// let hash_key = HashKey::new(*b"16 random bytes!");
/// let limits = Limits { entries_max: 2, member_bytes_max: 64, hash_key };
/// let mut set: SortedSet<Vec<u8>> = SortedSet::default();
/// set.insert(b"b", 2.5, &limits);
/// set.insert(b"a", 1.0, &limits);
/// assert!(matches!(set, SortedSet::Packed(_)));
/// set.insert(b"c", 0.0, &limits);
/// assert!(matches!(set, SortedSet::Large(_)));
/// assert_eq!(set.rank_and_score(b"b"), Some((2, 2.5)));
/// ```
#[derive(Clone)]
pub enum SortedSet<S> {
    /// Members and scores in a packed list.
    Packed(Listpack<S>),
    /// A table and a tree.
    Large(Box<RankedSet>),
}

/// Up to what size a set is packed, and what the hash table of one that isn't is keyed with.
#[derive(Copy, Clone)]
pub struct Limits {
    /// The most members of a packed set.
    pub entries_max: usize,
    /// The longest member of a packed set.
    pub member_bytes_max: usize,
    /// For the hash table.
    pub hash_key: HashKey,
}

impl Limits {
    /// Whether a packed set may have this many members, the longest of so many bytes.
    pub(super) fn allow(&self, entries: usize, member_bytes: usize) -> bool {
        entries <= self.entries_max && member_bytes <= self.member_bytes_max
    }
}

impl<S: Storage + Default> Default for SortedSet<S> {
    fn default() -> Self {
        Self::Packed(Listpack::empty_in(S::default()))
    }
}

impl<S: Storage + Default> SortedSet<S> {
    /// An empty set into which so many members will be put, one of which has so many bytes.
    pub fn with_expected(entries: usize, member_bytes: usize, limits: &Limits) -> Self {
        let mut set = Self::default();
        set.expect(entries, member_bytes, limits);
        set
    }
}

impl<S: Storage> SortedSet<S> {
    /// Number of members. O(1).
    #[inline]
    pub fn len(&self) -> usize {
        match self {
            Self::Packed(list) => PackedRef::new(list.view()).len(),
            Self::Large(large) => large.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of memory. O(1).
    pub fn memory_bytes(&self) -> usize {
        match self {
            Self::Packed(list) => list.memory_bytes(),
            Self::Large(large) => size_of::<RankedSet>() + large.memory_bytes(),
        }
    }

    /// The score of a member.
    #[inline]
    pub fn score(&self, member: &[u8]) -> Option<f64> {
        match self {
            Self::Packed(list) => PackedRef::new(list.view()).find(member).map(|(_, score)| score),
            Self::Large(large) => large.score(member),
        }
    }

    /// How many members come before this one, and its score. O(log n).
    pub fn rank_and_score(&self, member: &[u8]) -> Option<(usize, f64)> {
        match self {
            Self::Packed(list) => PackedRef::new(list.view()).rank_and_score(member),
            Self::Large(large) => large.rank_and_score(member),
        }
    }

    /// The member of this rank. O(log n).
    pub fn at(&self, rank: usize) -> Option<(Element<'_>, f64)> {
        match self {
            Self::Packed(list) => {
                let pairs = PackedRef::new(list.view());
                (rank < pairs.len()).then(|| pairs.by_rank(rank..rank + 1).next())?
            }
            Self::Large(large) => large.at(rank).map(|(member, score)| (Element::Bytes(member), score)),
        }
    }

    /// The members with these ranks, as far as there are any. O(log n) and O(1) for each that is shown.
    pub fn by_rank(&self, ranks: Range<usize>) -> Members<'_> {
        let end = ranks.end.min(self.len());
        let ranks = ranks.start.min(end)..end;
        match self {
            Self::Packed(list) => Members::packed(PackedRef::new(list.view()).by_rank(ranks)),
            Self::Large(large) => Members::large(large.by_rank(ranks)),
        }
    }

    /// All members in order.
    pub fn iter(&self) -> Members<'_> {
        self.by_rank(0..self.len())
    }

    /// The ranks of the members with scores in a range. O(log n).
    pub fn ranks_by_score(&self, bounds: ScoreBounds) -> Range<usize> {
        match self {
            Self::Packed(list) => PackedRef::new(list.view()).ranks_by_score(bounds),
            Self::Large(large) => large.ranks_by_score(bounds),
        }
    }

    /// The ranks of the members in a range, if all scores are equal. If they are not, it is unspecified which members are in the range.
    /// O(log n).
    pub fn ranks_by_lex(&self, bounds: LexBounds<'_>) -> Range<usize> {
        match self {
            Self::Packed(list) => PackedRef::new(list.view()).ranks_by_lex(bounds),
            Self::Large(large) => large.ranks_by_lex(bounds),
        }
    }

    /// Gives a member its score, and returns the one that it had before. If the two are equal nothing changes: `-0` does not replace `0`.
    /// A packed set knows no `-0`.
    ///
    /// Panics if the score is NaN, which has no place in an order.
    pub fn insert(&mut self, member: &[u8], score: f64, limits: &Limits) -> Option<f64> {
        assert!(!score.is_nan(), "a score is a number");
        let list = match self {
            Self::Large(large) => return large.insert(member, score),
            Self::Packed(list) => list,
        };
        let view = PackedRef::new(list.view());
        let found = view.find(member);
        let fits = match found {
            Some((_, old)) if old == score => return Some(old),
            Some((position, _)) => {
                packed::remove(list, position);
                true
            }
            None => limits.allow(view.len() + 1, member.len()),
        };
        if !fits || packed::insert(list, member, score).is_err() {
            self.unpack(limits).insert(member, score);
        }
        found.map(|(_, old)| old)
    }

    /// Gives up the packed form if it allows no set of so many members, or none with a member of so many bytes: they are about to be put in.
    pub fn expect(&mut self, entries: usize, member_bytes: usize, limits: &Limits) {
        if !limits.allow(entries, member_bytes) {
            self.unpack(limits);
        }
    }

    /// Takes a member out and returns its score.
    pub fn remove(&mut self, member: &[u8]) -> Option<f64> {
        match self {
            Self::Packed(list) => {
                let (position, score) = PackedRef::new(list.view()).find(member)?;
                packed::remove(list, position);
                Some(score)
            }
            Self::Large(large) => large.remove(member),
        }
    }

    /// Takes out the members with these ranks, as far as there are any, and returns how many.
    pub fn remove_ranks(&mut self, ranks: Range<usize>) -> usize {
        let ranks = self.existing(ranks);
        match self {
            Self::Packed(list) => packed::remove_ranks(list, ranks.clone()),
            Self::Large(large) => {
                large.remove_ranks(ranks.start, ranks.len(), |_, _| ());
            }
        }
        ranks.len()
    }

    /// The same. But if few of many members are left, those are put into a new set, which is faster, and the old one is returned with all
    /// that were in it, for somebody else to free.
    pub fn cut_ranks(&mut self, ranks: Range<usize>) -> Option<Self> {
        let ranks = self.existing(ranks);
        let kept = self.len() - ranks.len();
        if let Self::Large(large) = self
            && ranks.len() >= CUT_MIN
            && kept <= ranks.len() / REMOVED_PER_KEPT
        {
            let few = large.without(ranks);
            return Some(Self::Large(std::mem::replace(large, Box::new(few))));
        }
        self.remove_ranks(ranks);
        None
    }

    fn existing(&self, ranks: Range<usize>) -> Range<usize> {
        let end = ranks.end.min(self.len());
        ranks.start.min(end)..end
    }

    /// Shows `count` members or a few more, in no order, and returns the cursor to go on with; 0 when all have been shown. A packed set
    /// shows all of them. As [`RankedSet::scan`] otherwise.
    pub fn scan<'a>(&'a self, cursor: u64, count: usize, mut visit: impl FnMut(Element<'a>, f64)) -> u64 {
        match self {
            Self::Packed(_) => {
                self.iter().for_each(|(member, score)| visit(member, score));
                0
            }
            Self::Large(large) => {
                large.scan(cursor, count, |member, score| visit(Element::Bytes(member), score))
            }
        }
    }

    /// Panics if the set is not as it should be. Takes the time of a full walk.
    #[doc(hidden)]
    pub fn check_invariants(&self) {
        match self {
            Self::Packed(list) => {
                list.check_invariants();
                assert_eq!(list.view().len() % 2, 0, "each member has a score");
                let pairs: Vec<(Vec<u8>, f64)> =
                    self.iter().map(|(member, score)| (member.to_vec(), score)).collect();
                let in_order = |a: &(Vec<u8>, f64), b: &(Vec<u8>, f64)| a.1 < b.1 || a.1 == b.1 && a.0 < b.0;
                assert!(pairs.is_sorted_by(in_order), "by score and member");
            }
            Self::Large(large) => large.check_invariants(),
        }
    }

    /// Gives up the packed form.
    #[cold]
    fn unpack(&mut self, limits: &Limits) -> &mut RankedSet {
        if let Self::Packed(list) = self {
            let mut large = Box::new(RankedSet::new(limits.hash_key));
            let mut text = listpack::TextBuffer::new();
            let mut pairs = PackedRef::new(list.view()).iter();
            while let Some((member, score)) = pairs.next() {
                large.insert(member.text(&mut text), score);
            }
            *self = Self::Large(large);
        }
        match self {
            Self::Large(large) => large,
            Self::Packed(_) => unreachable!("it was unpacked"),
        }
    }
}
