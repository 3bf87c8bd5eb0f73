//! Changing a large list in its middle.

use super::limit::Limit;
use super::node::Node;
use super::quicklist::Quicklist;
use super::{End, Side};

impl Quicklist {
    /// Puts an element into the place of the one with this index. Returns whether there is one.
    pub fn set(&mut self, index: usize, text: &[u8], limit: Limit) -> bool {
        let Some((node, index)) = self.locate(index) else { return false };
        if self.change_node(node, |node| node.replace(index, text, limit)) {
            return true;
        }
        if self.nodes[node].len() == 1 {
            // What is small goes to a neighbour if it can.
            self.insert_at(node, 1, text, limit, None);
            self.remove_node(node);
        } else {
            self.change_node(node, |node| node.remove(index, 1));
            self.insert_at(node, index, text, limit, None);
        }
        true
    }

    /// Puts an element beside the first that is `pivot`. Returns whether there is one.
    pub fn insert(&mut self, pivot: &[u8], side: Side, text: &[u8], limit: Limit) -> bool {
        let mut nodes = self.nodes.iter().enumerate();
        let found = nodes.find_map(|(number, node)| Some((number, node.indexes_of(pivot).next()?)));
        let Some((node, index)) = found else { return false };
        self.insert_at(node, index + usize::from(side == Side::After), text, limit, Some(side));
        true
    }

    /// Removes elements that are this text, at most so many, beginning at an end. Returns how many.
    pub fn remove_equal(&mut self, text: &[u8], max: usize, from: End) -> usize {
        let mut left = max;
        let mut is_any_empty = false;
        let count = self.nodes.len();
        for step in 0..count {
            let node = if from == End::Front { step } else { count - 1 - step };
            left -= self.change_node(node, |node| node.remove_equal(text, left, from));
            is_any_empty |= self.nodes[node].len() == 0;
            if left == 0 {
                break;
            }
        }
        if is_any_empty {
            self.remove_empty_nodes();
        }
        max - left
    }

    /// Puts an element before the one of a node with this index, or behind its last. `side`: on which side of another it is put, if
    /// that is how its place was chosen.
    fn insert_at(&mut self, node: usize, index: usize, text: &[u8], limit: Limit, side: Option<Side>) {
        let (at_front, at_back) = (index == 0, index == self.nodes[node].len());
        let has_room = |list: &Self, node: usize| {
            list.nodes.get(node).is_some_and(|node| node.has_room(text.len(), limit))
        };
        if has_room(self, node) {
            self.change_node(node, |node| node.insert(index, text));
        } else if at_back && has_room(self, node + 1) {
            self.change_node(node + 1, |next| next.push(End::Front, text));
        } else if at_front && node > 0 && has_room(self, node - 1) {
            self.change_node(node - 1, |previous| previous.push(End::Back, text));
        } else if at_front || at_back {
            self.insert_node(node + usize::from(at_back), Node::of(text, limit));
        } else {
            self.split_and_insert(node, index, text, limit, side);
        }
    }

    /// The same in the midst of a node without room: what follows becomes a node of its own. Halves that fit are joined with their
    /// other neighbours, lest repeated insertions leave ever smaller nodes.
    fn split_and_insert(&mut self, node: usize, index: usize, text: &[u8], limit: Limit, side: Option<Side>) {
        let tail = self.change_node(node, |node| node.split_off(index));
        if let Some(tail) = tail {
            self.insert_node(node + 1, tail);
        }
        match side.filter(|_| !limit.is_large(text.len())) {
            // Into the half without the other, however large that becomes: so the peers part a list.
            Some(Side::Before) => self.change_node(node, |half| half.push(End::Back, text)),
            Some(Side::After) => self.change_node(node + 1, |half| half.push(End::Front, text)),
            None if self.nodes[node].has_room(text.len(), limit) => {
                self.change_node(node, |node| node.push(End::Back, text));
            }
            None => {
                self.insert_node(node + 1, Node::of(text, limit));
                self.join_with_next(node + 2, limit);
            }
        }
        self.join_with_next(node + 1, limit);
        self.join_with_next(node, limit);
        if let Some(previous) = node.checked_sub(1) {
            self.join_with_next(previous, limit);
        }
    }

    /// Makes a node and the next one node, if that is allowed.
    fn join_with_next(&mut self, node: usize, limit: Limit) {
        let (Some(one), Some(next)) = (self.nodes.get(node), self.nodes.get(node + 1)) else { return };
        if one.may_join(next, limit)
            && let Some(next) = self.remove_node(node + 1)
        {
            self.change_node(node, |node| node.join(&next));
        }
    }
}
