//! How wide the integers of a set are, and reading and writing one.

/// Bytes of each integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Width {
    Two = 2,
    Four = 4,
    Eight = 8,
}

impl Width {
    /// The least width for `value`.
    pub(crate) fn of(value: i64) -> Self {
        if i16::try_from(value).is_ok() {
            Self::Two
        } else if i32::try_from(value).is_ok() {
            Self::Four
        } else {
            Self::Eight
        }
    }

    pub(crate) fn from_bytes(bytes: u32) -> Option<Self> {
        match bytes {
            2 => Some(Self::Two),
            4 => Some(Self::Four),
            8 => Some(Self::Eight),
            _ => None,
        }
    }

    pub(crate) fn bytes(self) -> usize {
        self as usize
    }

    /// The integer with `index` of the integers one after another.
    #[inline]
    pub(crate) fn read(self, integers: &[u8], index: usize) -> Option<i64> {
        let integer = integers.get(index.checked_mul(self.bytes())?..)?;
        match self {
            Self::Two => Some(i64::from(i16::from_le_bytes(*integer.first_chunk()?))),
            Self::Four => Some(i64::from(i32::from_le_bytes(*integer.first_chunk()?))),
            Self::Eight => Some(i64::from_le_bytes(*integer.first_chunk()?)),
        }
    }

    /// Writes `value`, which fits.
    #[inline]
    pub(crate) fn write(self, integers: &mut [u8], index: usize, value: i64) {
        let start = index * self.bytes();
        integers[start..start + self.bytes()].copy_from_slice(&value.to_le_bytes()[..self.bytes()]);
    }
}
