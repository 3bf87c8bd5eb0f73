//! What can go wrong.

use std::io;
use std::path::PathBuf;

use disk::DiskError;

/// Why a snapshot isn't written. The file from before is untouched.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// It refused, or what is to be written can't be.
    #[error(transparent)]
    Write(#[from] rdb::WriteError),
    /// The version of the file has no place for a key.
    #[error("{0} (see 'rdb-version')")]
    Record(#[from] records::RecordError),
    /// It was given up.
    #[error("it was cancelled")]
    Cancelled,
    /// Another one is being taken.
    #[error(transparent)]
    Busy(#[from] keyspace::Busy),
}

impl From<io::Error> for SaveError {
    fn from(error: io::Error) -> Self {
        Self::Write(error.into())
    }
}

/// Why data can't be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// A snapshot file is damaged, or holds what kvd can't.
    #[error("{}: {reason}", path.display())]
    Snapshot {
        /// The file.
        path: PathBuf,
        /// What is wrong where.
        reason: String,
    },
    /// The log is damaged.
    #[error(transparent)]
    Log(#[from] aof::AofError),
    /// A command of the log can't be carried out.
    #[error("{} at byte {offset}: {reason}", path.display())]
    Command {
        /// The file.
        path: PathBuf,
        /// Where the command begins.
        offset: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// The log can't be loaded for another reason.
    #[error("{0}")]
    Refused(String),
}
