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

/// Up to so many bytes are made in place, in room that is there from the beginning.
const SHORT_BYTES_MAX: usize = RESERVED_BYTES_MAX;

/// What is short is copied in pieces of so many bytes, whether all of them are wanted or not: to copy a number of bytes that only shows at run
/// time takes a call.
const PIECE_BYTES: usize = 16;

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
    if len <= SHORT_BYTES_MAX {
        into.resize(len + PIECE_BYTES, 0);
        let outcome = decompress_short(packed, len, into);
        into.truncate(len);
        return outcome;
    }
    decompress_long(packed, len, into)
}

/// What is to be done next.
enum Instruction {
    /// So many bytes follow as they are.
    Run(usize),
    /// So many bytes again, from so far back.
    Copy { distance: usize, len: usize },
}

/// The next instruction and what stands behind it: the bytes of a run, or the one after. `None` at the end.
#[inline]
fn next_instruction(packed: &[u8]) -> Result<Option<(Instruction, &[u8])>, LzfFault> {
    let Some((&control, after)) = packed.split_first() else { return Ok(None) };
    let control = usize::from(control);
    if control < 32 {
        return Ok(Some((Instruction::Run(control + 1), after)));
    }
    let (len, low, after) = match (control >> 5, after) {
        (7, [more, low, after @ ..]) => (7 + usize::from(*more), *low, after),
        (bits @ 1..=6, [low, after @ ..]) => (bits, *low, after),
        _ => return Err(LzfFault::Truncated),
    };
    let distance = ((control & 31) << 8 | usize::from(low)) + 1;
    Ok(Some((Instruction::Copy { distance, len: len + COPY_BYTES_MIN - 1 }, after)))
}

/// Appends to `into`, which grows.
fn decompress_long(packed: &[u8], len: usize, into: &mut Vec<u8>) -> Result<(), LzfFault> {
    into.reserve(len.min(packed.len() + RESERVED_BYTES_MAX));
    let mut rest = packed;
    while let Some((instruction, after)) = next_instruction(rest)? {
        if into.capacity() - into.len() < INSTRUCTION_BYTES_MAX {
            // Twice as much, but no more than is to come.
            let more = len.saturating_sub(into.len()).min(into.len());
            into.reserve_exact(more.max(INSTRUCTION_BYTES_MAX));
        }
        match instruction {
            Instruction::Run(run_len) => {
                let (run, after) = after.split_at_checked(run_len).ok_or(LzfFault::Truncated)?;
                rest = after;
                into.extend_from_slice(run);
            }
            Instruction::Copy { distance, len } => {
                rest = after;
                copy(into, distance, len)?;
            }
        }
        if into.len() > len {
            return Err(LzfFault::Length);
        }
    }
    if into.len() == len { Ok(()) } else { Err(LzfFault::Length) }
}

/// Fills `out`, which has room for `len` bytes and a piece.
fn decompress_short(packed: &[u8], len: usize, out: &mut [u8]) -> Result<(), LzfFault> {
    let mut rest = packed;
    let mut at = 0;
    while let Some((instruction, after)) = next_instruction(rest)? {
        match instruction {
            Instruction::Run(run_len) => {
                if run_len > len - at {
                    return Err(LzfFault::Length);
                }
                if let (Some([one, other]), Some(room)) =
                    (pieces(after), out.get_mut(at..at + 2 * PIECE_BYTES))
                {
                    room[..PIECE_BYTES].copy_from_slice(one);
                    room[PIECE_BYTES..].copy_from_slice(other);
                } else {
                    let run = after.get(..run_len).ok_or(LzfFault::Truncated)?;
                    out[at..at + run_len].copy_from_slice(run);
                }
                rest = &after[run_len..];
                at += run_len;
            }
            Instruction::Copy { distance, len: copy_len } => {
                rest = after;
                let from = at.checked_sub(distance).ok_or(LzfFault::Distance)?;
                if copy_len > len - at {
                    return Err(LzfFault::Length);
                }
                copy_short(out, from, at, copy_len);
                at += copy_len;
            }
        }
    }
    if at == len { Ok(()) } else { Err(LzfFault::Length) }
}

/// The first two pieces.
#[inline]
fn pieces(bytes: &[u8]) -> Option<[&[u8; PIECE_BYTES]; 2]> {
    let (one, rest) = bytes.split_first_chunk()?;
    Some([one, rest.first_chunk()?])
}

/// Copies `len` bytes at `from` to `at` behind them, which they may overlap. What follows may be written over, for a piece.
#[inline]
fn copy_short(out: &mut [u8], from: usize, at: usize, len: usize) {
    let distance = at - from;
    if distance >= PIECE_BYTES {
        for done in (0..len).step_by(PIECE_BYTES) {
            out.copy_within(from + done..from + done + PIECE_BYTES, at + done);
        }
    } else if distance == 1 {
        let byte = out[from];
        out[at..at + len].fill(byte);
    } else {
        for done in 0..len {
            out[at + done] = out[from + done];
        }
    }
}

/// Appends `len` bytes from `distance` bytes back; they may overlap with what they make.
fn copy(into: &mut Vec<u8>, distance: usize, len: usize) -> Result<(), LzfFault> {
    let start = into.len().checked_sub(distance).ok_or(LzfFault::Distance)?;
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
    use crate::lzf::{Table, compress};
    use proptest::prelude::*;

    /// Texts of few different bytes, runs of which come again nearby and far away.
    fn text() -> impl Strategy<Value = Vec<u8>> {
        let piece = (0..4_u8, 1..40_usize, 1..9_usize);
        proptest::collection::vec(piece, 0..60).prop_map(|pieces| {
            let piece =
                |(first, len, step): (u8, usize, usize)| (0..len).map(move |at| first + (at / step) as u8);
            pieces.into_iter().flat_map(piece).collect()
        })
    }

    proptest! {
        #[test]
        fn in_place_or_growing_is_the_same(
            text in text(),
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
            longer in 0..4_usize,
        ) {
            let mut packed = Vec::new();
            prop_assume!(compress(&text, &mut packed, usize::MAX, &mut Table::default()));
            for (index, byte) in changes {
                let at = index.index(packed.len());
                packed[at] = byte;
            }
            let len = text.len() + longer.saturating_sub(2);
            let mut short = vec![0; len + PIECE_BYTES];
            let in_place = decompress_short(&packed, len, &mut short);
            short.truncate(len);
            let mut long = Vec::new();
            let growing = decompress_long(&packed, len, &mut long);
            prop_assert_eq!(in_place.is_ok(), growing.is_ok());
            if growing.is_ok() {
                prop_assert_eq!(short, long);
            }
        }
    }

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
