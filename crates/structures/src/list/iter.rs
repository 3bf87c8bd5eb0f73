//! Walking a list from either end.

use std::collections::vec_deque;
use std::iter::FusedIterator;

use listpack::Element;

use super::node::Node;

/// The elements of a list.
#[derive(Clone, Debug)]
pub struct Iter<'a> {
    front: NodeIter<'a>,
    /// The nodes that neither end has reached.
    nodes: vec_deque::Iter<'a, Node>,
    back: NodeIter<'a>,
}

/// The elements of one listpack, or one that is in none.
#[derive(Clone, Debug)]
pub(super) enum NodeIter<'a> {
    Packed(listpack::Iter<'a>),
    Plain(Option<&'a [u8]>),
}

impl<'a> Iter<'a> {
    pub(super) fn new(front: NodeIter<'a>, nodes: vec_deque::Iter<'a, Node>) -> Self {
        Self { front, nodes, back: NodeIter::Plain(None) }
    }
}

impl<'a> Iter<'a> {
    /// Shows the next `count` elements, or as many as there are. Faster than to ask for each.
    pub fn visit(mut self, count: usize, mut each: impl FnMut(Element<'a>)) {
        let mut left = count - self.front.visit(count, &mut each);
        for node in self.nodes {
            if left == 0 {
                return;
            }
            left -= node.iter().visit(left, &mut each);
        }
        self.back.visit(left, each);
    }
}

impl<'a> Iterator for Iter<'a> {
    type Item = Element<'a>;

    #[inline]
    fn next(&mut self) -> Option<Element<'a>> {
        loop {
            if let Some(element) = self.front.next() {
                return Some(element);
            }
            match self.nodes.next() {
                Some(node) => self.front = node.iter(),
                None => return self.back.next(),
            }
        }
    }
}

impl<'a> DoubleEndedIterator for Iter<'a> {
    #[inline]
    fn next_back(&mut self) -> Option<Element<'a>> {
        loop {
            if let Some(element) = self.back.next_back() {
                return Some(element);
            }
            match self.nodes.next_back() {
                Some(node) => self.back = node.iter(),
                None => return self.front.next_back(),
            }
        }
    }
}

impl FusedIterator for Iter<'_> {}

impl<'a> NodeIter<'a> {
    #[inline]
    fn visit(&mut self, count: usize, mut each: impl FnMut(Element<'a>)) -> usize {
        match self {
            Self::Packed(elements) => elements.visit(count, each),
            Self::Plain(text) if count > 0 => text.take().map_or(0, |text| {
                each(Element::Bytes(text));
                1
            }),
            Self::Plain(_) => 0,
        }
    }

    #[inline]
    fn next(&mut self) -> Option<Element<'a>> {
        match self {
            Self::Packed(elements) => elements.next(),
            Self::Plain(text) => text.take().map(Element::Bytes),
        }
    }

    #[inline]
    fn next_back(&mut self) -> Option<Element<'a>> {
        match self {
            Self::Packed(elements) => elements.next_back(),
            Self::Plain(text) => text.take().map(Element::Bytes),
        }
    }
}
