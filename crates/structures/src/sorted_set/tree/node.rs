//! Leaves and inner nodes.

use super::keys::{Keys, insert_into, move_left, move_right, remove_from};
use crate::elements::Handle;

/// The number of no node.
pub(crate) const NONE: u32 = u32::MAX;

/// What the tree does to leaves and inner nodes alike.
pub(crate) trait Node<const N: usize> {
    fn new() -> Self;
    fn keys(&self) -> &Keys<N>;
    /// Keys in it and below it.
    fn count(&self) -> usize;
    /// Moves the last `count` entries to the front of the node after this one.
    fn give_right(&mut self, right: &mut Self, count: usize);
    /// Takes the first `count` entries of the node after this one.
    fn take_right(&mut self, right: &mut Self, count: usize);
}

/// Keys, and who comes before and after.
pub(crate) struct Leaf<const N: usize> {
    pub(crate) keys: Keys<N>,
    pub(crate) before: u32,
    pub(crate) after: u32,
}

impl<const N: usize> Node<N> for Leaf<N> {
    fn new() -> Self {
        Self { keys: Keys::new(), before: NONE, after: NONE }
    }

    #[inline]
    fn keys(&self) -> &Keys<N> {
        &self.keys
    }

    #[inline]
    fn count(&self) -> usize {
        self.keys.len()
    }

    fn give_right(&mut self, right: &mut Self, count: usize) {
        self.keys.give_right(&mut right.keys, count);
    }

    fn take_right(&mut self, right: &mut Self, count: usize) {
        self.keys.take_right(&mut right.keys, count);
    }
}

/// Children, each with its first key as title and with the number of keys in it.
pub(crate) struct Inner<const N: usize> {
    pub(crate) titles: Keys<N>,
    pub(crate) children: [u32; N],
    pub(crate) counts: [u64; N],
}

impl<const N: usize> Inner<N> {
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.titles.len()
    }

    /// Keys below the first `end` children.
    #[inline]
    pub(crate) fn count_before(&self, end: usize) -> usize {
        self.counts[..end].iter().sum::<u64>() as usize
    }

    pub(crate) fn insert(&mut self, at: usize, child: u32, title: (f64, Handle), count: usize) {
        let len = self.len();
        insert_into(&mut self.children, len, at, child);
        insert_into(&mut self.counts, len, at, count as u64);
        self.titles.insert(at, title);
    }

    pub(crate) fn remove(&mut self, at: usize) {
        let len = self.len();
        remove_from(&mut self.children, len, at);
        remove_from(&mut self.counts, len, at);
        self.titles.remove(at);
    }
}

impl<const N: usize> Node<N> for Inner<N> {
    fn new() -> Self {
        Self { titles: Keys::new(), children: [NONE; N], counts: [0; N] }
    }

    #[inline]
    fn keys(&self) -> &Keys<N> {
        &self.titles
    }

    fn count(&self) -> usize {
        self.count_before(self.len())
    }

    fn give_right(&mut self, right: &mut Self, count: usize) {
        let lens = (self.len(), right.len());
        move_right(&mut self.children, &mut right.children, lens, count);
        move_right(&mut self.counts, &mut right.counts, lens, count);
        self.titles.give_right(&mut right.titles, count);
    }

    fn take_right(&mut self, right: &mut Self, count: usize) {
        let lens = (self.len(), right.len());
        move_left(&mut self.children, &mut right.children, lens, count);
        move_left(&mut self.counts, &mut right.counts, lens, count);
        self.titles.take_right(&mut right.titles, count);
    }
}
