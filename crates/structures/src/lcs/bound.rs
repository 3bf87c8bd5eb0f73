//! How much work two strings may make.

use thiserror::Error;

/// The servers keep four bytes per cell of the table. Ours is far smaller, but what they refuse takes too long for us as well.
const CELL_BYTES: u64 = 4;

/// The two strings are too long for each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("a table of {table_bytes} bytes would be needed")]
pub struct TooLarge {
    /// What the whole table would take.
    pub table_bytes: u64,
}

/// Refuses strings that are too long for each other.
pub(super) fn check(a: &[u8], b: &[u8], table_bytes_max: u64) -> Result<(), TooLarge> {
    let cells = (a.len() as u64 + 1).saturating_mul(b.len() as u64 + 1);
    let table_bytes = cells.saturating_mul(CELL_BYTES);
    if table_bytes > table_bytes_max { Err(TooLarge { table_bytes }) } else { Ok(()) }
}
