//! The large form: listpacks in a row.
//!
//! ```text
//!            node            node            node
//!  front ─▶ | a b c d e … | | one big text | | … x y z | ◀─ back
//! ```
//!
//! At its ends a list costs O(1), since a listpack has a limited size. An element in the middle is found by the numbers of elements of the
//! nodes, which lie side by side: a list of ten million short elements has some thirty thousand nodes, passed in as many steps of an
//! addition each. Linking the nodes instead, as the simplest way, would make each of these steps a miss of the cache.

use std::collections::VecDeque;

use listpack::{Element, Listpack};

use super::iter::{Iter, NodeIter};
use super::limit::Limit;
use super::node::{Node, NodeRef};
use super::{End, packed};

/// A large list.
#[derive(Debug, Default)]
pub struct Quicklist {
    pub(super) nodes: VecDeque<Node>,
    /// Elements of all nodes.
    pub(super) len: usize,
    /// Bytes of all nodes beside the nodes themselves.
    bytes: usize,
}

impl Clone for Quicklist {
    fn clone(&self) -> Self {
        // Without the room that nodes have in reserve.
        let nodes = self.nodes.clone();
        let bytes = nodes.iter().map(Node::memory_bytes).sum();
        Self { nodes, len: self.len, bytes }
    }
}

impl Quicklist {
    /// Number of elements.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes of memory. O(1).
    pub fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.nodes.capacity() * size_of::<Node>() + self.bytes
    }

    /// The parts that it is stored as, from the front.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = NodeRef<'_>> {
        self.nodes.iter().map(Node::as_ref)
    }

    /// The part with this number, counted from the front. O(1).
    pub fn node(&self, index: usize) -> Option<NodeRef<'_>> {
        self.nodes.get(index).map(Node::as_ref)
    }

    /// Adds all elements of a listpack at the back, in a node of their own.
    pub fn push_listpack(&mut self, listpack: Listpack) {
        if !listpack.view().is_empty() {
            self.insert_node(self.nodes.len(), Node::packed(listpack));
        }
    }

    /// Adds one element at the back, in a node of its own and not in a listpack.
    pub fn push_plain(&mut self, text: Box<[u8]>) {
        self.insert_node(self.nodes.len(), Node::plain(text));
    }

    /// The element at an end.
    pub fn at(&self, end: End) -> Option<Element<'_>> {
        let node = match end {
            End::Front => self.nodes.front(),
            End::Back => self.nodes.back(),
        };
        match node?.as_ref() {
            NodeRef::Packed(listpack) => packed::at(listpack, end),
            NodeRef::Plain(text) => Some(Element::Bytes(text)),
        }
    }

    /// The element with this index.
    pub fn get(&self, index: usize) -> Option<Element<'_>> {
        let (node, index) = self.locate(index)?;
        self.nodes.get(node)?.get(index)
    }

    /// All elements.
    pub fn iter(&self) -> Iter<'_> {
        Iter::new(NodeIter::Plain(None), self.nodes.iter())
    }

    /// The elements from this one on.
    pub fn iter_from(&self, index: usize) -> Iter<'_> {
        match self.locate(index) {
            Some((node, index)) => Iter::new(self.nodes[node].iter_from(index), self.nodes.range(node + 1..)),
            None => Iter::new(NodeIter::Plain(None), self.nodes.range(..0)),
        }
    }

    /// The indexes of the elements that are this text, ascending.
    pub fn indexes_of<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = usize> + use<'a> {
        let mut end = 0;
        self.nodes.iter().flat_map(move |node| {
            let start = end;
            end += node.len();
            node.indexes_of(text).map(move |index| start + index)
        })
    }

    /// Adds an element at an end.
    #[inline]
    pub fn push(&mut self, end: End, text: &[u8], limit: Limit) {
        let node = match end {
            End::Front => self.nodes.front_mut(),
            End::Back => self.nodes.back_mut(),
        };
        match node.filter(|node| node.has_room(text.len(), limit)) {
            Some(node) => {
                let before = node.memory_bytes();
                node.push(end, text);
                self.bytes = self.bytes - before + node.memory_bytes();
                self.len += 1;
            }
            None => {
                let at = if end == End::Front { 0 } else { self.nodes.len() };
                if !self.nodes.is_empty() {
                    self.change_node(at.saturating_sub(1), Node::close);
                }
                self.insert_node(at, Node::of(text, limit));
            }
        }
    }

    /// Removes so many elements at an end, or as many as there are. O(count / elements of a node).
    pub fn remove_at_end(&mut self, end: End, count: usize) {
        let mut left = count.min(self.len);
        while left > 0 {
            let index = if end == End::Front { 0 } else { self.nodes.len() - 1 };
            let len = self.nodes[index].len();
            if len <= left {
                self.remove_node(index);
                left -= len;
            } else {
                let first = if end == End::Front { 0 } else { len - left };
                self.change_node(index, |node| node.remove(first, left));
                left = 0;
            }
        }
    }

    /// Removes so many elements at an end, or as many as there are, and returns many of them in one piece, if they are many: freeing them
    /// one after the other takes longer than cutting them off. O(nodes removed or kept, whichever are fewer).
    pub fn cut_at_end(&mut self, end: End, count: usize) -> Option<Self> {
        let count = count.min(self.len);
        // The node that the cut goes through stays here.
        let first_kept = match end {
            End::Front => self.locate(count).map_or(self.nodes.len(), |(node, _)| node),
            End::Back => self.locate(self.len - count).map_or(self.nodes.len(), |(node, _)| node + 1),
        };
        let nodes_cut = if end == End::Front { first_kept } else { self.nodes.len() - first_kept };
        if nodes_cut < NODES_CUT_MIN {
            self.remove_at_end(end, count);
            return None;
        }
        let (front, back) = self.split(first_kept);
        let cut;
        (cut, *self) = if end == End::Front { (front, back) } else { (back, front) };
        self.remove_at_end(end, count - cut.len);
        Some(cut)
    }

    /// The nodes before this one and those from it on. The shorter side is moved.
    fn split(&mut self, node: usize) -> (Self, Self) {
        let Self { mut nodes, len, bytes } = std::mem::take(self);
        let is_front_shorter = node < nodes.len() / 2;
        let moved = if is_front_shorter { nodes.drain(..node).collect() } else { nodes.split_off(node) };
        let moved = Self {
            len: moved.iter().map(Node::len).sum(),
            bytes: moved.iter().map(Node::memory_bytes).sum(),
            nodes: moved,
        };
        let rest = Self { nodes, len: len - moved.len, bytes: bytes - moved.bytes };
        if is_front_shorter { (moved, rest) } else { (rest, moved) }
    }

    /// The listpack that is all of the list, if there is one and it is small.
    pub(super) fn as_small(&self, limit: Limit) -> Option<listpack::ListpackRef<'_>> {
        if self.nodes.len() != 1 {
            return None;
        }
        let listpack = self.nodes.front()?.listpack()?;
        limit.is_small(listpack.as_bytes().len(), self.len).then_some(listpack)
    }

    /// The node of the element with this index, and its index there. Counted from the nearer end.
    pub(super) fn locate(&self, index: usize) -> Option<(usize, usize)> {
        if index >= self.len {
            return None;
        }
        if index < self.len / 2 {
            let mut start = 0;
            for (number, node) in self.nodes.iter().enumerate() {
                if index < start + node.len() {
                    return Some((number, index - start));
                }
                start += node.len();
            }
            return None;
        }
        let mut end = self.len;
        for (number, node) in self.nodes.iter().enumerate().rev() {
            end -= node.len();
            if index >= end {
                return Some((number, index - end));
            }
        }
        None
    }

    /// Changes a node, which stays.
    pub(super) fn change_node<R>(&mut self, index: usize, change: impl FnOnce(&mut Node) -> R) -> R {
        let node = &mut self.nodes[index];
        let (len, bytes) = (node.len(), node.memory_bytes());
        let result = change(node);
        self.len = self.len - len + node.len();
        self.bytes = self.bytes - bytes + node.memory_bytes();
        result
    }

    pub(super) fn insert_node(&mut self, index: usize, node: Node) {
        self.len += node.len();
        self.bytes += node.memory_bytes();
        self.nodes.insert(index, node);
    }

    pub(super) fn remove_node(&mut self, index: usize) -> Option<Node> {
        let node = self.nodes.remove(index)?;
        self.len -= node.len();
        self.bytes -= node.memory_bytes();
        if self.nodes.capacity() > 2 * NODES_KEPT && self.nodes.len() < self.nodes.capacity() / 4 {
            self.nodes.shrink_to(self.nodes.len() * 2);
        }
        Some(node)
    }

    pub(super) fn remove_empty_nodes(&mut self) {
        self.bytes -= self.nodes.iter().filter(|node| node.len() == 0).map(Node::memory_bytes).sum::<usize>();
        self.nodes.retain(|node| node.len() > 0);
    }

    /// Panics if something is not as it should be. For tests.
    pub fn check_invariants(&self) {
        self.nodes.iter().for_each(Node::check_invariants);
        assert_eq!(self.len, self.nodes.iter().map(Node::len).sum::<usize>(), "elements");
        assert_eq!(self.bytes, self.nodes.iter().map(Node::memory_bytes).sum::<usize>(), "bytes");
    }
}

/// Fewer nodes than this are freed at once.
const NODES_CUT_MIN: usize = 16;

/// Room for so many nodes is never given back.
const NODES_KEPT: usize = 8;
