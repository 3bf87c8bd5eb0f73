//! What can be wrong with bytes that claim to be a packed value.

use std::error::Error;
use std::fmt;

/// Bytes that are not what they claim to be, and where that shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The offset of the entry or field with the fault.
    pub offset: usize,
    /// The fault.
    pub fault: Fault,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Too few bytes for a header and an end.
    TooShort,
    /// More than [`BYTES_MAX`](crate::BYTES_MAX).
    TooLong,
    /// The header tells another number of bytes than there are.
    WrongTotal,
    /// The header tells another number of elements than there are.
    WrongCount,
    /// The last byte is not the one that ends a list.
    NoTerminator,
    /// An end before the last byte.
    EarlyEnd,
    /// No entry begins with this byte.
    UnknownEncoding(u8),
    /// An entry reaches beyond the end.
    Truncated,
    /// The length behind or before an entry is not its length.
    WrongBacklen,
    /// The header's offset of the last entry is not where it is.
    WrongTail,
    /// Integers of another width than 2, 4 or 8 bytes.
    UnknownWidth,
    /// Integers that don't ascend, or not strictly.
    Unsorted,
    /// A key without a value.
    NoValue,
}

impl Malformed {
    pub(crate) fn new(offset: usize, fault: Fault) -> Self {
        Self { offset, fault }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.fault, self.offset)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownEncoding(byte) => return write!(f, "unknown encoding {byte:#04x}"),
            Self::TooShort => "too few bytes",
            Self::TooLong => "too many bytes",
            Self::WrongTotal => "wrong number of bytes",
            Self::WrongCount => "wrong number of elements",
            Self::NoTerminator => "no end",
            Self::EarlyEnd => "an end before the last byte",
            Self::Truncated => "an entry beyond the end",
            Self::WrongBacklen => "wrong length of an entry",
            Self::WrongTail => "wrong offset of the last entry",
            Self::UnknownWidth => "unknown width of integers",
            Self::Unsorted => "integers out of order",
            Self::NoValue => "a key without a value",
        })
    }
}

impl Error for Malformed {}
