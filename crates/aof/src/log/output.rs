//! The file that the log is written to.

use disk::{DiskError, File, write_all};
use std::ffi::OsString;

use super::batch::Context;
use crate::directory::{Directory, remove_if_there};
use crate::error::AofError;
use crate::manifest::{Listed, SEQ_MAX};

/// Numbers that are tried for a new file.
pub(crate) const NAMES_MAX: usize = 10_000;

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
    ///
    /// Whenever the next start would find it named, the log goes on in it, even if a crash could still bring the manifest before back:
    /// what is written to an older file would stand in front of this one. The directory is to be settled before anything in it counts
    /// as durable.
    pub(crate) fn add(directory: &mut Directory, in_place_of: Option<u64>) -> Result<Self, AofError> {
        let folder = directory.location().folder().to_owned();
        let mut manifest = directory.manifest().clone();
        let after = manifest.last_increment();
        let (seq, name, file) = create(directory, after)?;
        let path = folder.join(&name);
        let empty = manifest.increments.iter().position(|listed| Some(listed.seq) == in_place_of);
        let empty = empty.map(|index| manifest.increments.remove(index));
        manifest.increments.push(Listed::new(name.clone(), seq));
        let added =
            directory.disk().sync_dir(&folder).map_err(AofError::from).and_then(|()| directory.put(manifest));
        match added {
            Err(error) if directory.manifest().increments.last().is_none_or(|last| last.name != name) => {
                // Were it to stay, it would only be a stranger to the next start.
                let _ = directory.disk().remove(&path);
                return Err(error);
            }
            // The manifest before names the empty file, so it stays.
            Err(_) => {}
            Ok(()) => {
                let removed = empty.map(|empty| directory.disk().remove(&folder.join(&empty.name)));
                // A stranger as well, if it is still there.
                drop(removed);
            }
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

    /// A handle for an fsync by somebody else.
    pub(crate) fn second(&self) -> Result<Box<dyn File>, DiskError> {
        self.file.second()
    }

    /// Somebody else made it durable up to this length.
    pub(crate) fn synced_to(&mut self, length: u64) {
        self.durable_length = self.durable_length.max(length);
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

/// Creates the file of the first number that is free. A name that is listed isn't, even if its file is gone.
pub(crate) fn create(directory: &Directory, after: u64) -> Result<(u64, OsString, Box<dyn File>), AofError> {
    let location = directory.location();
    let listed = directory.manifest().names();
    for seq in (after + 1..=SEQ_MAX).take(NAMES_MAX) {
        let name = location.increment_name(seq);
        if listed.contains(name.as_os_str()) {
            continue;
        }
        match directory.disk().create_new(&location.folder().join(&name)) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            result => return Ok((seq, name, result?)),
        }
    }
    Err(AofError::NoName { path: location.folder().join(location.increment_name(last_tried(after))) })
}

/// The last number that is tried behind another.
pub(crate) fn last_tried(after: u64) -> u64 {
    after.saturating_add(NAMES_MAX as u64).min(SEQ_MAX)
}
