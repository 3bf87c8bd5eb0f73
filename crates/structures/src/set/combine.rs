//! What several sets have in common, have together, or have not in common.
//!
//! Each member of the result is shown once, out of one of the sets: nothing is copied but where there is no other way to know what was shown.

use std::cmp::Reverse;
use std::ops::ControlFlow;

use dict::HashKey;
use listpack::{Element, Storage, TextBuffer};

use super::limits::Limits;
use super::members::HashedSet;
use super::value::Set;

/// Up to so many sets, whether a member was shown before is asked of the sets before its own; of more, what was shown is noted.
const ASKED_SETS_MAX: usize = 4;

/// A lookup costs half of what copying a member into a set costs.
const LOOKUPS_PER_COPY: usize = 2;

/// Shows the members that all sets have, until it is told to stop. Goes through the smallest set and looks its members up in the others.
pub fn intersection<'s, S: Storage>(
    sets: &mut [&'s Set<S>],
    mut visit: impl FnMut(Element<'s>) -> ControlFlow<()>,
) {
    sets.sort_by_key(|set| set.len());
    let Some((smallest, others)) = sets.split_first() else { return };
    for member in smallest.iter() {
        if others.iter().all(|set| set.contains_element(member)) && visit(member).is_break() {
            return;
        }
    }
}

/// Shows the members that any of the sets has.
pub fn union<'s, S: Storage>(sets: &mut [&'s Set<S>], hash_key: HashKey, mut visit: impl FnMut(Element<'s>)) {
    // The largest set is shown without a look at others.
    sets.sort_by_key(|set| Reverse(set.len()));
    if sets.len() <= ASKED_SETS_MAX {
        for (index, set) in sets.iter().enumerate() {
            let shown = &sets[..index];
            let is_new = |member: &Element<'_>| !shown.iter().any(|set| set.contains_element(*member));
            set.iter().filter(is_new).for_each(&mut visit);
        }
        return;
    }
    let mut shown = HashedSet::new(hash_key);
    let members = sets.iter().flat_map(|set| set.iter());
    members.filter(|member| shown.insert(member.text(&mut TextBuffer::new()))).for_each(visit);
}

/// Shows the members that the first set has and none of the others. Looks each up in the others.
pub fn difference<'s, S: Storage>(first: &'s Set<S>, others: &mut [&Set<S>], visit: impl FnMut(Element<'s>)) {
    // What is to be left out is found soonest in large sets.
    others.sort_by_key(|set| Reverse(set.len()));
    let is_left = |member: &Element<'_>| !others.iter().any(|set| set.contains_element(*member));
    first.iter().filter(is_left).for_each(visit);
}

/// Whether [`difference_of_copy`] is less work than [`difference`]: if there are many others, and small ones.
pub fn is_copy_less_work<S: Storage>(first: &Set<S>, others: &[&Set<S>]) -> bool {
    let lookups = first.len().saturating_mul(1 + others.len());
    let all: usize = others.iter().map(|set| set.len()).sum();
    lookups / LOOKUPS_PER_COPY > all.saturating_add(first.len())
}

/// The members that the first set has and none of the others. Copies the first set and removes from it what the others have.
pub fn difference_of_copy<S: Storage + Default>(
    first: &Set<S>,
    others: &[&Set<S>],
    limits: &Limits,
) -> Set<S> {
    let mut rest = Set::default();
    first.iter().for_each(|member| {
        rest.insert_element(member, limits);
    });
    for set in others {
        if rest.is_empty() {
            break;
        }
        set.iter().for_each(|member| {
            rest.remove_element(member);
        });
    }
    rest
}
