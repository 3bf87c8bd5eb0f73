//! What the parser asks of its input.

use crate::error::Error;
use crate::scratch::Scratch;

/// Bytes to read from: a [`Source`](crate::Source) or a [`Slice`](crate::Slice).
pub trait Input: Bytes {}

impl<I: Bytes> Input for I {}

/// What the parser asks of its input. Nobody else can implement it.
pub trait Bytes {
    /// All that is buffered from `at` bytes ahead on, at least `len` bytes.
    fn ahead(&mut self, at: usize, len: usize) -> Result<&[u8], Error>;

    /// Takes the next `len` bytes, which were looked at; with what is needed to make sense of them.
    fn take(&mut self, len: usize) -> (&[u8], &mut Scratch);

    /// Passes over bytes that need not have been looked at, without keeping them.
    fn pass(&mut self, len: u64) -> Result<(), Error>;

    /// The offset of the next byte.
    fn offset(&self) -> u64;

    /// The longest text that is read.
    fn text_bytes_max(&self) -> usize;
}
