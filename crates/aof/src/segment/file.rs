//! A file of the log, read from its disk.

use std::path::{Path, PathBuf};

use disk::{Disk, File};

use super::limits::Limits;
use super::reader::{SegmentReader, Step};
use super::record::{Ending, Malformed, Record};
use crate::error::AofError;

/// How much is read at once.
const PIECE_BYTES: usize = 256 * 1024;

/// A file of the log that is being read.
#[derive(Debug)]
pub struct SegmentFile {
    path: PathBuf,
    file: Box<dyn File>,
    at: u64,
    piece: Vec<u8>,
    reader: SegmentReader,
}

/// What comes next in a file.
#[derive(Debug)]
pub enum Next<'a> {
    /// A record.
    Record(Record<'a>),
    /// Its end.
    End(Ending),
}

impl SegmentFile {
    /// Opens a file to be read from this offset on: 0, or the end of the snapshot at its front.
    pub fn open(disk: &dyn Disk, path: &Path, offset: u64, limits: Limits) -> Result<Self, AofError> {
        let file = disk.open_read(path)?;
        let reader = SegmentReader::new(offset, limits);
        Ok(Self { path: path.to_owned(), file, at: offset, piece: vec![0; PIECE_BYTES], reader })
    }

    /// The next record, or how the file ends.
    pub fn next_record(&mut self) -> Result<Next<'_>, AofError> {
        let step = loop {
            match self.step()? {
                Step::Wanting => {}
                step => break step,
            }
            let count = self.file.read_at(self.at, &mut self.piece)?;
            if count == 0 {
                let ending = self.reader.finish();
                return ending.map(Next::End).map_err(|fault| self.malformed(fault));
            }
            self.at += count as u64;
            self.reader.feed(self.piece.get(..count).unwrap_or_default());
        };
        match self.reader.record(step) {
            Some(record) => Ok(Next::Record(record)),
            None => Ok(Next::End(self.reader.ending())),
        }
    }

    /// The file's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where an open transaction begins, if there is one.
    pub(crate) fn transaction(&self) -> Option<u64> {
        self.reader.transaction()
    }

    fn step(&mut self) -> Result<Step, AofError> {
        self.reader.advance().map_err(|fault| self.malformed(fault))
    }

    fn malformed(&self, fault: Malformed) -> AofError {
        AofError::Malformed { path: self.path.clone(), fault }
    }
}
