//! What the standard library's B-trees take from the allocator.
//!
//! A node has room for eleven elements. When one that is full grows at its end, six stay behind, one goes up and four go on into a new node
//! with the one that came. Numbers of streams ascend, so that is how their trees grow: each node holds six, and only the last may hold more.
//! The tree of a set of names is a little fuller than is said here.

use std::collections::BTreeMap;

/// Elements that a node has room for.
const NODE_CAPACITY: usize = 11;

/// What a node leaves behind when it is split at its end: those that stay and the one that goes up.
const SPLIT_OFF: usize = 7;

/// Beside its elements, a node has the way to its parent, its place there, and how many they are.
const NODE_HEAD_BYTES: usize = size_of::<usize>() + 2 * size_of::<u16>();

/// An inner node has besides the ways to its children.
const CHILDREN_BYTES: usize = (NODE_CAPACITY + 1) * size_of::<usize>();

/// Bytes that a `BTreeMap<K, V>` (a `BTreeSet<K>` with `V` of no size) of `len` elements takes. O(log n).
pub(crate) fn btree_bytes<K, V>(len: usize) -> usize {
    if len == 0 {
        return 0;
    }
    let node = NODE_CAPACITY * (size_of::<K>() + size_of::<V>()) + NODE_HEAD_BYTES;
    let node = node.next_multiple_of(align_of::<usize>());
    let mut nodes = nodes(len);
    let mut bytes = nodes * node;
    while nodes > 1 {
        // As many as were split off have gone up.
        nodes = self::nodes(nodes - 1);
        bytes += nodes * (node + CHILDREN_BYTES);
    }
    bytes
}

/// Nodes of a level that `len` elements have come into, of which each split sends one on to the next level.
fn nodes(len: usize) -> usize {
    1 + len.saturating_sub(NODE_CAPACITY).div_ceil(SPLIT_OFF)
}

/// Frees the last node of a tree that has become empty, which the tree would keep.
pub(crate) fn free_if_empty<K, V>(tree: &mut BTreeMap<K, V>) {
    if tree.is_empty() {
        *tree = BTreeMap::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_split_when_they_are_full() {
        assert_eq!([1, 11, 12, 18, 19].map(nodes), [1, 1, 2, 2, 3]);
    }

    #[test]
    fn a_tree_has_inner_nodes_when_a_leaf_was_split() {
        let leaf = 11 * 16 + 16;
        let inner = leaf + 12 * 8;
        let bytes = [0, 1, 11, 12, 88].map(btree_bytes::<u64, u64>);
        assert_eq!(bytes, [0, leaf, leaf, 2 * leaf + inner, 12 * leaf + inner]);
        assert_eq!(btree_bytes::<u64, u64>(89), 13 * leaf + 2 * inner + inner);
    }
}
