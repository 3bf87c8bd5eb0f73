//! Searching a list for a text.
//!
//! Most entries of a small hash are short texts. Their first byte tells kind and length at once, so an entry that isn't wanted is
//! passed by one comparison and one addition, without reading the element. Only an entry with the wanted length is compared.

use crate::element::Element;
use crate::encoding::{self, SHORT_END};
use crate::frame::Position;
use crate::integer;
use crate::view::ListpackRef;

/// What is searched for, as the entries may have it.
struct Wanted<'n> {
    text: &'n [u8],
    /// The first byte of an entry with a short text of this length; [`NEVER`] if the text is longer.
    short_text: u8,
    /// The first byte of the entry of this integer if it has 7 bits; else [`NEVER`].
    short_int: u8,
    /// The integer whose canonical form the text is. Stored integers are compared by value, since lists from
    /// elsewhere may have them in longer forms.
    int: Option<i64>,
}

/// No first byte of a short entry.
const NEVER: u8 = 0xFF;

impl<'n> Wanted<'n> {
    fn new(text: &'n [u8]) -> Self {
        let int = integer::parse(text);
        let short_text = match u8::try_from(text.len()) {
            Ok(len @ ..64) => 0x80 | len,
            _ => NEVER,
        };
        let short_int = match int {
            Some(value @ 0..128) => value as u8,
            _ => NEVER,
        };
        Self { text, short_text, short_int, int }
    }

    #[inline]
    fn is_at(&self, bytes: &[u8], at: usize, first: u8) -> bool {
        if first < SHORT_END {
            return (first == self.short_text && self.is_text_at(bytes, at + 1)) || first == self.short_int;
        }
        self.is_long_at(bytes, at)
    }

    /// Texts of one list often differ only at their end (`field:1`, `field:2`), so the last byte is looked at first.
    #[inline]
    fn is_text_at(&self, bytes: &[u8], at: usize) -> bool {
        let Some(text) = bytes.get(at..at + self.text.len()) else { return false };
        text.last() == self.text.last() && text == self.text
    }

    fn is_long_at(&self, bytes: &[u8], at: usize) -> bool {
        match encoding::read(bytes, at) {
            Some((Element::Int(value), _)) => self.int == Some(value),
            Some((Element::Bytes(text), _)) => text == self.text,
            None => false,
        }
    }
}

impl<'a> ListpackRef<'a> {
    /// The first element that is `text`, looking at every `skip + 1`th: with `skip` 1 at the fields of a hash and not at its values.
    ///
    /// Takes time by the number of elements, and next to nothing for each that has another length.
    pub fn find(self, text: &[u8], skip: usize) -> Option<Position> {
        self.find_from(self.first()?, text, skip)
    }

    /// Like [`find`](Self::find), from the element at `position` on.
    pub fn find_from(self, position: Position, text: &[u8], skip: usize) -> Option<Position> {
        self.find_counted(position, text, skip).map(|(_, found)| found)
    }

    /// Like [`find_from`](Self::find_from), and tells how many elements were compared in vain.
    #[inline]
    pub fn find_counted(self, position: Position, text: &[u8], skip: usize) -> Option<(usize, Position)> {
        let wanted = Wanted::new(text);
        let bytes = &self.as_bytes()[..self.end()];
        let mut at = position.offset();
        let mut passed = 0;
        loop {
            let first = *bytes.get(at)?;
            if wanted.is_at(bytes, at, first) {
                return Some((passed, self.position(at)?));
            }
            passed += 1;
            for _ in 0..=skip {
                at = at.checked_add(encoding::entry_len(bytes, at)?)?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Element, Listpack, ListpackRef};

    fn index_of(list: ListpackRef<'_>, text: &[u8], skip: usize) -> Option<usize> {
        let found = list.find(text, skip)?;
        let mut iter = list.iter();
        std::iter::from_fn(|| {
            let position = iter.position();
            iter.next().and(position)
        })
        .position(|position| position == found)
    }

    #[test]
    fn every_kind_of_element_is_found() {
        let long = vec![b'l'; 64];
        let longer = vec![b'L'; 5000];
        let texts: [&[u8]; 12] = [
            b"",
            b"a",
            b"b",
            b"0",
            b"127",
            b"128",
            b"-1",
            b"70000",
            b"9223372036854775807",
            b"9223372036854775808",
            &long,
            &longer,
        ];
        let mut list = Listpack::new();
        for text in texts {
            list.push_back(text).unwrap();
        }
        for (index, text) in texts.iter().enumerate() {
            assert_eq!(index_of(list.view(), text, 0), Some(index), "{}", text.escape_ascii());
        }
        for text in [&b"c"[..], b"1", b"129", b"-2", b"00", b"70001", &long[1..], &longer[1..]] {
            assert_eq!(list.view().find(text, 0), None);
        }
    }

    #[test]
    fn skipped_elements_are_not_looked_at() {
        let mut list = Listpack::new();
        for text in [b"f", b"v", b"v", b"f", b"g", b"g"] {
            list.push_back(text).unwrap();
        }
        assert_eq!(index_of(list.view(), b"v", 1), Some(2));
        assert_eq!(index_of(list.view(), b"f", 2), Some(0));
        assert_eq!(index_of(list.view(), b"g", 5), None);
        let second = list.view().nth(1).unwrap();
        assert_eq!(list.view().find_from(second, b"f", 1), list.view().nth(3));
        assert_eq!(list.view().find_counted(second, b"f", 1).map(|found| found.0), Some(1));
    }

    #[test]
    fn longer_forms_than_needed_are_found_too() {
        // 5 as an integer of 16 bits, "7" as a text, "a" with a length of 12 bits.
        let bytes = [19, 0, 0, 0, 3, 0, 0xF1, 5, 0, 3, 0x81, b'7', 2, 0xE0, 1, b'a', 3, 0, 0xFF];
        assert!(ListpackRef::new(&bytes).is_err(), "a count of 3, and a fourth entry without backlen");
        let bytes = [18, 0, 0, 0, 3, 0, 0xF1, 5, 0, 3, 0x81, b'7', 2, 0xE0, 1, b'a', 3, 0xFF];
        let list = ListpackRef::new(&bytes).unwrap();
        assert_eq!(index_of(list, b"5", 0), Some(0));
        assert_eq!(index_of(list, b"7", 0), Some(1));
        assert_eq!(index_of(list, b"a", 0), Some(2));
        assert_eq!(list.get(1), Some(Element::Int(7)));
    }
}
