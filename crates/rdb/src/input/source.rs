//! A file that is read on.
//!
//! ```text
//! buffer  ├── hashed ──┼── taken, to be hashed ──┼── read, to be taken ──┼── free ──┤
//!         0            hashed                    start                   end        len
//! ```
//!
//! The checksum is fed when the buffer is filled again, some 64 KiB at once: by the word it would cost more than the parsing. The buffer grows
//! when a text is longer, by what was read so far and not by what a length claims.

use std::fmt;
use std::io::{self, Read};

use super::Bytes;
use crate::checksum::Checksum;
use crate::error::{Error, ErrorKind};
use crate::scratch::Scratch;

/// The buffer's first length.
const BUFFER_BYTES: usize = 64 * 1024;

/// A buffer that grew beyond this is given back when it isn't needed.
const KEPT_BYTES_MAX: usize = 16 * BUFFER_BYTES;

/// The bytes of a file, buffered.
pub struct Source<R> {
    read: R,
    buffer: Vec<u8>,
    hashed: usize,
    start: usize,
    end: usize,
    /// The offset of the buffer's first byte.
    base: u64,
    /// `None` when nobody wants to know.
    checksum: Option<Checksum>,
    scratch: Scratch,
}

impl<R: Read> Source<R> {
    pub(crate) fn new(read: R, checksum: Option<Checksum>, scratch: Scratch) -> Self {
        Self { read, buffer: Vec::new(), hashed: 0, start: 0, end: 0, base: 0, checksum, scratch }
    }

    /// The checksum of all that was taken.
    pub(crate) fn checksum(&mut self) -> Option<u64> {
        self.hash();
        self.checksum.as_ref().map(Checksum::value)
    }

    /// What was read and not taken, and the rest.
    pub(crate) fn into_rest(mut self) -> (Vec<u8>, R) {
        self.buffer.truncate(self.end);
        self.buffer.drain(..self.start);
        (self.buffer, self.read)
    }

    fn hash(&mut self) {
        if let Some(checksum) = &mut self.checksum {
            checksum.update(self.buffer.get(self.hashed..self.start).unwrap_or_default());
        }
        self.hashed = self.start;
    }

    /// Reads until `len` bytes are there to be taken, of which the last `piece` belong together.
    #[cold]
    #[inline(never)]
    fn fill(&mut self, len: usize, piece: usize) -> Result<(), Error> {
        self.make_room(len);
        while self.end - self.start < len {
            if self.end == self.buffer.len() {
                let grown = grown(self.buffer.len(), len, piece);
                // `resize` alone would take twice what there was.
                self.buffer.reserve_exact(grown - self.buffer.len());
                self.buffer.resize(grown, 0);
            }
            let offset = self.base + self.end as u64;
            let free = self.buffer.get_mut(self.end..).unwrap_or_default();
            let free_len = free.len();
            match self.read.read(free) {
                Ok(0) => return Err(Error::new(offset, ErrorKind::Truncated)),
                Ok(count) => self.end += count.min(free_len),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::new(offset, error)),
            }
        }
        Ok(())
    }

    /// Moves what is still to be taken to the front, and gives a large buffer back when `len` bytes fit in less.
    fn make_room(&mut self, len: usize) {
        self.hash();
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
        }
        self.base += self.start as u64;
        self.end -= self.start;
        (self.start, self.hashed) = (0, 0);
        if self.buffer.len() > KEPT_BYTES_MAX && len.max(self.end) <= KEPT_BYTES_MAX {
            self.buffer.truncate(KEPT_BYTES_MAX);
            self.buffer.shrink_to_fit();
        }
    }
}

/// The next length of a buffer that is full of bytes not yet taken, where `wanted` bytes are to be there. As many as are wanted for a large
/// piece, half as much again where one small piece follows the other; never more than twice what was read, nor a step that isn't worth a call
/// of the system.
fn grown(len: usize, wanted: usize, piece: usize) -> usize {
    let more = if piece < len / 8 { len / 2 } else { 0 };
    wanted.max(len + more).min(2 * len).max(len + BUFFER_BYTES)
}

impl<R: Read> Bytes for Source<R> {
    #[inline]
    fn ahead(&mut self, at: usize, len: usize) -> Result<&[u8], Error> {
        let wanted = at.saturating_add(len);
        if self.end - self.start < wanted {
            self.fill(wanted, len)?;
        }
        Ok(self.buffer.get(self.start + at..self.end).unwrap_or_default())
    }

    #[inline]
    fn take(&mut self, len: usize) -> (&[u8], &mut Scratch) {
        let start = self.start;
        self.start = (start + len).min(self.end);
        (self.buffer.get(start..self.start).unwrap_or_default(), &mut self.scratch)
    }

    #[inline]
    fn pass(&mut self, len: u64) -> Result<(), Error> {
        let mut left = len;
        loop {
            let buffered = self.end - self.start;
            let step = usize::try_from(left).map_or(buffered, |left| left.min(buffered));
            self.start += step;
            left -= step as u64;
            if left == 0 {
                return Ok(());
            }
            self.fill(1, 1)?;
        }
    }

    #[inline]
    fn offset(&self) -> u64 {
        self.base + self.start as u64
    }

    #[inline]
    fn text_bytes_max(&self) -> usize {
        self.scratch.text_bytes_max()
    }
}

impl<R> fmt::Debug for Source<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("offset", &(self.base + self.start as u64)).finish_non_exhaustive()
    }
}
