//! A group of consumers.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use super::id::StreamId;
use crate::btree::{btree_bytes, free_if_empty};

/// What a name takes that its consumer and the tree of names share: two counts before it, and all rounded up.
fn name_bytes(name: &[u8]) -> usize {
    (2 * size_of::<usize>() + name.len()).next_multiple_of(align_of::<usize>())
}

/// The number of a consumer in its group, for as long as it is there.
pub(super) type ConsumerIndex = u32;

/// A group: up to where it has read, who reads, and what was read and not yet acknowledged.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// The number of the last entry that was delivered.
    pub last_id: StreamId,
    /// How many entries the group has read, counted from the first that was ever added; `None` if that can't be known.
    pub entries_read: Option<u64>,
    pending: BTreeMap<StreamId, Pending>,
    /// By number; `None` for one that is gone.
    consumers: Vec<Option<Consumer>>,
    /// Invariant: exactly the consumers above, by name.
    names: BTreeMap<Arc<[u8]>, ConsumerIndex>,
    /// What the names take, and the consumers' own trees.
    consumers_bytes: usize,
}

/// An entry that was delivered and not acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    consumer: ConsumerIndex,
    /// When it was delivered last, in milliseconds of the Unix epoch.
    pub delivered_ms: i64,
    /// How often it was delivered.
    pub deliveries: u64,
}

/// A consumer of a group.
#[derive(Clone, Debug)]
pub struct Consumer {
    name: Arc<[u8]>,
    /// When it tried to read last, in milliseconds of the Unix epoch.
    pub seen_ms: i64,
    /// When it got something last; `None` for never.
    pub active_ms: Option<i64>,
    /// Invariant: exactly those of the group's pending entries whose consumer this is.
    pending: BTreeSet<StreamId>,
}

impl Consumer {
    /// Its name.
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// The numbers of its pending entries, from `from` on.
    pub fn pending(&self, from: StreamId) -> impl Iterator<Item = StreamId> {
        self.pending.range(from..).copied()
    }

    /// What it takes beside its place in the group.
    fn memory_bytes(&self) -> usize {
        name_bytes(&self.name) + self.pending_bytes()
    }

    fn pending_bytes(&self) -> usize {
        btree_bytes::<StreamId, ()>(self.pending.len())
    }

    /// How many entries are pending for it.
    pub fn pending_len(&self) -> usize {
        self.pending.len()
    }
}

impl Group {
    /// A group that has read up to `last_id`.
    pub fn new(last_id: StreamId, entries_read: Option<u64>) -> Self {
        Self { last_id, entries_read, ..Self::default() }
    }

    /// Bytes of memory. O(log n).
    pub fn memory_bytes(&self) -> usize {
        btree_bytes::<StreamId, Pending>(self.pending.len())
            + btree_bytes::<Arc<[u8]>, ConsumerIndex>(self.names.len())
            + self.consumers.capacity() * size_of::<Option<Consumer>>()
            + self.consumers_bytes
    }

    /// The consumers, by name.
    pub fn consumers(&self) -> impl ExactSizeIterator<Item = &Consumer> {
        self.names.values().map(|&index| self.of_index(index))
    }

    /// The first consumer whose name comes behind this one, the first of all for `None`. O(log consumers).
    pub fn consumer_after(&self, name: Option<&[u8]>) -> Option<&Consumer> {
        let from = name.map_or(Bound::Unbounded, Bound::Excluded);
        let mut behind = self.names.range::<[u8], _>((from, Bound::Unbounded));
        behind.next().map(|(_, &index)| self.of_index(index))
    }

    /// The consumer of this name.
    pub fn consumer(&self, name: &[u8]) -> Option<&Consumer> {
        self.names.get(name).map(|&index| self.of_index(index))
    }

    /// The same for noting when it was seen or active.
    pub fn consumer_mut(&mut self, name: &[u8]) -> Option<&mut Consumer> {
        let index = *self.names.get(name)?;
        self.consumers.get_mut(index as usize)?.as_mut()
    }

    fn of_index(&self, index: ConsumerIndex) -> &Consumer {
        self.consumers[index as usize].as_ref().expect("a consumer is there as long as its number is used")
    }

    fn change_pending(&mut self, index: ConsumerIndex, change: impl FnOnce(&mut BTreeSet<StreamId>) -> bool) {
        let consumer = self.of_index_mut(index);
        let before = consumer.pending_bytes();
        change(&mut consumer.pending);
        if consumer.pending.is_empty() {
            consumer.pending = BTreeSet::new();
        }
        let after = consumer.pending_bytes();
        self.consumers_bytes = self.consumers_bytes - before + after;
    }

    fn of_index_mut(&mut self, index: ConsumerIndex) -> &mut Consumer {
        self.consumers[index as usize].as_mut().expect("a consumer is there as long as its number is used")
    }

    /// Adds a consumer, seen at this time. Returns whether it is new.
    pub fn add_consumer(&mut self, name: &[u8], seen_ms: i64) -> bool {
        if self.names.contains_key(name) {
            return false;
        }
        let name: Arc<[u8]> = name.into();
        let consumer =
            Consumer { name: Arc::clone(&name), seen_ms, active_ms: None, pending: BTreeSet::new() };
        let has_free = self.consumers.len() > self.names.len();
        let free = has_free.then(|| self.consumers.iter().position(Option::is_none)).flatten();
        let index = free.unwrap_or(self.consumers.len());
        match free {
            Some(free) => self.consumers[free] = Some(consumer),
            None => self.consumers.push(Some(consumer)),
        }
        self.consumers_bytes += name_bytes(&name);
        self.names.insert(name, index as ConsumerIndex);
        true
    }

    /// Removes a consumer with its pending entries, which are then nobody's. Returns how many these were.
    pub fn remove_consumer(&mut self, name: &[u8]) -> Option<usize> {
        self.cut_consumer(name).map(|(pending, _)| pending)
    }

    /// The same, with what it took as a group of its own, which is good for nothing but to be freed.
    ///
    /// O(log pending) for each entry that was pending for it or for each that is pending for others, whichever are fewer.
    pub(super) fn cut_consumer(&mut self, name: &[u8]) -> Option<(usize, Self)> {
        let index = self.names.remove(name)?;
        let consumer = self.consumers[index as usize].take()?;
        self.consumers_bytes -= consumer.memory_bytes();
        let count = consumer.pending.len();
        let mut cut = Self::default();
        if count > self.pending.len() / 2 {
            let others = self.consumers.iter().flatten().flat_map(|other| &other.pending);
            let others = others.filter_map(|id| Some((*id, *self.pending.get(id)?))).collect();
            cut.pending = std::mem::replace(&mut self.pending, others);
        } else {
            for id in &consumer.pending {
                self.pending.remove(id);
            }
        }
        free_if_empty(&mut self.pending);
        free_if_empty(&mut self.names);
        if self.names.is_empty() {
            self.consumers = Vec::new();
        }
        cut.consumers.push(Some(consumer));
        Some((count, cut))
    }

    /// How many entries are pending.
    pub fn pending_len(&self) -> usize {
        self.pending.len()
    }

    /// Whether this entry is pending.
    pub fn is_pending(&self, id: StreamId) -> bool {
        self.pending.contains_key(&id)
    }

    /// The pending entry with this number, and whose it is.
    pub fn pending(&self, id: StreamId) -> Option<(Pending, &Consumer)> {
        let pending = *self.pending.get(&id)?;
        Some((pending, self.of_index(pending.consumer)))
    }

    /// The pending entries from one number to another, both included.
    pub fn pending_range(
        &self,
        from: StreamId,
        to: StreamId,
    ) -> impl DoubleEndedIterator<Item = (StreamId, Pending, &Consumer)> {
        // A range that ends before it begins would be a panic.
        let range = self.pending.range(from..=to.max(from)).filter(move |(id, _)| **id <= to);
        range.map(|(id, pending)| (*id, *pending, self.of_index(pending.consumer)))
    }

    /// Makes an entry pending for a consumer, which must be there; whoever had it loses it.
    pub fn assign(&mut self, id: StreamId, consumer: &[u8], delivered_ms: i64, deliveries: u64) {
        let Some(&index) = self.names.get(consumer) else { return };
        let pending = Pending { consumer: index, delivered_ms, deliveries };
        match self.pending.insert(id, pending) {
            Some(before) if before.consumer == index => return,
            Some(before) => self.change_pending(before.consumer, |pending| pending.remove(&id)),
            None => {}
        }
        self.change_pending(index, |pending| pending.insert(id));
    }

    /// Ends that an entry is pending. Returns whether it was. O(log pending).
    pub fn acknowledge(&mut self, id: StreamId) -> bool {
        let Some(pending) = self.pending.remove(&id) else { return false };
        free_if_empty(&mut self.pending);
        self.change_pending(pending.consumer, |of_consumer| of_consumer.remove(&id));
        true
    }

    /// Whether the group has done with an entry: it was delivered, and acknowledged.
    pub fn is_done_with(&self, id: StreamId) -> bool {
        id <= self.last_id && !self.is_pending(id)
    }

    /// # Panics
    /// If an invariant doesn't hold.
    pub(super) fn check_invariants(&self) {
        let mut pending = 0;
        for (name, &index) in &self.names {
            let consumer = self.of_index(index);
            assert_eq!(name, &consumer.name);
            pending += consumer.pending.len();
            assert!(consumer.pending.iter().all(|id| self.pending[id].consumer == index));
        }
        assert_eq!(pending, self.pending.len());
        assert_eq!(self.names.len(), self.consumers.iter().flatten().count());
        let bytes = self.consumers.iter().flatten().map(Consumer::memory_bytes).sum();
        assert_eq!(self.consumers_bytes, bytes);
    }
}
