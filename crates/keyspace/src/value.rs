//! Values as handlers see them, and as they hand them in.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use crate::object::{Kind, Object};
use crate::sizes::Size;

/// A value to be stored.
pub enum NewValue<'a> {
    /// A canonical 64-bit integer.
    Integer(i64),
    /// Bytes to be copied in.
    Bytes(&'a [u8]),
    /// A buffer that was received or built on its own, taken over without copying.
    Shared(Arc<Vec<u8>>),
    /// Anything but a string.
    Object(Object),
}

impl NewValue<'_> {
    /// What the value is.
    #[inline]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Object(object) => object.kind(),
            _ => Kind::String,
        }
    }

    /// What the value is and how long it is.
    #[inline(never)]
    pub(crate) fn size(&self) -> Size {
        let len = match self {
            Self::Integer(number) => decimal_len(*number),
            Self::Bytes(bytes) => bytes.len(),
            Self::Shared(buffer) => buffer.len(),
            Self::Object(object) => return object.size(),
        };
        Size { kind: Kind::String, len }
    }
}

/// A stored value, as far as it is a string.
#[derive(Copy, Clone)]
pub enum Value<'a> {
    /// A canonical 64-bit integer (`OBJECT ENCODING` says `int`).
    Integer(i64),
    /// Bytes inside the entry.
    Bytes(&'a [u8]),
    /// A buffer of its own.
    Shared(&'a Vec<u8>),
    /// Not a string: see [`Entry::object`](crate::Entry::object). Its text is empty.
    Object,
}

impl<'a> Value<'a> {
    /// The value's text. An integer is printed into the result itself; the others are borrowed.
    #[inline]
    pub fn text(self) -> Text<'a> {
        match self {
            Value::Integer(number) => Text(Repr::Integer(DecimalText::new(number))),
            Value::Bytes(bytes) => Text(Repr::Slice(bytes)),
            Value::Shared(buffer) => Text(Repr::Slice(buffer)),
            Value::Object => Text(Repr::Slice(&[])),
        }
    }

    /// The length of the value's text in bytes.
    #[inline]
    pub fn len(self) -> usize {
        match self {
            Value::Integer(number) => decimal_len(number),
            Value::Bytes(bytes) => bytes.len(),
            Value::Shared(buffer) => buffer.len(),
            Value::Object => 0,
        }
    }

    /// Whether the value's text is empty.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The value's text in a buffer of its own.
    pub fn to_vec(self) -> Vec<u8> {
        self.text().to_vec()
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.text()))
    }
}

/// The text of a value: borrowed, or an integer's decimal digits.
pub struct Text<'a>(Repr<'a>);

enum Repr<'a> {
    Slice(&'a [u8]),
    Integer(DecimalText),
}

/// How long a number is as text.
#[inline]
pub(crate) fn decimal_len(number: i64) -> usize {
    // Powers of ten are even, so that this has as many digits; 0 becomes 1.
    let odd = number.unsigned_abs() | 1;
    // The decimal logarithm from the binary one, or one less.
    let digits = ((odd.ilog2() as usize + 1) * 1233) >> 12;
    digits + usize::from(odd >= POWERS_OF_TEN[digits]) + usize::from(number < 0)
}

const POWERS_OF_TEN: [u64; 20] = {
    let mut powers = [1; 20];
    let mut exponent = 1;
    while exponent < powers.len() {
        powers[exponent] = powers[exponent - 1] * 10;
        exponent += 1;
    }
    powers
};

struct DecimalText {
    digits: [u8; 20],
    len: u8,
}

impl DecimalText {
    fn new(number: i64) -> Self {
        let mut buffer = itoa::Buffer::new();
        let text = buffer.format(number).as_bytes();
        let mut digits = [0; 20];
        digits[..text.len()].copy_from_slice(text);
        Self { digits, len: text.len() as u8 }
    }
}

impl Deref for Text<'_> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match &self.0 {
            Repr::Slice(bytes) => bytes,
            Repr::Integer(text) => &text.digits[..usize::from(text.len)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_as_long_as_its_text() {
        let powers = (0..19).map(|exponent| 10i64.pow(exponent));
        let numbers =
            powers.flat_map(|power| [power - 1, power, -power, 1 - power]).chain([i64::MIN, i64::MAX]);
        for number in numbers {
            assert_eq!(Value::Integer(number).len(), number.to_string().len(), "{number}");
        }
    }
}
