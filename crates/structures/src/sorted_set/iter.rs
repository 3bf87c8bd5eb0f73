//! Going through a range.

use std::fmt;
use std::iter::FusedIterator;
use std::ops::{ControlFlow, Range};

use super::members::RankedSet;
use super::tree::{Place, Run};

/// Members ahead whose memory is fetched while one is shown.
const AHEAD: usize = 16;

/// Members of a range of ranks with their scores, from both ends.
pub struct Iter<'a, const N: usize> {
    set: &'a RankedSet<N>,
    /// What has not been shown.
    ranks: Range<usize>,
    /// The places of the first and the last rank, once somebody asks from that end.
    front: Option<Place>,
    back: Option<Place>,
}

impl<'a, const N: usize> Iter<'a, N> {
    /// The range lies within the set and does not end before it begins.
    pub(super) fn new(set: &'a RankedSet<N>, ranks: Range<usize>) -> Self {
        Self { set, ranks, front: None, back: None }
    }

    /// The ranks of the members that are still to come.
    pub fn ranks(&self) -> Range<usize> {
        self.ranks.clone()
    }

    /// Goes through the members as long as `each` wants, and looks at the names only of those about whose scores `choose` says something: the
    /// memory of the others is left alone.
    pub(super) fn choose<T>(
        self,
        mut choose: impl FnMut(f64) -> Option<T>,
        mut each: impl FnMut(&'a [u8], f64, T) -> ControlFlow<()>,
    ) {
        let set = self.set;
        for run in self.runs() {
            for (index, &score) in run.scores.iter().enumerate() {
                let Some(chosen) = choose(score) else { continue };
                let Some(handle) = run.handle(index) else { break };
                if each(set.elements.name(handle), score, chosen).is_break() {
                    return;
                }
            }
        }
    }

    /// What is to come, leaf by leaf.
    fn runs(self) -> impl Iterator<Item = Run<'a>> {
        let tree = &self.set.tree;
        let mut left = self.ranks.len();
        let mut place = match self.front {
            _ if left == 0 => None,
            Some(place) => Some(tree.next(place)),
            None => Some(tree.place(self.ranks.start)),
        };
        std::iter::from_fn(move || {
            let (run, next) = tree.run(place?, left);
            left -= run.scores.len();
            place = (left > 0).then_some(next);
            Some(run)
        })
    }

    fn member(&self, place: Place) -> (&'a [u8], f64) {
        let (score, handle) = self.set.tree.key(place);
        (self.set.elements.name(handle), score)
    }
}

impl<'a, const N: usize> Iterator for Iter<'a, N> {
    type Item = (&'a [u8], f64);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let rank = self.ranks.next()?;
        let place = match self.front {
            Some(place) => {
                let place = self.set.tree.next(place);
                self.set.fetch_ahead(place, true);
                place
            }
            None => {
                let place = self.set.tree.place(rank);
                self.set.fetch_first(place, self.ranks.len() + 1, true);
                place
            }
        };
        self.front = Some(place);
        Some(self.member(place))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.ranks.size_hint()
    }

    fn fold<B, F: FnMut(B, Self::Item) -> B>(self, init: B, mut each: F) -> B {
        let set = self.set;
        let mut folded = init;
        for run in self.runs() {
            for index in 0..AHEAD {
                run.handle(index).inspect(|handle| set.elements.fetch(*handle));
            }
            for (index, &score) in run.scores.iter().enumerate() {
                run.handle(index + AHEAD).inspect(|handle| set.elements.fetch(*handle));
                let Some(handle) = run.handle(index) else { break };
                folded = each(folded, (set.elements.name(handle), score));
            }
        }
        folded
    }

    fn nth(&mut self, n: usize) -> Option<Self::Item> {
        if n > 0 {
            self.ranks.nth(n - 1);
            self.front = None;
        }
        self.next()
    }
}

impl<const N: usize> DoubleEndedIterator for Iter<'_, N> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        let rank = self.ranks.next_back()?;
        let place = match self.back {
            Some(place) => {
                let place = self.set.tree.previous(place);
                self.set.fetch_ahead(place, false);
                place
            }
            None => {
                let place = self.set.tree.place(rank);
                self.set.fetch_first(place, self.ranks.len() + 1, false);
                place
            }
        };
        self.back = Some(place);
        Some(self.member(place))
    }

    fn nth_back(&mut self, n: usize) -> Option<Self::Item> {
        if n > 0 {
            self.ranks.nth_back(n - 1);
            self.back = None;
        }
        self.next_back()
    }
}

impl<const N: usize> ExactSizeIterator for Iter<'_, N> {}

impl<const N: usize> FusedIterator for Iter<'_, N> {}

impl<const N: usize> Clone for Iter<'_, N> {
    fn clone(&self) -> Self {
        Self { ranks: self.ranks.clone(), ..*self }
    }
}

impl<const N: usize> fmt::Debug for Iter<'_, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iter").field("ranks", &self.ranks).finish_non_exhaustive()
    }
}

impl<const N: usize> RankedSet<N> {
    /// Asks for the members at the beginning of a walk of `len` members.
    fn fetch_first(&self, place: Place, len: usize, forwards: bool) {
        for step in 0..len.min(AHEAD) {
            self.fetch_at(place, step, forwards);
        }
        if len > 1 {
            self.tree.fetch_neighbour(place, forwards);
        }
    }

    /// Asks for the member that a walk will come to in a while.
    #[inline]
    fn fetch_ahead(&self, place: Place, forwards: bool) {
        self.fetch_at(place, AHEAD, forwards);
        if self.tree.is_first_of_leaf(place, forwards) {
            // The leaf is new to the walk, its first members have not been asked for yet.
            for step in 1..AHEAD {
                self.fetch_at(place, step, forwards);
            }
            self.tree.fetch_neighbour(place, forwards);
        }
    }

    /// Asks for the member `steps` places on, if that is in the same leaf.
    #[inline]
    fn fetch_at(&self, place: Place, steps: usize, forwards: bool) {
        if let Some(handle) = self.tree.ahead(place, steps, forwards) {
            self.elements.fetch(handle);
        }
    }
}
