//! Channels and who listens to each, in parts with a lock of their own.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crossbeam_utils::CachePadded;
use hashbrown::HashTable;

use crate::Subscriber;
use crate::name::Name;
use crate::roster::Roster;

/// A power of two, and several times as many as there are publishers at the same moment.
const PARTS: usize = 64;

/// A table is given room back when it holds less than this part of what it has room for.
const SHRINK_BELOW: usize = 8;

/// The upper bits choose the part, since the table uses the others.
const PART_SHIFT: u32 = 32;

/// A space of channels. Publishers to different channels hardly ever meet at a lock.
pub(crate) struct Channels<S> {
    parts: Box<[CachePadded<Mutex<Part<S>>>]>,
    /// Channels that somebody listens to.
    count: AtomicUsize,
}

type Part<S> = HashTable<Channel<S>>;

struct Channel<S> {
    name: Name,
    /// Never empty.
    roster: Roster<S>,
}

impl<S> Default for Channels<S> {
    fn default() -> Self {
        Self { parts: (0..PARTS).map(|_| CachePadded::default()).collect(), count: AtomicUsize::new(0) }
    }
}

impl<S: Subscriber + Clone> Channels<S> {
    /// How many channels somebody listens to. One load.
    #[inline]
    pub(crate) fn count(&self) -> usize {
        self.count.load(Relaxed)
    }

    /// Adds a subscriber that doesn't listen to the channel yet. Returns the name that all who listen to it share.
    pub(crate) fn add(&self, name: Name, subscriber: S) -> Name {
        let mut part = self.part(name.hash());
        if let Some(channel) = part.find_mut(name.hash(), |channel| channel.name == name) {
            channel.roster.add(subscriber);
            return channel.name.clone();
        }
        let mut roster = Roster::default();
        roster.add(subscriber);
        let channel = Channel { name: name.clone(), roster };
        part.insert_unique(name.hash(), channel, |channel| channel.name.hash());
        self.count.fetch_add(1, Relaxed);
        name
    }

    /// Removes a subscriber, and the channel with the last one.
    pub(crate) fn remove(&self, name: &Name, id: u64) {
        let mut part = self.part(name.hash());
        let Ok(mut channel) = part.find_entry(name.hash(), |channel| channel.name == *name) else { return };
        channel.get_mut().roster.remove(id);
        if channel.get().roster.is_empty() {
            let (channel, _) = channel.remove();
            self.count.fetch_sub(1, Relaxed);
            if part.len() * SHRINK_BELOW < part.capacity() {
                let room = part.len() * 2;
                part.shrink_to(room, |channel| channel.name.hash());
            }
            drop(part);
            drop(channel);
        }
    }

    /// Keeps others from publishing to the channel of this hash meanwhile.
    pub(crate) fn lock(&self, hash: u64) -> Locked<'_, S> {
        Locked { hash, part: self.part(hash) }
    }

    /// How many listen to a channel.
    pub(crate) fn subscribers(&self, hash: u64, name: &[u8]) -> usize {
        self.lock(hash).roster(name).map_or(0, Roster::len)
    }

    /// The names that are wanted.
    pub(crate) fn names(&self, is_wanted: impl Fn(&[u8]) -> bool) -> Vec<Name> {
        let mut names = Vec::new();
        for part in &self.parts {
            let part = lock(part);
            names.extend(part.iter().map(|channel| &channel.name).filter(|name| is_wanted(name)).cloned());
        }
        names
    }

    /// Visits all who listen to any channel.
    pub(crate) fn visit_all(&self, mut visit: impl FnMut(&Name, &S)) {
        for part in &self.parts {
            for channel in lock(part).iter() {
                channel.roster.iter().for_each(|subscriber| visit(&channel.name, subscriber));
            }
        }
    }

    fn part(&self, hash: u64) -> MutexGuard<'_, Part<S>> {
        lock(&self.parts[(hash >> PART_SHIFT) as usize % PARTS])
    }

    pub(crate) fn check_invariants(&self) {
        let mut count = 0;
        for part in &self.parts {
            let part = lock(part);
            count += part.len();
            for channel in part.iter() {
                assert!(!channel.roster.is_empty(), "nobody listens to {:?}", channel.name);
                channel.roster.check_invariants();
            }
        }
        assert_eq!(count, self.count());
    }
}

/// Channels of one hash, and others that share their lock.
pub(crate) struct Locked<'c, S> {
    hash: u64,
    part: MutexGuard<'c, Part<S>>,
}

impl<S: Subscriber> Locked<'_, S> {
    /// Visits those who listen to a channel. Returns how many they are.
    pub(crate) fn visit(&self, name: &[u8], visit: impl FnMut(&S)) -> usize {
        let Some(roster) = self.roster(name) else { return 0 };
        roster.iter().for_each(visit);
        roster.len()
    }

    fn roster(&self, name: &[u8]) -> Option<&Roster<S>> {
        let channel = self.part.find(self.hash, |channel| *channel.name == *name)?;
        Some(&channel.roster)
    }
}

/// A visitor that panicked has changed nothing here.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
