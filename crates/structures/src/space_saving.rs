//! What occurs most among many things, in little memory: Space-Saving (Metwally, Agrawal, El Abbadi: "Efficient computation of frequent and
//! top-k elements in data streams", 2005).
//!
//! There are `m` counters, each for one element. An element with a counter raises it. One without takes over the least counter, whose element
//! is forgotten: the count goes on from where it was, and what was there before is noted as the newcomer's possible error.
//!
//! ```text
//!   m = 3       a 9 (0)   b 4 (0)   c 2 (0)         count (error)
//!   d comes     a 9 (0)   b 4 (0)   d 3 (2)         c was least, and d has come once to three times
//! ```
//!
//! The counters always add up to the weight `N` of all that was seen, so the least is at most `N / m`. Hence no element is overrated by more,
//! none that is forgotten has come more often, and each that makes up more than `N / m` is there.
//!
//! The paper keeps counters of equal count in linked buckets, which is O(1) when each element counts as one. Ours have weights (time, bytes):
//! a binary heap of the counters, the least on top, is O(log m) for any.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;

use dict::{Dict, Number};

/// The heaviest among many elements, each of which comes again and again with some weight.
///
/// Invariants: `heap` has each counter's index once, and no counter in it is less than its parent; `Counter::place` is the counter's place
/// there; `by_hash` has the index of every counter under its element's hash; the counts add up to `total`.
#[derive(Default)]
pub struct SpaceSaving {
    counters: Vec<Counter>,
    heap: Vec<u32>,
    by_hash: Dict<Number>,
    counters_max: usize,
    total: u64,
}

struct Counter {
    element: Box<[u8]>,
    hash: u64,
    count: u64,
    error: u64,
    place: usize,
}

/// What is known of an element.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Estimate<'s> {
    /// The element.
    pub element: &'s [u8],
    /// The most that its weights can add up to.
    pub count: u64,
    /// By how much that may be too high.
    pub error: u64,
}

impl Estimate<'_> {
    /// The least that the element's weights add up to.
    pub fn certain(&self) -> u64 {
        self.count - self.error
    }
}

impl SpaceSaving {
    /// With so many counters; at least one, at most 2^32 - 1.
    pub fn new(counters_max: usize) -> Self {
        Self { counters_max: counters_max.clamp(1, u32::MAX as usize), ..Self::default() }
    }

    /// The weight of all that was added.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// An element has come; `hash` is always the same for it. O(log m), and O(length) if it had no counter.
    pub fn add(&mut self, element: &[u8], hash: u64, weight: u64) {
        self.total = self.total.saturating_add(weight);
        let index = match self.find(element, hash) {
            Some(index) => index,
            None if self.counters.len() < self.counters_max => self.append(element, hash),
            None => self.take_over_least(element, hash),
        };
        let counter = &mut self.counters[index];
        counter.count = counter.count.saturating_add(weight);
        self.sink(self.counters[index].place);
    }

    /// What is known of each element with a counter, in no order.
    pub fn estimates(&self) -> impl Iterator<Item = Estimate<'_>> {
        self.counters.iter().map(|counter| Estimate {
            element: &counter.element,
            count: counter.count,
            error: counter.error,
        })
    }

    fn find(&self, element: &[u8], hash: u64) -> Option<usize> {
        let found = self.by_hash.find(hash, |number| {
            let counter = &self.counters[number.value() as usize];
            counter.hash == hash && *counter.element == *element
        });
        found.map(|number| number.value() as usize)
    }

    /// A counter of its own for a new element.
    fn append(&mut self, element: &[u8], hash: u64) -> usize {
        let index = self.counters.len();
        // Nothing is less than zero, so its place is the top.
        self.heap.push(index as u32);
        self.counters.push(Counter { element: element.into(), hash, count: 0, error: 0, place: index });
        self.rise(index);
        self.index_by_hash(index);
        index
    }

    /// The least counter for a new element.
    fn take_over_least(&mut self, element: &[u8], hash: u64) -> usize {
        let index = self.heap[0] as usize;
        let old_hash = self.counters[index].hash;
        self.by_hash.remove(old_hash, |number| number.value() as usize == index);
        let counter = &mut self.counters[index];
        counter.element = element.into();
        counter.hash = hash;
        counter.error = counter.count;
        self.index_by_hash(index);
        index
    }

    fn index_by_hash(&mut self, index: usize) {
        let counters = &self.counters;
        let rehash = |number: &Number| counters[number.value() as usize].hash;
        self.by_hash.insert(counters[index].hash, Number::new(index as u64), rehash);
    }

    fn count_at(&self, place: usize) -> u64 {
        self.counters[self.heap[place] as usize].count
    }

    /// Moves a counter that has grown down to its place.
    fn sink(&mut self, mut place: usize) {
        loop {
            let children = (2 * place + 1..2 * place + 3).take_while(|child| *child < self.heap.len());
            let Some(least) = children.min_by_key(|child| self.count_at(*child)) else { return };
            if self.count_at(place) <= self.count_at(least) {
                return;
            }
            self.swap(place, least);
            place = least;
        }
    }

    /// Moves a counter that is new up to its place.
    fn rise(&mut self, mut place: usize) {
        while place > 0 && self.count_at(place) < self.count_at((place - 1) / 2) {
            self.swap(place, (place - 1) / 2);
            place = (place - 1) / 2;
        }
    }

    fn swap(&mut self, one: usize, other: usize) {
        self.heap.swap(one, other);
        for place in [one, other] {
            self.counters[self.heap[place] as usize].place = place;
        }
    }

    /// Panics if an invariant is broken. O(m).
    #[doc(hidden)]
    pub fn check_invariants(&self) {
        assert!(self.counters.len() <= self.counters_max && self.heap.len() == self.counters.len());
        for (place, index) in self.heap.iter().enumerate() {
            assert_eq!(self.counters[*index as usize].place, place, "a counter knows its place");
            assert!(
                place == 0 || self.count_at((place - 1) / 2) <= self.count_at(place),
                "the least is on top"
            );
        }
        for (index, counter) in self.counters.iter().enumerate() {
            assert_eq!(self.find(&counter.element, counter.hash), Some(index), "elements are found");
            assert!(counter.error <= counter.count);
        }
        self.by_hash.check_invariants(|number| self.counters[number.value() as usize].hash);
        assert_eq!(self.by_hash.len(), self.counters.len());
        assert_eq!(self.counters.iter().map(|counter| counter.count).sum::<u64>(), self.total);
    }
}

impl fmt::Debug for SpaceSaving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.estimates()).finish()
    }
}

/// The heaviest elements of several parts of a stream.
///
/// Of each element it adds up what is certain. So none is shown with more than its true weight, nor with less by more than an `m`-th of the
/// whole, as each part is off by an `m`-th of its own at most.
#[derive(Debug, Default)]
pub struct Heaviest(BTreeMap<Box<[u8]>, u64>);

impl Heaviest {
    /// Adds a part.
    pub fn add(&mut self, part: &SpaceSaving) {
        for estimate in part.estimates() {
            *self.0.entry(estimate.element.into()).or_default() += estimate.certain();
        }
    }

    /// The `count` heaviest with their weights, the heaviest first; of equals the first in the order of bytes.
    pub fn into_top(self, count: usize) -> Vec<(Box<[u8]>, u64)> {
        let mut all: Vec<_> = self.0.into_iter().collect();
        all.sort_by_key(|(_, weight)| Reverse(*weight));
        all.truncate(count);
        all
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Far from random, so that hashes collide.
    fn hash(element: u8) -> u64 {
        u64::from(element % 8) << 40
    }

    #[test]
    fn a_newcomer_takes_over_the_least_counter() {
        let mut sketch = SpaceSaving::new(2);
        for (element, weight) in [(b'a', 5), (b'b', 3), (b'c', 1)] {
            sketch.add(&[element], hash(element), weight);
        }
        let mut shown: Vec<_> = sketch.estimates().map(|it| (it.element[0], it.count, it.error)).collect();
        shown.sort_unstable();
        assert_eq!(shown, [(b'a', 5, 0), (b'c', 4, 3)]);
    }

    #[test]
    fn elements_with_room_are_counted_exactly() {
        let mut sketch = SpaceSaving::new(3);
        (0..30).for_each(|number| sketch.add(&[number % 3], hash(number % 3), 2));
        assert!(sketch.estimates().all(|it| it.count == 20 && it.error == 0));
        assert_eq!((sketch.total(), sketch.estimates().count()), (60, 3));
    }

    #[test]
    fn parts_are_added_up() {
        let mut heaviest = Heaviest::default();
        for elements in ["aab", "bbbcc"] {
            let mut part = SpaceSaving::new(3);
            elements.bytes().for_each(|element| part.add(&[element], hash(element), 1));
            heaviest.add(&part);
        }
        let top = heaviest.into_top(2);
        assert_eq!(top, [(b"b"[..].into(), 4), (b"a"[..].into(), 2)]);
    }

    proptest! {
        /// The guarantees of the paper, with weights.
        #[test]
        fn no_count_is_off_by_more_than_an_equal_share(
            counters_max in 1usize..12,
            stream in prop::collection::vec((0u8..40, 0u64..50), 0..400),
        ) {
            let mut sketch = SpaceSaving::new(counters_max);
            let mut exact: BTreeMap<u8, u64> = BTreeMap::new();
            for (element, weight) in stream {
                // Some are heavier than others.
                let element = element.min(element % 7 + 3);
                sketch.add(&[element], hash(element), weight);
                *exact.entry(element).or_default() += weight;
                sketch.check_invariants();
            }
            let error_max = sketch.total() / counters_max as u64;
            let known: BTreeMap<u8, Estimate<'_>> = sketch.estimates().map(|it| (it.element[0], it)).collect();
            for (element, weight) in exact {
                match known.get(&element) {
                    Some(estimate) => {
                        prop_assert!(estimate.certain() <= weight && weight <= estimate.count);
                        prop_assert!(estimate.error <= error_max);
                    }
                    None => prop_assert!(weight <= error_max, "what is heavy is there"),
                }
            }
        }
    }
}
