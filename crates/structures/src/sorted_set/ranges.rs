//! Ranges of a sorted set: by rank, by score, by member.
//!
//! Each is a range of ranks. The number of members in it is then known, and which of them are wanted (`LIMIT`, or the other
//! direction) is arithmetic.

use std::ops::Range;

use super::bounds::{Bound, LexBounds, ScoreBounds};
use super::iter::Iter;
use super::members::RankedSet;

impl<const N: usize> RankedSet<N> {
    /// The members with these ranks, as far as there are any, from both ends.
    pub fn by_rank(&self, ranks: Range<usize>) -> Iter<'_, N> {
        let end = ranks.end.min(self.len());
        Iter::new(self, ranks.start.min(end)..end)
    }

    /// The members with scores in a range. [`Iter::ranks`] tells where they stand and thus how many they are.
    pub fn by_score(&self, bounds: ScoreBounds) -> Iter<'_, N> {
        Iter::new(self, self.ranks_by_score(bounds))
    }

    /// The members in a range, if all scores are equal. If they are not, it is unspecified which members are in the range.
    pub fn by_lex(&self, bounds: LexBounds<'_>) -> Iter<'_, N> {
        Iter::new(self, self.ranks_by_lex(bounds))
    }

    /// The ranks of the members with scores in a range.
    pub fn ranks_by_score(&self, bounds: ScoreBounds) -> Range<usize> {
        let start = match bounds.min {
            Bound::Included(score) => self.tree.count_scores(score, false),
            Bound::Excluded(score) => self.tree.count_scores(score, true),
            Bound::Lowest => 0,
            Bound::Highest => self.len(),
        };
        let end = match bounds.max {
            Bound::Included(score) => self.tree.count_scores(score, true),
            Bound::Excluded(score) => self.tree.count_scores(score, false),
            Bound::Lowest => 0,
            Bound::Highest => self.len(),
        };
        start..end.max(start)
    }

    /// The ranks of the members in a range, under the condition of [`RankedSet::by_lex`].
    pub fn ranks_by_lex(&self, bounds: LexBounds<'_>) -> Range<usize> {
        let below = |end: &[u8]| self.tree.count_names(|name| name < end, &self.elements);
        let upto = |end: &[u8]| self.tree.count_names(|name| name <= end, &self.elements);
        let start = match bounds.min {
            Bound::Included(member) => below(member),
            Bound::Excluded(member) => upto(member),
            Bound::Lowest => 0,
            Bound::Highest => self.len(),
        };
        let end = match bounds.max {
            Bound::Included(member) => upto(member),
            Bound::Excluded(member) => below(member),
            Bound::Lowest => 0,
            Bound::Highest => self.len(),
        };
        start..end.max(start)
    }
}
