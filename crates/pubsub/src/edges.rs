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
    places: Vec<usize>,
}

impl Edges {
    /// The lengths that texts have, ascending.
    pub(crate) fn lengths(&self) -> impl Iterator<Item = usize> {
        self.lengths.keys().copied()
    }

    /// The places that are kept by a text.
    pub(crate) fn places(&self, hash: u64, text: &[u8]) -> &[usize] {
        self.groups.find(hash, |group| *group.text == *text).map_or(&[], |group| &group.places)
    }

    /// Adds a place. Returns its index among those of the same text.
    pub(crate) fn enter(&mut self, text: &Name, place: usize) -> usize {
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
            return places.get(index).copied();
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
        self.places(text.hash(), text).get(index).copied()
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
