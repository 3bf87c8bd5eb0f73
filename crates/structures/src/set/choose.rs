//! Members by chance.

use listpack::{Element, Storage};

use super::limits::Limits;
use super::value::Set;

/// If so many members go for each that stays, those that stay are moved to a new set.
const GOING_PER_STAYING: usize = 5;

/// Shows `count` of `len` things, or all if there are fewer, any choice being equally likely. Passes each once: with `wanted` to be
/// taken and `left` to come, the next is taken with the probability *wanted / left*.
pub(super) fn select<T>(
    all: impl Iterator<Item = T>,
    len: usize,
    count: usize,
    mut random: impl FnMut() -> u64,
    mut show: impl FnMut(T),
) {
    let mut wanted = count.min(len);
    for (passed, each) in all.take(len).enumerate() {
        if wanted == 0 {
            return;
        }
        let left = len - passed;
        if wanted == left || below(random(), left) < wanted {
            wanted -= 1;
            show(each);
        }
    }
}

/// A number below `end` out of 64 bits by chance.
fn below(random: u64, end: usize) -> usize {
    ((u128::from(random) * end as u128) >> 64) as usize
}

impl<S: Storage + Default> Set<S> {
    /// A member chosen by `random`, which has all of its 64 bits by chance. All are as good as equally likely.
    pub fn sample(&self, random: u64) -> Option<Element<'_>> {
        match self {
            Self::Integers(integers) => {
                let view = integers.view();
                view.get(below(random, view.len())).map(Element::Int)
            }
            Self::Packed(packed) => {
                let view = packed.view();
                view.get(below(random, view.len()))
            }
            Self::Large(large) => large.sample(random).map(Element::Bytes),
        }
    }

    /// Shows `count` different members drawn by `random`, or all if there are fewer. Any choice of members is as good as equally likely;
    /// their order means nothing. O(count) in a large set, else O(n).
    pub fn choose(&self, count: usize, random: impl FnMut() -> u64, mut show: impl FnMut(Element<'_>)) {
        match self {
            Self::Large(large) => large.choose(count, random, |member| show(Element::Bytes(member))),
            small => select(small.iter(), small.len(), count, random, show),
        }
    }

    /// Takes a member chosen by `random` out and shows it; `false` if there is none.
    pub fn pop(&mut self, random: u64, show: impl FnOnce(Element<'_>)) -> bool {
        match self {
            Self::Integers(integers) => {
                let chosen = below(random, integers.view().len());
                integers.remove_at(chosen).map(|number| show(Element::Int(number))).is_some()
            }
            Self::Packed(packed) => {
                let view = packed.view();
                let Some(position) = view.nth(below(random, view.len())) else { return false };
                view.at(position).map(show);
                packed.delete(position);
                true
            }
            Self::Large(large) => large.pop(random).map(|member| show(Element::Bytes(&member))).is_some(),
        }
    }

    /// Takes `count` members out and shows them; there must be more than that. Any choice of members is as good as equally likely.
    ///
    /// If few are to stay, they become a set of the form that they would have had from the beginning, and what was the set before is
    /// returned: it may take long to free.
    pub fn pop_many(
        &mut self,
        count: usize,
        limits: &Limits,
        mut random: impl FnMut() -> u64,
        mut show: impl FnMut(Element<'_>),
    ) -> Option<Self> {
        let staying = self.len().saturating_sub(count);
        if staying.saturating_mul(GOING_PER_STAYING) > count {
            (0..count).for_each(|_| {
                self.pop(random(), &mut show);
            });
            return None;
        }
        let mut rest = match self {
            Self::Integers(_) => Self::default(),
            Self::Packed(_) | Self::Large(_) => Self::packed(),
        };
        for _ in 0..staying {
            self.pop(random(), |member| {
                rest.insert_element(member, limits);
            });
        }
        self.iter().for_each(show);
        Some(std::mem::replace(self, rest))
    }
}
