//! What can go wrong when reading, and where.

use std::{fmt, io};

use listpack::Malformed;

use crate::lzf::LzfFault;

/// Why reading can't go on, and the byte of the file or payload where that shows.
#[derive(Debug, thiserror::Error)]
#[error("{kind} at byte {offset}")]
pub struct Error {
    /// Bytes from the start: of the file, or of the payload.
    pub offset: u64,
    /// What is wrong.
    #[source]
    pub kind: ErrorKind,
}

/// Why reading can't go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The bytes end too early.
    #[error("the bytes end too early")]
    Truncated,
    /// The bytes are not what they must be.
    #[error("{0}")]
    Malformed(#[source] Fault),
    /// The bytes are not those that were written.
    #[error("wrong checksum: {computed:016x} instead of {stored:016x}")]
    Checksum {
        /// What the file says.
        stored: u64,
        /// What its bytes give.
        computed: u64,
    },
    /// Well-formed for all that is known, but not read here.
    #[error("{0}")]
    Unsupported(Unsupported),
    /// More than the options permit.
    #[error("{0}")]
    Limit(Limit),
    /// The value was read already, by [`Entry::raw_value`](crate::Entry::raw_value).
    #[error("the value was read before")]
    ReadBefore,
    /// Reading failed.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// What is wrong with bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The first bytes are no magic.
    Magic,
    /// No length begins with this byte.
    Length(u8),
    /// No string begins with this byte.
    Text(u8),
    /// An integer too large for what it counts.
    Integer(u64),
    /// Compressed bytes.
    Lzf(LzfFault),
    /// A packed value.
    Packed(Malformed),
    /// A packed list with a number of elements that is no multiple of this.
    Elements(u8),
    /// A packed sorted set whose members don't ascend.
    Unsorted,
    /// A score that is no number.
    Score,
    /// An expiry that is no time.
    Expiry,
    /// A list's node of no known kind.
    Container(u64),
    /// A stream's node whose key is not 16 bytes.
    NodeKey,
    /// A stream's node without entries.
    EmptyNode,
    /// A stream's entry that can't be read, or isn't in its place.
    Entry,
    /// A stream that has other entries than it says.
    Counts,
    /// A stream's entry that is pending for a group and for none of its consumers, or the other way round.
    Owner,
    /// A member, field or name that is there twice.
    Twice,
    /// A collection without elements.
    Empty,
    /// An item of a module's value with this number.
    ModuleItem(u64),
}

/// What is not read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsupported {
    /// A version of the format.
    Version(u16),
    /// A type of value, or an opcode of a file, that the dialect doesn't have.
    Type(u8),
    /// Values of modules, as they were before Redis 4.0 was released.
    OldModule,
    /// Functions, as they were before Redis 7.0 was released.
    OldFunction,
}

/// What there is too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// A text of so many bytes.
    Text(u64),
    /// So many ranges of slots in one import.
    SlotRanges(u64),
    /// A value of an old form whose new one would be too long.
    Packed,
}

impl Error {
    pub(crate) fn new(offset: u64, kind: impl Into<ErrorKind>) -> Self {
        Self { offset, kind: kind.into() }
    }
}

impl From<Fault> for ErrorKind {
    fn from(fault: Fault) -> Self {
        Self::Malformed(fault)
    }
}

impl From<LzfFault> for ErrorKind {
    fn from(fault: LzfFault) -> Self {
        Self::Malformed(Fault::Lzf(fault))
    }
}

impl From<Malformed> for ErrorKind {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(Fault::Packed(malformed))
    }
}

impl From<Unsupported> for ErrorKind {
    fn from(unsupported: Unsupported) -> Self {
        Self::Unsupported(unsupported)
    }
}

impl From<Limit> for ErrorKind {
    fn from(limit: Limit) -> Self {
        Self::Limit(limit)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Magic => f.write_str("neither a file of Redis nor of Valkey"),
            Self::Length(byte) => write!(f, "no length begins with {byte:#04x}"),
            Self::Text(byte) => write!(f, "no string begins with {byte:#04x}"),
            Self::Integer(value) => write!(f, "{value} is out of range"),
            Self::Lzf(fault) => fault.fmt(f),
            Self::Packed(malformed) => write!(f, "malformed packed value ({malformed})"),
            Self::Elements(step) => write!(f, "a packed value whose elements are no multiple of {step}"),
            Self::Unsorted => f.write_str("a packed sorted set out of order"),
            Self::Score => f.write_str("a score that is no number"),
            Self::Expiry => f.write_str("an expiry that is no time"),
            Self::Container(number) => write!(f, "a list's node of unknown kind {number}"),
            Self::NodeKey => f.write_str("a stream's node with a malformed key"),
            Self::EmptyNode => f.write_str("a stream's node without entries"),
            Self::Entry => f.write_str("a stream's entry that is malformed or out of order"),
            Self::Counts => f.write_str("a stream whose length or last id contradicts its entries"),
            Self::Owner => {
                f.write_str("a stream's group whose pending entries aren't those of its consumers")
            }
            Self::Twice => f.write_str("a member, field or consumer is there twice"),
            Self::Empty => f.write_str("a collection without elements"),
            Self::ModuleItem(number) => write!(f, "an item of unknown kind {number} in a module's value"),
        }
    }
}

impl std::error::Error for Fault {}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => write!(f, "version {version} is not supported"),
            Self::Type(number) => write!(f, "type or opcode {number} is not supported"),
            Self::OldModule => f.write_str("values of modules of before Redis 4.0 are not supported"),
            Self::OldFunction => f.write_str("functions of before Redis 7.0 are not supported"),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(bytes) => write!(f, "a text of {bytes} bytes is longer than permitted"),
            Self::SlotRanges(count) => write!(f, "{count} ranges of slots are more than there are slots"),
            Self::Packed => f.write_str("a packed value is too long in its new form"),
        }
    }
}
