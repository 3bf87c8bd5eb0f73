//! What is found, and what goes wrong.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use aof::AofError;
use disk::DiskError;

use crate::text::Shown;

/// What became of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Fine,
    /// Damage or a difference.
    Found,
}

/// Why a task ended early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error(transparent)]
    Damage(#[from] Damage),
    #[error(transparent)]
    Failure(#[from] Failure),
}

/// Wrong bytes in a file.
#[derive(Debug, thiserror::Error)]
pub(crate) struct Damage {
    pub(crate) path: PathBuf,
    /// `None` if it is the file as a whole.
    pub(crate) offset: Option<u64>,
    pub(crate) reason: String,
    pub(crate) place: Place,
}

/// Where in the data something is wrong.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// There is nothing to tell.
    Unknown,
    /// In front of the first key.
    Front,
    /// In the value of this key.
    In(u64, Vec<u8>),
    /// Somewhere behind this key.
    After(u64, Vec<u8>),
    /// Behind the last command that is whole, which ends here.
    Behind(u64),
}

/// Why a question couldn't be answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("cannot {operation} {}: {source}", path.display())]
    File { operation: &'static str, path: PathBuf, source: io::Error },
    #[error(transparent)]
    Disk(#[from] DiskError),
    #[error("cannot write to standard output: {0}")]
    Output(io::Error),
    #[error("{address}: {reason}")]
    Server { address: String, reason: String },
    #[error("{0}")]
    Refused(String),
}

impl Failure {
    /// For `map_err`.
    pub(crate) fn file(operation: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File { operation, path: path.to_owned(), source }
    }
}

impl From<DiskError> for Trouble {
    fn from(error: DiskError) -> Self {
        Self::Failure(error.into())
    }
}

impl From<AofError> for Trouble {
    fn from(error: AofError) -> Self {
        let reason = error.to_string();
        let (path, offset, reason) = match error {
            AofError::Disk(error) => return error.into(),
            AofError::Manifest { path, fault } => (path, None, fault.to_string()),
            AofError::ReservedName { path } => {
                (path, None, "its name in the manifest is not one for a file of the log".to_owned())
            }
            AofError::Missing { path } => {
                (path, None, "it is named in the manifest and doesn't exist".to_owned())
            }
            AofError::Malformed { path, fault } => (path, Some(fault.offset), fault.reason.to_string()),
            AofError::InUse { path } => {
                let reason = "a server writes this log: stop it first, or repair a copy";
                return Failure::Refused(format!("{}: {reason}", path.display())).into();
            }
            AofError::Torn { path, tail } => {
                let reason = "it ends in the middle of a command and isn't the last file".to_owned();
                (path, Some(tail.good), reason)
            }
            _ => return Failure::Refused(reason).into(),
        };
        Damage { path, offset, reason, place: Place::Unknown }.into()
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: damaged", self.path.display())?;
        if let Some(offset) = self.offset {
            write!(f, " at byte {offset}")?;
        }
        write!(f, ": {}", self.reason)?;
        match &self.place {
            Place::Unknown => Ok(()),
            Place::Front => f.write_str("; no key was read before"),
            Place::In(db, key) => write!(f, "; in the value of key {} of database {db}", Shown(key)),
            Place::After(db, key) => write!(f, "; behind key {} of database {db}", Shown(key)),
            Place::Behind(end) => write!(f, "; the last whole command ends at byte {end}"),
        }
    }
}
