//! The entries of a stream, without the groups.

use std::collections::BTreeMap;

use listpack::{Listpack, TooLarge};

use super::id::StreamId;
use super::node::{Cursor, Entry, NODE_BYTES_MAX, Node, Place, Placed};
use super::range::{Range, RangeBack};
use super::trim::NodeLimits;
use crate::btree::{btree_bytes, free_if_empty};

/// Names and values of an entry to be appended.
pub type Fields<'f> = [(&'f [u8], &'f [u8])];

/// Entries in the order of their numbers, and what the stream remembers of those that are gone.
#[derive(Debug, Default)]
pub struct Log {
    /// By the number of the first entry that each was made for. One whose last entries were trimmed one by one stays, without any that is
    /// not deleted, until it is trimmed as a whole: so it is in other servers.
    pub(super) nodes: BTreeMap<StreamId, Node>,
    pub(super) len: u64,
    /// Of the first entry that is there; `0-0` for none.
    pub(super) first_id: StreamId,
    pub(super) last_id: StreamId,
    pub(super) max_deleted_id: StreamId,
    pub(super) entries_added: u64,
    /// Sum over all nodes, without the tree that they are in.
    pub(super) bytes: usize,
}

impl Clone for Log {
    fn clone(&self) -> Self {
        // Without the room that nodes have in reserve.
        let nodes = self.nodes.clone();
        let bytes = nodes.values().map(Node::memory_bytes).sum();
        Self { nodes, bytes, ..*self }
    }
}

impl Log {
    /// Number of entries.
    #[inline]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The number of the first entry; `0-0` if there is none.
    pub fn first_id(&self) -> StreamId {
        self.first_id
    }

    /// The greatest number that was ever used.
    #[inline]
    pub fn last_id(&self) -> StreamId {
        self.last_id
    }

    /// The greatest number among the entries that were deleted one by one; `0-0` for none.
    pub fn max_deleted_id(&self) -> StreamId {
        self.max_deleted_id
    }

    /// How many entries were ever added.
    pub fn entries_added(&self) -> u64 {
        self.entries_added
    }

    /// Bytes of memory. O(log nodes).
    pub fn memory_bytes(&self) -> usize {
        btree_bytes::<StreamId, Node>(self.nodes.len()) + self.bytes
    }

    /// The packed nodes under the numbers that they are kept by.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = (StreamId, &Listpack)> {
        self.nodes.iter().map(|(key, node)| (*key, node.packed()))
    }

    /// The same from one of these numbers on.
    pub fn nodes_from(&self, key: StreamId) -> impl Iterator<Item = (StreamId, &Listpack)> {
        self.nodes.range(key..).map(|(key, node)| (*key, node.packed()))
    }

    /// The entries from one number to another, both included.
    pub fn range(&self, from: StreamId, to: StreamId) -> Range<'_> {
        let first_key = self.nodes.range(..=from).next_back().map_or(from, |(key, _)| *key);
        Range::new(self.nodes.range(first_key..), from, to)
    }

    /// The same from the last to the first.
    pub fn range_back(&self, from: StreamId, to: StreamId) -> RangeBack<'_> {
        RangeBack::new(self.nodes.range(..=to), from, to)
    }

    /// The entry with this number. O(log nodes + entries of a node).
    pub fn find(&self, id: StreamId) -> Option<Entry<'_>> {
        self.find_placed(id).map(|(_, placed)| placed.entry)
    }

    /// Whether there is an entry with this number.
    pub fn contains(&self, id: StreamId) -> bool {
        self.find_placed(id).is_some()
    }

    fn find_placed(&self, id: StreamId) -> Option<(StreamId, Placed<'_>)> {
        let (key, node) = self.nodes.range(..=id).next_back()?;
        let mut live = Cursor::new(node, *key)?.filter(|placed| !placed.is_deleted());
        let placed = live.find(|placed| placed.entry.id >= id)?;
        (placed.entry.id == id).then_some((*key, placed))
    }

    /// Whether an entry with these fields is short enough to be appended.
    pub fn can_hold(fields: &Fields<'_>) -> bool {
        text_bytes(fields) <= NODE_BYTES_MAX
    }

    /// Appends an entry. Its number must be greater than all before.
    pub fn append(&mut self, id: StreamId, fields: &Fields<'_>, limits: NodeLimits) -> Result<(), TooLarge> {
        debug_assert!(id > self.last_id);
        if !Self::can_hold(fields) {
            return Err(TooLarge);
        }
        let added = text_bytes(fields);
        // Nothing is left in a node that comes behind the entry, which it could otherwise not be found in.
        while self.nodes.last_key_value().is_some_and(|(key, _)| *key > id) {
            self.pop_last_node();
        }
        match self.nodes.last_entry() {
            Some(mut last) if last.get().has_room(added, limits) => {
                let before = last.get().memory_bytes();
                let key = *last.key();
                last.get_mut().append(key, id, fields)?;
                self.bytes = self.bytes - before + last.get().memory_bytes();
            }
            last => {
                if let Some(mut last) = last {
                    let before = last.get().memory_bytes();
                    last.get_mut().close();
                    self.bytes = self.bytes - before + last.get().memory_bytes();
                }
                let mut node = Node::new(fields)?;
                node.append(id, id, fields)?;
                self.bytes += node.memory_bytes();
                self.nodes.insert(id, node);
            }
        }
        self.len += 1;
        self.entries_added = self.entries_added.saturating_add(1);
        self.last_id = id;
        if self.len == 1 {
            self.first_id = id;
        }
        Ok(())
    }

    /// Deletes an entry. Returns whether it was there. O(log nodes + entries of a node).
    pub fn delete(&mut self, id: StreamId) -> bool {
        let Some((key, placed)) = self.find_placed(id) else { return false };
        let place = placed.place;
        match self.nodes.get(&key) {
            Some(node) if node.live() <= 1 => self.remove_node(key),
            _ => self.delete_places(key, &[place]),
        }
        self.max_deleted_id = self.max_deleted_id.max(id);
        if id == self.first_id {
            self.refresh_first_id();
        }
        true
    }

    /// Deletes entries of one node.
    pub(super) fn delete_places(&mut self, key: StreamId, places: &[Place]) {
        let Some(node) = self.nodes.get_mut(&key) else { return };
        let before = node.memory_bytes();
        node.delete(places);
        self.bytes = self.bytes - before + node.memory_bytes();
        self.len -= places.len() as u64;
    }

    pub(super) fn remove_node(&mut self, key: StreamId) {
        if let Some(node) = self.nodes.remove(&key) {
            self.len -= node.live() as u64;
            self.bytes -= node.memory_bytes();
            free_if_empty(&mut self.nodes);
        }
    }

    fn pop_last_node(&mut self) {
        if let Some((_, node)) = self.nodes.pop_last() {
            debug_assert_eq!(node.live(), 0, "numbers are given again only behind the last entry");
            self.bytes -= node.memory_bytes();
            free_if_empty(&mut self.nodes);
        }
    }

    pub(super) fn refresh_first_id(&mut self) {
        let first = self.range(StreamId::MIN, StreamId::MAX).next();
        self.first_id = first.map_or(StreamId::MIN, |entry| entry.id);
    }

    /// Sets the greatest number that was ever used, which is not below that of the last entry (`XSETID`). Numbers of deleted entries behind it
    /// may be given again.
    pub fn set_last_id(&mut self, id: StreamId) {
        self.last_id = id;
    }

    /// Sets how many entries were ever added.
    pub fn set_entries_added(&mut self, count: u64) {
        self.entries_added = count;
    }

    /// Sets the greatest number of a deleted entry.
    pub fn set_max_deleted_id(&mut self, id: StreamId) {
        self.max_deleted_id = id;
    }

    /// Appends a packed node from elsewhere, kept by `key`. Returns whether it could be: every entry in it must be readable, its numbers
    /// ascending and above those that are there, and above `0-0`, which stands for none. What the log remembers beside its entries is set
    /// afterwards.
    pub fn append_node(&mut self, key: StreamId, packed: Listpack) -> bool {
        let last = if self.nodes.is_empty() { StreamId::MIN } else { self.last_id };
        let is_above = key > last;
        let Some((node, last)) = Node::checked(packed, key).filter(|_| is_above) else { return false };
        self.len += node.live() as u64;
        self.bytes += node.memory_bytes();
        self.nodes.insert(key, node);
        self.last_id = last;
        self.refresh_first_id();
        true
    }

    /// # Panics
    /// If an invariant doesn't hold.
    pub(super) fn check_invariants(&self) {
        let (mut len, mut bytes, mut last) = (0, 0, StreamId::MIN);
        for (key, node) in &self.nodes {
            node.packed().check_invariants();
            let (checked, last_of_node) = Node::checked(node.packed().clone(), *key).expect("a whole node");
            assert_eq!(&checked, node);
            assert!(last < *key && *key <= last_of_node);
            last = last_of_node;
            len += node.live() as u64;
            bytes += node.memory_bytes();
        }
        assert_eq!((self.len, self.bytes), (len, bytes));
        assert!(last <= self.last_id || self.nodes.is_empty());
        let first = self.range(StreamId::MIN, StreamId::MAX).next();
        assert_eq!(self.first_id, first.map_or(StreamId::MIN, |entry| entry.id));
    }
}

fn text_bytes(fields: &Fields<'_>) -> usize {
    fields.iter().map(|(name, value)| name.len() + value.len()).sum()
}
