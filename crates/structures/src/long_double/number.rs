//! The number itself.

use std::ops::Add;

use rustc_apfloat::ieee::X87DoubleExtended;
use rustc_apfloat::{Float, Round, Status};

use super::text;
use crate::numeral::{Magnitude, Numeral};

/// Longer texts are not read. The longest text of a sum, 4933 digits and a sign, is shorter.
pub const TEXT_BYTES_MAX: usize = 5 * 1024 - 1;

/// A number in the 80-bit extended format of the x87, from about 3.6e-4951 to 1.2e4932.
///
/// ```
/// use kvd_structures::LongDouble;
///
/// let sum = LongDouble::parse(b"0.1").unwrap() + LongDouble::parse(b"0.2").unwrap();
/// assert_eq!(sum.to_text(), "0.3");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct LongDouble(X87DoubleExtended);

impl LongDouble {
    /// Reads a number, rounding to the nearest, ties to even. The same texts are taken as by [`parse_f64`](crate::parse_f64),
    /// up to [`TEXT_BYTES_MAX`] bytes; infinity is taken here, and shows in the sum.
    pub fn parse(text: &[u8]) -> Option<Self> {
        if text.len() > TEXT_BYTES_MAX {
            return None;
        }
        let Numeral { negative, magnitude } = Numeral::scan(text)?;
        let value = match magnitude {
            Magnitude::Infinite => X87DoubleExtended::INFINITY,
            Magnitude::Zero => X87DoubleExtended::ZERO,
            Magnitude::Decimal(text) => read(text)?,
            Magnitude::Hexadecimal(text) => read(&text)?,
        };
        Some(Self(if negative { -value } else { value }))
    }

    /// Whether this is no number to be stored: a sum that left the range, or to which infinity was added.
    pub fn is_nan_or_infinite(self) -> bool {
        !self.0.is_finite()
    }

    /// Whether it is below zero, or the zero that is.
    pub fn is_negative(self) -> bool {
        self.0.is_negative()
    }

    /// This many times the number, rounded up to an integer. `None` if that doesn't fit 64 bits.
    pub fn times_up(self, factor: u32) -> Option<i64> {
        let product = self.0 * X87DoubleExtended::from_u128(u128::from(factor)).value;
        let mut is_exact = false;
        let rounded = product.value.to_i128_r(i64::BITS as usize, Round::TowardPositive, &mut is_exact);
        if rounded.status.contains(Status::INVALID_OP) { None } else { i64::try_from(rounded.value).ok() }
    }

    /// The servers' text of a sum: as `%.17Lf` prints it, rounded to the nearest, without the zeros at the end, and `0` for `-0`.
    ///
    /// At most 4933 digits and a sign; great numbers take some hundred microseconds.
    pub fn to_text(self) -> String {
        text::fixed(self.0)
    }
}

/// Reads what was scanned: not zero, no sign. `None` if it is out of range at either end.
fn read(text: &str) -> Option<X87DoubleExtended> {
    let parsed = X87DoubleExtended::from_str_r(text, Round::NearestTiesToEven).ok()?;
    let in_range = !parsed.status.contains(Status::OVERFLOW) && !parsed.value.is_zero();
    in_range.then_some(parsed.value)
}

impl Add for LongDouble {
    type Output = Self;

    /// The sum, rounded to the nearest, ties to even.
    fn add(self, other: Self) -> Self {
        Self((self.0 + other.0).value)
    }
}

impl From<i64> for LongDouble {
    /// Exact: 64 bits of mantissa hold every `i64`.
    fn from(value: i64) -> Self {
        Self(X87DoubleExtended::from_i128(i128::from(value)).value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> LongDouble {
        LongDouble::parse(text.as_bytes()).expect("a number")
    }

    #[test]
    fn integers_are_exact() {
        for value in [0, 1, -1, i64::MAX, i64::MIN, 1 << 53, (1 << 53) + 1] {
            assert_eq!(LongDouble::from(value).to_text(), value.to_string());
            assert_eq!(LongDouble::from(value), parse(&value.to_string()));
        }
    }

    #[test]
    fn infinity_shows_in_the_sum() {
        assert!((parse("inf") + parse("1")).is_nan_or_infinite());
        assert!((parse("inf") + parse("-inf")).is_nan_or_infinite());
        assert!((parse("1e4932") + parse("1e4932")).is_nan_or_infinite());
        assert!(!(parse("1e4932") + parse("1")).is_nan_or_infinite());
    }

    #[test]
    fn texts_have_a_greatest_length() {
        assert!(LongDouble::parse(format!("1.{}", "0".repeat(TEXT_BYTES_MAX - 2)).as_bytes()).is_some());
        assert!(LongDouble::parse(format!("1.{}", "0".repeat(TEXT_BYTES_MAX - 1)).as_bytes()).is_none());
    }

    #[test]
    fn the_text_of_every_sum_can_be_read_again() {
        let greatest = parse("1.18973149535723176502e4932");
        assert_eq!(greatest.to_text().len(), 4933);
        assert_eq!(parse(&greatest.to_text()), greatest);
        assert_eq!(parse(&format!("-{}", greatest.to_text())).to_text(), format!("-{}", greatest.to_text()));
    }
}
