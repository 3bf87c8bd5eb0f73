//! Walking a list from either end.

use std::iter::FusedIterator;

use crate::element::Element;
use crate::encoding;
use crate::frame::{self, HEADER_BYTES, Position};

/// The elements of a packed list, from [`ListpackRef::iter`](crate::ListpackRef::iter).
#[derive(Clone, Debug)]
pub struct Iter<'a> {
    bytes: &'a [u8],
    /// The offset of the next entry.
    front: usize,
    /// The offset after the last entry that is not yet taken from the end. Nothing is left when `front` is there.
    back: usize,
}

impl<'a> Iter<'a> {
    pub(crate) fn new(bytes: &'a [u8], front: usize) -> Self {
        Self { bytes, front, back: frame::end_of(bytes) }
    }

    /// Where the element stands that comes next.
    pub fn position(&self) -> Option<Position> {
        if self.front < self.back { Position::new(self.front) } else { None }
    }

    /// Shows the next `count` elements, or as many as there are, and says how many these were. Faster than to ask for each.
    pub fn visit(&mut self, count: usize, mut each: impl FnMut(Element<'a>)) -> usize {
        let (bytes, back) = (self.bytes, self.back);
        let (mut front, mut shown) = (self.front, 0);
        while shown < count && front < back {
            match encoding::read(bytes, front) {
                Some((element, len)) if len <= back - front => {
                    front += len;
                    each(element);
                }
                _ => {
                    front = back;
                    break;
                }
            }
            shown += 1;
        }
        self.front = front;
        shown
    }

    /// What can't be read ends the walk for good.
    fn stop(&mut self) {
        self.front = self.back;
    }
}

impl<'a> Iterator for Iter<'a> {
    type Item = Element<'a>;

    #[inline]
    fn next(&mut self) -> Option<Element<'a>> {
        if self.front >= self.back {
            return None;
        }
        match encoding::read(self.bytes, self.front) {
            // Every entry has a body and a backlen, so this goes forward.
            Some((element, len)) if len <= self.back - self.front => {
                self.front += len;
                Some(element)
            }
            _ => {
                self.stop();
                None
            }
        }
    }

    /// O(n), without looking at what is passed over.
    #[inline]
    fn nth(&mut self, n: usize) -> Option<Element<'a>> {
        for _ in 0..n {
            if self.front >= self.back {
                return None;
            }
            match encoding::entry_len(self.bytes, self.front) {
                Some(len) if len <= self.back - self.front => self.front += len,
                _ => {
                    self.stop();
                    return None;
                }
            }
        }
        self.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.back.saturating_sub(self.front) / 2))
    }
}

impl<'a> DoubleEndedIterator for Iter<'a> {
    fn next_back(&mut self) -> Option<Element<'a>> {
        if self.front >= self.back {
            return None;
        }
        let from = self.front.max(HEADER_BYTES);
        let start = encoding::entry_before(self.bytes, self.back).filter(|&start| start >= from);
        match start.and_then(|start| Some((start, encoding::read(self.bytes, start)?))) {
            Some((start, (element, _))) => {
                self.back = start;
                Some(element)
            }
            None => {
                self.stop();
                None
            }
        }
    }
}

impl FusedIterator for Iter<'_> {}
