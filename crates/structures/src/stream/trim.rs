//! How much of a stream is kept, and how it is cut into nodes.

use super::id::StreamId;
use super::node::Node;

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
