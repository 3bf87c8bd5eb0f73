//! The first bit that is set, or that is not.

use super::unit::{Unit, bit_len};
use crate::range::clamped;

/// The offset of the first bit that is `wanted`, from `start` to `end`, both included, counted in `unit`; negative numbers count from the end of
/// the string. The offset counts from the beginning of the string, wherever the range starts.
///
/// Without an `end` the string is taken to go on with zeros: if all bits from `start` on are set, the first that is not is the one behind the
/// last. With an `end`, and in an empty range, there is then none.
///
/// A key that doesn't exist is not an empty string here: its first unset bit is 0. That is for the caller to say.
pub fn position(bytes: &[u8], wanted: bool, start: i64, end: Option<i64>, unit: Unit) -> Option<u64> {
    let units = clamped(bit_len(bytes) / unit.bits(), start, end.unwrap_or(-1))?;
    let bits = units.start * unit.bits()..units.end * unit.bits();
    let upto = &bytes[..bits.end.div_ceil(8) as usize];
    match first_from(upto, wanted, bits.start) {
        Some(offset) if offset < bits.end => Some(offset),
        _ => (end.is_none() && !wanted).then_some(bits.end),
    }
}

/// The first `wanted` bit at `from` or after it; `from` lies within `bytes`.
fn first_from(bytes: &[u8], wanted: bool, from: u64) -> Option<u64> {
    // With all bits turned round, what we look for is always a one.
    let flip = if wanted { 0 } else { 0xff };
    let (before, rest) = bytes.split_at((from / 8) as usize);
    let (&first, rest) = rest.split_first()?;
    let first = (first ^ flip) & (0xff >> (from % 8));
    if first != 0 {
        return Some(bit_len(before) + u64::from(first.leading_zeros()));
    }
    let start = bit_len(before) + 8;
    let (words, tail) = rest.as_chunks::<8>();
    let empty = [flip; 8];
    if let Some(at) = words.iter().position(|word| *word != empty) {
        let word = u64::from_be_bytes(words[at]) ^ u64::from_ne_bytes(empty);
        return Some(start + 64 * at as u64 + u64::from(word.leading_zeros()));
    }
    let at = tail.iter().position(|byte| *byte != flip)?;
    Some(start + 64 * words.len() as u64 + 8 * at as u64 + u64::from((tail[at] ^ flip).leading_zeros()))
}
