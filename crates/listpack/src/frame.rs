//! What stands around the entries: six bytes before, one after.
//!
//! ```text
//! ┌─────────────┬───────────┬───────┬───────┬─────┬──────┐
//! │ all bytes   │ elements  │ entry │ entry │  …  │ 0xFF │
//! │ u32, little │ u16       │       │       │     │      │
//! └─────────────┴───────────┴───────┴───────┴─────┴──────┘
//! 0             4           6                     ▲ end_of(bytes)
//! ```
//!
//! The count is 65535 when it is that many elements or more: then only a walk tells. It stays 65535 when elements are
//! deleted, since counting after each deletion would cost more than it gives.

use std::error::Error;
use std::fmt;

/// Bytes before the first entry.
pub(crate) const HEADER_BYTES: usize = 6;

/// What stands after the last entry.
pub(crate) const TERMINATOR: u8 = 0xFF;

/// A list without elements.
pub(crate) const EMPTY: [u8; HEADER_BYTES + 1] = [7, 0, 0, 0, 0, 0, TERMINATOR];

/// The count that says nothing but "so many or more".
pub(crate) const COUNT_UNKNOWN: u16 = u16::MAX;

/// The most bytes of a packed list or integer set: 1 GiB, as the servers have it, far from where a length overflows.
pub const BYTES_MAX: usize = 1 << 30;

/// Where an element stands in its list.
///
/// Good until the list is changed; what lies before a change keeps its position. A position from elsewhere leads to
/// other elements or none when reading, and must not be used for writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(u32);

impl Position {
    /// `None` beyond what any valid list has.
    pub(crate) fn new(offset: usize) -> Option<Self> {
        u32::try_from(offset).ok().map(Self)
    }

    /// In bytes from the start of the list.
    pub fn offset(self) -> usize {
        self.0 as usize
    }
}

/// The change would make more than [`BYTES_MAX`] bytes. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "more than {BYTES_MAX} bytes in a packed value")
    }
}

impl Error for TooLarge {}

/// The count in the header; `None` if it must be counted.
pub(crate) fn count(bytes: &[u8]) -> Option<usize> {
    match u16::from_le_bytes(*bytes.get(4..)?.first_chunk()?) {
        COUNT_UNKNOWN => None,
        count => Some(usize::from(count)),
    }
}

/// Writes the header of a list that is complete but for it.
pub(crate) fn write_header(bytes: &mut [u8], count: Option<usize>) {
    let total = u32::try_from(bytes.len()).expect("BYTES_MAX was checked before the list grew");
    let count = count.and_then(|count| u16::try_from(count).ok()).unwrap_or(COUNT_UNKNOWN);
    bytes[..4].copy_from_slice(&total.to_le_bytes());
    bytes[4..HEADER_BYTES].copy_from_slice(&count.to_le_bytes());
}

/// The offset of the terminator.
pub(crate) fn end_of(bytes: &[u8]) -> usize {
    bytes.len().saturating_sub(1)
}
