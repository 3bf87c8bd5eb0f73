//! What sorted sets are made from: sorted sets, and sets, whose members all have the score 1.

use std::ops::ControlFlow;

use engine::{CommandError, View};
use keyspace::{Held, Key, Kind, Set, SortedSet};
use structures::sorted_set::Scores;
use structures::{Element, TextBuffer};

/// The score of each member of a set.
const SET_SCORE: f64 = 1.0;

/// One of the keys that a result is made from.
pub(super) enum Source<'v> {
    Missing,
    SortedSet(Held<'v, SortedSet>),
    Set(Held<'v, Set>),
}

/// What is under these keys, all of which must be sets of either kind.
pub(super) fn sources<'v>(view: &'v mut View<'_>, keys: &[Key<'_>]) -> Result<Vec<Source<'v>>, CommandError> {
    let entries = view.read_all(keys).into_iter();
    let sources = entries.map(|entry| {
        let Some(entry) = entry else { return Some(Source::Missing) };
        match entry.kind() {
            Kind::SortedSet => Held::new(entry).map(Source::SortedSet),
            Kind::Set => Held::new(entry).map(Source::Set),
            _ => None,
        }
    });
    sources.map(|source| source.ok_or(CommandError::WrongType)).collect()
}

impl Scores for Source<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Missing => 0,
            Self::SortedSet(set) => set.len(),
            Self::Set(set) => set.len(),
        }
    }

    fn score(&self, member: &[u8]) -> Option<f64> {
        match self {
            Self::Missing => None,
            Self::SortedSet(set) => set.score(member),
            Self::Set(set) => contains(set, member).then_some(SET_SCORE),
        }
    }

    fn visit(&self, visit: &mut dyn FnMut(&[u8], f64) -> ControlFlow<()>) {
        match self {
            Self::Missing => {}
            Self::SortedSet(set) => Scores::visit(&**set, visit),
            Self::Set(set) => {
                // It has shown all or was told to stop; either way this is the end.
                let _shown = visit_set(set, &mut |member| visit(member, SET_SCORE));
            }
        }
    }
}

fn contains(set: &Set, member: &[u8]) -> bool {
    match set {
        Set::Integers(integers) => {
            resp::parse_i64(member).is_some_and(|number| integers.view().contains(number))
        }
        Set::Packed(list) => list.view().find(member, 0).is_some(),
        Set::Large(large) => large.contains(member),
    }
}

fn visit_set(set: &Set, visit: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> ControlFlow<()> {
    let mut text = TextBuffer::new();
    match set {
        Set::Integers(integers) => {
            let mut numbers = integers.view().iter();
            numbers.try_for_each(|number| visit(Element::Int(number).text(&mut text)))
        }
        Set::Packed(list) => list.view().iter().try_for_each(|member| visit(member.text(&mut text))),
        Set::Large(large) => large.iter().try_for_each(visit),
    }
}
