//! What readers may be told.

use crate::scratch::TEXT_BYTES_MAX;

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadOptions {
    /// Whether the checksum at the end is compared with the bytes. On by default.
    pub checksum: bool,
    /// The longest string, and the longest packed value, in bytes. 4 GiB by default, above what any server writes.
    pub text_bytes_max: usize,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { checksum: true, text_bytes_max: TEXT_BYTES_MAX }
    }
}
