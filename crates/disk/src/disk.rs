//! What is asked of a file system, and of an open file.

use std::ffi::OsString;
use std::fmt;
use std::path::Path;

use crate::error::DiskError;

/// A file system.
pub trait Disk: fmt::Debug + Send + Sync {
    /// Creates a file, which must not exist yet, to be written at its end and read.
    fn create_new(&self, path: &Path) -> Result<Box<dyn File>, DiskError>;

    /// Opens a file that exists, to be written at its end and read.
    fn open_append(&self, path: &Path) -> Result<Box<dyn File>, DiskError>;

    /// Opens a file that exists, to be read only. What others wrote to it can still be made durable.
    fn open_read(&self, path: &Path) -> Result<Box<dyn File>, DiskError>;

    /// Gives a file another name, in place of the file that has it. Whoever looks sees the old file or the new one; a crash before
    /// [`sync_dir`](Self::sync_dir) may undo it.
    fn rename(&self, from: &Path, to: &Path) -> Result<(), DiskError>;

    /// Gives a file a second name, which nothing may have yet. Not every file system can.
    fn link(&self, from: &Path, to: &Path) -> Result<(), DiskError>;

    /// Takes a file's name away.
    fn remove(&self, path: &Path) -> Result<(), DiskError>;

    /// What a directory holds, in the order of names. What goes away meanwhile is left out.
    fn list(&self, directory: &Path) -> Result<Vec<Found>, DiskError>;

    /// Creates a directory in one that exists, unless it is there.
    fn create_dir(&self, path: &Path) -> Result<(), DiskError>;

    /// Makes durable which names the directory holds. What the files hold is no part of it. Where the file system can't be asked for this,
    /// it succeeds: nothing more can be done there.
    fn sync_dir(&self, path: &Path) -> Result<(), DiskError>;

    /// What a name leads to, links followed; `None` if it leads nowhere.
    fn kind(&self, path: &Path) -> Result<Option<Kind>, DiskError>;

    /// The length of a file in bytes, links followed; `None` if there is none of that name.
    fn length(&self, path: &Path) -> Result<Option<u64>, DiskError>;

    /// How many bytes may still be written in the directory's file system.
    fn free_space(&self, directory: &Path) -> Result<u64, DiskError>;

    /// Takes the lock that a name stands for, until it is dropped or the process ends, however it does; `None` if somebody has it. A file of that name
    /// may be made for it, holds nothing, and stays: that it is there says nothing. Not every file system can.
    fn lock(&self, path: &Path) -> Result<Option<Box<dyn Lock>>, DiskError>;
}

/// A lock that was taken. Dropped, it is there for others.
pub trait Lock: fmt::Debug + Send + Sync {}

/// An open file.
pub trait File: fmt::Debug + Send {
    /// The name under which it was opened.
    fn path(&self) -> &Path;

    /// Writes at the end; says how many bytes went in, which may be fewer than there are. [`write_all`](crate::write_all) goes on.
    fn write(&mut self, bytes: &[u8]) -> Result<usize, DiskError>;

    /// Makes durable what was written.
    ///
    /// After a failure nothing is known of what was written since the last success, and asking again tells nothing: the kernel may have
    /// dropped the pages and counts them as written.
    fn sync_data(&mut self) -> Result<(), DiskError>;

    /// A second handle on the same open file: what is written through one is made durable through the other, and a failure of that is told to
    /// one of them only.
    fn second(&self) -> Result<Box<dyn File>, DiskError>;

    /// Cuts the file to this length.
    fn truncate(&mut self, length: u64) -> Result<(), DiskError>;

    /// The length in bytes.
    fn length(&self) -> Result<u64, DiskError>;

    /// Reads from a place on; 0 bytes mean that the file ends there.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, DiskError>;
}

/// A name in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The name without the directory's.
    pub name: OsString,
    /// What it names.
    pub kind: Kind,
    /// The length of a file in bytes; 0 for others.
    pub length: u64,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    File,
    /// A directory.
    Directory,
    /// A link, a socket, a device.
    Other,
}
