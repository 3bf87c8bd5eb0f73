//! What went wrong with which file.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// An operation that failed, the file or directory, and what the system says.
#[derive(Debug, thiserror::Error)]
#[error("cannot {operation} {}: {source}", path.display())]
pub struct DiskError {
    /// What was tried.
    pub operation: Operation,
    /// With which file or directory.
    pub path: PathBuf,
    /// What the system says.
    pub source: io::Error,
}

/// What can be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Create a file.
    Create,
    /// Open a file.
    Open,
    /// Read from a file.
    Read,
    /// Write to a file.
    Write,
    /// Make a file's contents durable.
    Sync,
    /// Cut a file.
    Truncate,
    /// Ask for what a name leads to.
    Kind,
    /// Ask for a length.
    Length,
    /// Rename a file.
    Rename,
    /// Give a file a second name.
    Link,
    /// Remove a file.
    Remove,
    /// List a directory.
    List,
    /// Create a directory.
    CreateDirectory,
    /// Make a directory's names durable.
    SyncDirectory,
    /// Ask for the free space.
    FreeSpace,
    /// Take a lock.
    Lock,
}

impl DiskError {
    /// Puts what was tried beside what the system said.
    pub fn new(operation: Operation, path: &Path, source: io::Error) -> Self {
        Self { operation, path: path.to_owned(), source }
    }

    /// The system's kind of error.
    pub fn kind(&self) -> io::ErrorKind {
        self.source.kind()
    }
}

impl Operation {
    /// Whether it changes what is on the disk, or what is durable.
    pub fn changes(self) -> bool {
        !matches!(
            self,
            Self::Open | Self::Read | Self::Kind | Self::Length | Self::List | Self::FreeSpace | Self::Lock
        )
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create => "create",
            Self::Open => "open",
            Self::Read => "read",
            Self::Write => "write to",
            Self::Sync => "fsync",
            Self::Truncate => "truncate",
            Self::Kind => "tell what there is at",
            Self::Length => "tell the length of",
            Self::Rename => "rename",
            Self::Link => "give a second name to",
            Self::Remove => "remove",
            Self::List => "list the directory",
            Self::CreateDirectory => "create the directory",
            Self::SyncDirectory => "fsync the directory",
            Self::FreeSpace => "tell the free space of",
            Self::Lock => "lock",
        })
    }
}

impl From<DiskError> for io::Error {
    fn from(error: DiskError) -> Self {
        Self::new(error.source.kind(), error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_operation_file_and_reason() {
        let full = io::Error::from_raw_os_error(28);
        let error = DiskError::new(Operation::Sync, Path::new("/data/log"), full);
        assert_eq!(error.to_string(), "cannot fsync /data/log: No space left on device (os error 28)");
        assert_eq!(io::Error::from(error).kind(), io::ErrorKind::StorageFull);
    }
}
