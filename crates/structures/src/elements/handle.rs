//! Where an element lies.

use dict::Number;

/// Bits of a handle that say where in a chunk an element begins.
const OFFSET_BITS: u32 = 16;

/// The place of an element: a chunk and an offset in it. 40 bits, since sorted sets store two for each member or so; a tebibyte can be
/// addressed by them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub(crate) struct Handle(u64);

impl Handle {
    pub(crate) const BITS: u32 = 40;

    /// Chunks that handles can tell apart.
    pub(crate) const CHUNKS_MAX: usize = 1 << (Self::BITS - OFFSET_BITS);

    /// Bytes of a chunk that elements can begin in.
    pub(crate) const CHUNK_BYTES: usize = 1 << OFFSET_BITS;

    #[inline]
    pub(crate) fn new(chunk: usize, offset: usize) -> Self {
        assert!(chunk < Self::CHUNKS_MAX && offset < Self::CHUNK_BYTES, "a tebibyte of elements is full");
        Self((chunk as u64) << OFFSET_BITS | offset as u64)
    }

    /// A handle from its lowest 32 bits and the eight above them.
    #[inline]
    pub(crate) const fn joined(low: u32, high: u8) -> Self {
        Self((high as u64) << 32 | low as u64)
    }

    #[inline]
    pub(crate) const fn low(self) -> u32 {
        self.0 as u32
    }

    #[inline]
    pub(crate) const fn high(self) -> u8 {
        (self.0 >> 32) as u8
    }

    #[inline]
    pub(crate) const fn chunk(self) -> usize {
        (self.0 >> OFFSET_BITS) as usize
    }

    #[inline]
    pub(crate) const fn offset(self) -> usize {
        self.0 as usize & (Self::CHUNK_BYTES - 1)
    }
}

impl From<Handle> for Number {
    #[inline]
    fn from(handle: Handle) -> Self {
        Self::new(handle.0)
    }
}

impl From<Number> for Handle {
    #[inline]
    fn from(number: Number) -> Self {
        Self(number.value())
    }
}
