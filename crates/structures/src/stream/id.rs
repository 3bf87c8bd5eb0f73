//! The number of an entry.

use std::fmt;

/// The number of an entry: a time in milliseconds, and a sequence within it. Shows as `5-1`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId {
    /// Milliseconds, of the Unix epoch where the number was made from a clock.
    pub ms: u64,
    /// Counts entries of the same millisecond.
    pub seq: u64,
}

impl StreamId {
    /// `0-0`, which no entry has.
    pub const MIN: Self = Self::new(0, 0);
    /// The greatest.
    pub const MAX: Self = Self::new(u64::MAX, u64::MAX);

    /// The number `ms-seq`.
    pub const fn new(ms: u64, seq: u64) -> Self {
        Self { ms, seq }
    }

    /// The number that comes next.
    pub fn next(self) -> Option<Self> {
        match (self.seq.checked_add(1), self.ms.checked_add(1)) {
            (Some(seq), _) => Some(Self::new(self.ms, seq)),
            (None, Some(ms)) => Some(Self::new(ms, 0)),
            (None, None) => None,
        }
    }

    /// The number before.
    pub fn prev(self) -> Option<Self> {
        match (self.seq.checked_sub(1), self.ms.checked_sub(1)) {
            (Some(seq), _) => Some(Self::new(self.ms, seq)),
            (None, Some(ms)) => Some(Self::new(ms, u64::MAX)),
            (None, None) => None,
        }
    }

    /// 16 bytes whose order is that of the numbers.
    pub fn to_bytes(self) -> [u8; 16] {
        (u128::from(self.ms) << 64 | u128::from(self.seq)).to_be_bytes()
    }

    /// The number that these bytes were made of.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        let both = u128::from_be_bytes(bytes);
        Self::new((both >> 64) as u64, both as u64)
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.ms, self.seq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_run_through_both_halves() {
        let last_of_ms = StreamId::new(4, u64::MAX);
        assert_eq!(last_of_ms.next(), Some(StreamId::new(5, 0)));
        assert_eq!(StreamId::new(5, 0).prev(), Some(last_of_ms));
        assert_eq!(StreamId::MAX.next(), None);
        assert_eq!(StreamId::MIN.prev(), None);
    }

    #[test]
    fn bytes_keep_the_order() {
        let id = StreamId::new(1, 2);
        assert_eq!(StreamId::from_bytes(id.to_bytes()), id);
        assert!(id.to_bytes() < StreamId::new(2, 1).to_bytes());
    }
}
