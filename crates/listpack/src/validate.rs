//! Checking a packed list from elsewhere.

use crate::encoding::{self, read_backlen};
use crate::frame::{self, BYTES_MAX, EMPTY, HEADER_BYTES, TERMINATOR};
use crate::malformed::{Fault, Malformed};

/// Checks everything: the header against the bytes, each entry's encoding, bounds and backlen, the count, the end.
///
/// Entries may have a longer form than they need, as the servers accept too.
pub(crate) fn validate(bytes: &[u8]) -> Result<(), Malformed> {
    validate_frame(bytes)?;
    let end = frame::end_of(bytes);
    let mut at = HEADER_BYTES;
    let mut count = 0;
    while at < end {
        at += entry_len(&bytes[..end], at).map_err(|fault| Malformed::new(at, fault))?;
        count += 1;
    }
    match frame::count(bytes) {
        Some(told) if told != count => Err(Malformed::new(4, Fault::WrongCount)),
        _ => Ok(()),
    }
}

fn validate_frame(bytes: &[u8]) -> Result<(), Malformed> {
    if bytes.len() < EMPTY.len() {
        return Err(Malformed::new(0, Fault::TooShort));
    }
    if bytes.len() > BYTES_MAX {
        return Err(Malformed::new(0, Fault::TooLong));
    }
    let total = bytes.first_chunk().map(|total| u32::from_le_bytes(*total) as usize);
    if total != Some(bytes.len()) {
        return Err(Malformed::new(0, Fault::WrongTotal));
    }
    if bytes.last() != Some(&TERMINATOR) {
        return Err(Malformed::new(frame::end_of(bytes), Fault::NoTerminator));
    }
    Ok(())
}

/// The length of the entry at `at`, which lies in `entries` from its first byte to its last.
#[inline]
fn entry_len(entries: &[u8], at: usize) -> Result<usize, Fault> {
    let first = entries[at];
    // Of all but long texts the first byte tells the length, and the backlen is one byte that says the same.
    if let Some(len) = encoding::entry_len_told_by(first)
        && entries.get(at + len - 1).is_some_and(|&backlen| usize::from(backlen) == len - 1)
    {
        return Ok(len);
    }
    entry_len_in_full(entries, at)
}

fn entry_len_in_full(entries: &[u8], at: usize) -> Result<usize, Fault> {
    let first = entries[at];
    match first {
        TERMINATOR => return Err(Fault::EarlyEnd),
        0xF5..TERMINATOR => return Err(Fault::UnknownEncoding(first)),
        _ => {}
    }
    let len = encoding::entry_len(entries, at).ok_or(Fault::Truncated)?;
    let entry = entries.get(at..).and_then(|rest| rest.get(..len)).ok_or(Fault::Truncated)?;
    match read_backlen(entry) {
        Some((body, backlen)) if body + backlen == len && encoding::body_len(entry, 0) == Some(body) => {
            Ok(len)
        }
        _ => Err(Fault::WrongBacklen),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALID: [u8; 15] = [15, 0, 0, 0, 3, 0, 0x81, 0x61, 2, 1, 1, 0xC1, 0x2C, 2, 0xFF];

    fn fault(change: impl FnOnce(&mut Vec<u8>)) -> (usize, Fault) {
        let mut bytes = VALID.to_vec();
        change(&mut bytes);
        let malformed = validate(&bytes).unwrap_err();
        (malformed.offset, malformed.fault)
    }

    #[test]
    fn lists_are_valid() {
        assert_eq!(validate(&VALID), Ok(()));
        assert_eq!(validate(&EMPTY), Ok(()));
        let mut unknown_count = VALID;
        unknown_count[4..6].fill(0xFF);
        assert_eq!(validate(&unknown_count), Ok(()));
    }

    #[test]
    fn each_fault_is_told_with_its_place() {
        assert_eq!(fault(|bytes| bytes.truncate(6)), (0, Fault::TooShort));
        assert_eq!(fault(|bytes| bytes[0] = 16), (0, Fault::WrongTotal));
        assert_eq!(fault(|bytes| bytes.push(0xFF)), (0, Fault::WrongTotal));
        assert_eq!(fault(|bytes| bytes[14] = 0), (14, Fault::NoTerminator));
        assert_eq!(fault(|bytes| bytes[4] = 2), (4, Fault::WrongCount));
        assert_eq!(fault(|bytes| bytes[9] = 0xFF), (9, Fault::EarlyEnd));
        assert_eq!(fault(|bytes| bytes[9] = 0xF5), (9, Fault::UnknownEncoding(0xF5)));
        assert_eq!(fault(|bytes| bytes[9] = 0xFE), (9, Fault::UnknownEncoding(0xFE)));
        assert_eq!(fault(|bytes| bytes[11] = 0xF4), (11, Fault::Truncated));
        assert_eq!(fault(|bytes| bytes[11] = 0x88), (11, Fault::Truncated));
        assert_eq!(fault(|bytes| bytes[8] = 3), (6, Fault::WrongBacklen));
        assert_eq!(fault(|bytes| bytes[13] = 0x82), (11, Fault::WrongBacklen));
    }

    #[test]
    fn a_length_near_the_end_of_numbers_is_no_length() {
        let bytes = [14, 0, 0, 0, 1, 0, 0xF0, 0xFF, 0xFF, 0xFF, 0xFF, b'x', 6, 0xFF];
        assert_eq!(validate(&bytes), Err(Malformed::new(6, Fault::Truncated)));
    }
}
