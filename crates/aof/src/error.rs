//! What can be wrong with a log.

use std::path::PathBuf;

use disk::DiskError;

use crate::manifest::ManifestError;
use crate::segment::{Malformed, Tail};

/// Why a log can't be opened, read, written or rewritten. Unless it says otherwise, everything on the disk is left as it was.
#[derive(Debug, thiserror::Error)]
pub enum AofError {
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The manifest breaks a rule.
    #[error("bad manifest {}: {fault}", path.display())]
    Manifest {
        /// The manifest's path.
        path: PathBuf,
        /// Which line breaks which rule.
        fault: ManifestError,
    },
    /// Somebody else writes the log.
    #[error("{} is in use by another server: two in one directory would overwrite each other's log. Give each a 'dir' of its own", path.display())]
    InUse {
        /// The log's directory.
        path: PathBuf,
    },
    /// The manifest names itself, or a file that would be removed at start-up.
    #[error("{} is named in the manifest, and its name is not one for a file of the log", path.display())]
    ReservedName {
        /// The file's path.
        path: PathBuf,
    },
    /// A log of a single file would be moved to a name that a file has.
    #[error("{} holds something, and a log of a single file is to be moved there", path.display())]
    NameTaken {
        /// The name.
        path: PathBuf,
    },
    /// A log of a single file is a link that leads nowhere from the log's directory. It was left where it is.
    #[error("{} is a link that leads nowhere once it is moved into the log's directory", path.display())]
    RelativeLink {
        /// The link.
        path: PathBuf,
    },
    /// The manifest names a file that isn't there.
    #[error("{} is named in the manifest and doesn't exist", path.display())]
    Missing {
        /// The file's path.
        path: PathBuf,
    },
    /// A file holds what no server wrote.
    #[error("bad file format in {} at byte {}: {}", path.display(), fault.offset, fault.reason)]
    Malformed {
        /// The file's path.
        path: PathBuf,
        /// What is wrong where.
        fault: Malformed,
    },
    /// A file ends in the middle of a command, and others follow it.
    #[error("{} ends in the middle of a command (byte {} of {}) and isn't the last file", path.display(), tail.good, tail.length)]
    Torn {
        /// The file's path.
        path: PathBuf,
        /// How it ends.
        tail: Tail,
    },
    /// A point in time was asked for, and the log has no timestamps.
    #[error("the log has no timestamps (aof-timestamp-enabled)")]
    NoTimestamps,
    /// A point in time was asked for that lies before what the log can go back to.
    #[error("the log can't go back to {asked}, its first timestamp is {first}")]
    BeforeFirst {
        /// The second that was asked for.
        asked: u64,
        /// The first second in the log.
        first: u64,
    },
    /// The last file isn't as long as whoever read it says.
    #[error("{} has {found} bytes, {expected} were read", path.display())]
    ChangedLength {
        /// The file's path.
        path: PathBuf,
        /// What was read.
        expected: u64,
        /// What is there.
        found: u64,
    },
    /// Everything that such a file could be called is taken.
    #[error("no name is free for another {}", path.display())]
    NoName {
        /// The name that was tried last.
        path: PathBuf,
    },
}
