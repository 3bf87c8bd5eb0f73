//! Handing a command to the engine: the words are written once, as a request, where the engine's parser reads it.
//!
//! That is a detour through text of some twenty nanoseconds. In return an embedded database runs the very same path as a server, limits
//! included.

use resp::{LARGE_BULK_BYTES, RequestLimits, RequestReader};

use crate::words::sealed;

/// Writes requests.
pub struct Encoder<'a> {
    bytes: &'a mut Vec<u8>,
    /// Where long words go without being written to `bytes` first, and how long they may be.
    reader: Option<(&'a mut RequestReader, usize)>,
}

impl<'a> Encoder<'a> {
    /// Writes to the end of `bytes`.
    pub(crate) fn to_bytes(bytes: &'a mut Vec<u8>) -> Self {
        Self { bytes, reader: None }
    }

    /// Writes to a reader, by way of `scratch`.
    #[inline]
    pub(crate) fn to_reader(
        reader: &'a mut RequestReader,
        scratch: &'a mut Vec<u8>,
        bulk_bytes_max: usize,
    ) -> Self {
        scratch.clear();
        Self { bytes: scratch, reader: Some((reader, bulk_bytes_max)) }
    }

    /// Writes a whole request.
    #[inline]
    pub(crate) fn request(&mut self, words: &impl sealed::Words) {
        self.header(b'*', words.count());
        words.encode(self);
        if let Some((reader, _)) = &mut self.reader {
            reader.feed(self.bytes);
        }
    }

    #[inline]
    pub(crate) fn word(&mut self, word: &[u8]) {
        self.header(b'$', word.len());
        match &mut self.reader {
            Some((reader, bulk_bytes_max)) if word.len() >= LARGE_BULK_BYTES => {
                reader.feed(self.bytes);
                self.bytes.clear();
                feed_large(reader, *bulk_bytes_max, word);
            }
            _ => self.bytes.extend_from_slice(word),
        }
        self.bytes.extend_from_slice(b"\r\n");
    }

    #[inline]
    fn header(&mut self, sign: u8, count: usize) {
        if count < 10 {
            self.bytes.extend_from_slice(&[sign, b'0' + count as u8, b'\r', b'\n']);
        } else {
            self.bytes.push(sign);
            self.bytes.extend_from_slice(itoa::Buffer::new().format(count).as_bytes());
            self.bytes.extend_from_slice(b"\r\n");
        }
    }
}

/// A reader that knows that a long word follows receives it into the buffer in which it will be stored: it is copied once.
fn feed_large(reader: &mut RequestReader, bulk_bytes_max: usize, word: &[u8]) {
    let limits = RequestLimits { bulk_bytes_max, ..RequestLimits::DEFAULT };
    // An error stays with the reader; the engine meets it again, and answers.
    let _fault = reader.parse(&limits);
    reader.feed(word);
}
