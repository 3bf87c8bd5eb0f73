//! How much a file may claim.

use resp::{BULK_BYTES_MAX, WORDS_MAX};

/// The longest line of an annotation, its end included.
pub(crate) const ANNOTATION_BYTES_MAX: usize = 1024;
/// Digits of the largest count or length that is read.
pub(crate) const DIGITS_MAX: usize = 10;

/// What a file of the log may hold. Memory is taken for bytes that have come, never for a length that was claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest word: `proto-max-bulk-len`.
    pub word_bytes_max: usize,
    /// The most words of a command. What a server takes from its clients it must read in its log, so it isn't lower than there.
    pub words_max: usize,
    /// The longest command.
    pub command_bytes_max: u64,
}

impl Limits {
    /// Words of 512 MiB, as many as a request may have, 4 GiB in all.
    pub const DEFAULT: Self =
        Self { word_bytes_max: BULK_BYTES_MAX, words_max: WORDS_MAX, command_bytes_max: 1 << 32 };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
