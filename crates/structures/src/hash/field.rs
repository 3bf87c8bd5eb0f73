//! What a hash is told and tells about a field, and how a large one stores it.
//!
//! ```text
//! ┌────────────┬───────────────┬───────────┬───────┬───────┐
//! │ D length 7 │ length 4      │ expiry 6  │ field │ value │
//! └────────────┴───────────────┴───────────┴───────┴───────┘
//!               if the first     if D: the
//!               says 127         field expires
//! ```

use dict::HashKey;
use listpack::Element;

use crate::elements::Layout;

/// In the first byte of a payload: an expiry follows.
const DATED: u8 = 0x80;

/// In the other bits of it: the length of the field is in the four bytes behind.
const LONG: u8 = 0x7F;

const EXPIRY_BYTES: usize = 6;
const HEAD_BYTES_MAX: usize = 5 + EXPIRY_BYTES;

/// A field that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<'h> {
    /// Its value.
    pub value: Element<'h>,
    /// When it expires, in milliseconds since the epoch.
    pub expiry_ms: Option<i64>,
}

impl Found<'_> {
    pub(super) fn is_due(&self, now_ms: i64) -> bool {
        is_due(self.expiry_ms, now_ms)
    }
}

pub(super) fn is_due(expiry_ms: Option<i64>, now_ms: i64) -> bool {
    expiry_ms.is_some_and(|at_ms| at_ms < now_ms)
}

/// How long a field shall live that gets a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// Forever.
    Forever,
    /// As long as it would have (forever if it is new).
    Keep,
    /// Until this time, in milliseconds since the epoch: from 1 to 2^48 - 1.
    Until(i64),
}

impl Lifetime {
    pub(super) fn expiry_ms(self, old_ms: Option<i64>) -> Option<i64> {
        match self {
            Self::Forever => None,
            Self::Keep => old_ms,
            Self::Until(at_ms) => Some(at_ms),
        }
    }
}

/// What a hash may hold and stay packed, and what it needs to become large.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Fields.
    pub fields_max: usize,
    /// Bytes of a field or a value.
    pub bytes_max: usize,
    /// Keys the hash table.
    pub hash_key: HashKey,
}

/// Field and value in the payload of an element.
pub(super) struct Fields;

impl Layout for Fields {
    #[inline]
    fn name(payload: &[u8]) -> &[u8] {
        Parts::of(payload).field
    }
}

/// A payload taken apart.
pub(super) struct Parts<'p> {
    pub(super) expiry_ms: Option<i64>,
    pub(super) field: &'p [u8],
    pub(super) value: &'p [u8],
}

impl<'p> Parts<'p> {
    #[inline]
    pub(super) fn of(payload: &'p [u8]) -> Self {
        let (first, mut rest) = payload.split_first().expect("a payload has a head");
        let mut field_len = usize::from(first & LONG);
        if first & LONG == LONG {
            let (len, behind) = rest.split_first_chunk::<4>().expect("the head of a long field");
            field_len = u32::from_le_bytes(*len) as usize;
            rest = behind;
        }
        let mut expiry_ms = None;
        if first & DATED != 0 {
            let (at, behind) =
                rest.split_first_chunk::<EXPIRY_BYTES>().expect("the head of a field that expires");
            expiry_ms = Some(i64::from_le_bytes([at[0], at[1], at[2], at[3], at[4], at[5], 0, 0]));
            rest = behind;
        }
        let (field, value) = rest.split_at(field_len);
        Self { expiry_ms, field, value }
    }

    #[inline]
    pub(super) fn found(&self) -> Found<'p> {
        Found { value: Element::Bytes(self.value), expiry_ms: self.expiry_ms }
    }
}

/// What stands in front of the field in a payload.
pub(super) struct Head {
    bytes: [u8; HEAD_BYTES_MAX],
    len: usize,
}

impl Head {
    pub(super) fn new(field_len: usize, expiry_ms: Option<i64>) -> Self {
        let mut head = Self { bytes: [0; HEAD_BYTES_MAX], len: 0 };
        match u8::try_from(field_len) {
            Ok(short) if short < LONG => head.push(&[short]),
            _ => {
                head.push(&[LONG]);
                head.push(&u32::try_from(field_len).expect("a field of less than 4 GiB").to_le_bytes());
            }
        }
        if let Some(at_ms) = expiry_ms {
            head.bytes[0] |= DATED;
            head.push(&at_ms.to_le_bytes()[..EXPIRY_BYTES]);
        }
        head
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    fn push(&mut self, bytes: &[u8]) {
        self.bytes[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_taken_apart_as_it_was_put_together() {
        for len in [0, 1, 126, 127, 128, 255, 256, 70_000] {
            for expiry_ms in [None, Some(1), Some((1 << 48) - 1)] {
                let field = vec![b'f'; len];
                let payload = [Head::new(len, expiry_ms).bytes(), &field, b"value"].concat();
                let parts = Parts::of(&payload);
                assert_eq!(
                    (parts.expiry_ms, parts.field, parts.value),
                    (expiry_ms, &field[..], &b"value"[..])
                );
            }
        }
    }
}
