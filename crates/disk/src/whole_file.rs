//! Files written, read and replaced as a whole.

use std::io;
use std::path::Path;

use crate::disk::{Disk, File};
use crate::error::{DiskError, Operation};

/// Writes all bytes at the file's end.
pub fn write_all(file: &mut dyn File, mut bytes: &[u8]) -> Result<(), DiskError> {
    while !bytes.is_empty() {
        let count = file.write(bytes)?;
        if count == 0 {
            return Err(DiskError::new(Operation::Write, file.path(), io::ErrorKind::WriteZero.into()));
        }
        bytes = bytes.get(count..).unwrap_or_default();
    }
    Ok(())
}

/// Reads a file of at most `bytes_max` bytes; a longer one is an error of the kind `FileTooLarge`.
pub fn read(disk: &dyn Disk, path: &Path, bytes_max: usize) -> Result<Vec<u8>, DiskError> {
    const PIECE_BYTES: usize = 64 * 1024;
    let file = disk.open_read(path)?;
    let mut bytes = Vec::new();
    let mut piece = vec![0; PIECE_BYTES.min(bytes_max.saturating_add(1))];
    loop {
        let count = file.read_at(bytes.len() as u64, &mut piece)?;
        bytes.extend_from_slice(piece.get(..count).unwrap_or_default());
        if bytes.len() > bytes_max {
            return Err(DiskError::new(Operation::Read, path, io::ErrorKind::FileTooLarge.into()));
        }
        if count == 0 {
            return Ok(bytes);
        }
    }
}

/// Puts a file of these bytes in the place of `path`: a crash at any moment leaves the old one or the new one, whole.
///
/// `temporary` lies in the same directory; what has this name is removed first, and nothing of it stays unless it can't be removed. If the error's operation is
/// [`Operation::SyncDirectory`], the new file is in place, but a crash may still bring the old one back; after any other error the old
/// one is in place.
pub fn replace(disk: &dyn Disk, path: &Path, temporary: &Path, bytes: &[u8]) -> Result<(), DiskError> {
    match disk.remove(temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let file = disk.create_new(temporary)?;
    if let Err(error) = write_and_rename(disk, file, path, bytes) {
        // The error that led here says more than one about this.
        let _ = disk.remove(temporary);
        return Err(error);
    }
    disk.sync_dir(path.parent().unwrap_or(Path::new("/")))
}

fn write_and_rename(
    disk: &dyn Disk,
    mut file: Box<dyn File>,
    to: &Path,
    bytes: &[u8],
) -> Result<(), DiskError> {
    write_all(&mut *file, bytes)?;
    file.sync_data()?;
    disk.rename(file.path(), to)
}
