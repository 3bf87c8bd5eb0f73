//! A small set: members and scores in turn in a packed list, in the order of the set.
//!
//! ```text
//! ┌────────┬───────┬────────┬───────┬───
//! │ member │ score │ member │ score │ …      by score, then by the bytes of the member
//! └────────┴───────┴────────┴───────┴───
//! ```

use std::cmp::Ordering;
use std::ops::Range;

use listpack::{Element, Listpack, ListpackRef, Position, Storage, TooLarge};

use super::bounds::{Bound, LexBounds, ScoreBounds};
use super::score::{StoredScore, score_of};

/// A packed set for reading.
#[derive(Copy, Clone)]
pub(super) struct PackedRef<'a> {
    list: ListpackRef<'a>,
}

impl<'a> PackedRef<'a> {
    pub(super) fn new(list: ListpackRef<'a>) -> Self {
        Self { list }
    }

    pub(super) fn len(self) -> usize {
        self.list.len() / 2
    }

    /// Where a member stands, and its score.
    pub(super) fn find(self, member: &[u8]) -> Option<(Position, f64)> {
        let position = self.list.find(member, 1)?;
        let score = self.list.at(self.list.next(position)?)?;
        Some((position, score_of(score)))
    }

    pub(super) fn rank_and_score(self, member: &[u8]) -> Option<(usize, f64)> {
        let (found, score) = self.find(member)?;
        let mut rank = 0;
        let mut walk = self.list.iter();
        while walk.position() != Some(found) {
            walk.nth(1)?;
            rank += 1;
        }
        Some((rank, score))
    }

    /// The members with these ranks, which lie within the set.
    pub(super) fn by_rank(self, ranks: Range<usize>) -> Pairs<'a> {
        let len = self.len();
        let front = match self.list.nth(2 * ranks.start) {
            Some(position) => self.list.iter_from(position),
            None => self.list.iter(),
        };
        Pairs { elements: front, behind: len - ranks.end, left: ranks.len() }
    }

    pub(super) fn iter(self) -> Pairs<'a> {
        self.by_rank(0..self.len())
    }

    pub(super) fn ranks_by_score(self, bounds: ScoreBounds) -> Range<usize> {
        let is_before = |score: f64| match bounds.min {
            Bound::Included(min) => score < min,
            Bound::Excluded(min) => score <= min,
            Bound::Lowest => false,
            Bound::Highest => true,
        };
        let is_upto = |score: f64| match bounds.max {
            Bound::Included(max) => score <= max,
            Bound::Excluded(max) => score < max,
            Bound::Lowest => false,
            Bound::Highest => true,
        };
        self.ranks(|_, score| is_before(score), |_, score| is_upto(score))
    }

    pub(super) fn ranks_by_lex(self, bounds: LexBounds<'_>) -> Range<usize> {
        let is_before = |member: Element<'_>| match bounds.min {
            Bound::Included(min) => member.cmp_text(min).is_lt(),
            Bound::Excluded(min) => member.cmp_text(min).is_le(),
            Bound::Lowest => false,
            Bound::Highest => true,
        };
        let is_upto = |member: Element<'_>| match bounds.max {
            Bound::Included(max) => member.cmp_text(max).is_le(),
            Bound::Excluded(max) => member.cmp_text(max).is_lt(),
            Bound::Lowest => false,
            Bound::Highest => true,
        };
        self.ranks(|member, _| is_before(member), |member, _| is_upto(member))
    }

    /// Those from the first that is not before the range to the last before one that is behind it.
    fn ranks(
        self,
        is_before: impl Fn(Element<'a>, f64) -> bool,
        is_upto: impl Fn(Element<'a>, f64) -> bool,
    ) -> Range<usize> {
        let mut pairs = self.iter();
        let mut start = 0;
        let mut next = pairs.next();
        while let Some((member, score)) = next
            && is_before(member, score)
        {
            start += 1;
            next = pairs.next();
        }
        let mut end = start;
        while let Some((member, score)) = next
            && is_upto(member, score)
        {
            end += 1;
            next = pairs.next();
        }
        start..end
    }
}

/// Adds a member that isn't there.
pub(super) fn insert<S: Storage>(list: &mut Listpack<S>, member: &[u8], score: f64) -> Result<(), TooLarge> {
    let stored = StoredScore::new(score);
    let before = first_behind(list.view(), member, score);
    list.insert(before, [Element::Bytes(member), stored.element()])
}

/// Takes the member at a position out.
pub(super) fn remove<S: Storage>(list: &mut Listpack<S>, member: Position) {
    list.delete_run(member, 2);
}

/// Takes the members of these ranks out.
pub(super) fn remove_ranks<S: Storage>(list: &mut Listpack<S>, ranks: Range<usize>) {
    if let Some(first) = list.view().nth(2 * ranks.start) {
        list.delete_run(first, 2 * ranks.len());
    }
}

/// The first member that comes behind this one with this score. Looked for from the end: scores are often times.
fn first_behind(list: ListpackRef<'_>, member: &[u8], score: f64) -> Option<Position> {
    let mut behind = None;
    let mut last = list.last();
    while let Some(at_score) = last {
        let at_member = list.prev(at_score)?;
        let order = list.at(at_score).map(score_of)?.partial_cmp(&score).unwrap_or(Ordering::Equal);
        if order
            .then_with(|| list.at(at_member).map_or(Ordering::Equal, |other| other.cmp_text(member)))
            .is_lt()
        {
            break;
        }
        behind = Some(at_member);
        last = list.prev(at_member);
    }
    behind
}

/// Members of a packed set with their scores, from both ends.
#[derive(Clone)]
pub(super) struct Pairs<'a> {
    /// From the first member of the range to the end of the list, or what is left of that.
    elements: listpack::Iter<'a>,
    /// Members behind the range, to be passed before one is shown from the back.
    behind: usize,
    /// Members to be shown.
    left: usize,
}

impl<'a> Pairs<'a> {
    #[inline]
    pub(super) fn next(&mut self) -> Option<(Element<'a>, f64)> {
        self.left = self.left.checked_sub(1)?;
        Some((self.elements.next()?, score_of(self.elements.next()?)))
    }

    pub(super) fn next_back(&mut self) -> Option<(Element<'a>, f64)> {
        self.left = self.left.checked_sub(1)?;
        if self.behind > 0 {
            self.elements.nth_back(2 * std::mem::take(&mut self.behind) - 1);
        }
        let score = score_of(self.elements.next_back()?);
        Some((self.elements.next_back()?, score))
    }

    pub(super) fn len(&self) -> usize {
        self.left
    }
}
