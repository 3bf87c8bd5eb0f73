//! A long file, written through a buffer.

use std::io::{self, Read, Write};
use std::path::Path;

use crate::disk::{Disk, File};
use crate::error::{DiskError, Operation};
use crate::whole_file::write_all;

const BUFFER_BYTES: usize = 128 * 1024;
/// After so many bytes they are made durable: a long sync keeps the processor that it runs on, and delays the syncs of others.
const SYNC_BYTES: u64 = 512 * 1024;

/// Writes a file through a buffer. Once a write or a sync has failed, everything fails: nobody knows what the file holds.
#[derive(Debug)]
pub struct FileWriter {
    file: Box<dyn File>,
    buffer: Vec<u8>,
    unsynced: u64,
    bytes: u64,
    has_failed: bool,
}

impl FileWriter {
    /// Writes at the end of a file.
    pub fn new(file: Box<dyn File>) -> Self {
        Self { file, buffer: Vec::with_capacity(BUFFER_BYTES), unsynced: 0, bytes: 0, has_failed: false }
    }

    /// Creates a file to be written, in place of what has that name.
    ///
    /// # Errors
    /// See [`DiskError`].
    pub fn create(disk: &dyn Disk, path: &Path) -> Result<Self, DiskError> {
        match disk.remove(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(Self::new(disk.create_new(path)?)),
        }
    }

    /// The file's path.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Writes what is left and makes all durable. Returns the number of bytes written.
    ///
    /// # Errors
    /// See [`DiskError`]; also if anything failed before.
    pub fn finish(mut self) -> Result<u64, DiskError> {
        self.write_buffer()?;
        self.file.sync_data()?;
        Ok(self.bytes)
    }

    fn write_buffer(&mut self) -> Result<(), DiskError> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let outcome = self.write_through(&buffer);
        buffer.clear();
        self.buffer = buffer;
        outcome
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
        Err(DiskError::new(Operation::Write, self.path(), missing))
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

impl Write for FileWriter {
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

/// Reads a file from its beginning.
#[derive(Debug)]
pub struct FileReader {
    file: Box<dyn File>,
    at: u64,
}

impl FileReader {
    /// Opens a file to be read.
    ///
    /// # Errors
    /// See [`DiskError`].
    pub fn open(disk: &dyn Disk, path: &Path) -> Result<Self, DiskError> {
        Ok(Self { file: disk.open_read(path)?, at: 0 })
    }

    /// How many bytes were read.
    pub fn position(&self) -> u64 {
        self.at
    }

    /// The file's length in bytes.
    ///
    /// # Errors
    /// See [`DiskError`].
    pub fn length(&self) -> Result<u64, DiskError> {
        self.file.length()
    }
}

impl Read for FileReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(self.at, buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Fault, FaultyDisk, Outcome, SimulatedDisk};

    #[test]
    fn what_is_written_is_read() {
        let disk = SimulatedDisk::default();
        let path = Path::new("/a");
        let mut writer = FileWriter::create(&disk, path).unwrap();
        let text: Vec<u8> = (0..1_000_000u32).flat_map(u32::to_le_bytes).collect();
        for piece in text.chunks(100_001) {
            writer.write_all(piece).unwrap();
        }
        assert_eq!(writer.finish().unwrap(), text.len() as u64);
        let mut read = Vec::new();
        FileReader::open(&disk, path).unwrap().read_to_end(&mut read).unwrap();
        assert!(read == text);
    }

    #[test]
    fn nothing_is_written_after_a_failure() {
        for operation in [Operation::Write, Operation::Sync] {
            let disk = FaultyDisk::losing_pages(&SimulatedDisk::default());
            disk.add(Fault::once(operation, Outcome::IO_ERROR));
            let mut writer = FileWriter::create(&disk, Path::new("/a")).unwrap();
            let piece = vec![7; 5 << 20];
            assert!(writer.write_all(&piece).is_err());
            assert!(writer.write_all(&piece).is_err() && writer.flush().is_err() && writer.finish().is_err());
        }
    }
}
