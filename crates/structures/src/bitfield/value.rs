//! Fields read and written.
//!
//! A field of 64 bits touches nine bytes at most, so all work is done on a window of sixteen, as one `u128`.

use super::{Field, Overflow};

const WINDOW: usize = 16;

impl Field {
    /// The value of the field at `offset`. What lies behind the end of the string is read as zeros.
    pub fn read(self, bytes: &[u8], offset: u64) -> i64 {
        let Ok(at) = usize::try_from(offset / 8) else { return 0 };
        let window = u128::from_be_bytes(window(bytes.get(at..).unwrap_or_default()));
        self.value_of((window >> self.shift(offset)) as u64)
    }

    /// Sets the field at `offset` and returns the old value; `None` if `overflow` is [`Overflow::Fail`] and the field can't hold `value`.
    ///
    /// For a field without sign `value` is taken as a `u64`: a negative number is a very great one, so -1 saturates to the maximum. So does, in a field
    /// with a sign, a number from which the maximum is further than `i64::MAX`: the servers' difference overflows there, and a replica that did otherwise would
    /// hold other data than its primary. In either case the string [grows](Self::grow).
    pub fn set(self, bytes: &mut Vec<u8>, offset: u64, value: i64, overflow: Overflow) -> Option<i64> {
        self.grow(bytes, offset);
        let new = match overflow {
            Overflow::Saturate if self.is_far_below(value) => self.max(),
            _ if self.is_signed() => self.fit(i128::from(value), overflow)?,
            _ => self.fit(i128::from(value as u64), overflow)?,
        };
        let old = self.read(bytes, offset);
        self.write(bytes, offset, new);
        Some(old)
    }

    /// Adds `by` to the field at `offset` and returns the new value; `None` if `overflow` is [`Overflow::Fail`] and the field can't hold the sum.
    /// In either case the string [grows](Self::grow).
    pub fn increment(self, bytes: &mut Vec<u8>, offset: u64, by: i64, overflow: Overflow) -> Option<i64> {
        self.grow(bytes, offset);
        let new = self.fit(i128::from(self.read(bytes, offset)) + i128::from(by), overflow)?;
        self.write(bytes, offset, new);
        Some(new)
    }

    /// Grows the string with zeros until it holds the field at `offset`. The servers do so for all fields to be written before they write the first,
    /// and also where the write then fails.
    ///
    /// The caller has checked the offset, as [`parse_offset`](Self::parse_offset) does: it decides how much memory is taken.
    pub fn grow(self, bytes: &mut Vec<u8>, offset: u64) {
        let needed = usize::try_from(self.bytes_needed(offset)).expect("the caller has checked the offset");
        if bytes.len() < needed {
            bytes.resize(needed, 0);
        }
    }

    /// Whether the servers mistake `value` for one above the maximum, because its distance to that overflows 64 bits.
    fn is_far_below(self, value: i64) -> bool {
        self.is_signed() && value < self.min() && self.max().checked_sub(value).is_none()
    }

    /// Writes into a string that is long enough.
    fn write(self, bytes: &mut [u8], offset: u64, value: i64) {
        let touched = &mut bytes[(offset / 8) as usize..self.bytes_needed(offset) as usize];
        let shift = self.shift(offset);
        let mask = (!0u128 >> (128 - u32::from(self.bits()))) << shift;
        let old = u128::from_be_bytes(window(touched));
        let new = (old & !mask) | (((value as u128) << shift) & mask);
        touched.copy_from_slice(&new.to_be_bytes()[..touched.len()]);
    }

    /// How far the field's lowest bit stands from the lowest of the window that begins at its first byte.
    fn shift(self, offset: u64) -> u32 {
        128 - (offset % 8) as u32 - u32::from(self.bits())
    }
}

fn window(bytes: &[u8]) -> [u8; WINDOW] {
    let mut window = [0; WINDOW];
    let len = bytes.len().min(WINDOW);
    window[..len].copy_from_slice(&bytes[..len]);
    window
}
