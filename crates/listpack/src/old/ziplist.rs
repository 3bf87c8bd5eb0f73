//! Ziplists: lists, hashes and sorted sets in files of Redis 2.2 to 6.2.
//!
//! ```text
//! u32 all bytes │ u32 offset of the last entry │ u16 elements, 65535: unknown │ entries │ FF
//!
//! entry: length of the entry before, u8 below 254, else FE and a u32 │ body
//!
//! first byte    body                                             what it is
//! 00llllll      1 byte, then the text                            text of up to 63 bytes
//! 01llllll      2 bytes, the upper bits first, then the text     text of up to 16383 bytes
//! 80            5 bytes, a big-endian u32, then the text         longer text
//! C0 D0 E0 F0   3, 5, 9, 4 bytes, little-endian                  16, 32, 64, 24 bits with sign
//! FE            2 bytes                                          8 bits with sign
//! F1 to FD      1 byte                                           0 to 12
//! ```

use crate::element::Element;
use crate::frame::{BYTES_MAX, TERMINATOR};
use crate::malformed::{Fault, Malformed};

const HEADER_BYTES: usize = 10;
const COUNT_UNKNOWN: u16 = u16::MAX;

/// A length before an entry that doesn't fit in one byte starts with this.
const WIDE_LENGTH: u8 = 0xFE;

/// A ziplist that was checked.
#[derive(Clone, Copy, Debug)]
pub struct ZiplistRef<'a> {
    bytes: &'a [u8],
}

/// One entry, from the length before it to its last byte.
struct Entry<'a> {
    element: Element<'a>,
    len: usize,
    /// What it says of the entry before it.
    before_len: usize,
}

impl<'a> ZiplistRef<'a> {
    /// Takes bytes from elsewhere, all of which are checked.
    ///
    /// # Errors
    ///
    /// The first fault, if they are no ziplist from the first byte to the last.
    pub fn new(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let list = Self { bytes };
        list.validate()?;
        Ok(list)
    }

    /// All elements.
    pub fn iter(self) -> impl Iterator<Item = Element<'a>> + Clone {
        let mut rest = self.entries();
        std::iter::from_fn(move || {
            let entry = read(rest).ok()?;
            rest = rest.get(entry.len..)?;
            Some(entry.element)
        })
    }

    /// What lies between header and end.
    fn entries(self) -> &'a [u8] {
        self.bytes.get(HEADER_BYTES..self.bytes.len().saturating_sub(1)).unwrap_or_default()
    }

    fn validate(self) -> Result<(), Malformed> {
        let (tail, count) = self.validate_header()?;
        let entries = self.entries();
        let (mut at, mut last, mut before_len, mut found) = (0, 0, 0, 0);
        while at < entries.len() {
            let place = HEADER_BYTES + at;
            let entry = read(&entries[at..]).map_err(|fault| Malformed::new(place, fault))?;
            if entry.before_len != before_len {
                return Err(Malformed::new(place, Fault::WrongBacklen));
            }
            last = at;
            at += entry.len;
            before_len = entry.len;
            found += 1;
        }
        if tail != HEADER_BYTES + last {
            return Err(Malformed::new(4, Fault::WrongTail));
        }
        if count != COUNT_UNKNOWN && usize::from(count) != found {
            return Err(Malformed::new(8, Fault::WrongCount));
        }
        Ok(())
    }

    /// The offset of the last entry and the count.
    fn validate_header(self) -> Result<(usize, u16), Malformed> {
        let &[a, b, c, d, e, f, g, h, i, j, .., last] = self.bytes else {
            return Err(Malformed::new(0, Fault::TooShort));
        };
        if self.bytes.len() > BYTES_MAX {
            return Err(Malformed::new(0, Fault::TooLong));
        }
        if u32::from_le_bytes([a, b, c, d]) as usize != self.bytes.len() {
            return Err(Malformed::new(0, Fault::WrongTotal));
        }
        if last != TERMINATOR {
            return Err(Malformed::new(self.bytes.len() - 1, Fault::NoTerminator));
        }
        Ok((u32::from_le_bytes([e, f, g, h]) as usize, u16::from_le_bytes([i, j])))
    }
}

/// Reads the entry at the start of `bytes`.
fn read(bytes: &[u8]) -> Result<Entry<'_>, Fault> {
    let (before_len, before_bytes) = match *bytes {
        [TERMINATOR, ..] => return Err(Fault::EarlyEnd),
        [WIDE_LENGTH, a, b, c, d, ..] => (u32::from_le_bytes([a, b, c, d]) as usize, 5),
        [WIDE_LENGTH, ..] | [] => return Err(Fault::Truncated),
        [len, ..] => (usize::from(len), 1),
    };
    let body = &bytes[before_bytes..];
    let (element, body_len) = match *body.first().ok_or(Fault::Truncated)? {
        0..=0xBF => text(body)?,
        _ => integer(body)?,
    };
    Ok(Entry { element, len: before_bytes + body_len, before_len })
}

fn text(body: &[u8]) -> Result<(Element<'_>, usize), Fault> {
    let (head, len) = match *body {
        [first @ 0..=0x3F, ..] => (1, usize::from(first)),
        [first @ 0x40..=0x7F, low, ..] => (2, usize::from(first & 0x3F) << 8 | usize::from(low)),
        [0x80, a, b, c, d, ..] => (5, u32::from_be_bytes([a, b, c, d]) as usize),
        [first @ 0x81..=0xBF, ..] => return Err(Fault::UnknownEncoding(first)),
        _ => return Err(Fault::Truncated),
    };
    let text = body.get(head..).and_then(|rest| rest.get(..len)).ok_or(Fault::Truncated)?;
    Ok((Element::Bytes(text), head + len))
}

fn integer(body: &[u8]) -> Result<(Element<'_>, usize), Fault> {
    let (value, len) = match *body {
        [0xC0, a, b, ..] => (i64::from(i16::from_le_bytes([a, b])), 3),
        [0xD0, a, b, c, d, ..] => (i64::from(i32::from_le_bytes([a, b, c, d])), 5),
        [0xE0, a, b, c, d, e, f, g, h, ..] => (i64::from_le_bytes([a, b, c, d, e, f, g, h]), 9),
        [0xF0, a, b, c, ..] => (i64::from(i32::from_le_bytes([0, a, b, c]) >> 8), 4),
        [0xFE, a, ..] => (i64::from(a.cast_signed()), 2),
        [first @ 0xF1..=0xFD, ..] => (i64::from(first & 0x0F) - 1, 1),
        [0xC0 | 0xD0 | 0xE0 | 0xF0 | 0xFE, ..] | [] => return Err(Fault::Truncated),
        [first, ..] => return Err(Fault::UnknownEncoding(first)),
    };
    Ok((Element::Int(value), len))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALID: [u8; 20] = [20, 0, 0, 0, 15, 0, 0, 0, 3, 0, 0, 1, 0x61, 3, 0xF6, 2, 0xC0, 0x2C, 1, 0xFF];

    fn list(entries: &[&[u8]]) -> Vec<u8> {
        let mut bytes = vec![0; HEADER_BYTES];
        let (mut before, mut last) = (0_usize, HEADER_BYTES);
        for entry in entries {
            last = bytes.len();
            match u8::try_from(before) {
                Ok(len @ ..254) => bytes.push(len),
                _ => bytes.extend([&[WIDE_LENGTH][..], &(before as u32).to_le_bytes()].concat()),
            }
            bytes.extend_from_slice(entry);
            before = bytes.len() - last;
        }
        bytes.push(TERMINATOR);
        let total = bytes.len() as u32;
        bytes[..4].copy_from_slice(&total.to_le_bytes());
        bytes[4..8].copy_from_slice(&(last as u32).to_le_bytes());
        bytes[8..10].copy_from_slice(&(entries.len() as u16).to_le_bytes());
        bytes
    }

    #[test]
    fn every_encoding_is_read() {
        let text_300 = [&[0x41, 0x2C][..], &[b'x'; 300]].concat();
        let text_20 = [&[0x80, 0, 0, 0, 20][..], &[b'y'; 20]].concat();
        let bytes = list(&[
            &[0],
            &text_300,
            &text_20,
            &[0xC0, 0xFE, 0xFF],
            &[0xD0, 0, 0, 0, 0x80],
            &[0xE0, 0, 0, 0, 0, 0, 0, 0, 0x80],
            &[0xF0, 0xFF, 0xFF, 0xFF],
            &[0xFE, 0x80],
            &[0xF1],
            &[0xFD],
        ]);
        let elements: Vec<_> = ZiplistRef::new(&bytes).unwrap().iter().collect();
        let integers = [-2, i64::from(i32::MIN), i64::MIN, -1, -128, 0, 12].map(Element::Int);
        assert_eq!(elements[..3], [&b""[..], &[b'x'; 300], &[b'y'; 20]].map(Element::Bytes));
        assert_eq!(elements[3..], integers);
    }

    #[test]
    fn lists_are_valid() {
        let elements: Vec<_> = ZiplistRef::new(&VALID).unwrap().iter().collect();
        assert_eq!(elements, [Element::Bytes(b"a"), Element::Int(5), Element::Int(300)]);
        assert_eq!(ZiplistRef::new(&list(&[])).unwrap().iter().count(), 0);
    }

    #[test]
    fn each_fault_is_told_with_its_place() {
        let fault = |change: fn(&mut Vec<u8>)| {
            let mut bytes = VALID.to_vec();
            change(&mut bytes);
            ZiplistRef::new(&bytes).map_err(|malformed| (malformed.offset, malformed.fault)).unwrap_err()
        };
        assert_eq!(fault(|bytes| bytes.truncate(10)), (0, Fault::TooShort));
        assert_eq!(fault(|bytes| bytes[1] = 1), (0, Fault::WrongTotal));
        assert_eq!(fault(|bytes| bytes[19] = 1), (19, Fault::NoTerminator));
        assert_eq!(fault(|bytes| bytes[4] = 13), (4, Fault::WrongTail));
        assert_eq!(fault(|bytes| bytes[8] = 4), (8, Fault::WrongCount));
        assert_eq!(fault(|bytes| bytes[13] = 4), (13, Fault::WrongBacklen));
        assert_eq!(fault(|bytes| bytes[13] = 0xFF), (13, Fault::EarlyEnd));
        assert_eq!(fault(|bytes| bytes[14] = 0xC1), (13, Fault::UnknownEncoding(0xC1)));
        assert_eq!(fault(|bytes| bytes[14] = 0x81), (13, Fault::UnknownEncoding(0x81)));
        assert_eq!(fault(|bytes| bytes[16] = 0xD0), (15, Fault::Truncated));
        assert_eq!(fault(|bytes| bytes[15] = 0xFE), (15, Fault::Truncated));
        assert_eq!(fault(|bytes| bytes[11] = 0x3F), (10, Fault::Truncated));
    }
}
