//! How many bits are set.

use super::unit::{Unit, bit_len};
use crate::range::slice_range;

/// The bits that are set.
pub fn count(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let words: u64 = words.iter().map(|&word| u64::from(u64::from_ne_bytes(word).count_ones())).sum();
    words + rest.iter().map(|byte| u64::from(byte.count_ones())).sum::<u64>()
}

/// The bits that are set from `start` to `end`, both included, counted in `unit`; negative numbers count from the end.
/// The ends are taken as by [`slice_range`].
pub fn count_in(bytes: &[u8], start: i64, end: i64, unit: Unit) -> u64 {
    match unit {
        Unit::Byte => count(&bytes[slice_range(bytes.len(), start, end)]),
        Unit::Bit => count_bits(bytes, start, end),
    }
}

fn count_bits(bytes: &[u8], start: i64, end: i64) -> u64 {
    if start < 0 && end < 0 && start > end {
        return 0;
    }
    let Some(bits) = crate::range::clamped(bit_len(bytes), start, end) else { return 0 };
    // Whole bytes, less what was counted too much in the first and in the last one.
    let first = (bits.start / 8) as usize;
    let last = ((bits.end - 1) / 8) as usize;
    let before = bytes[first] & !(0xff >> (bits.start % 8));
    let after = bytes[last] & !(!0 << (7 - (bits.end - 1) % 8));
    count(&bytes[first..=last]) - u64::from(before.count_ones()) - u64::from(after.count_ones())
}
