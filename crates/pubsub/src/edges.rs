//! What patterns begin or end with.

use std::collections::BTreeMap;

use glob::Pattern;
use hashbrown::HashTable;

use crate::name::{Hasher, Name};

/// What a pattern is kept by.
pub(crate) struct Edge {
    text: Name,
    is_tail: bool,
}

impl Edge {
    /// Its head; if it has none, its tail; if it has neither, the empty head.
    pub(crate) fn of(pattern: &Pattern, hasher: &Hasher) -> Self {
        let head = pattern.prefix();
        let tail = tail(pattern.as_bytes());
        if head.is_empty() && !tail.is_empty() {
            return Self { text: hasher.name(tail), is_tail: true };
        }
        Self { text: hasher.name(head), is_tail: false }
    }

    pub(crate) fn text(&self) -> &Name {
        &self.text
    }

    pub(crate) fn is_tail(&self) -> bool {
        self.is_tail
    }
}

/// What all texts end with that a pattern without a head matches; empty where a class or a backslash makes that hard to see.
fn tail(pattern: &[u8]) -> &[u8] {
    if pattern.iter().any(|byte| matches!(byte, b'[' | b'\\')) {
        return &[];
    }
    pattern.rsplit(|byte| matches!(byte, b'*' | b'?')).next().unwrap_or_default()
}

/// Bytes that occur in a text, each as one of 64 bits; bytes that differ by 64 share one.
///
/// A text that lacks a byte of a pattern can't match it. That is seen without a look at the pattern, which lies somewhere else in memory: of
/// patterns that neither begin nor end alike, it spares all but a few.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct ByteSet(u64);

impl ByteSet {
    pub(crate) fn of_text(text: &[u8]) -> Self {
        Self(text.iter().fold(0, |set, byte| set | 1 << (byte & 63)))
    }

    /// What a text must have to match a pattern; what stands behind a class or a backslash is left out.
    pub(crate) fn of_pattern(pattern: &[u8]) -> Self {
        let plain = pattern.iter().take_while(|byte| !matches!(byte, b'[' | b'\\'));
        let needed = plain.filter(|byte| !matches!(byte, b'*' | b'?'));
        Self(needed.fold(0, |set, byte| set | 1 << (byte & 63)))
    }

    #[inline]
    pub(crate) fn includes(self, needed: Self) -> bool {
        needed.0 & !self.0 == 0
    }
}

/// Where a pattern is, and what a channel needs to have to match it.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Place {
    pub(crate) index: usize,
    pub(crate) needed: ByteSet,
}

/// The places of patterns by their heads, or by their tails.
#[derive(Default)]
pub(crate) struct Edges {
    groups: HashTable<Group>,
    /// How many groups there are of each length.
    lengths: BTreeMap<usize, usize>,
}

struct Group {
    text: Name,
    /// Never empty.
    places: Vec<Place>,
}

impl Edges {
    /// The lengths that texts have, ascending.
    pub(crate) fn lengths(&self) -> impl Iterator<Item = usize> {
        self.lengths.keys().copied()
    }

    /// The places that are kept by a text.
    pub(crate) fn places(&self, hash: u64, text: &[u8]) -> &[Place] {
        self.groups.find(hash, |group| *group.text == *text).map_or(&[], |group| &group.places)
    }

    /// Adds a place. Returns its index among those of the same text.
    pub(crate) fn enter(&mut self, text: &Name, place: Place) -> usize {
        if let Some(group) = self.groups.find_mut(text.hash(), |group| group.text == *text) {
            group.places.push(place);
            return group.places.len() - 1;
        }
        *self.lengths.entry(text.len()).or_default() += 1;
        let group = Group { text: text.clone(), places: vec![place] };
        self.groups.insert_unique(text.hash(), group, |group| group.text.hash());
        0
    }

    /// Takes the place at `index` out. The last takes its index over; returns that place, if it is another.
    pub(crate) fn leave(&mut self, text: &Name, index: usize) -> Option<usize> {
        let mut found = self.groups.find_entry(text.hash(), |group| group.text == *text).ok()?;
        let places = &mut found.get_mut().places;
        places.swap_remove(index);
        if !places.is_empty() {
            return places.get(index).map(|place| place.index);
        }
        found.remove();
        if let Some(count) = self.lengths.get_mut(&text.len()) {
            *count -= 1;
            if *count == 0 {
                self.lengths.remove(&text.len());
            }
        }
        None
    }

    pub(crate) fn place_at(&self, text: &Name, index: usize) -> Option<usize> {
        self.places(text.hash(), text).get(index).map(|place| place.index)
    }

    /// Returns how many places there are.
    pub(crate) fn check_invariants(&self) -> usize {
        assert_eq!(self.lengths.values().sum::<usize>(), self.groups.len());
        for group in self.groups.iter() {
            assert!(!group.places.is_empty() && self.lengths.contains_key(&group.text.len()));
        }
        self.groups.iter().map(|group| group.places.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_is_what_every_match_ends_with() {
        assert_eq!(tail(b"*.uk"), b".uk");
        assert_eq!(tail(b"?a*b"), b"b");
        assert_eq!(tail(b"*a*"), b"");
        assert_eq!(tail(b"*[ab]c"), b"");
        assert_eq!(tail(b"*\\*"), b"");
    }

    #[test]
    fn what_a_pattern_needs_is_in_every_match() {
        let fits = |pattern, text| ByteSet::of_text(text).includes(ByteSet::of_pattern(pattern));
        assert!(!fits(b"*:1*", b"news"));
        assert!(fits(b"*:1*", b"a1:b"), "only bytes are looked at, not their order");
        assert!(fits(b"*w?[x]", b"news"), "what stands behind a class may be anything");
        assert!(fits(b"*\\x", b"news"));
        assert!(fits(b"*", b""));
    }

    #[test]
    fn a_pattern_is_kept_by_its_head_if_it_has_one() {
        let hasher = Hasher::new([0; 16]);
        let edge = |pattern| {
            let edge = Edge::of(&Pattern::new(pattern), &hasher);
            (edge.text().to_vec(), edge.is_tail())
        };
        assert_eq!(edge(b"a*b"), (b"a".to_vec(), false));
        assert_eq!(edge(b"*b"), (b"b".to_vec(), true));
        assert_eq!(edge(b"*"), (Vec::new(), false));
        assert_eq!(edge(b"ab"), (b"ab".to_vec(), false));
    }
}
