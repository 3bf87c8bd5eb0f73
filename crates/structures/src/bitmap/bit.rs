//! One bit.

use crate::integer::parse_i64;

/// Reads the offset of a bit: a canonical integer below `8 * bytes_max`, where `bytes_max` is the greatest length of a string.
pub fn parse_offset(text: &[u8], bytes_max: u64) -> Option<u64> {
    let offset = u64::try_from(parse_i64(text)?).ok()?;
    (offset / 8 < bytes_max).then_some(offset)
}

/// The bit at `offset`; unset behind the end.
#[inline]
pub fn bit(bytes: &[u8], offset: u64) -> bool {
    let byte = usize::try_from(offset / 8).ok().and_then(|at| bytes.get(at));
    byte.is_some_and(|byte| byte & mask(offset) != 0)
}

/// Sets or clears the bit at `offset` and returns what it was. The string grows with zeros to hold it, also for a bit to be cleared.
///
/// The caller has checked the offset, as [`parse_offset`] does: it decides how much memory is taken.
pub fn set_bit(bytes: &mut Vec<u8>, offset: u64, on: bool) -> bool {
    let at = usize::try_from(offset / 8).expect("the caller has checked that a string may be this long");
    if bytes.len() <= at {
        bytes.resize(at + 1, 0);
    }
    let byte = &mut bytes[at];
    let was = *byte & mask(offset) != 0;
    if on {
        *byte |= mask(offset);
    } else {
        *byte &= !mask(offset);
    }
    was
}

fn mask(offset: u64) -> u8 {
    0x80 >> (offset % 8)
}
