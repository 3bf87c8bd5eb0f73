//! The bytes of one entry: a body, and behind it the body's length for walks from the end.
//!
//! ```text
//! first byte   body                                          what it is
//! 0vvvvvvv     1 byte                                        0 to 127
//! 10llllll     1 byte, then the text                         text of up to 63 bytes
//! 110vvvvv     2 bytes, the upper bits first                 13 bits with sign
//! 1110llll     2 bytes, the upper bits first, then the text  text of up to 4095 bytes
//! F0           5 bytes, a little-endian u32, then the text   longer text
//! F1 F2 F3 F4  3, 4, 5 or 9 bytes, little-endian             16, 24, 32, 64 bits with sign
//! FF           no entry: the end of the list
//! ```
//!
//! The length behind the body ("backlen") has seven bits a byte, the upper ones first. Bit 7 is set in every byte but the
//! leftmost, so a reader who comes from the right knows where to stop.
//!
//! An integer is always written in the shortest form. Lists from elsewhere may have others, which are read all the same.

use crate::dialect::Dialect;
use crate::element::Element;
use crate::integer;

const TEXT_6: u8 = 0x80;
const INT_13: u8 = 0xC0;
const TEXT_12: u8 = 0xE0;
const TEXT_32: u8 = 0xF0;
const INT_16: u8 = 0xF1;
const INT_24: u8 = 0xF2;
const INT_32: u8 = 0xF3;
const INT_64: u8 = 0xF4;

/// Below this first byte an entry is a short text or an integer of 7 bits.
pub(crate) const SHORT_END: u8 = INT_13;

/// The lengths of text that need the next form.
const TEXT_6_END: usize = 64;
const TEXT_12_END: usize = 4096;
const INT_24_MIN: i64 = -(1 << 23);
const INT_24_MAX: i64 = (1 << 23) - 1;

/// The most bytes that a body has before its text, and the most that an integer has.
const HEAD_BYTES_MAX: usize = 9;

/// The most bytes of a backlen.
pub(crate) const BACKLEN_BYTES_MAX: usize = 5;

/// By first byte: the length of the whole entry if the byte alone tells it; 0 for longer texts and what is no entry.
const ENTRY_LEN: [u8; 256] = {
    let mut table = [0; 256];
    let mut first = 0;
    while first < 256 {
        let body = match first as u8 {
            0..TEXT_6 => 1,
            byte @ TEXT_6..INT_13 => 1 + (byte & 0x3F),
            INT_13..TEXT_12 => 2,
            INT_16 => 3,
            INT_24 => 4,
            INT_32 => 5,
            INT_64 => 9,
            _ => 0,
        };
        table[first] = if body == 0 { 0 } else { body + 1 };
        first += 1;
    }
    table
};

/// The length of the entry at `at`, backlen included. `None` if there is none; it may reach beyond `bytes`.
///
/// A walk waits for each length before it can look at the next entry. So what is frequent is told by predicted branches and
/// an addition, and only the rest by the table, whose load would take longer than all else.
#[inline]
pub(crate) fn entry_len(bytes: &[u8], at: usize) -> Option<usize> {
    let first = *bytes.get(at)?;
    match first {
        0..TEXT_6 => Some(2),
        TEXT_6..INT_13 => Some(usize::from(first & 0x3F) + 2),
        _ => match ENTRY_LEN[usize::from(first)] {
            0 => long_text_entry_len(bytes, at),
            len => Some(usize::from(len)),
        },
    }
}

/// The length of an entry, backlen included, if its first byte alone tells it: that of integers and texts of up to 63 bytes.
#[inline]
pub(crate) fn entry_len_told_by(first: u8) -> Option<usize> {
    match ENTRY_LEN[usize::from(first)] {
        0 => None,
        len => Some(usize::from(len)),
    }
}

fn long_text_entry_len(bytes: &[u8], at: usize) -> Option<usize> {
    let body = long_text_body_len(bytes, at)?;
    let dialect = Dialect::of_backlen(bytes.get(at.checked_add(body)?));
    body.checked_add(dialect.backlen_len(body))
}

fn long_text_body_len(bytes: &[u8], at: usize) -> Option<usize> {
    let (head, text) = long_text_head(bytes.get(at..)?)?;
    head.checked_add(text)
}

/// The length of the body at `at`. `None` if there is none; it may reach beyond `bytes`.
pub(crate) fn body_len(bytes: &[u8], at: usize) -> Option<usize> {
    match ENTRY_LEN[usize::from(*bytes.get(at)?)] {
        0 => long_text_body_len(bytes, at),
        len => Some(usize::from(len) - 1),
    }
}

/// The lengths of the head and of the text, for the two longer forms of text.
fn long_text_head(entry: &[u8]) -> Option<(usize, usize)> {
    match *entry {
        [first @ TEXT_12..TEXT_32, low, ..] => Some((2, usize::from(first & 0x0F) << 8 | usize::from(low))),
        [TEXT_32, a, b, c, d, ..] => Some((5, usize::try_from(u32::from_le_bytes([a, b, c, d])).ok()?)),
        _ => None,
    }
}

/// The element at `at` and the length of its entry. `None` if there is none.
#[inline]
pub(crate) fn read(bytes: &[u8], at: usize) -> Option<(Element<'_>, usize)> {
    let entry = bytes.get(at..)?;
    let first = *entry.first()?;
    Some(match first {
        0..TEXT_6 => (Element::Int(i64::from(first)), 2),
        TEXT_6..INT_13 => {
            let len = usize::from(first & 0x3F);
            (Element::Bytes(entry.get(1..1 + len)?), len + 2)
        }
        _ => return read_longer(bytes, at),
    })
}

/// The same for all other forms. Apart, so that what is frequent can be compiled into a walk.
#[inline(never)]
fn read_longer(bytes: &[u8], at: usize) -> Option<(Element<'_>, usize)> {
    let entry = bytes.get(at..)?;
    let first = *entry.first()?;
    Some(match first {
        INT_13..TEXT_12 => {
            let raw = u16::from_be_bytes([first, *entry.get(1)?]);
            // Bit 12 of the value becomes the sign.
            (Element::Int(i64::from((raw << 3).cast_signed() >> 3)), 3)
        }
        INT_16 => (Element::Int(i64::from(i16::from_le_bytes(*entry.get(1..)?.first_chunk()?))), 4),
        INT_24 => {
            let [a, b, c] = *entry.get(1..)?.first_chunk()?;
            (Element::Int(i64::from(i32::from_le_bytes([0, a, b, c]) >> 8)), 5)
        }
        INT_32 => (Element::Int(i64::from(i32::from_le_bytes(*entry.get(1..)?.first_chunk()?))), 6),
        INT_64 => (Element::Int(i64::from_le_bytes(*entry.get(1..)?.first_chunk()?)), 10),
        _ => {
            let (head, text) = long_text_head(entry)?;
            (Element::Bytes(entry.get(head..)?.get(..text)?), long_text_entry_len(bytes, at)?)
        }
    })
}

/// The offset of the entry that ends right before `end`. It may be wrong only if the bytes are.
#[inline]
pub(crate) fn entry_before(bytes: &[u8], end: usize) -> Option<usize> {
    let (body, backlen) = read_backlen(bytes.get(..end)?)?;
    end.checked_sub(body.checked_add(backlen)?)
}

/// The backlen that `bytes` end with, and its own length.
#[inline]
pub(crate) fn read_backlen(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut body = 0_u64;
    for (index, &byte) in bytes.iter().rev().take(BACKLEN_BYTES_MAX).enumerate() {
        body |= u64::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((usize::try_from(body).ok()?, index + 1));
        }
    }
    None
}

/// The length of the backlen of a body, as Redis writes it. See [`Dialect`] for the odd bounds.
#[inline]
pub(crate) fn backlen_len(body: usize) -> usize {
    match body {
        0..=0x7F => 1,
        0x80..=0x3FFE => 2,
        0x3FFF..=0x1F_FFFE => 3,
        0x1F_FFFF..=0xFFF_FFFE => 4,
        _ => 5,
    }
}

/// Fills `room` with the backlen of a body.
#[inline]
pub(crate) fn write_backlen(room: &mut [u8], body: usize) {
    for (index, byte) in room.iter_mut().rev().enumerate() {
        *byte = (body >> (7 * index)) as u8 | 0x80;
    }
    room[0] &= 0x7F;
}

/// An element ready to be written: the length is known, the text not yet copied.
#[derive(Clone, Copy)]
pub(crate) struct Encoded<'a> {
    head: [u8; HEAD_BYTES_MAX],
    head_len: u8,
    text: &'a [u8],
}

impl<'a> Encoded<'a> {
    #[inline]
    pub(crate) fn new(element: Element<'a>) -> Self {
        match element {
            Element::Int(value) => Self::int(value),
            Element::Bytes(text) => integer::parse(text).map_or_else(|| Self::text(text), Self::int),
        }
    }

    pub(crate) fn int(value: i64) -> Self {
        let le = value.to_le_bytes();
        match value {
            0..=127 => Self::head(&[le[0]], &[]),
            -4096..=4095 => Self::head(&[INT_13 | (le[1] & 0x1F), le[0]], &[]),
            -0x8000..=0x7FFF => Self::head(&[INT_16, le[0], le[1]], &[]),
            INT_24_MIN..=INT_24_MAX => Self::head(&[INT_24, le[0], le[1], le[2]], &[]),
            -0x8000_0000..=0x7FFF_FFFF => Self::head(&[INT_32, le[0], le[1], le[2], le[3]], &[]),
            _ => Self::head(&[INT_64, le[0], le[1], le[2], le[3], le[4], le[5], le[6], le[7]], &[]),
        }
    }

    pub(crate) fn text(text: &'a [u8]) -> Self {
        let len = text.len();
        // The lower four bytes are the whole length: a longer text is refused before anything is written.
        let le = len.to_le_bytes();
        match len {
            0..TEXT_6_END => Self::head(&[TEXT_6 | le[0]], text),
            TEXT_6_END..TEXT_12_END => Self::head(&[TEXT_12 | le[1], le[0]], text),
            _ => Self::head(&[TEXT_32, le[0], le[1], le[2], le[3]], text),
        }
    }

    #[inline]
    fn head<const N: usize>(bytes: &[u8; N], text: &'a [u8]) -> Self {
        let mut head = [0; HEAD_BYTES_MAX];
        head[..N].copy_from_slice(bytes);
        Self { head, head_len: N as u8, text }
    }

    #[inline]
    fn body_len(&self) -> usize {
        usize::from(self.head_len) + self.text.len()
    }

    /// Bytes of the entry, backlen included.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.body_len() + backlen_len(self.body_len())
    }

    /// Writes the entry behind `bytes`.
    #[inline]
    pub(crate) fn append_to(&self, bytes: &mut Vec<u8>) {
        let body_len = self.body_len();
        bytes.reserve(body_len + BACKLEN_BYTES_MAX);
        bytes.extend_from_slice(&self.head[..usize::from(self.head_len)]);
        bytes.extend_from_slice(self.text);
        if let Ok(backlen @ ..0x80) = u8::try_from(body_len) {
            bytes.push(backlen);
        } else {
            let at = bytes.len();
            bytes.resize(at + backlen_len(body_len), 0);
            write_backlen(&mut bytes[at..], body_len);
        }
    }

    /// Writes the entry at the start of `room` and returns what is left of it.
    #[inline]
    pub(crate) fn write<'r>(&self, room: &'r mut [u8]) -> &'r mut [u8] {
        let body_len = self.body_len();
        let (head, room) = room.split_at_mut(usize::from(self.head_len));
        head.copy_from_slice(&self.head[..head.len()]);
        let (text, room) = room.split_at_mut(self.text.len());
        text.copy_from_slice(self.text);
        let (backlen, room) = room.split_at_mut(backlen_len(body_len));
        write_backlen(backlen, body_len);
        room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(element: Element<'_>) -> Vec<u8> {
        let encoded = Encoded::new(element);
        let mut bytes = vec![0; encoded.len()];
        assert!(encoded.write(&mut bytes).is_empty());
        bytes
    }

    #[test]
    fn integers_take_the_shortest_form() {
        let cases: [(i64, &[u8]); 18] = [
            (0, &[0, 1]),
            (127, &[0x7F, 1]),
            (128, &[0xC0, 0x80, 2]),
            (-1, &[0xDF, 0xFF, 2]),
            (4095, &[0xCF, 0xFF, 2]),
            (-4096, &[0xD0, 0x00, 2]),
            (4096, &[0xF1, 0x00, 0x10, 3]),
            (-4097, &[0xF1, 0xFF, 0xEF, 3]),
            (32767, &[0xF1, 0xFF, 0x7F, 3]),
            (-32768, &[0xF1, 0x00, 0x80, 3]),
            (32768, &[0xF2, 0x00, 0x80, 0x00, 4]),
            (-32769, &[0xF2, 0xFF, 0x7F, 0xFF, 4]),
            (8_388_607, &[0xF2, 0xFF, 0xFF, 0x7F, 4]),
            (-8_388_608, &[0xF2, 0x00, 0x00, 0x80, 4]),
            (8_388_608, &[0xF3, 0x00, 0x00, 0x80, 0x00, 5]),
            (-2_147_483_648, &[0xF3, 0x00, 0x00, 0x00, 0x80, 5]),
            (2_147_483_648, &[0xF4, 0x00, 0x00, 0x00, 0x80, 0, 0, 0, 0, 9]),
            (i64::MIN, &[0xF4, 0, 0, 0, 0, 0, 0, 0, 0x80, 9]),
        ];
        for (value, expected) in cases {
            assert_eq!(encode(Element::Int(value)), expected, "{value}");
            assert_eq!(encode(Element::Bytes(value.to_string().as_bytes())), expected, "{value} as text");
            assert_eq!(read(expected, 0), Some((Element::Int(value), expected.len())), "{value}");
        }
    }

    #[test]
    fn texts_say_their_length_in_one_two_or_five_bytes() {
        for (len, head) in [
            (0, &[0x80][..]),
            (63, &[0xBF]),
            (64, &[0xE0, 64]),
            (4095, &[0xEF, 0xFF]),
            (4096, &[0xF0, 0x00, 0x10, 0, 0]),
            (70_000, &[0xF0, 0x70, 0x11, 1, 0]),
        ] {
            let text = vec![b'x'; len];
            let bytes = encode(Element::Bytes(&text));
            assert!(bytes.starts_with(head), "{len}");
            assert_eq!(read(&bytes, 0), Some((Element::Bytes(&text), bytes.len())), "{len}");
        }
    }

    #[test]
    fn backlens_are_read_from_their_end() {
        for (body, expected) in [
            (1, &[1][..]),
            (127, &[127]),
            (128, &[1, 0x80]),
            (16_382, &[0x7F, 0xFE]),
            (16_383, &[0, 0xFF, 0xFF]),
            (16_384, &[1, 0x80, 0x80]),
            (2_097_151, &[0, 0xFF, 0xFF, 0xFF]),
            (2_097_152, &[1, 0x80, 0x80, 0x80]),
        ] {
            let head = if body < 65 {
                1
            } else if body < 4098 {
                2
            } else {
                5
            };
            let bytes = encode(Element::Bytes(&vec![b'x'; body - head]));
            assert_eq!(&bytes[body..], expected, "{body}");
            assert_eq!(read_backlen(&bytes), Some((body, expected.len())), "{body}");
            assert_eq!(entry_before(&bytes, bytes.len()), Some(0), "{body}");
        }
    }

    #[test]
    fn a_backlen_of_too_many_bytes_is_none() {
        assert_eq!(read_backlen(&[0x80; 8]), None);
        assert_eq!(read_backlen(&[]), None);
        assert_eq!(read_backlen(&[1, 0x80, 0x80, 0x80, 0x80]), Some((1 << 28, 5)));
    }

    #[test]
    fn longer_forms_than_needed_are_read() {
        for (bytes, value) in [
            (&[0xC0, 5, 2][..], 5),
            (&[0xF1, 5, 0, 3], 5),
            (&[0xF2, 0xFE, 0xFF, 0xFF, 4], -2),
            (&[0xF4, 5, 0, 0, 0, 0, 0, 0, 0, 9], 5),
        ] {
            assert_eq!(read(bytes, 0), Some((Element::Int(value), bytes.len())));
        }
        assert_eq!(read(&[0xE0, 1, b'a', 3], 0), Some((Element::Bytes(b"a"), 4)));
        assert_eq!(read(&[0xF0, 1, 0, 0, 0, b'a', 6], 0), Some((Element::Bytes(b"a"), 7)));
    }

    #[test]
    fn nothing_is_read_beyond_the_bytes() {
        for first in 0..=255 {
            let bytes = [first];
            assert_eq!(read(&bytes, 0).is_some(), first <= 0x80, "{first:#x}");
            assert_eq!(read(&bytes, 1), None);
            assert_eq!(entry_len(&bytes, 0).is_none(), first >= 0xE0 && !(0xF1..=0xF4).contains(&first));
        }
        assert_eq!(read(&[0xF0, 0xFF, 0xFF, 0xFF, 0xFF, 1], 0), None);
    }
}
