//! Elements and their places: a register and a value for it.

use super::REGISTERS;

/// Which register an element belongs to, and which value it brings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    index: u16,
    value: u8,
}

/// Bits of a hash that choose the register.
const INDEX_BITS: u32 = REGISTERS.trailing_zeros();
/// Bits that are left for the value.
const VALUE_BITS: u32 = u64::BITS - INDEX_BITS;
/// The greatest value that an element can bring: all bits that are left are zeros.
pub(super) const VALUE_MAX: u8 = VALUE_BITS as u8 + 1;

impl Place {
    /// The place of an element. Takes time in proportion to its length.
    ///
    /// ```
    /// use kvd_structures::hyperloglog::Place;
    ///
    /// let place = Place::of(b"a");
    /// assert_eq!((place.index(), place.value()), (12711, 2));
    /// ```
    #[inline]
    pub fn of(element: &[u8]) -> Self {
        let hash = murmur(element);
        let rest = (hash >> INDEX_BITS) | 1 << VALUE_BITS;
        Self { index: (hash % REGISTERS as u64) as u16, value: rest.trailing_zeros() as u8 + 1 }
    }

    /// The register, less than [`REGISTERS`].
    #[inline]
    pub fn index(self) -> usize {
        usize::from(self.index)
    }

    /// The value: from 1 to 51.
    #[inline]
    pub fn value(self) -> u8 {
        self.value
    }
}

/// MurmurHash64A by Austin Appleby, little endian, with the seed that the format fixes.
fn murmur(bytes: &[u8]) -> u64 {
    const SEED: u64 = 0xadc8_3b19;
    const FACTOR: u64 = 0xc6a4_a793_5bd1_e995;
    const SHIFT: u32 = 47;
    let mut hash = SEED ^ (bytes.len() as u64).wrapping_mul(FACTOR);
    let (words, tail) = bytes.as_chunks::<8>();
    for word in words {
        let mut mixed = u64::from_le_bytes(*word).wrapping_mul(FACTOR);
        mixed ^= mixed >> SHIFT;
        hash = (hash ^ mixed.wrapping_mul(FACTOR)).wrapping_mul(FACTOR);
    }
    if !tail.is_empty() {
        let word = tail.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte));
        hash = (hash ^ word).wrapping_mul(FACTOR);
    }
    hash ^= hash >> SHIFT;
    hash = hash.wrapping_mul(FACTOR);
    hash ^ hash >> SHIFT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_murmur() {
        assert_eq!(murmur(b"a"), 0x53d2_470a_9b43_b1a7);
        assert_eq!(murmur(b"hello world"), 0xa919_bc30_51f6_24b7);
    }
}
