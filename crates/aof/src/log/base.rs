//! A new base, while it is being written.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use disk::{Disk, DiskError, File, write_all};

use super::output::remove_if_there;
use crate::location::BaseFormat;

const BUFFER_BYTES: usize = 128 * 1024;
/// After so many bytes they are made durable, so that the last sync isn't a long one that delays the log's own.
const SYNC_BYTES: u64 = 4 * 1024 * 1024;

/// A new base, to be written on any thread while the log goes on. Dropping it leaves a temporary file, which `abort_rewrite`, the next
/// rewrite or the next start removes.
#[derive(Debug)]
pub struct BaseWriter {
    file: Box<dyn File>,
    format: BaseFormat,
    buffer: Vec<u8>,
    unsynced: u64,
    bytes: u64,
}

/// A base that is written and durable, to be handed to `commit_rewrite`.
#[derive(Debug)]
pub struct FinishedBase {
    pub(crate) path: PathBuf,
    pub(crate) format: BaseFormat,
    /// Its length.
    pub bytes: u64,
}

impl BaseWriter {
    pub(crate) fn create(disk: &dyn Disk, path: &Path, format: BaseFormat) -> Result<Self, DiskError> {
        remove_if_there(disk, path)?;
        let file = disk.create_new(path)?;
        Ok(Self { file, format, buffer: Vec::with_capacity(BUFFER_BYTES), unsynced: 0, bytes: 0 })
    }

    /// Writes what is left and makes all durable.
    pub fn finish(mut self) -> Result<FinishedBase, DiskError> {
        self.write_buffer()?;
        self.file.sync_data()?;
        Ok(FinishedBase { path: self.file.path().to_owned(), format: self.format, bytes: self.bytes })
    }

    fn write_buffer(&mut self) -> Result<(), DiskError> {
        let buffer = std::mem::take(&mut self.buffer);
        self.write_through(&buffer)?;
        self.buffer = buffer;
        self.buffer.clear();
        Ok(())
    }

    fn write_through(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        write_all(&mut *self.file, bytes)?;
        self.bytes += bytes.len() as u64;
        self.unsynced += bytes.len() as u64;
        if self.unsynced >= SYNC_BYTES {
            self.unsynced = 0;
            self.file.sync_data()?;
        }
        Ok(())
    }
}

impl Write for BaseWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
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
