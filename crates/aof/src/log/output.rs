//! The file that the log is written to.

use std::ffi::OsString;
use std::path::Path;

use disk::{Disk, DiskError, File, write_all};

use super::batch::Context;
use crate::directory::Directory;
use crate::error::AofError;
use crate::manifest::Listed;

/// Numbers that are tried for a new file.
const NAMES_MAX: u64 = 10_000;

/// The last increment.
///
/// Invariant: `durable_length <= length`; both lie behind whole entries.
#[derive(Debug)]
pub(crate) struct Output {
    file: Box<dyn File>,
    /// Its number in the manifest; `None` while the log is being switched on.
    pub(crate) seq: Option<u64>,
    /// Up to here it holds what was written.
    pub(crate) length: u64,
    /// Up to here it is durable.
    pub(crate) durable_length: u64,
    /// Whether there may be something behind `length`.
    torn: bool,
    pub(crate) context: Context,
}

impl Output {
    fn new(file: Box<dyn File>, seq: Option<u64>, length: u64) -> Self {
        Self { file, seq, length, durable_length: length, torn: false, context: Context::default() }
    }

    /// Goes on with the last increment, which was read up to `length`.
    pub(crate) fn resume(directory: &Directory, last: &Listed, length: u64) -> Result<Self, AofError> {
        let path = directory.location().folder().join(&last.name);
        let file = directory.disk().open_append(&path)?;
        let found = file.length()?;
        if found != length {
            return Err(AofError::ChangedLength { path, expected: length, found });
        }
        Ok(Self::new(file, Some(last.seq), length))
    }

    /// Adds an increment to the directory. The manifest names it before anything is written to it. With `in_place_of` the line of that
    /// number goes, of a file that holds nothing.
    pub(crate) fn add(directory: &mut Directory, in_place_of: Option<u64>) -> Result<Self, AofError> {
        let folder = directory.location().folder().to_owned();
        let mut manifest = directory.manifest().clone();
        let after = manifest.increments.last().map_or(0, |last| last.seq);
        let (seq, name, file) = create(directory, after)?;
        let path = folder.join(&name);
        let empty = manifest.increments.iter().position(|listed| Some(listed.seq) == in_place_of);
        let empty = empty.map(|index| manifest.increments.remove(index));
        manifest.increments.push(Listed::new(name.clone(), seq));
        let added =
            directory.disk().sync_dir(&folder).map_err(AofError::from).and_then(|()| directory.put(manifest));
        if let Err(error) = added {
            if !directory.manifest().increments.iter().any(|listed| listed.name == name) {
                // Were it to stay, it would only be a stranger to the next start.
                let _ = directory.disk().remove(&path);
            }
            return Err(error);
        }
        if let Some(empty) = empty {
            // The same holds here.
            let _ = directory.disk().remove(&folder.join(&empty.name));
        }
        Ok(Self::new(file, Some(seq), 0))
    }

    /// A file that the manifest doesn't name yet.
    pub(crate) fn temporary(directory: &Directory) -> Result<Self, AofError> {
        let path = directory.location().temporary_increment();
        remove_if_there(&**directory.disk(), &path)?;
        Ok(Self::new(directory.disk().create_new(&path)?, None, 0))
    }

    /// Writes bytes behind what was written. After an error nothing of them counts, and the file has been cut, or will be by the
    /// next attempt.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        self.mend()?;
        if let Err(error) = write_all(&mut *self.file, bytes) {
            self.torn = true;
            // If it can't be cut now, the next attempt begins with that; the first error is the one to tell.
            let _ = self.mend();
            return Err(error);
        }
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Cuts off what doesn't count.
    fn mend(&mut self) -> Result<(), DiskError> {
        if self.torn {
            self.file.truncate(self.length)?;
            self.torn = false;
        }
        Ok(())
    }

    pub(crate) fn sync(&mut self) -> Result<(), DiskError> {
        self.file.sync_data()?;
        self.durable_length = self.length;
        Ok(())
    }

    /// Cuts off everything that isn't durable, durably.
    pub(crate) fn cut_to_durable(&mut self) -> Result<(), DiskError> {
        self.torn = true;
        self.length = self.durable_length;
        self.mend()?;
        self.file.sync_data()
    }
}

/// Creates the file of the first number that is free.
pub(crate) fn create(directory: &Directory, after: u64) -> Result<(u64, OsString, Box<dyn File>), AofError> {
    let location = directory.location();
    let mut seq = after;
    for _ in 0..NAMES_MAX {
        seq = seq.saturating_add(1);
        let name = location.increment_name(seq);
        match directory.disk().create_new(&location.folder().join(&name)) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            result => return Ok((seq, name, result?)),
        }
    }
    Err(AofError::NoName { path: location.folder().join(location.increment_name(seq)) })
}

pub(crate) fn remove_if_there(disk: &dyn Disk, path: &Path) -> Result<(), DiskError> {
    match disk.remove(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
