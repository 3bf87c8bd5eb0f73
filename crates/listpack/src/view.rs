//! Reading a packed list.

use std::fmt;

use crate::element::Element;
use crate::encoding;
use crate::frame::{self, HEADER_BYTES, Position};
use crate::iter::Iter;
use crate::malformed::Malformed;
use crate::validate;

/// A packed list in bytes that belong to somebody else.
///
/// Reading never allocates, and never panics whatever the bytes are.
#[derive(Clone, Copy)]
pub struct ListpackRef<'a> {
    bytes: &'a [u8],
}

impl<'a> ListpackRef<'a> {
    /// Takes bytes from elsewhere, all of which are checked.
    ///
    /// # Errors
    ///
    /// The first fault, if they are no packed list from the first byte to the last.
    pub fn new(bytes: &'a [u8]) -> Result<Self, Malformed> {
        validate::validate(bytes)?;
        Ok(Self { bytes })
    }

    /// Takes bytes that were a packed list when they were stored.
    ///
    /// Nothing is checked. If they are none, elements are wrong or missing, and that is all.
    pub fn trusted(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The whole list as it is stored, in files too.
    pub fn as_bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// The number of elements. Takes a walk if they are 65535 or were, see [`Listpack::recount`](crate::Listpack::recount).
    pub fn len(self) -> usize {
        frame::count(self.bytes).unwrap_or_else(|| self.count())
    }

    /// Whether there is no element.
    pub fn is_empty(self) -> bool {
        self.bytes.len() <= frame::EMPTY.len()
    }

    /// Counts the elements, whatever the header says.
    pub(crate) fn count(self) -> usize {
        self.count_from(HEADER_BYTES)
    }

    /// Counts the elements from the offset to the end.
    pub(crate) fn count_from(self, mut at: usize) -> usize {
        let mut count = 0;
        while at < self.end() {
            let Some(len) = encoding::entry_len(self.bytes, at) else { break };
            at += len;
            count += 1;
        }
        count
    }

    /// The first element's position.
    pub fn first(self) -> Option<Position> {
        self.position(HEADER_BYTES)
    }

    /// The last element's position.
    pub fn last(self) -> Option<Position> {
        self.position_before(self.end())
    }

    /// The position after `position`.
    #[inline]
    pub fn next(self, position: Position) -> Option<Position> {
        let at = position.offset();
        self.position(at.checked_add(encoding::entry_len(self.bytes, at)?)?)
    }

    /// The position before `position`.
    pub fn prev(self, position: Position) -> Option<Position> {
        self.position_before(position.offset())
    }

    /// The position of the element with `index`, from 0, found from the nearer end.
    pub fn nth(self, index: usize) -> Option<Position> {
        match frame::count(self.bytes) {
            Some(count) if index >= count => None,
            Some(count) if index > count / 2 => self.back(count - 1 - index),
            _ => self.front(index),
        }
    }

    /// The position of the element with `index` from the end: 0 is the last.
    pub fn nth_back(self, index: usize) -> Option<Position> {
        match frame::count(self.bytes) {
            Some(count) => self.nth(count.checked_sub(index)?.checked_sub(1)?),
            None => self.back(index),
        }
    }

    /// The element at `position`.
    #[inline]
    pub fn at(self, position: Position) -> Option<Element<'a>> {
        encoding::read(self.bytes, position.offset()).map(|(element, _)| element)
    }

    /// The element with `index`, from 0.
    pub fn get(self, index: usize) -> Option<Element<'a>> {
        self.at(self.nth(index)?)
    }

    /// All elements, from either end.
    pub fn iter(self) -> Iter<'a> {
        Iter::new(self.bytes, HEADER_BYTES)
    }

    /// The elements from `position` on.
    pub fn iter_from(self, position: Position) -> Iter<'a> {
        Iter::new(self.bytes, position.offset())
    }

    fn front(self, index: usize) -> Option<Position> {
        (0..index).try_fold(self.first()?, |position, _| self.next(position))
    }

    fn back(self, index: usize) -> Option<Position> {
        (0..index).try_fold(self.last()?, |position, _| self.prev(position))
    }

    /// The offset of the terminator.
    pub(crate) fn end(self) -> usize {
        frame::end_of(self.bytes)
    }

    /// The position at `offset`, unless the list ends there.
    #[inline]
    pub(crate) fn position(self, offset: usize) -> Option<Position> {
        if offset < self.end() { Position::new(offset) } else { None }
    }

    /// The position of the entry that ends right before `offset`.
    fn position_before(self, offset: usize) -> Option<Position> {
        if offset <= HEADER_BYTES {
            return None;
        }
        let at = encoding::entry_before(self.bytes, offset)?;
        if at >= HEADER_BYTES { self.position(at) } else { None }
    }
}

impl<'a> IntoIterator for ListpackRef<'a> {
    type Item = Element<'a>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

/// Lists are equal when their elements are, in whatever form they are stored.
impl PartialEq for ListpackRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes || self.iter().eq(other.iter())
    }
}

impl Eq for ListpackRef<'_> {}

impl fmt::Debug for ListpackRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
