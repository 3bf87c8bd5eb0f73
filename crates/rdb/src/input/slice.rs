//! Bytes that are there.

use super::Bytes;
use crate::error::{Error, ErrorKind};
use crate::scratch::Scratch;

/// Bytes in memory, read from where they are.
#[derive(Debug)]
pub struct Slice<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The offset of the first byte, for errors.
    offset: u64,
    scratch: &'a mut Scratch,
}

impl<'a> Slice<'a> {
    pub(crate) fn new(bytes: &'a [u8], offset: u64, scratch: &'a mut Scratch) -> Self {
        Self { bytes, at: 0, offset, scratch }
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }
}

impl Bytes for Slice<'_> {
    #[inline]
    fn ahead(&mut self, at: usize, len: usize) -> Result<&[u8], Error> {
        match self.rest().get(at..) {
            Some(rest) if rest.len() >= len => Ok(rest),
            _ => Err(Error::new(self.offset + self.bytes.len() as u64, ErrorKind::Truncated)),
        }
    }

    #[inline]
    fn take(&mut self, len: usize) -> (&[u8], &mut Scratch) {
        let taken = self.rest().get(..len).unwrap_or_default();
        self.at += taken.len();
        (taken, self.scratch)
    }

    fn pass(&mut self, len: u64) -> Result<(), Error> {
        match usize::try_from(len) {
            Ok(len) if len <= self.rest().len() => {
                self.at += len;
                Ok(())
            }
            _ => Err(Error::new(self.offset + self.bytes.len() as u64, ErrorKind::Truncated)),
        }
    }

    fn offset(&self) -> u64 {
        self.offset + self.at as u64
    }

    fn text_bytes_max(&self) -> usize {
        self.scratch.text_bytes_max()
    }
}
