//! What can go wrong when writing.

use std::io;

use crate::dialect::Dialect;

/// Why something isn't written. What was written before it is of no use then, unless said otherwise.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// Files of this dialect are read, not written.
    #[error("{0} is not written")]
    Dialect(Dialect),
    /// A field with an expiry, which the dialect can't hold. Nothing was written, unless other fields of the hash were.
    #[error("{0} has no fields that expire")]
    FieldTtl(Dialect),
    /// A field that expires before the time that was told as the earliest, or before 1970.
    #[error("a field expires at {0} ms, earlier than told")]
    Expiry(i64),
    /// A score that is no number.
    #[error("a score that is no number")]
    Score,
    /// Something else was begun, or the end, before all parts of a value were there.
    #[error("{0} parts of a value are missing")]
    Missing(u64),
    /// A part that the value has no place for: one too many, or one of another kind.
    #[error("a part where none belongs")]
    Surplus,
    /// Writing failed.
    #[error("{0}")]
    Io(#[from] io::Error),
}
