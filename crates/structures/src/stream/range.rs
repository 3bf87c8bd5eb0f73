//! Walking over entries.

use std::collections::btree_map;

use super::id::StreamId;
use super::node::{BackCursor, Cursor, Entry, Node};

/// Entries in the order of their numbers, from [`Log::range`](super::Log::range).
#[derive(Clone, Debug)]
pub struct Range<'a> {
    nodes: btree_map::Range<'a, StreamId, Node>,
    node: Option<Cursor<'a>>,
    from: StreamId,
    to: StreamId,
}

impl<'a> Range<'a> {
    pub(super) fn new(nodes: btree_map::Range<'a, StreamId, Node>, from: StreamId, to: StreamId) -> Self {
        Self { nodes, node: None, from, to }
    }
}

impl<'a> Iterator for Range<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        loop {
            for placed in self.node.iter_mut().flatten() {
                // The numbers of deleted ones say nothing of what follows: they may have been given again.
                if placed.is_deleted() {
                    continue;
                }
                if placed.entry.id > self.to {
                    return None;
                }
                if placed.entry.id >= self.from {
                    return Some(placed.entry);
                }
            }
            let (key, node) = self.nodes.next().filter(|(key, _)| **key <= self.to)?;
            self.node = Cursor::new_from(node, *key, self.from);
        }
    }
}

/// Entries from the last to the first, from [`Log::range_back`](super::Log::range_back).
#[derive(Clone, Debug)]
pub struct RangeBack<'a> {
    nodes: btree_map::Range<'a, StreamId, Node>,
    node: Option<BackCursor<'a>>,
    from: StreamId,
    to: StreamId,
}

impl<'a> RangeBack<'a> {
    pub(super) fn new(nodes: btree_map::Range<'a, StreamId, Node>, from: StreamId, to: StreamId) -> Self {
        Self { nodes, node: None, from, to }
    }
}

impl<'a> Iterator for RangeBack<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        loop {
            for placed in self.node.iter_mut().flatten() {
                if placed.entry.id < self.from {
                    return None;
                }
                if placed.entry.id <= self.to && !placed.is_deleted() {
                    return Some(placed.entry);
                }
            }
            let (key, node) = self.nodes.next_back()?;
            self.node = BackCursor::new(node, *key);
        }
    }
}
