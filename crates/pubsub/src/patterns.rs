//! Patterns and who listens to each, found by what they begin or end with.
//!
//! A pattern's head is the text before its first `*`, `?` or class; of one that has no head, the tail is the text behind its last. Patterns
//! are kept by these, and for a message only those are matched whose head its channel begins with, or whose tail it ends with: one look into a
//! table for each length that a head or tail has.
//!
//! ```text
//! news.*  news.?x   head "news."                   channel news.uk
//! user:*            head "user:"      ─ lengths ─▶   begins with "news."   news.*, news.?x
//! *.uk              tail ".uk"                       ends with ".uk"       *.uk
//! *  *a*            neither: ""                      begins with ""        *, *a*
//! ```

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use glob::Pattern;
use hashbrown::HashTable;
use smallvec::SmallVec;

use crate::Subscriber;
use crate::edges::{ByteSet, Edge, Edges, Place};
use crate::name::{Hasher, Name};
use crate::roster::Roster;

/// All patterns. Publishers read at the same time.
pub(crate) struct Patterns<S> {
    table: RwLock<Table<S>>,
    /// Patterns that somebody listens to.
    count: AtomicUsize,
}

struct Table<S> {
    /// Each pattern at a place that stays the same; free places are in `free`.
    entries: Vec<Option<Entry<S>>>,
    free: Vec<usize>,
    /// Places by name.
    by_name: HashTable<usize>,
    heads: Edges,
    tails: Edges,
    last_number: u64,
}

struct Entry<S> {
    name: Name,
    pattern: Pattern,
    /// Ascending in the order in which patterns came.
    number: u64,
    /// What it is kept by.
    edge: Edge,
    /// Where among those that are kept by the same.
    index: usize,
    /// Never empty.
    roster: Roster<S>,
}

impl<S> Default for Patterns<S> {
    fn default() -> Self {
        let table = Table {
            entries: Vec::new(),
            free: Vec::new(),
            by_name: HashTable::new(),
            heads: Edges::default(),
            tails: Edges::default(),
            last_number: 0,
        };
        Self { table: RwLock::new(table), count: AtomicUsize::new(0) }
    }
}

impl<S: Subscriber + Clone> Patterns<S> {
    /// How many patterns somebody listens to. One load.
    #[inline]
    pub(crate) fn count(&self) -> usize {
        self.count.load(Relaxed)
    }

    /// Adds a subscriber that doesn't listen to the pattern yet. Returns the name that all who listen to it share.
    pub(crate) fn add(&self, name: Name, subscriber: S, hasher: &Hasher) -> Name {
        let mut table = self.write();
        if let Some(entry) = table.find_mut(&name) {
            entry.roster.add(subscriber);
            return entry.name.clone();
        }
        table.insert(&name, subscriber, hasher);
        self.count.fetch_add(1, Relaxed);
        name
    }

    /// Removes a subscriber, and the pattern with the last one.
    pub(crate) fn remove(&self, name: &Name, id: u64) {
        let mut table = self.write();
        let Some(entry) = table.find_mut(name) else { return };
        entry.roster.remove(id);
        if entry.roster.is_empty() {
            table.remove(name);
            self.count.fetch_sub(1, Relaxed);
        }
    }

    /// Visits the subscribers of every pattern that matches the channel, in the order in which the patterns came. Returns how many there
    /// were.
    pub(crate) fn visit(&self, channel: &[u8], hasher: &Hasher, mut visit: impl FnMut(&S, &Name)) -> usize {
        let table = self.read();
        let mut count = 0;
        for (_, place) in table.matching(channel, hasher) {
            let Some(entry) = table.entry(place) else { continue };
            entry.roster.iter().for_each(|subscriber| visit(subscriber, &entry.name));
            count += entry.roster.len();
        }
        count
    }

    /// Visits all who listen to any pattern.
    pub(crate) fn visit_all(&self, mut visit: impl FnMut(&Name, &S)) {
        for entry in self.read().entries.iter().flatten() {
            entry.roster.iter().for_each(|subscriber| visit(&entry.name, subscriber));
        }
    }

    /// How many listen to a pattern.
    pub(crate) fn subscribers(&self, name: &Name) -> usize {
        let table = self.read();
        let place = table.place_of(name);
        place.and_then(|place| table.entry(place)).map_or(0, |entry| entry.roster.len())
    }

    /// The patterns that are wanted.
    pub(crate) fn names(&self, is_wanted: impl Fn(&[u8]) -> bool) -> Vec<Name> {
        let table = self.read();
        let names = table.entries.iter().flatten().map(|entry| &entry.name);
        names.filter(|name| is_wanted(name)).cloned().collect()
    }

    fn read(&self) -> RwLockReadGuard<'_, Table<S>> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Table<S>> {
        self.table.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn check_invariants(&self) {
        let table = self.read();
        assert_eq!(table.by_name.len(), self.count());
        assert_eq!(table.entries.len(), table.by_name.len() + table.free.len());
        assert_eq!(table.heads.check_invariants() + table.tails.check_invariants(), self.count());
        for (place, entry) in table.entries.iter().enumerate() {
            let Some(entry) = entry else { continue };
            assert!(!entry.roster.is_empty() && *entry.name == *entry.pattern.as_bytes());
            entry.roster.check_invariants();
            let edges = if entry.edge.is_tail() { &table.tails } else { &table.heads };
            assert_eq!(edges.place_at(entry.edge.text(), entry.index), Some(place));
        }
    }
}

/// Patterns that match, by number, each with its place.
type Found = SmallVec<[(u64, usize); 8]>;

impl<S: Subscriber> Table<S> {
    fn matching(&self, channel: &[u8], hasher: &Hasher) -> Found {
        let mut found = Found::new();
        let bytes = ByteSet::of_text(channel);
        let mut try_all = |places: &[Place]| {
            for place in places.iter().filter(|place| bytes.includes(place.needed)) {
                if let Some(entry) = self.entry(place.index)
                    && entry.pattern.matches(channel)
                {
                    found.push((entry.number, place.index));
                }
            }
        };
        for length in self.heads.lengths() {
            let Some(start) = channel.get(..length) else { break };
            try_all(self.heads.places(hasher.hash(start), start));
        }
        for length in self.tails.lengths() {
            let Some(start) = channel.len().checked_sub(length) else { break };
            let end = channel.get(start..).unwrap_or_default();
            try_all(self.tails.places(hasher.hash(end), end));
        }
        found.sort_unstable();
        found
    }

    fn insert(&mut self, name: &Name, subscriber: S, hasher: &Hasher) {
        let pattern = Pattern::new(name);
        let place = self.free.pop().unwrap_or(self.entries.len());
        if place == self.entries.len() {
            self.entries.push(None);
        }
        let edge = Edge::of(&pattern, hasher);
        let index = self
            .edges_mut(&edge)
            .enter(edge.text(), Place { index: place, needed: ByteSet::of_pattern(name) });
        self.last_number += 1;
        let mut roster = Roster::default();
        roster.add(subscriber);
        let number = self.last_number;
        self.entries[place] = Some(Entry { name: name.clone(), pattern, number, edge, index, roster });
        let entries = &self.entries;
        self.by_name.insert_unique(name.hash(), place, |place| hash_at(entries, *place));
    }

    fn edges_mut(&mut self, edge: &Edge) -> &mut Edges {
        if edge.is_tail() { &mut self.tails } else { &mut self.heads }
    }

    fn remove(&mut self, name: &Name) {
        let Some(place) = self.place_of(name) else { return };
        if let Ok(found) = self.by_name.find_entry(name.hash(), |other| *other == place) {
            found.remove();
        }
        let Some(entry) = self.entries.get_mut(place).and_then(Option::take) else { return };
        let moved = self.edges_mut(&entry.edge).leave(entry.edge.text(), entry.index);
        if let Some(moved) = moved.and_then(|moved| self.entries.get_mut(moved)?.as_mut()) {
            moved.index = entry.index;
        }
        self.free.push(place);
        if self.by_name.is_empty() {
            // Nobody is left to whom room could be given back bit by bit.
            self.entries = Vec::new();
            self.free = Vec::new();
            self.heads = Edges::default();
            self.tails = Edges::default();
            self.by_name = HashTable::new();
        }
    }

    fn place_of(&self, name: &Name) -> Option<usize> {
        let is_it = |place: &usize| self.entry(*place).is_some_and(|entry| entry.name == *name);
        self.by_name.find(name.hash(), is_it).copied()
    }

    fn find_mut(&mut self, name: &Name) -> Option<&mut Entry<S>> {
        let place = self.place_of(name)?;
        self.entries.get_mut(place)?.as_mut()
    }

    fn entry(&self, place: usize) -> Option<&Entry<S>> {
        self.entries.get(place)?.as_ref()
    }
}

fn hash_at<S>(entries: &[Option<Entry<S>>], place: usize) -> u64 {
    entries.get(place).and_then(Option::as_ref).map_or(0, |entry| entry.name.hash())
}
