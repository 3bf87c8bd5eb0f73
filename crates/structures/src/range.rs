//! Parts of a string by start and end, as GETRANGE and SETRANGE know them.

use std::ops::Range;

/// The bytes that `start` and `end` mean in a string of `len` bytes, `end` included; negative numbers count from the end of the string.
///
/// What lies outside is cut off. Two corners: a start after the end is empty, and an `end` before the first byte is the first byte, unless both
/// are negative and in the wrong order.
///
/// ```
/// use kvd_structures::slice_range;
///
/// assert_eq!(slice_range(10, -3, -1), 7..10);
/// assert_eq!(slice_range(10, 8, 100), 8..10);
/// assert!(slice_range(10, 5, 3).is_empty());
/// assert_eq!(slice_range(10, 0, -100), 0..1);
/// ```
pub fn slice_range(len: usize, start: i64, end: i64) -> Range<usize> {
    if start < 0 && end < 0 && start > end {
        return 0..0;
    }
    clamped(len as u64, start, end).map_or(0..0, |range| range.start as usize..range.end as usize)
}

/// The positions from `start` to `end` of `len` that there are, or `None` if there is none.
pub(crate) fn clamped(len: u64, start: i64, end: i64) -> Option<Range<u64>> {
    let last = len.checked_sub(1)?;
    let from_front =
        |index: i64| if index < 0 { len.saturating_sub(index.unsigned_abs()) } else { index.unsigned_abs() };
    let (start, end) = (from_front(start), from_front(end).min(last));
    (start <= end).then(|| start..end + 1)
}

/// Writes `part` over `bytes` from `offset` on; the string grows as needed, with zeros in a gap. An empty `part` changes nothing.
///
/// The caller has checked that `offset + part.len()` is no more than a string may have.
pub fn overwrite(bytes: &mut Vec<u8>, offset: usize, part: &[u8]) {
    if part.is_empty() {
        return;
    }
    let end = offset + part.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[offset..end].copy_from_slice(part);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overwriting_past_the_end_fills_with_zeros() {
        let mut bytes = b"ab".to_vec();
        overwrite(&mut bytes, 4, b"cd");
        assert_eq!(bytes, b"ab\0\0cd");
        overwrite(&mut bytes, 1, b"XY");
        assert_eq!(bytes, b"aXY\0cd");
        overwrite(&mut bytes, 100, b"");
        assert_eq!(bytes.len(), 6);
    }

    #[test]
    fn the_greatest_numbers_do_not_overflow() {
        assert_eq!(slice_range(3, i64::MIN, i64::MAX), 0..3);
        assert_eq!(slice_range(3, i64::MIN, i64::MIN), 0..1);
        assert!(slice_range(3, i64::MAX, i64::MIN).is_empty());
        assert!(slice_range(0, 0, -1).is_empty());
    }
}
