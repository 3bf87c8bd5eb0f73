//! The file system of the machine.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, FileTypeExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use crate::disk::{Disk, File, Found, Kind, Lock};
use crate::error::{DiskError, Operation};

/// The file system of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsDisk;

#[derive(Debug)]
struct OsFile {
    path: PathBuf,
    file: fs::File,
}

/// Puts operation and path beside an error of the system.
fn named<T>(operation: Operation, path: &Path, result: io::Result<T>) -> Result<T, DiskError> {
    result.map_err(|source| DiskError::new(operation, path, source))
}

impl OsDisk {
    fn open(
        operation: Operation,
        path: &Path,
        options: &fs::OpenOptions,
    ) -> Result<Box<dyn File>, DiskError> {
        let file = named(operation, path, options.open(path))?;
        Ok(Box::new(OsFile { path: path.to_owned(), file }))
    }

    /// Opens what is there. To open a pipe would be to wait until somebody opens its other end.
    fn open_present(path: &Path, options: &mut fs::OpenOptions) -> Result<Box<dyn File>, DiskError> {
        let type_of = |metadata: fs::Metadata| metadata.file_type();
        if fs::metadata(path).map(type_of).is_ok_and(|file_type| file_type.is_fifo()) {
            let source = io::Error::new(io::ErrorKind::InvalidInput, "it is a pipe, not a file");
            return Err(DiskError::new(Operation::Open, path, source));
        }
        Self::open(Operation::Open, path, options)
    }
}

impl Disk for OsDisk {
    fn create_new(&self, path: &Path) -> Result<Box<dyn File>, DiskError> {
        Self::open(Operation::Create, path, fs::OpenOptions::new().read(true).append(true).create_new(true))
    }

    fn open_append(&self, path: &Path) -> Result<Box<dyn File>, DiskError> {
        Self::open_present(path, fs::OpenOptions::new().read(true).append(true))
    }

    fn open_read(&self, path: &Path) -> Result<Box<dyn File>, DiskError> {
        Self::open_present(path, fs::OpenOptions::new().read(true))
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), DiskError> {
        named(Operation::Rename, from, fs::rename(from, to))
    }

    fn link(&self, from: &Path, to: &Path) -> Result<(), DiskError> {
        named(Operation::Link, from, fs::hard_link(from, to))
    }

    fn remove(&self, path: &Path) -> Result<(), DiskError> {
        named(Operation::Remove, path, fs::remove_file(path))
    }

    fn list(&self, directory: &Path) -> Result<Vec<Found>, DiskError> {
        let found = fs::read_dir(directory).and_then(|entries| {
            let found = entries.map(|entry| entry.and_then(|entry| unless_gone(describe(&entry))));
            found.filter_map(Result::transpose).collect::<io::Result<Vec<Found>>>()
        });
        let mut found = named(Operation::List, directory, found)?;
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(found)
    }

    fn create_dir(&self, path: &Path) -> Result<(), DiskError> {
        match fs::create_dir(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
            result => named(Operation::CreateDirectory, path, result),
        }
    }

    fn sync_dir(&self, path: &Path) -> Result<(), DiskError> {
        match fs::File::open(path).and_then(|directory| directory.sync_all()) {
            // So say file systems that don't know of it for directories.
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::INVAL.raw_os_error()) => Ok(()),
            result => named(Operation::SyncDirectory, path, result),
        }
    }

    fn kind(&self, path: &Path) -> Result<Option<Kind>, DiskError> {
        let metadata = named(Operation::Kind, path, unless_gone(fs::metadata(path)))?;
        Ok(metadata.map(|metadata| kind_of(metadata.file_type())))
    }

    fn length(&self, path: &Path) -> Result<Option<u64>, DiskError> {
        let metadata = named(Operation::Length, path, unless_gone(fs::metadata(path)))?;
        Ok(metadata.map(|metadata| metadata.len()))
    }

    fn free_space(&self, directory: &Path) -> Result<u64, DiskError> {
        let space =
            named(Operation::FreeSpace, directory, rustix::fs::statvfs(directory).map_err(Into::into))?;
        Ok(space.f_bavail.saturating_mul(space.f_frsize))
    }

    fn lock(&self, path: &Path) -> Result<Option<Box<dyn Lock>>, DiskError> {
        // Network file systems want it to be writable.
        let opened = fs::OpenOptions::new().append(true).create(true).open(path);
        let file = named(Operation::Lock, path, opened)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Box::new(OsLock(file)))),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(error) => named(Operation::Lock, path, Err(error.into())),
        }
    }
}

/// The system closes the file when the process ends, however it does, and lets go of the lock then.
#[derive(Debug)]
struct OsLock(fs::File);

impl Lock for OsLock {}

impl Drop for OsLock {
    /// To close the file isn't enough: a program that is being started right now has it open for a moment, too.
    fn drop(&mut self) {
        _ = flock(&self.0, FlockOperation::Unlock);
    }
}

/// `None` for what isn't there, or isn't there any more.
fn unless_gone<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

fn kind_of(kind: fs::FileType) -> Kind {
    match () {
        () if kind.is_file() => Kind::File,
        () if kind.is_dir() => Kind::Directory,
        () => Kind::Other,
    }
}

fn describe(entry: &fs::DirEntry) -> io::Result<Found> {
    let kind = kind_of(entry.file_type()?);
    let length = if kind == Kind::File { entry.metadata()?.len() } else { 0 };
    Ok(Found { name: entry.file_name(), kind, length })
}

impl File for OsFile {
    fn path(&self) -> &Path {
        &self.path
    }

    fn write(&mut self, bytes: &[u8]) -> Result<usize, DiskError> {
        loop {
            match self.file.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return named(Operation::Write, &self.path, result),
            }
        }
    }

    fn sync_data(&mut self) -> Result<(), DiskError> {
        named(Operation::Sync, &self.path, self.file.sync_data())
    }

    fn second(&self) -> Result<Box<dyn File>, DiskError> {
        let file = named(Operation::Open, &self.path, self.file.try_clone())?;
        Ok(Box::new(Self { path: self.path.clone(), file }))
    }

    fn truncate(&mut self, length: u64) -> Result<(), DiskError> {
        named(Operation::Truncate, &self.path, self.file.set_len(length))
    }

    fn length(&self) -> Result<u64, DiskError> {
        named(Operation::Length, &self.path, self.file.metadata().map(|metadata| metadata.len()))
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, DiskError> {
        loop {
            match self.file.read_at(buffer, offset) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return named(Operation::Read, &self.path, result),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_goes_though_its_file_is_open_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let file = fs::File::create(&path).unwrap();
        flock(&file, FlockOperation::NonBlockingLockExclusive).unwrap();
        let copy = file.try_clone().unwrap();
        let lock = OsLock(file);
        assert!(OsDisk.lock(&path).unwrap().is_none());
        drop(lock);
        assert!(OsDisk.lock(&path).unwrap().is_some());
        drop(copy);
    }
}
