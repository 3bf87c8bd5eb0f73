//! Elements of large collections on their way from a file.
//!
//! A file is read element by element, each of which is gone when the next one comes. Dozens are kept, so that the memory of all that they
//! need can be fetched before the first is stored.

use std::ops::Range;

/// So many elements are kept.
const COUNT_MAX: usize = 64;
/// And so many bytes of them, but for the last.
const BYTES_MAX: usize = 64 * 1024;
/// An element with what a file says of its length takes at least so many bytes for the room that is made beforehand. More elements that are
/// shorter come without room.
const ELEMENT_BYTES: u64 = 8;

/// How much room is made for so many elements if so many bytes may follow: the number is nothing to rely on.
pub(crate) fn room(elements: u64, bytes_left: u64) -> usize {
    usize::try_from(elements.min(bytes_left / ELEMENT_BYTES)).unwrap_or(0)
}

/// Elements that wait to be stored, each with something beside its text.
pub(crate) struct Ahead<T> {
    texts: Vec<u8>,
    elements: Vec<(Range<usize>, T)>,
}

impl<T: Copy> Ahead<T> {
    pub(crate) fn new() -> Self {
        Self { texts: Vec::new(), elements: Vec::new() }
    }

    /// Keeps an element.
    pub(crate) fn push(&mut self, text: &[u8], more: T) {
        let text = self.keep(text);
        self.elements.push((text, more));
    }

    /// Keeps another text of the next element.
    pub(crate) fn keep(&mut self, text: &[u8]) -> Range<usize> {
        let start = self.texts.len();
        self.texts.extend_from_slice(text);
        start..self.texts.len()
    }

    /// A text that is kept.
    pub(crate) fn text(&self, range: Range<usize>) -> &[u8] {
        self.texts.get(range).unwrap_or_default()
    }

    /// Whether it is time to store them.
    pub(crate) fn is_full(&self) -> bool {
        self.elements.len() >= COUNT_MAX || self.texts.len() >= BYTES_MAX
    }

    pub(crate) fn len(&self) -> usize {
        self.elements.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], T)> + Clone {
        self.elements.iter().map(|(range, more)| (self.text(range.clone()), *more))
    }

    pub(crate) fn clear(&mut self) {
        self.texts.clear();
        self.elements.clear();
    }
}
