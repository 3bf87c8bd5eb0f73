//! The type of a field and where it begins.

use thiserror::Error;

use crate::bitmap;
use crate::integer::parse_i64;

/// The type of a field: `i1` to `i64`, or `u1` to `u63`.
///
/// ```
/// use kvd_structures::bitfield::{Field, Overflow};
///
/// let u4 = Field::parse(b"u4").unwrap();
/// let mut bytes = Vec::new();
/// let offset = u4.parse_offset(b"#2", 512).unwrap();
/// assert_eq!(offset, 8);
/// assert_eq!(u4.set(&mut bytes, offset, 15, Overflow::Wrap), Some(0));
/// assert_eq!(u4.increment(&mut bytes, offset, 2, Overflow::Wrap), Some(1));
/// assert_eq!(u4.increment(&mut bytes, offset, 20, Overflow::Fail), None);
/// assert_eq!(bytes, [0x00, 0x10]);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Field {
    signed: bool,
    /// From 1 to 64 if signed, to 63 if not: every value fits in an `i64`.
    bits: u8,
}

/// What is wrong with the words that say where a field is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum FieldError {
    /// The type is not one of `i1` to `i64` and `u1` to `u63`.
    #[error("not the type of a field")]
    Type,
    /// The offset is not a number, or is not within a string of the greatest length.
    #[error("not an offset within a string")]
    Offset,
}

impl Field {
    /// A field of `bits` bits; `None` if there is none of that width.
    pub fn new(signed: bool, bits: u8) -> Option<Self> {
        let bits_max = if signed { 64 } else { 63 };
        (1..=bits_max).contains(&bits).then_some(Self { signed, bits })
    }

    /// Reads a type: a small `i` or `u` and the number of bits, without leading zeros.
    pub fn parse(text: &[u8]) -> Result<Self, FieldError> {
        let (signed, bits) = match text {
            [b'i', bits @ ..] => (true, bits),
            [b'u', bits @ ..] => (false, bits),
            _ => return Err(FieldError::Type),
        };
        let bits = parse_i64(bits).and_then(|bits| u8::try_from(bits).ok());
        bits.and_then(|bits| Self::new(signed, bits)).ok_or(FieldError::Type)
    }

    /// Reads where a field of this type begins: an offset in bits, or after `#` in fields of this width.
    ///
    /// Its first bit lies within a string of `bytes_max` bytes; its last ones may lie behind it, by 63 bits at most, as the servers allow.
    pub fn parse_offset(self, text: &[u8], bytes_max: u64) -> Result<u64, FieldError> {
        let offset = match text.strip_prefix(b"#") {
            Some(index) => parse_i64(index)
                .and_then(|index| u64::try_from(index).ok())
                .and_then(|index| index.checked_mul(u64::from(self.bits)))
                .filter(|offset| offset / 8 < bytes_max),
            None => bitmap::parse_offset(text, bytes_max),
        };
        offset.ok_or(FieldError::Offset)
    }

    /// Whether the highest bit is a sign.
    pub fn is_signed(self) -> bool {
        self.signed
    }

    /// The width.
    pub fn bits(self) -> u8 {
        self.bits
    }

    /// The smallest value.
    pub fn min(self) -> i64 {
        if self.signed { -1 << (self.bits - 1) } else { 0 }
    }

    /// The greatest value.
    pub fn max(self) -> i64 {
        let positive = if self.signed { self.bits - 1 } else { self.bits };
        ((1u64 << positive) - 1) as i64
    }

    /// How many bytes a string needs to hold this field at `offset`.
    pub fn bytes_needed(self, offset: u64) -> u64 {
        (offset + u64::from(self.bits)).div_ceil(8)
    }
}
