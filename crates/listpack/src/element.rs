//! One element: a text, or the integer that it is the text of.

use std::cmp::Ordering;

use crate::encoding::Encoded;
use crate::integer;

/// An element of a packed list.
///
/// A text that is the canonical form of an `i64` (`7`, `-12`; not `07`, `+7`) is stored as that integer and read as
/// [`Int`](Self::Int). It may be written as either: `Bytes(b"7")` and `Int(7)` are the same element, and equal.
#[derive(Clone, Copy, Debug)]
pub enum Element<'a> {
    /// An integer, for the text that printing it gives.
    Int(i64),
    /// A text of any bytes.
    Bytes(&'a [u8]),
}

impl<'a> Element<'a> {
    /// The text; that of an integer is printed into `buffer`.
    pub fn text<'b>(self, buffer: &'b mut TextBuffer) -> &'b [u8]
    where
        'a: 'b,
    {
        match self {
            Self::Int(value) => buffer.0.format(value).as_bytes(),
            Self::Bytes(text) => text,
        }
    }

    /// The text as a vector of its own.
    pub fn to_vec(self) -> Vec<u8> {
        self.text(&mut TextBuffer::new()).to_vec()
    }

    /// The length of the text.
    pub fn text_len(self) -> usize {
        match self {
            Self::Int(value) => {
                let digits = value.unsigned_abs().checked_ilog10().map_or(1, |log| log as usize + 1);
                digits + usize::from(value < 0)
            }
            Self::Bytes(text) => text.len(),
        }
    }

    /// Bytes that the element takes in a packed list, to know beforehand what a list would grow to.
    pub fn packed_len(self) -> usize {
        Encoded::new(self).len()
    }

    /// The integer, if the text is the canonical form of one.
    pub fn int(self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(value),
            Self::Bytes(text) => integer::parse(text),
        }
    }

    /// How the text stands to another in the order of bytes.
    pub fn cmp_text(self, other: &[u8]) -> Ordering {
        self.text(&mut TextBuffer::new()).cmp(other)
    }
}

impl PartialEq for Element<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (*self, *other) {
            (Self::Bytes(one), Self::Bytes(other)) => one == other,
            (one, other) => one.int() == other.int(),
        }
    }
}

impl Eq for Element<'_> {}

impl<'a> From<&'a [u8]> for Element<'a> {
    fn from(text: &'a [u8]) -> Self {
        Self::Bytes(text)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Element<'a> {
    fn from(text: &'a [u8; N]) -> Self {
        Self::Bytes(text)
    }
}

impl From<i64> for Element<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

/// Where [`Element::text`] prints integers.
#[derive(Clone, Copy)]
pub struct TextBuffer(itoa::Buffer);

impl TextBuffer {
    /// An empty buffer; costs nothing.
    pub fn new() -> Self {
        Self(itoa::Buffer::new())
    }
}

impl Default for TextBuffer {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_equals_its_canonical_text_only() {
        assert_eq!(Element::Int(7), Element::Bytes(b"7"));
        assert_ne!(Element::Int(7), Element::Bytes(b"07"));
        assert_ne!(Element::Int(7), Element::Bytes(b""));
        assert_ne!(Element::Bytes(b"7"), Element::Bytes(b"07"));
        assert_ne!(Element::Int(7), Element::Int(-7));
    }

    #[test]
    fn texts_of_integers_have_the_length_that_is_told() {
        for value in [0, 9, 10, -1, -9, -10, 99, 100, i64::MAX, i64::MIN] {
            let text = value.to_string();
            assert_eq!(Element::Int(value).to_vec(), text.as_bytes());
            assert_eq!(Element::Int(value).text_len(), text.len());
        }
    }

    #[test]
    fn the_order_is_that_of_bytes() {
        assert_eq!(Element::Int(10).cmp_text(b"9"), Ordering::Less);
        assert_eq!(Element::Int(10).cmp_text(b"10"), Ordering::Equal);
        assert_eq!(Element::Bytes(b"b").cmp_text(b"abc"), Ordering::Greater);
    }
}
