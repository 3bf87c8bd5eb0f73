//! Patterns and who listens to each, found by what they begin with.
//!
//! A pattern's head is the text before its first `*`, `?` or class. Patterns are kept by their heads, and for a message only those are
//! matched whose head its channel begins with: one look into a table for each length that a head has.
//!
//! ```text
//! news.*  news.?x   head "news."  ─┐               channel news.uk: lengths 0 and 5
//! user:*            head "user:"   │  by length ─▶   ""       *.uk, *
//! *.uk  *           head ""       ─┘                 "news."  news.*, news.?x
//! ```

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use glob::Pattern;
use hashbrown::HashTable;
use smallvec::SmallVec;

use crate::Subscriber;
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
    heads: HashTable<Head>,
    /// How many heads there are of each length.
    lengths: BTreeMap<usize, usize>,
    last_number: u64,
}

struct Entry<S> {
    name: Name,
    pattern: Pattern,
    /// Ascending in the order in which patterns came.
    number: u64,
    /// Where among those with the same head.
    index_in_head: usize,
    /// Never empty.
    roster: Roster<S>,
}

/// What patterns begin with.
struct Head {
    text: Name,
    /// Their places. Never empty.
    places: Vec<usize>,
}

impl<S> Default for Patterns<S> {
    fn default() -> Self {
        let table = Table {
            entries: Vec::new(),
            free: Vec::new(),
            by_name: HashTable::new(),
            heads: HashTable::new(),
            lengths: BTreeMap::new(),
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
    pub(crate) fn remove(&self, name: &Name, id: u64, hasher: &Hasher) {
        let mut table = self.write();
        let Some(entry) = table.find_mut(name) else { return };
        entry.roster.remove(id);
        if entry.roster.is_empty() {
            table.remove(name, hasher);
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
        assert_eq!(table.heads.iter().map(|head| head.places.len()).sum::<usize>(), self.count());
        assert_eq!(table.lengths.values().sum::<usize>(), table.heads.len());
        for head in table.heads.iter() {
            assert!(!head.places.is_empty() && table.lengths.contains_key(&head.text.len()));
            for (index, place) in head.places.iter().enumerate() {
                let entry = table.entry(*place).expect("a head holds places of patterns");
                assert!(entry.index_in_head == index && *entry.pattern.prefix() == *head.text);
                assert!(!entry.roster.is_empty() && *entry.name == *entry.pattern.as_bytes());
                entry.roster.check_invariants();
            }
        }
    }
}

/// Patterns that match, by number, each with its place.
type Found = SmallVec<[(u64, usize); 8]>;

impl<S: Subscriber> Table<S> {
    fn matching(&self, channel: &[u8], hasher: &Hasher) -> Found {
        let mut found = Found::new();
        for length in self.lengths.keys() {
            let Some(start) = channel.get(..*length) else { break };
            let Some(head) = self.heads.find(hasher.hash(start), |head| *head.text == *start) else {
                continue;
            };
            for place in &head.places {
                if let Some(entry) = self.entry(*place)
                    && entry.pattern.matches(channel)
                {
                    found.push((entry.number, *place));
                }
            }
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
        let index_in_head = self.enter_head(hasher.name(pattern.prefix()), place);
        self.last_number += 1;
        let mut roster = Roster::default();
        roster.add(subscriber);
        let number = self.last_number;
        self.entries[place] = Some(Entry { name: name.clone(), pattern, number, index_in_head, roster });
        let entries = &self.entries;
        self.by_name.insert_unique(name.hash(), place, |place| hash_at(entries, *place));
    }

    /// Adds a place to a head. Returns its index there.
    fn enter_head(&mut self, text: Name, place: usize) -> usize {
        if let Some(head) = self.heads.find_mut(text.hash(), |head| head.text == text) {
            head.places.push(place);
            return head.places.len() - 1;
        }
        *self.lengths.entry(text.len()).or_default() += 1;
        let head = Head { text: text.clone(), places: vec![place] };
        self.heads.insert_unique(text.hash(), head, |head| head.text.hash());
        0
    }

    fn remove(&mut self, name: &Name, hasher: &Hasher) {
        let Some(place) = self.place_of(name) else { return };
        if let Ok(found) = self.by_name.find_entry(name.hash(), |other| *other == place) {
            found.remove();
        }
        let Some(entry) = self.entries.get_mut(place).and_then(Option::take) else { return };
        self.leave_head(entry.pattern.prefix(), entry.index_in_head, hasher);
        self.free.push(place);
        if self.by_name.is_empty() {
            // Nobody is left to whom room could be given back bit by bit.
            self.entries = Vec::new();
            self.free = Vec::new();
            self.heads = HashTable::new();
            self.by_name = HashTable::new();
        }
    }

    /// Takes the place at `index` out of a head; the last takes its index over.
    fn leave_head(&mut self, text: &[u8], index: usize, hasher: &Hasher) {
        let Ok(mut found) = self.heads.find_entry(hasher.hash(text), |head| *head.text == *text) else {
            return;
        };
        let places = &mut found.get_mut().places;
        places.swap_remove(index);
        if let Some(moved) = places.get(index)
            && let Some(Some(entry)) = self.entries.get_mut(*moved)
        {
            entry.index_in_head = index;
        }
        if places.is_empty() {
            found.remove();
            if let Some(count) = self.lengths.get_mut(&text.len()) {
                *count -= 1;
                if *count == 0 {
                    self.lengths.remove(&text.len());
                }
            }
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
