//! Writing a packed list from its first element to its last.

use crate::element::Element;
use crate::encoding::{BACKLEN_BYTES_MAX, Encoded};
use crate::frame::{self, BYTES_MAX, HEADER_BYTES, TERMINATOR, TooLarge};
use crate::listpack::Listpack;

/// A packed list that is being written. Each element takes a fraction of the time of [`Listpack::push_back`], after which the list is whole
/// each time.
///
/// ```
/// use kvd_listpack::{Builder, Element};
///
/// let mut builder = Builder::with_capacity(64);
/// assert_eq!(builder.push(Element::Bytes(b"17")), Ok(Element::Int(17)));
/// builder.push(Element::Bytes(b"seventeen"))?;
/// let list = builder.finish();
/// assert_eq!(list.view().get(1), Some(Element::Bytes(b"seventeen")));
/// # Ok::<(), kvd_listpack::TooLarge>(())
/// ```
#[derive(Clone, Debug)]
pub struct Builder {
    /// The header's place, and the entries.
    bytes: Vec<u8>,
    count: usize,
}

impl Builder {
    /// Nothing yet, with room for a list of so many bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        let mut room = Vec::with_capacity(bytes.max(frame::EMPTY.len()));
        room.resize(HEADER_BYTES, 0);
        Self { bytes: room, count: 0 }
    }

    /// A builder that has these elements, in hardly more memory than they take: they are gone through twice.
    ///
    /// # Errors
    ///
    /// [`TooLarge`], before memory is taken.
    pub fn of<'e>(elements: impl Iterator<Item = Element<'e>> + Clone) -> Result<Self, TooLarge> {
        let mut bytes = frame::EMPTY.len();
        for element in elements.clone() {
            bytes += Encoded::new(element).len();
            if bytes > BYTES_MAX {
                return Err(TooLarge);
            }
        }
        let mut builder = Self::with_capacity(bytes + BACKLEN_BYTES_MAX);
        for element in elements {
            builder.push(element)?;
        }
        Ok(builder)
    }

    /// The number of elements so far.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is no element yet.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds an element at the end. Returns it as it will be read: a text that is that of an integer as this. O(1) amortized, beside its length.
    ///
    /// # Errors
    ///
    /// [`TooLarge`], and nothing is changed.
    #[inline]
    pub fn push<'e>(&mut self, element: Element<'e>) -> Result<Element<'e>, TooLarge> {
        let element = match element.int() {
            Some(value) => Element::Int(value),
            None => element,
        };
        let encoded = match element {
            Element::Int(value) => Encoded::int(value),
            Element::Bytes(text) => Encoded::text(text),
        };
        if encoded.len() > BYTES_MAX - 1 - self.bytes.len() {
            return Err(TooLarge);
        }
        encoded.append_to(&mut self.bytes);
        self.count += 1;
        Ok(element)
    }

    /// The list.
    pub fn finish(mut self) -> Listpack {
        self.bytes.push(TERMINATOR);
        frame::write_header(&mut self.bytes, Some(self.count));
        Listpack::trusted(self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_list_is_as_if_pushed(texts in proptest::collection::vec("[0-9a-c-]{0,70}|[x]{4000,5000}", 0..20)) {
            let mut builder = Builder::with_capacity(0);
            let mut list = Listpack::new();
            for text in &texts {
                let element = Element::Bytes(text.as_bytes());
                prop_assert_eq!(builder.push(element).map(Element::int), Ok(element.int()));
                list.push_back(element).unwrap();
            }
            prop_assert_eq!(builder.len(), texts.len());
            let built = builder.finish();
            built.check_invariants();
            prop_assert_eq!(built.as_bytes(), list.as_bytes());
            let elements = texts.iter().map(|text| Element::Bytes(text.as_bytes()));
            let built = Builder::of(elements).unwrap().finish();
            prop_assert_eq!(built.as_bytes(), list.as_bytes());
            prop_assert!(built.memory_bytes() <= built.as_bytes().len() + BACKLEN_BYTES_MAX);
        }
    }

    #[test]
    fn lengths_about_those_that_take_a_byte_more() {
        for border in [1 << 6, 1 << 7, 1 << 12, 1 << 14, 1 << 21] {
            for len in border - 12..border + 2 {
                let text = vec![b'x'; len];
                let mut builder = Builder::with_capacity(0);
                let mut list = Listpack::new();
                for element in [Element::Bytes(&text), Element::Int(5)] {
                    builder.push(element).unwrap();
                    list.push_back(element).unwrap();
                }
                let built = builder.finish();
                built.check_invariants();
                assert_eq!(built.as_bytes(), list.as_bytes(), "{len}");
            }
        }
    }

    #[test]
    fn so_many_elements_that_the_header_cant_count_them() {
        let mut builder = Builder::with_capacity(1 << 18);
        for _ in 0..70_000 {
            builder.push(Element::Int(1)).unwrap();
        }
        let list = builder.finish();
        list.check_invariants();
        assert_eq!(list.view().len(), 70_000);
    }
}
