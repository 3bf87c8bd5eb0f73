//! Writing compressed bytes.
//!
//! The table holds, for each hash of three bytes, where such bytes were last seen. A copy is made from there if they are the same three
//! bytes and near enough; nothing better is looked for.

use super::{COPY_BYTES_MAX, COPY_BYTES_MIN, DISTANCE_MAX, LITERAL_BYTES_MAX};

/// The number of slots, as a power of two: few for short texts, since the memory of a new table has to be cleared first.
const TABLE_BITS_MIN: u32 = 9;
const TABLE_BITS_MAX: u32 = 14;

/// Where three bytes were last seen; kept from call to call.
///
/// Places count on from those of the text before, so that nothing has to be forgotten between two texts: what is below the present
/// text's first place is from an older one. Clearing 64 KiB each time would cost more than compressing a short text does.
#[derive(Clone, Debug)]
pub struct Table {
    slots: Box<[u32]>,
    /// There are 2^bits slots, or none.
    bits: u32,
    /// The place of the next text's first byte; never 0, which is in slots that were not used.
    next: u32,
}

impl Table {
    /// A table for any number of texts. Takes 2 to 64 KiB, by the longest text so far.
    pub fn new() -> Self {
        Self { slots: Box::default(), bits: 0, next: 1 }
    }

    /// The place of the first byte of a text of `len` bytes; `None` for texts that are too long to have places.
    fn begin(&mut self, len: usize) -> Option<u32> {
        let len = u32::try_from(len).ok().filter(|len| *len < u32::MAX)?;
        let bits = (u32::BITS - len.leading_zeros()).clamp(TABLE_BITS_MIN, TABLE_BITS_MAX);
        if self.bits < bits {
            self.bits = bits;
            self.slots = vec![0; 1 << bits].into_boxed_slice();
        }
        let base = match self.next.checked_add(len) {
            Some(_) => self.next,
            None => {
                self.slots.fill(0);
                1
            }
        };
        self.next = base + len;
        Some(base)
    }

    /// Notes that the three bytes are at `place`, and says where they, or others with their hash, were before.
    #[inline]
    fn swap(&mut self, bytes: [u8; 3], place: u32) -> u32 {
        let [a, b, c] = bytes;
        let hash = u32::from_le_bytes([a, b, c, 0]).wrapping_mul(0x9E37_79B1) >> (32 - self.bits);
        match self.slots.get_mut(hash as usize) {
            Some(slot) => std::mem::replace(slot, place),
            None => 0,
        }
    }
}

impl Default for Table {
    fn default() -> Self {
        Self::new()
    }
}

/// Replaces what is in `into` by `text` compressed, if that takes at most `len_max` bytes and fewer than `text`.
///
/// Returns whether it did; what is in `into` is of no use otherwise.
pub fn compress(text: &[u8], into: &mut Vec<u8>, len_max: usize, table: &mut Table) -> bool {
    into.clear();
    let Some(base) = table.begin(text.len()) else { return false };
    let Some(len_max) = text.len().checked_sub(1).map(|shorter| shorter.min(len_max)) else { return false };
    let (mut at, mut literals) = (0, 0);
    while let Some(bytes) = text.get(at..).and_then(|rest| rest.first_chunk::<3>()) {
        // `begin` made sure that places don't overflow.
        let before = table.swap(*bytes, base + at as u32);
        let copy = before.checked_sub(base).and_then(|from| copy_len(text, from as usize, at));
        let Some((distance, len)) = copy else {
            at += 1;
            continue;
        };
        if into.len() + (at - literals) > len_max {
            return false;
        }
        write_literals(into, text.get(literals..at).unwrap_or_default());
        write_copy(into, distance, len);
        // The last two places of the copy are found again by what comes next.
        for place in at + len - 2..at + len {
            if let Some(bytes) = text.get(place..).and_then(|rest| rest.first_chunk()) {
                table.swap(*bytes, base + place as u32);
            }
        }
        at += len;
        literals = at;
    }
    if into.len() + (text.len() - literals) > len_max {
        return false;
    }
    write_literals(into, text.get(literals..).unwrap_or_default());
    into.len() <= len_max
}

/// How far back `from` is of `at`, and how many bytes are the same there; `None` if a copy can't be made.
#[inline]
fn copy_len(text: &[u8], from: usize, at: usize) -> Option<(usize, usize)> {
    let distance = at.checked_sub(from + 1).filter(|distance| *distance < DISTANCE_MAX)?;
    let here = text.get(at..text.len().min(at + COPY_BYTES_MAX))?;
    let there = text.get(from..from + here.len())?;
    let len = same_bytes(here, there);
    (len >= COPY_BYTES_MIN).then_some((distance, len))
}

/// How many bytes two texts of equal length begin with in common.
#[inline]
fn same_bytes(one: &[u8], other: &[u8]) -> usize {
    let mut words = one.chunks_exact(8).zip(other.chunks_exact(8));
    let differ = |(one, other): (&[u8], &[u8])| {
        let word = |bytes: &[u8]| bytes.try_into().map_or(0, u64::from_le_bytes);
        word(one) ^ word(other)
    };
    let mut same = 0;
    let difference = words.by_ref().map(differ).find(|difference| {
        same += 8 * usize::from(*difference == 0);
        *difference != 0
    });
    if let Some(difference) = difference {
        return same + difference.trailing_zeros() as usize / 8;
    }
    let rest = one.iter().zip(other).skip(same);
    same + rest.take_while(|(one, other)| one == other).count()
}

fn write_literals(into: &mut Vec<u8>, literals: &[u8]) {
    for run in literals.chunks(LITERAL_BYTES_MAX) {
        into.push((run.len() - 1) as u8);
        into.extend_from_slice(run);
    }
}

fn write_copy(into: &mut Vec<u8>, distance: usize, len: usize) {
    let (high, low) = ((distance >> 8) as u8, distance as u8);
    match len - 2 {
        bits @ 1..=6 => into.extend_from_slice(&[(bits as u8) << 5 | high, low]),
        bits => into.extend_from_slice(&[7 << 5 | high, (bits - 7) as u8, low]),
    }
}

#[cfg(test)]
mod tests {
    use super::super::decompress;
    use super::*;

    fn packed(text: &[u8], table: &mut Table) -> Option<Vec<u8>> {
        let mut packed = Vec::new();
        compress(text, &mut packed, usize::MAX, table).then_some(packed)
    }

    #[test]
    fn a_table_serves_many_texts() {
        let mut table = Table::new();
        for text in [&b"abcabcabcabcabcabc"[..], b"xyzabcabcxyzabcabcabcabc", &[b'x'; 9000]] {
            let packed = packed(text, &mut table).unwrap();
            let mut unpacked = Vec::new();
            decompress(&packed, text.len(), &mut unpacked).unwrap();
            assert_eq!(unpacked, text);
        }
    }

    #[test]
    fn places_start_anew_when_they_are_used_up() {
        let mut table = Table::new();
        let text = [b'a'; 100];
        let first = packed(&text, &mut table).unwrap();
        table.next = u32::MAX - 50;
        assert_eq!(packed(&text, &mut table).unwrap(), first);
        assert_eq!(table.next, 101);
        assert_eq!(packed(&text, &mut table).unwrap(), first);
    }

    #[test]
    fn what_would_not_become_short_enough_is_left() {
        let mut table = Table::new();
        let mut into = Vec::new();
        assert!(!compress(b"abcdefghijklmnopqrstuvwxyz", &mut into, usize::MAX, &mut table));
        assert!(!compress(b"", &mut into, usize::MAX, &mut table));
        let text = [b'a'; 25];
        assert!(compress(&text, &mut into, 21, &mut table));
        let len = into.len();
        assert!(compress(&text, &mut into, len, &mut table));
        assert!(!compress(&text, &mut into, len - 1, &mut table));
    }
}
