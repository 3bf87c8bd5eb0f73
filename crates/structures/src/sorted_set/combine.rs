//! Several sets made into one: their union, intersection or difference.
//!
//! A union collects members in a hash table and sorts them in the end; a tree kept in order all along would move most of them several
//! times.

use std::cmp::Ordering;
use std::ops::ControlFlow;

use dict::HashKey;
use listpack::{Storage, TextBuffer};

use super::member::Scored;
use super::members::RankedSet;
use super::value::{Limits, SortedSet};
use crate::elements::{Elements, Handle};

/// What can be combined: different members, each with a score.
pub trait Scores {
    /// Number of members.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The score of a member.
    fn score(&self, member: &[u8]) -> Option<f64>;

    /// Shows the members, in any order, until told to stop.
    fn visit(&self, visit: &mut dyn FnMut(&[u8], f64) -> ControlFlow<()>);
}

impl<S: Storage> Scores for SortedSet<S> {
    fn len(&self) -> usize {
        self.len()
    }

    fn score(&self, member: &[u8]) -> Option<f64> {
        self.score(member)
    }

    fn visit(&self, visit: &mut dyn FnMut(&[u8], f64) -> ControlFlow<()>) {
        let mut text = TextBuffer::new();
        for (member, score) in self.iter() {
            if visit(member.text(&mut text), score).is_break() {
                return;
            }
        }
    }
}

/// What becomes of the scores that a member has in several sets. No outcome is NaN: 0 stands for it.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Aggregate {
    /// Their sum, added up from the smallest set to the largest.
    #[default]
    Sum,
    /// The least.
    Min,
    /// The greatest.
    Max,
}

impl Aggregate {
    fn of(self, one: f64, other: f64) -> f64 {
        match self {
            Self::Sum => number(one + other),
            Self::Min if other < one => other,
            Self::Max if other > one => other,
            Self::Min | Self::Max => one,
        }
    }
}

/// A set to be combined, with the factor for its scores.
#[derive(Copy, Clone, Debug)]
pub struct Weighted<I> {
    /// The set.
    pub set: I,
    /// The factor.
    pub weight: f64,
}

impl<I: Scores> Weighted<I> {
    fn scaled(&self, score: f64) -> f64 {
        number(self.weight * score)
    }
}

/// Infinity times zero and the sum of the infinities count as zero.
fn number(score: f64) -> f64 {
    if score.is_nan() { 0.0 } else { score }
}

/// What came out: members with their scores, in order.
pub struct Combined {
    elements: Elements<Scored>,
    order: Vec<(f64, Handle)>,
}

impl Combined {
    /// The members of any of the sets. O(N) for N members in all of them, and O(M log M) for the M that come out.
    pub fn union<I: Scores>(sets: &[Weighted<I>], aggregate: Aggregate, hash_key: HashKey) -> Self {
        let mut elements = Elements::new(hash_key);
        for set in by_len(sets) {
            set.set.visit(&mut |member, score| {
                let score = set.scaled(score);
                let hash = elements.hash(member);
                match elements.find(hash, member) {
                    Some(handle) => {
                        let score = aggregate.of(elements.score(handle), score);
                        elements.replace_score(handle, score);
                    }
                    None => add(&mut elements, hash, member, score),
                }
                ControlFlow::Continue(())
            });
        }
        Self::sorted(elements)
    }

    /// The members of all of the sets. O(K) for each member of the smallest, K being the number of sets, and O(M log M) for the M that come out.
    pub fn intersection<I: Scores>(sets: &[Weighted<I>], aggregate: Aggregate, hash_key: HashKey) -> Self {
        let mut elements = Elements::new(hash_key);
        if let [smallest, others @ ..] = &*by_len(sets) {
            smallest.set.visit(&mut |member, score| {
                let first = smallest.scaled(score);
                let score = others.iter().try_fold(first, |score, other| {
                    // As in the peers: only of the smallest set infinity times zero is zero by itself.
                    Some(aggregate.of(score, other.weight * other.set.score(member)?))
                });
                if let Some(score) = score {
                    let hash = elements.hash(member);
                    add(&mut elements, hash, member, score);
                }
                ControlFlow::Continue(())
            });
        }
        Self::sorted(elements)
    }

    /// The members of the first set that are in none of the others, with their scores there.
    ///
    /// Either looks each of them up in the others, or leaves out what the others have, whichever looks at fewer members.
    pub fn difference<I: Scores>(sets: &[I], hash_key: HashKey) -> Self {
        let mut elements = Elements::new(hash_key);
        let [first, others @ ..] = sets else { return Self::sorted(elements) };
        let lookups = first.len().saturating_mul(others.len());
        let removals = others.iter().fold(first.len(), |sum, other| sum.saturating_add(other.len()));
        let is_looked_up = lookups <= removals;
        first.visit(&mut |member, score| {
            if !is_looked_up || others.iter().all(|other| other.score(member).is_none()) {
                let hash = elements.hash(member);
                add(&mut elements, hash, member, score);
            }
            ControlFlow::Continue(())
        });
        if !is_looked_up {
            others.iter().for_each(|other| leave_out(&mut elements, other));
        }
        Self::sorted(elements)
    }

    /// Number of members.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The members in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&[u8], f64)> {
        self.order.iter().map(|&(score, handle)| (self.elements.name(handle), score))
    }

    /// As a set.
    pub fn into_set<S: Storage + Default>(self, limits: &Limits) -> SortedSet<S> {
        let longest = self.iter().map(|(member, _)| member.len()).max().unwrap_or(0);
        let mut set = SortedSet::with_expected(self.len(), longest, limits);
        if matches!(set, SortedSet::Large(_)) {
            return SortedSet::Large(Box::new(RankedSet::from_ordered(self.elements, &self.order)));
        }
        for (member, score) in self.iter() {
            set.insert(member, score, limits);
        }
        set
    }

    fn sorted(elements: Elements<Scored>) -> Self {
        let mut order: Vec<(f64, Handle)> =
            elements.iter().map(|handle| (elements.score(handle), handle)).collect();
        order.sort_unstable_by(|one, other| {
            let by_score = one.0.partial_cmp(&other.0).unwrap_or(Ordering::Equal);
            by_score.then_with(|| elements.name(one.1).cmp(elements.name(other.1)))
        });
        Self { elements, order }
    }
}

/// How many members all of the sets have, at most `max`.
pub fn intersection_len<I: Scores>(sets: &[I], max: usize) -> usize {
    let mut sets: Vec<&I> = sets.iter().collect();
    sets.sort_by_key(|set| set.len());
    let [smallest, others @ ..] = &*sets else { return 0 };
    let mut len = 0;
    if max > 0 {
        smallest.visit(&mut |member, _| {
            len += usize::from(others.iter().all(|other| other.score(member).is_some()));
            if len < max { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
    }
    len
}

fn by_len<I: Scores>(sets: &[Weighted<I>]) -> Vec<&Weighted<I>> {
    let mut sorted: Vec<&Weighted<I>> = sets.iter().collect();
    sorted.sort_by_key(|set| set.set.len());
    sorted
}

fn add(elements: &mut Elements<Scored>, hash: u64, member: &[u8], score: f64) {
    elements.insert(hash, &[&score.to_le_bytes(), member]);
}

fn leave_out<I: Scores>(elements: &mut Elements<Scored>, other: &I) {
    if elements.len() == 0 {
        return;
    }
    other.visit(&mut |member, _| {
        let hash = elements.hash(member);
        if let Some(handle) = elements.find(hash, member) {
            elements.remove(hash, handle);
        }
        if elements.len() > 0 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
}
