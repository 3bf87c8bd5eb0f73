//! What writers may be told.

use crate::dialect::Dialect;

/// How a file or payload is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteOptions {
    /// For whom. [`Dialect::lowest_for`] tells which is best.
    pub dialect: Dialect,
    /// Whether strings of more than 20 bytes are compressed where that saves at least 4.
    pub compress: bool,
    /// Whether a file ends with a checksum, or with zeros. Payloads always have one.
    pub checksum: bool,
}

impl WriteOptions {
    /// As servers write unless configured otherwise: compressed, with a checksum.
    pub fn new(dialect: Dialect) -> Self {
        Self { dialect, compress: true, checksum: true }
    }
}

impl From<Dialect> for WriteOptions {
    fn from(dialect: Dialect) -> Self {
        Self::new(dialect)
    }
}
