//! A new base, while it is being written.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use disk::{DiskError, File, FileWriter};

use crate::location::BaseFormat;

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
    file: FileWriter,
    format: BaseFormat,
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
        Self { ticket, file: FileWriter::new(file), format }
    }

    /// Writes what is left and makes all durable.
    pub fn finish(self) -> Result<FinishedBase, DiskError> {
        let path = self.file.path().to_owned();
        let bytes = self.file.finish()?;
        Ok(FinishedBase { ticket: self.ticket, path, format: self.format, bytes })
    }
}

impl Write for BaseWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
