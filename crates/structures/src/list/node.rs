//! One part of a large list.

use listpack::{Element, Listpack, ListpackRef, TwoEnded};

use super::End;
use super::iter::NodeIter;
use super::limit::Limit;
use super::packed;

/// A part of a large list: never empty.
#[derive(Clone, Debug)]
pub(super) struct Node {
    content: Content,
    /// How many elements there are. Here, so that a search by number doesn't touch the listpacks that it passes.
    len: usize,
}

#[derive(Clone, Debug)]
enum Content {
    Packed(Listpack<TwoEnded>),
    /// One element that is too large for a listpack.
    Plain(Box<[u8]>),
}

/// What a part of a large list is stored as.
#[derive(Copy, Clone, Debug)]
pub enum NodeRef<'a> {
    /// Elements in a listpack.
    Packed(ListpackRef<'a>),
    /// One element that is too large for one.
    Plain(&'a [u8]),
}

/// A node is far below the size that a listpack can have, since every text that is put into one is below a limit.
pub(super) const FITS: &str = "a node stays far below the largest listpack";

impl Node {
    /// A node of one element.
    pub(super) fn of(text: &[u8], limit: Limit) -> Self {
        if limit.is_large(text.len()) {
            return Self::plain(text.into());
        }
        let mut listpack = Listpack::default();
        listpack.push_back(text).expect(FITS);
        Self { content: Content::Packed(listpack), len: 1 }
    }

    pub(super) fn packed(listpack: Listpack) -> Self {
        let len = listpack.view().len();
        Self { content: Content::Packed(two_ended(listpack)), len }
    }

    pub(super) fn plain(text: Box<[u8]>) -> Self {
        Self { content: Content::Plain(text), len: 1 }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn as_ref(&self) -> NodeRef<'_> {
        match &self.content {
            Content::Packed(listpack) => NodeRef::Packed(listpack.view()),
            Content::Plain(text) => NodeRef::Plain(text),
        }
    }

    /// The listpack, unless it is one element that is none.
    pub(super) fn listpack(&self) -> Option<ListpackRef<'_>> {
        match &self.content {
            Content::Packed(listpack) => Some(listpack.view()),
            Content::Plain(_) => None,
        }
    }

    /// Bytes of memory beside the node itself.
    pub(super) fn memory_bytes(&self) -> usize {
        match &self.content {
            Content::Packed(listpack) => listpack.memory_bytes(),
            Content::Plain(text) => text.len(),
        }
    }

    pub(super) fn get(&self, index: usize) -> Option<Element<'_>> {
        match &self.content {
            Content::Packed(listpack) => listpack.view().get(index),
            Content::Plain(text) => (index == 0).then_some(Element::Bytes(text)),
        }
    }

    pub(super) fn iter(&self) -> NodeIter<'_> {
        match &self.content {
            Content::Packed(listpack) => NodeIter::Packed(listpack.view().iter()),
            Content::Plain(text) => NodeIter::Plain(Some(text)),
        }
    }

    /// The elements from this one on.
    pub(super) fn iter_from(&self, index: usize) -> NodeIter<'_> {
        match &self.content {
            Content::Packed(listpack) => packed::iter_from(listpack.view(), index),
            Content::Plain(text) => NodeIter::Plain((index == 0).then_some(text)),
        }
    }

    /// The indexes of the elements that are this text, ascending.
    pub(super) fn indexes_of<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = usize> + use<'a> {
        let (listpack, plain) = match &self.content {
            Content::Packed(listpack) => (Some(listpack.view()), None),
            Content::Plain(own) => (None, (**own == *text).then_some(0)),
        };
        listpack.into_iter().flat_map(|listpack| packed::indexes_of(listpack, text)).chain(plain)
    }

    /// Whether one more element of so many bytes may be put in.
    pub(super) fn has_room(&self, text_bytes: usize, limit: Limit) -> bool {
        match &self.content {
            Content::Packed(listpack) => limit.has_room(listpack.as_bytes().len(), self.len, text_bytes),
            Content::Plain(_) => false,
        }
    }

    /// Gives back room in reserve: nothing is pushed for a while.
    pub(super) fn close(&mut self) {
        if let Content::Packed(listpack) = &mut self.content {
            listpack.shrink_to_fit();
        }
    }

    /// Adds an element, for which there is room.
    pub(super) fn push(&mut self, end: End, text: &[u8]) {
        if let Content::Packed(listpack) = &mut self.content {
            packed::push(listpack, end, text);
            self.len += 1;
        }
    }

    /// Puts an element, for which there is room, before the one with this index, or at the end.
    pub(super) fn insert(&mut self, index: usize, text: &[u8]) {
        if let Content::Packed(listpack) = &mut self.content {
            let before = listpack.view().nth(index);
            listpack.insert(before, [Element::Bytes(text)]).expect(FITS);
            self.len += 1;
        }
    }

    /// Puts an element into the place of another, unless that makes the node too large.
    pub(super) fn replace(&mut self, index: usize, text: &[u8], limit: Limit) -> bool {
        match &mut self.content {
            Content::Plain(old) if limit.is_large(text.len()) => *old = text.into(),
            Content::Packed(listpack)
                if !limit.is_large(text.len()) && limit.tolerates(listpack.as_bytes().len() + text.len()) =>
            {
                packed::replace(listpack, index, text);
            }
            _ => return false,
        }
        true
    }

    /// Removes elements, the first of which has this index. Some must be left.
    pub(super) fn remove(&mut self, index: usize, count: usize) {
        if let Content::Packed(listpack) = &mut self.content {
            self.len -= packed::remove(listpack, index, count);
        }
    }

    /// Removes elements that are this text, at most so many, and counts them. What is left empty must go.
    pub(super) fn remove_equal(&mut self, text: &[u8], max: usize, from: End) -> usize {
        let removed = match &mut self.content {
            Content::Packed(listpack) => packed::remove_equal(listpack, text, max, from),
            Content::Plain(own) => usize::from(max > 0 && **own == *text),
        };
        self.len -= removed;
        removed
    }

    /// Takes the elements from this index on into a node of their own. There must be some on both sides.
    pub(super) fn split_off(&mut self, index: usize) -> Option<Self> {
        let Content::Packed(listpack) = &mut self.content else { return None };
        let tail = listpack.split_off(listpack.view().nth(index)?);
        let len = self.len - index;
        self.len = index;
        Some(Self { content: Content::Packed(two_ended(tail)), len })
    }

    /// Whether this node and the next may become one.
    pub(super) fn may_join(&self, next: &Self, limit: Limit) -> bool {
        match (self.listpack(), next.listpack()) {
            (Some(one), Some(other)) => {
                limit.allows(one.as_bytes().len() + other.as_bytes().len(), self.len + next.len)
            }
            _ => false,
        }
    }

    /// Takes the elements of the next node, where that is allowed.
    pub(super) fn join(&mut self, next: &Self) {
        if let (Content::Packed(listpack), Some(other)) = (&mut self.content, next.listpack()) {
            listpack.concat(other).expect(FITS);
            self.len += next.len;
        }
    }

    /// Panics if it is not as it should be.
    pub(super) fn check_invariants(&self) {
        assert!(self.len > 0, "an empty node");
        match &self.content {
            Content::Packed(listpack) => {
                listpack.check_invariants();
                assert_eq!(listpack.view().len(), self.len, "elements of a node");
            }
            Content::Plain(_) => assert_eq!(self.len, 1, "a plain node is one element"),
        }
    }
}

fn two_ended(listpack: Listpack) -> Listpack<TwoEnded> {
    Listpack::trusted(listpack.into_storage().into())
}
