//! `kvd-check convert`: a snapshot for a server of another version.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use rdb::{CopyError, Item, WriteOptions, Writer};
use tempfile::NamedTempFile;

use crate::command_line::{ConvertTask, YesOrNo};
use crate::out::Out;
use crate::progress::Progress;
use crate::scan::{Scan, Stop};
use crate::text::Shown;
use crate::trouble::{Failure, Trouble, Verdict};

pub(crate) fn run(task: &ConvertTask, progress: &Progress, out: &mut Out) -> Result<Verdict, Trouble> {
    if !task.force && task.to.exists() {
        return Err(there_already(&task.to).into());
    }
    let mut scan = Scan::open(&task.from, progress)?;
    let folder = match task.to.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let temporary = NamedTempFile::new_in(folder).map_err(Failure::file("create a file in", folder))?;
    let keys = copy(task, &mut scan, temporary.as_file())?;
    let bytes = put(task, temporary, folder)?;
    let (from, to, dialect) = (task.from.display(), task.to.display(), task.version.dialect());
    out.line(format_args!(
        "{from} ({}, {} bytes) is now also {to} ({dialect}, {bytes} bytes): {keys} keys",
        scan.dialect(),
        scan.offset()
    ));
    Ok(Verdict::Fine)
}

/// Copies all items; returns the number of keys.
fn copy(task: &ConvertTask, scan: &mut Scan<'_>, to: &File) -> Result<u64, Trouble> {
    let options =
        WriteOptions { compress: task.compress == YesOrNo::Yes, ..WriteOptions::new(task.version.dialect()) };
    let written = |error: CopyError, what: &str| match error {
        CopyError::Read(error) => Stop::Read(error),
        CopyError::Write(rdb::WriteError::Io(source)) => {
            Failure::File { operation: "write to", path: task.to.clone(), source }.into()
        }
        CopyError::Write(error) => Failure::Refused(format!("{what} can't be converted: {error}")).into(),
    };
    let mut writer = Writer::new(to, options).map_err(|error| refused(written(error.into(), "the file")))?;
    let mut keys = 0;
    scan.run(&mut |placed| {
        let what = match &placed.item {
            Item::Entry(entry) => {
                keys += 1;
                Some(entry.key().to_vec())
            }
            _ => None,
        };
        writer.copy(placed.item).map_err(|error| {
            let what = what.map(|key| format!("key {} of database {}", Shown(&key), placed.db));
            written(error, what.as_deref().unwrap_or("the file"))
        })
    })?;
    writer.finish().map_err(|error| refused(written(error.into(), "the file")))?;
    Ok(keys)
}

/// Gives the file its name; returns its length.
fn put(task: &ConvertTask, temporary: NamedTempFile, folder: &Path) -> Result<u64, Failure> {
    let permissions = fs::metadata(&task.from).map_err(Failure::file("open", &task.from))?.permissions();
    let set = fs::set_permissions(temporary.path(), permissions);
    set.and_then(|()| temporary.as_file().sync_all()).map_err(Failure::file("write to", &task.to))?;
    let put = if task.force { temporary.persist(&task.to) } else { temporary.persist_noclobber(&task.to) };
    let file = put.map_err(|error| match error.error.kind() {
        io::ErrorKind::AlreadyExists => there_already(&task.to),
        _ => Failure::File { operation: "write to", path: task.to.clone(), source: error.error },
    })?;
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(Failure::file("fsync the directory of", &task.to))?;
    Ok(file.metadata().map_err(Failure::file("open", &task.to))?.len())
}

fn there_already(path: &Path) -> Failure {
    Failure::Refused(format!("{} is there already; --force replaces it", path.display()))
}

/// What stopped a writer that no reader was part of.
fn refused(stop: Stop) -> Trouble {
    match stop {
        Stop::Trouble(trouble) => trouble,
        Stop::Read(error) => Failure::Refused(error.to_string()).into(),
    }
}
