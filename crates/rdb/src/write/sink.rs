//! Bytes on their way out: buffered, hashed, strings compressed.

use std::fmt;
use std::io::Write;

use listpack::{Element, ListpackRef, TextBuffer};

use super::error::WriteError;
use super::options::WriteOptions;
use crate::checksum::Checksum;
use crate::dialect::Dialect;
use crate::lzf;

/// How much is written, and hashed, at once.
const BUFFER_BYTES: usize = 64 * 1024;

/// The longest text of an `i32`.
const INTEGER_BYTES_MAX: usize = 11;

/// Strings up to this are not compressed.
const PLAIN_BYTES_MAX: usize = 20;

/// What compression must save.
const SAVED_BYTES_MIN: usize = 4;

/// A compressor's buffer that grew beyond this is given back.
const KEPT_BYTES_MAX: usize = 1 << 20;

/// Where values are written to.
pub(crate) struct Sink<W> {
    write: W,
    buffer: Vec<u8>,
    options: WriteOptions,
    checksum: Option<Checksum>,
    table: lzf::Table,
    packed: Vec<u8>,
    /// Parts that are still owed by whoever writes a value.
    owed: u64,
}

impl<W: Write> Sink<W> {
    pub(crate) fn new(
        write: W,
        options: WriteOptions,
        checksum: Option<Checksum>,
    ) -> Result<Self, WriteError> {
        if !options.dialect.is_written() {
            return Err(WriteError::Dialect(options.dialect));
        }
        let table = lzf::Table::new();
        Ok(Self { write, buffer: Vec::new(), options, checksum, table, packed: Vec::new(), owed: 0 })
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.options.dialect
    }

    /// Makes sure that nothing is owed.
    pub(crate) fn settle(&self) -> Result<(), WriteError> {
        if self.owed == 0 { Ok(()) } else { Err(WriteError::Missing(self.owed)) }
    }

    /// Notes that so many parts are to come.
    pub(crate) fn owe(&mut self, parts: u64) {
        self.owed = parts;
    }

    /// Counts a part.
    #[inline]
    pub(crate) fn pay(&mut self) -> Result<(), WriteError> {
        self.owed = self.owed.checked_sub(1).ok_or(WriteError::Surplus)?;
        Ok(())
    }

    /// Bytes as they are.
    #[inline]
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        if self.buffer.len() + bytes.len() > BUFFER_BYTES {
            return self.bytes_beyond(bytes);
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn bytes_beyond(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.flush()?;
        if bytes.len() < BUFFER_BYTES {
            self.buffer.extend_from_slice(bytes);
            return Ok(());
        }
        if let Some(checksum) = &mut self.checksum {
            checksum.update(bytes);
        }
        Ok(self.write.write_all(bytes)?)
    }

    pub(crate) fn length(&mut self, length: u64) -> Result<(), WriteError> {
        if let Ok(short @ 0..0x40) = u8::try_from(length) {
            self.bytes(&[short])
        } else if let Ok(short @ 0..0x4000) = u16::try_from(length) {
            self.bytes(&(0x4000 | short).to_be_bytes())
        } else if let Ok(long) = u32::try_from(length) {
            self.bytes(&[0x80])?;
            self.bytes(&long.to_be_bytes())
        } else {
            self.bytes(&[0x81])?;
            self.bytes(&length.to_be_bytes())
        }
    }

    /// A string: as an integer where it is the text of one, compressed where that is worth it.
    #[inline]
    pub(crate) fn text(&mut self, text: Element<'_>) -> Result<(), WriteError> {
        match text {
            Element::Bytes(bytes) if bytes.len() > INTEGER_BYTES_MAX => self.blob(bytes),
            _ => match text.int().and_then(|value| i32::try_from(value).ok()) {
                Some(value) => self.integer(value),
                None => self.blob(text.text(&mut TextBuffer::new())),
            },
        }
    }

    /// A string that is no integer.
    pub(crate) fn blob(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        if self.options.compress && bytes.len() > PLAIN_BYTES_MAX && self.compressed(bytes)? {
            return Ok(());
        }
        self.length(bytes.len() as u64)?;
        self.bytes(bytes)
    }

    /// A packed list, in the form in which the dialect's servers read it.
    pub(crate) fn packed(&mut self, list: ListpackRef<'_>) -> Result<(), WriteError> {
        self.blob(&list.in_dialect(self.options.dialect.packing()))
    }

    fn integer(&mut self, value: i32) -> Result<(), WriteError> {
        if let Ok(value) = i8::try_from(value) {
            self.bytes(&[0xC0, value.cast_unsigned()])
        } else if let Ok(value) = i16::try_from(value) {
            let [low, high] = value.to_le_bytes();
            self.bytes(&[0xC1, low, high])
        } else {
            self.bytes(&[0xC2])?;
            self.bytes(&value.to_le_bytes())
        }
    }

    /// Writes a string compressed; `false`, with nothing written, if that saves too little.
    fn compressed(&mut self, bytes: &[u8]) -> Result<bool, WriteError> {
        let mut packed = std::mem::take(&mut self.packed);
        let is_shorter = lzf::compress(bytes, &mut packed, bytes.len() - SAVED_BYTES_MIN, &mut self.table);
        if is_shorter {
            self.bytes(&[0xC3])?;
            self.length(packed.len() as u64)?;
            self.length(bytes.len() as u64)?;
            self.bytes(&packed)?;
        }
        if packed.capacity() <= KEPT_BYTES_MAX {
            self.packed = packed;
        }
        Ok(is_shorter)
    }

    /// Hands over what is buffered.
    pub(crate) fn flush(&mut self) -> Result<(), WriteError> {
        if let Some(checksum) = &mut self.checksum {
            checksum.update(&self.buffer);
        }
        self.write.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    /// Ends with the checksum of all bytes, or with zeros.
    pub(crate) fn end(&mut self) -> Result<(), WriteError> {
        self.flush()?;
        let checksum = self.checksum.as_ref().map_or(0, Checksum::value);
        Ok(self.write.write_all(&checksum.to_le_bytes())?)
    }

    /// Begins anew, with another checksum.
    pub(crate) fn restart(&mut self, checksum: Checksum) {
        self.buffer.clear();
        self.checksum = Some(checksum);
        self.owed = 0;
    }

    pub(crate) fn inner(&mut self) -> &mut W {
        &mut self.write
    }

    pub(crate) fn into_inner(self) -> W {
        self.write
    }
}

impl Sink<Vec<u8>> {
    /// Bytes that were written.
    pub(crate) fn written(&self) -> usize {
        self.write.len() + self.buffer.len()
    }

    pub(crate) fn capacity(&self) -> usize {
        self.write.capacity() + self.buffer.capacity()
    }

    /// Appends all that was written to `out`, and forgets it, with the memory of what was large.
    pub(crate) fn drain(&mut self, out: &mut Vec<u8>) {
        out.append(&mut self.write);
        out.append(&mut self.buffer);
        // What was written is elsewhere, and most values are shorter.
        self.write.shrink_to(BUFFER_BYTES);
    }
}

impl<W> fmt::Debug for Sink<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sink")
            .field("options", &self.options)
            .field("owed", &self.owed)
            .finish_non_exhaustive()
    }
}
