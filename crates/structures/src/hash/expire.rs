//! Fields whose time is up.

use listpack::{Storage, TextBuffer};

use super::field::is_due;
use super::packed;
use super::value::Hash;

impl<S: Storage> Hash<S> {
    /// When the first of those fields expires that do, in milliseconds since the epoch. O(1).
    #[inline]
    pub fn next_expiry_ms(&self) -> Option<i64> {
        match self {
            Self::Packed(_) => None,
            Self::Dated(triples) => packed::first(triples.view())?.1.expiry_ms,
            Self::Large(map) => map.next_expiry_ms(),
        }
    }

    /// Whether some field is due. O(1).
    #[inline]
    pub fn has_due(&self, now_ms: i64) -> bool {
        is_due(self.next_expiry_ms(), now_ms)
    }

    /// Whether every field is due. O(1).
    pub fn is_all_due(&self, now_ms: i64) -> bool {
        match self {
            Self::Packed(_) => false,
            Self::Dated(triples) => packed::last(triples.view()).is_some_and(|found| found.is_due(now_ms)),
            Self::Large(map) => map.is_all_due(now_ms),
        }
    }

    /// Takes out up to `fields_max` fields that are due, the longest overdue first, showing each.
    pub fn expire(&mut self, now_ms: i64, fields_max: usize, mut each: impl FnMut(&[u8])) {
        match self {
            Self::Packed(_) => {}
            Self::Dated(triples) => {
                let mut due = 0;
                let list = triples.view();
                let mut elements = list.iter();
                while let (Some(field), Some(_), Some(expiry)) =
                    (elements.next(), elements.next(), elements.next())
                    && due < fields_max
                    && is_due(packed::expiry_of(expiry), now_ms)
                {
                    each(field.text(&mut TextBuffer::new()));
                    due += 1;
                }
                if let Some(first) = list.first().filter(|_| due > 0) {
                    triples.delete_run(first, due * 3);
                }
            }
            Self::Large(map) => {
                for _ in 0..fields_max {
                    let Some(field) = map.pop_due(now_ms) else { return };
                    each(&field);
                }
            }
        }
    }
}
