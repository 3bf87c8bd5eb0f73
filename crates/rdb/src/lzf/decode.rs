//! Reading compressed bytes.

use std::fmt;

use super::{COPY_BYTES_MAX, COPY_BYTES_MIN};

/// Three bytes make 264 at most.
const EXPANSION_MAX: usize = COPY_BYTES_MAX / 3;

/// The most that an instruction makes.
const INSTRUCTION_BYTES_MAX: usize = COPY_BYTES_MAX;

/// Capacity that is reserved on the word of a length alone.
const RESERVED_BYTES_MAX: usize = 64 * 1024;

/// What can be wrong with compressed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LzfFault {
    /// They end within an instruction.
    Truncated,
    /// A copy from before the start.
    Distance,
    /// Not the number of bytes that was told.
    Length,
}

/// The most that `packed_len` compressed bytes can make.
pub fn decompressed_len_max(packed_len: usize) -> usize {
    packed_len.saturating_mul(EXPANSION_MAX)
}

/// Replaces what is in `into` by what `packed` holds, which must be `len` bytes.
///
/// Memory is taken as bytes come, not as `len` says.
///
/// # Errors
///
/// `packed` isn't compressed bytes, or others than told. What is in `into` then is of no use.
pub fn decompress(packed: &[u8], len: usize, into: &mut Vec<u8>) -> Result<(), LzfFault> {
    into.clear();
    if len > decompressed_len_max(packed.len()) {
        return Err(LzfFault::Length);
    }
    into.reserve(len.min(packed.len() + RESERVED_BYTES_MAX));
    let mut rest = packed;
    while let Some((&control, after)) = rest.split_first() {
        let control = usize::from(control);
        if into.capacity() - into.len() < INSTRUCTION_BYTES_MAX {
            // Twice as much, but no more than is to come.
            let more = len.saturating_sub(into.len()).min(into.len());
            into.reserve_exact(more.max(INSTRUCTION_BYTES_MAX));
        }
        if control < 32 {
            let (run, after) = after.split_at_checked(control + 1).ok_or(LzfFault::Truncated)?;
            rest = after;
            into.extend_from_slice(run);
        } else {
            let (copy_len, low, after) = match (control >> 5, after) {
                (7, [more, low, after @ ..]) => (7 + usize::from(*more), *low, after),
                (bits @ 1..=6, [low, after @ ..]) => (bits, *low, after),
                _ => return Err(LzfFault::Truncated),
            };
            rest = after;
            copy(into, (control & 31) << 8 | usize::from(low), copy_len + COPY_BYTES_MIN - 1)?;
        }
        if into.len() > len {
            return Err(LzfFault::Length);
        }
    }
    if into.len() == len { Ok(()) } else { Err(LzfFault::Length) }
}

/// Appends `len` bytes from `distance` + 1 bytes back; they may overlap with what they make.
fn copy(into: &mut Vec<u8>, distance: usize, len: usize) -> Result<(), LzfFault> {
    let start = into.len().checked_sub(distance + 1).ok_or(LzfFault::Distance)?;
    let mut left = len;
    // Each turn doubles what can be copied at once.
    while left > 0 {
        let piece = left.min(into.len() - start);
        into.extend_from_within(start..start + piece);
        left -= piece;
    }
    Ok(())
}

impl fmt::Display for LzfFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truncated => "compressed bytes end within an instruction",
            Self::Distance => "a compressed copy from before the start",
            Self::Length => "compressed bytes of another length than told",
        })
    }
}

impl std::error::Error for LzfFault {}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(packed: &[u8], len: usize) -> Result<Vec<u8>, LzfFault> {
        let mut text = Vec::new();
        decompress(packed, len, &mut text).map(|()| text)
    }

    #[test]
    fn what_servers_wrote_is_read() {
        assert_eq!(read(b"\x01aa\xe0\x0c\x00\x01aa", 25).unwrap(), [b'a'; 25]);
        assert_eq!(read(b"\x02aba\xe0\xba\x01\x01ab", 200).unwrap(), b"ab".repeat(100));
        assert_eq!(read(b"", 0).unwrap(), b"");
    }

    #[test]
    fn each_fault_is_told() {
        assert_eq!(read(b"\x01a", 2), Err(LzfFault::Truncated));
        assert_eq!(read(b"\x00a\xe0", 9), Err(LzfFault::Truncated));
        assert_eq!(read(b"\x00a\xe0\x00", 9), Err(LzfFault::Truncated));
        assert_eq!(read(b"\x00a\x20", 4), Err(LzfFault::Truncated));
        assert_eq!(read(b"\x20\x00", 3), Err(LzfFault::Distance));
        assert_eq!(read(b"\x00a\x20\x01", 4), Err(LzfFault::Distance));
        assert_eq!(read(b"\x00a", 2), Err(LzfFault::Length));
        assert_eq!(read(b"\x01ab", 1), Err(LzfFault::Length));
        assert_eq!(read(b"\x00a", usize::MAX), Err(LzfFault::Length));
    }
}
