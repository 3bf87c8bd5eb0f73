//! The one point in which Redis and Valkey write packed lists differently.
//!
//! Seven bits a byte hold a backlen of up to 127 in one byte, up to 16383 in two, and so on. Redis (7.0 and 8.2) begins the next
//! byte one too early: it writes 16383 and 2097151, and so presumably 268435455, with a leading zero byte. Valkey 9.1 doesn't.
//!
//! ```text
//! body of 16383 bytes    Redis: 00 FF FF    Valkey: 7F FF
//! ```
//!
//! Neither reads the other's: Valkey 9.1 answers `Bad data format`, and Redis 7.0 and 8.2 end in an assertion once they touch a list that
//! Valkey wrote. The text of 16378 bytes is enough. Here both are read, and whoever writes for a server says for which.

use std::borrow::Cow;

use crate::encoding;
use crate::frame::{self, HEADER_BYTES, TERMINATOR};
use crate::view::ListpackRef;

/// Whose packed lists: they differ where a backlen just fits in its bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// Redis 7.0 to 8.2. This crate writes so unless told otherwise.
    #[default]
    Redis,
    /// Valkey 9.1.
    Valkey,
}

/// Lengths of bodies whose backlens differ.
const DIFFERING: [usize; 3] = [0x3FFF, 0x1F_FFFF, 0xFFF_FFFF];

impl Dialect {
    /// The length of the backlen of a body.
    pub(crate) fn backlen_len(self, body: usize) -> usize {
        encoding::backlen_len(body) - usize::from(self == Self::Valkey && DIFFERING.contains(&body))
    }

    /// Who wrote this backlen of a body, judged by its first byte.
    #[inline]
    pub(crate) fn of_backlen(first: Option<&u8>) -> Self {
        if first == Some(&0x7F) { Self::Valkey } else { Self::Redis }
    }
}

impl<'a> ListpackRef<'a> {
    /// The bytes as a server of that dialect reads them: nearly always these bytes themselves.
    ///
    /// A list of less than 16 KiB is not even looked at; a larger one is walked.
    pub fn in_dialect(self, dialect: Dialect) -> Cow<'a, [u8]> {
        let bytes = self.as_bytes();
        if bytes.len() <= DIFFERING[0] || self.bodies().all(|(at, body)| is_in(dialect, bytes, at, body)) {
            return Cow::Borrowed(bytes);
        }
        let mut written = bytes[..HEADER_BYTES].to_vec();
        for (at, body) in self.bodies() {
            written.extend_from_slice(&bytes[at..at + body]);
            let start = written.len();
            written.resize(start + dialect.backlen_len(body), 0);
            encoding::write_backlen(&mut written[start..], body);
        }
        written.push(TERMINATOR);
        frame::write_header(&mut written, frame::count(bytes));
        Cow::Owned(written)
    }

    /// Where the entries begin, and the lengths of their bodies.
    fn bodies(self) -> impl Iterator<Item = (usize, usize)> {
        let mut at = HEADER_BYTES;
        std::iter::from_fn(move || {
            let start = at;
            at += encoding::entry_len(self.as_bytes(), start).filter(|len| *len <= self.end() - start)?;
            Some((start, encoding::body_len(self.as_bytes(), start)?))
        })
    }
}

/// Whether the entry at `at` is as the dialect has it.
fn is_in(dialect: Dialect, bytes: &[u8], at: usize, body: usize) -> bool {
    !DIFFERING.contains(&body) || Dialect::of_backlen(bytes.get(at + body)) == dialect
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Element, Listpack};

    fn list(lens: &[usize]) -> Listpack {
        let mut list = Listpack::new();
        for &len in lens {
            list.push_back(&vec![b'x'; len][..]).unwrap();
            list.push_back(7).unwrap();
        }
        list
    }

    #[test]
    fn the_same_list_is_read_in_either_dialect() {
        let lens = [1, 16_377, 16_378, 16_379, 2_097_145, 2_097_146, 2_097_147];
        let redis = list(&lens);
        let valkey = redis.view().in_dialect(Dialect::Valkey).into_owned();
        assert_eq!(valkey.len(), redis.as_bytes().len() - 2);
        let mut valkey = Listpack::from_bytes(valkey).unwrap();
        let read = |list: &Listpack| list.view().iter().map(Element::text_len).collect::<Vec<_>>();
        let back = |list: &Listpack| list.view().iter().rev().map(Element::text_len).collect::<Vec<_>>();
        assert_eq!(read(&valkey), read(&redis));
        assert_eq!(back(&valkey), back(&redis));
        assert_eq!(valkey.view().in_dialect(Dialect::Redis), redis.as_bytes());
        assert!(matches!(valkey.view().in_dialect(Dialect::Valkey), Cow::Borrowed(_)));

        let third = valkey.view().nth(4).unwrap();
        valkey.replace(third, 1).unwrap();
        valkey.check_invariants();
    }

    #[test]
    fn lists_without_such_texts_are_left_alone() {
        for lens in [&[][..], &[1, 2, 3], &[16_376, 16_377, 16_379, 20_000]] {
            let list = list(lens);
            for dialect in [Dialect::Redis, Dialect::Valkey] {
                assert!(matches!(list.view().in_dialect(dialect), Cow::Borrowed(_)));
            }
        }
    }
}
