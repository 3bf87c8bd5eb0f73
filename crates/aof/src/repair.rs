//! Cutting a file of the log, with a copy of what is cut.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use disk::{Disk, File, write_all};

use crate::error::AofError;

/// Names that are tried for the copy.
const NAMES_MAX: usize = 1000;
const PIECE_BYTES: usize = 256 * 1024;

/// What was cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// The file, now this long.
    pub path: PathBuf,
    /// Its length.
    pub good: u64,
    /// What was cut lies here; `None` if there was nothing to cut.
    pub kept: Option<PathBuf>,
    /// How much that is.
    pub bytes: u64,
    /// Files that followed in the log, under their new names. One that can't be given back to a server by mistake, nor written over by it.
    pub moved: Vec<PathBuf>,
}

/// Cuts a file to `good` bytes. What is cut is copied first into a file beside it, `<name>.cut-at-<good>`, with a number behind it if that is
/// taken. Both are durable afterwards. If it fails, the file has its old length; only if the last step fails, the fsync of the cut
/// ([`Operation::Sync`](disk::Operation::Sync) of this path), it is cut, and a crash may bring the old length back.
pub fn repair(disk: &dyn Disk, path: &Path, good: u64) -> Result<Repair, AofError> {
    Prepared::new(disk, path, good)?.make()
}

/// A cut that isn't made yet. What will be cut is copied, durably.
pub(crate) struct Prepared {
    file: Box<dyn File>,
    repair: Repair,
}

impl Prepared {
    pub(crate) fn new(disk: &dyn Disk, path: &Path, good: u64) -> Result<Self, AofError> {
        let file = disk.open_append(path)?;
        let length = file.length()?;
        if length <= good {
            let repair =
                Repair { path: path.to_owned(), good: length, kept: None, bytes: 0, moved: Vec::new() };
            return Ok(Self { file, repair });
        }
        let copy = create_beside(disk, path, good)?;
        let kept = copy.path().to_owned();
        let bytes = length - good;
        let repair = Repair { path: path.to_owned(), good, kept: Some(kept), bytes, moved: Vec::new() };
        let prepared = Self { file, repair };
        if let Err(error) = prepared.copy_to(disk, copy) {
            prepared.give_up(disk);
            return Err(error);
        }
        Ok(prepared)
    }

    fn copy_to(&self, disk: &dyn Disk, mut copy: Box<dyn File>) -> Result<(), AofError> {
        copy_rest(&*self.file, self.repair.good, &mut *copy)?;
        Ok(disk.sync_dir(self.repair.path.parent().unwrap_or(Path::new("/")))?)
    }

    pub(crate) fn make(mut self) -> Result<Repair, AofError> {
        if self.repair.kept.is_some() {
            self.file.truncate(self.repair.good)?;
            self.file.sync_data()?;
        }
        Ok(self.repair)
    }

    /// Removes the copy.
    pub(crate) fn give_up(self, disk: &dyn Disk) {
        if let Some(kept) = self.repair.kept {
            // It would only fill the disk; the error that led here says more than one about this.
            let _ = disk.remove(&kept);
        }
    }
}

fn create_beside(disk: &dyn Disk, path: &Path, good: u64) -> Result<Box<dyn File>, AofError> {
    for candidate in names(path, good) {
        match disk.create_new(&candidate) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            result => return Ok(result?),
        }
    }
    Err(AofError::NoName { path: path.to_owned() })
}

/// Renames files that no manifest names any more as if all of each were cut: a server would take their names for the next files that it writes.
pub(crate) fn put_aside(disk: &dyn Disk, paths: &[PathBuf]) -> Result<Vec<PathBuf>, AofError> {
    let mut moved = Vec::new();
    for path in paths {
        let no_name = || AofError::NoName { path: path.clone() };
        let mut free = Err(no_name());
        for candidate in names(path, 0) {
            if disk.kind(&candidate)?.is_none() {
                free = Ok(candidate);
                break;
            }
        }
        let free = free?;
        disk.rename(path, &free)?;
        moved.push(free);
    }
    if let Some(folder) = paths.first().and_then(|path| path.parent()) {
        disk.sync_dir(folder)?;
    }
    Ok(moved)
}

/// Names for what is cut from a file, the best one first.
fn names(path: &Path, good: u64) -> impl Iterator<Item = PathBuf> {
    let mut name = OsString::from(path);
    name.push(format!(".cut-at-{good}"));
    (0..=NAMES_MAX).map(move |number| {
        let mut name = name.clone();
        if number > 0 {
            name.push(format!(".{number}"));
        }
        PathBuf::from(name)
    })
}

fn copy_rest(from: &dyn File, mut at: u64, to: &mut dyn File) -> Result<(), AofError> {
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let count = from.read_at(at, &mut piece)?;
        if count == 0 {
            return Ok(to.sync_data()?);
        }
        write_all(to, piece.get(..count).unwrap_or_default())?;
        at += count as u64;
    }
}
