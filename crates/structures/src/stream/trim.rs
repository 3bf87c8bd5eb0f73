//! How much of a stream is kept, and how it is cut into nodes.

use std::ops::Bound;

use smallvec::SmallVec;

use super::id::StreamId;
use super::log::Log;
use super::node::{Cursor, Node, Place};

/// Places of one node that are kept without an allocation.
const INLINE_PLACES: usize = 8;

/// Fewer nodes than this go one by one.
const NODES_CUT_MIN: usize = 16;

/// With fewer entries to delete than this, nobody counts nodes.
const ENTRIES_CUT_MIN: u64 = 2048;

/// Says whether an entry may be deleted.
pub(super) type MayGo<'f> = &'f mut dyn FnMut(StreamId) -> bool;

/// When a node is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeLimits {
    /// Bytes at which nothing more is put into a node; 0 for as many as possible.
    pub bytes_max: usize,
    /// Entries of a node, deleted ones counted; 0 for as many as fit.
    pub entries_max: u64,
}

impl Default for NodeLimits {
    fn default() -> Self {
        Self { bytes_max: 4096, entries_max: 100 }
    }
}

impl Node {
    /// Whether an entry whose names and values have `added` bytes goes into the node.
    pub(super) fn has_room(&self, added: usize, limits: NodeLimits) -> bool {
        let bytes_max = match limits.bytes_max {
            0 => super::node::NODE_BYTES_MAX,
            bytes => bytes.min(super::node::NODE_BYTES_MAX),
        };
        let has_bytes = self.bytes().saturating_add(added) < bytes_max;
        has_bytes && (limits.entries_max == 0 || (self.entries() as u64) < limits.entries_max)
    }
}

/// Which entries are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    /// The last so many.
    MaxLen(u64),
    /// Those from this number on.
    MinId(StreamId),
}

/// How the oldest entries are deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trim {
    /// Which are kept.
    pub threshold: Threshold,
    /// Only whole nodes go, which costs much less; some more entries are kept.
    pub is_approximate: bool,
    /// At most so many entries are deleted: a node that would exceed this stays.
    pub limit: Option<u64>,
}

impl Log {
    /// Deletes the oldest entries. `may_go` is asked for each, unless whole nodes can go unasked. Returns how many were deleted, and many of
    /// them in one piece, if they are many.
    pub(super) fn trim(&mut self, trim: &Trim, mut may_go: Option<MayGo<'_>>) -> (u64, Option<Self>) {
        let len_before = self.len;
        let is_free = may_go.is_none() && trim.limit.is_none();
        let cut = if is_free { self.cut_whole_nodes(trim.threshold) } else { None };
        let mut next = self.nodes.keys().next().copied();
        while let Some(key) = next {
            let Some(node) = self.nodes.get(&key) else { break };
            let removed = len_before - self.len;
            let live = node.live() as u64;
            if self.is_trimmed(key, trim.threshold) || trim.limit.is_some_and(|limit| removed + live > limit)
            {
                break;
            }
            next = self.nodes.range(key..).nth(1).map(|(key, _)| *key);
            let goes_whole = self.goes_whole(key, node, trim.threshold);
            if may_go.is_none() && goes_whole {
                self.remove_node(key);
                continue;
            }
            if trim.is_approximate {
                break;
            }
            let places = self.places_to_trim(key, node, trim.threshold, &mut may_go);
            match goes_whole && places.len() as u64 == live {
                true => self.remove_node(key),
                false => self.delete_places(key, &places),
            }
        }
        let removed = len_before - self.len;
        if removed > 0 {
            self.refresh_first_id();
        }
        (removed, cut)
    }

    /// Cuts off the nodes that go as a whole, if they are many. O(nodes removed or kept, whichever are fewer).
    fn cut_whole_nodes(&mut self, threshold: Threshold) -> Option<Self> {
        let first_kept = match threshold {
            Threshold::MaxLen(len_max) if self.len.saturating_sub(len_max) < ENTRIES_CUT_MIN => return None,
            Threshold::MaxLen(len_max) => self.first_kept_of(len_max),
            Threshold::MinId(min) => Some(*self.nodes.range(..=min).next_back()?.0),
        };
        // Without one that is kept all go.
        let end = first_kept.map_or(Bound::Unbounded, Bound::Excluded);
        self.nodes.range((Bound::Unbounded, end)).nth(NODES_CUT_MIN)?;
        let kept = first_kept.map(|key| self.nodes.split_off(&key)).unwrap_or_default();
        let cut = std::mem::replace(&mut self.nodes, kept);
        let is_cut_shorter = cut.len() < self.nodes.len();
        let shorter = if is_cut_shorter { &cut } else { &self.nodes };
        let len: u64 = shorter.values().map(|node| node.live() as u64).sum();
        let bytes: usize = shorter.values().map(Node::memory_bytes).sum();
        let (other_len, other_bytes) = (self.len - len, self.bytes - bytes);
        let (cut_len, cut_bytes);
        if is_cut_shorter {
            (cut_len, cut_bytes, self.len, self.bytes) = (len, bytes, other_len, other_bytes);
        } else {
            (cut_len, cut_bytes, self.len, self.bytes) = (other_len, other_bytes, len, bytes);
        }
        Some(Self { nodes: cut, len: cut_len, bytes: cut_bytes, ..*self })
    }

    /// The first node that must stay for so many entries to be kept. Counted from the nearer end.
    fn first_kept_of(&self, len_max: u64) -> Option<StreamId> {
        let goes = |behind: u64, live: u64| behind >= len_max && behind + live > len_max;
        if len_max < self.len / 2 {
            let mut behind = 0;
            let stays = |(_, node): &(&StreamId, &Node)| {
                let live = node.live() as u64;
                let stays = !goes(behind, live);
                behind += live;
                stays
            };
            return self.nodes.iter().rev().take_while(stays).last().map(|(key, _)| *key);
        }
        let mut left = self.len;
        let mut stays = |node: &Node| {
            let live = node.live() as u64;
            left -= live;
            !goes(left, live)
        };
        self.nodes.iter().find(|(_, node)| stays(node)).map(|(key, _)| *key)
    }

    /// Whether nothing from the node kept by `key` on has to go.
    fn is_trimmed(&self, key: StreamId, threshold: Threshold) -> bool {
        match threshold {
            Threshold::MaxLen(len_max) => self.len <= len_max,
            Threshold::MinId(min) => key >= min,
        }
    }

    fn goes_whole(&self, key: StreamId, node: &Node, threshold: Threshold) -> bool {
        match threshold {
            Threshold::MaxLen(len_max) => self.len - node.live() as u64 >= len_max,
            Threshold::MinId(min) => node.last_id(key).is_some_and(|last| last < min),
        }
    }

    fn places_to_trim(
        &self,
        key: StreamId,
        node: &Node,
        threshold: Threshold,
        may_go: &mut Option<MayGo<'_>>,
    ) -> SmallVec<[Place; INLINE_PLACES]> {
        let mut places = SmallVec::new();
        let Some(cursor) = Cursor::new(node, key) else { return places };
        for placed in cursor.filter(|placed| !placed.is_deleted()) {
            let id = placed.entry.id;
            let is_done = match threshold {
                Threshold::MaxLen(len_max) => self.len - places.len() as u64 <= len_max,
                Threshold::MinId(min) => id >= min,
            };
            if is_done {
                break;
            }
            if may_go.as_mut().is_none_or(|may_go| may_go(id)) {
                places.push(placed.place);
            }
        }
        places
    }
}
