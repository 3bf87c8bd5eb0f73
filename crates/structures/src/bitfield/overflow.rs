//! What becomes of a number that a field can't hold.

use super::Field;

/// What to do with a number that is too great or too small.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Overflow {
    /// Keep the lowest bits.
    #[default]
    Wrap,
    /// Take the nearest that the field can hold.
    Saturate,
    /// Leave the field as it is.
    Fail,
}

impl Field {
    /// `number` as this field can hold it; `None` if it can't and is to fail.
    ///
    /// 128 bits hold every sum of two values without overflowing themselves.
    pub(super) fn fit(self, number: i128, overflow: Overflow) -> Option<i64> {
        let (min, max) = (i128::from(self.min()), i128::from(self.max()));
        let fitted = match overflow {
            _ if (min..=max).contains(&number) => number,
            Overflow::Fail => return None,
            Overflow::Saturate => number.clamp(min, max),
            Overflow::Wrap => return Some(self.value_of(number as u64)),
        };
        Some(fitted as i64)
    }

    /// The value that the lowest bits of `bits` stand for.
    pub(super) fn value_of(self, bits: u64) -> i64 {
        let unused = 64 - u32::from(self.bits());
        if self.is_signed() { (bits << unused) as i64 >> unused } else { (bits << unused >> unused) as i64 }
    }
}
