//! A new base, while it is being written.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use disk::{DiskError, File, Operation, write_all};

use crate::location::BaseFormat;

const BUFFER_BYTES: usize = 128 * 1024;
/// After so many bytes they are made durable, so that the last sync isn't a long one that delays the log's own.
const SYNC_BYTES: u64 = 4 * 1024 * 1024;

/// Tells a rewrite from every other, whatever its file is called: one that was aborted may still be written to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ticket(Arc<()>);

impl Ticket {
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// A new base, to be written on any thread while the log goes on. Dropping it leaves a temporary file, which `abort_rewrite` or the next
/// start removes.
///
/// After an error nothing more can be written, and it can't be finished: something of it is missing.
#[derive(Debug)]
pub struct BaseWriter {
    ticket: Ticket,
    file: Box<dyn File>,
    format: BaseFormat,
    buffer: Vec<u8>,
    unsynced: u64,
    bytes: u64,
    has_failed: bool,
}

/// A base that is written and durable, to be handed to `commit_rewrite`.
#[derive(Debug)]
pub struct FinishedBase {
    pub(crate) ticket: Ticket,
    pub(crate) path: PathBuf,
    pub(crate) format: BaseFormat,
    /// Its length.
    pub bytes: u64,
}

impl BaseWriter {
    pub(crate) fn new(ticket: Ticket, file: Box<dyn File>, format: BaseFormat) -> Self {
        let buffer = Vec::with_capacity(BUFFER_BYTES);
        Self { ticket, file, format, buffer, unsynced: 0, bytes: 0, has_failed: false }
    }

    /// Writes what is left and makes all durable.
    pub fn finish(mut self) -> Result<FinishedBase, DiskError> {
        self.write_buffer()?;
        self.file.sync_data()?;
        let path = self.file.path().to_owned();
        Ok(FinishedBase { ticket: self.ticket, path, format: self.format, bytes: self.bytes })
    }

    fn write_buffer(&mut self) -> Result<(), DiskError> {
        let buffer = std::mem::take(&mut self.buffer);
        self.write_through(&buffer)?;
        self.buffer = buffer;
        self.buffer.clear();
        Ok(())
    }

    fn write_through(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        self.check()?;
        // Until it is known that it went well.
        self.has_failed = true;
        self.write_and_sync(bytes)?;
        self.has_failed = false;
        Ok(())
    }

    fn check(&self) -> Result<(), DiskError> {
        if !self.has_failed {
            return Ok(());
        }
        let missing = io::Error::other("what was to be written before is missing");
        Err(DiskError::new(Operation::Write, self.file.path(), missing))
    }

    fn write_and_sync(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        write_all(&mut *self.file, bytes)?;
        self.bytes += bytes.len() as u64;
        self.unsynced += bytes.len() as u64;
        if self.unsynced >= SYNC_BYTES {
            self.file.sync_data()?;
            self.unsynced = 0;
        }
        Ok(())
    }
}

impl Write for BaseWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.check()?;
        if self.buffer.len() + bytes.len() > BUFFER_BYTES {
            self.write_buffer()?;
        }
        if bytes.len() >= BUFFER_BYTES {
            self.write_through(bytes)?;
        } else {
            self.buffer.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(self.write_buffer()?)
    }
}
