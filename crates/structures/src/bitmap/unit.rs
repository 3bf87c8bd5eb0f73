//! What ranges are counted in.

/// What the start and the end of a range count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// Eight bits.
    Byte,
    /// One.
    Bit,
}

impl Unit {
    pub(super) fn bits(self) -> u64 {
        match self {
            Self::Byte => 8,
            Self::Bit => 1,
        }
    }
}

/// The bits of `bytes`. No slice is longer than `isize::MAX`, but eight times that needs 64 bits.
pub(super) fn bit_len(bytes: &[u8]) -> u64 {
    bytes.len() as u64 * 8
}
