//! `kvd-check convert`: a snapshot for a server of another version.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rdb::{Checker, CopyError, Item, WriteOptions, Writer};
use tempfile::NamedTempFile;

use crate::command_line::{ConvertTask, YesOrNo};
use crate::out::Out;
use crate::progress::Progress;
use crate::scan::{Scan, Stop, is_stdin};
use crate::text::Shown;
use crate::trouble::{Damage, Failure, Trouble, Verdict};

/// What a file is created with, less what the umask takes away.
const NEW_FILE_MODE: u32 = 0o666;

pub(crate) fn run(task: &ConvertTask, progress: &Progress, out: &mut Out) -> Result<Verdict, Trouble> {
    look_at_target(task)?;
    let mut scan = Scan::open(&task.from, progress)?;
    let folder = match task.to.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let temporary = tempfile::Builder::new()
        .permissions(fs::Permissions::from_mode(NEW_FILE_MODE))
        .tempfile_in(folder)
        .map_err(Failure::file("create a file in", folder))?;
    let keys = copy(task, &mut scan, temporary.as_file())?;
    let (dialect_before, bytes_before) = (scan.dialect(), scan.offset());
    let following = scan.rest()?;
    following.refuse_log(&task.from)?;
    check(task, temporary.path(), progress)?;
    let bytes = put(task, temporary, folder)?;
    let (from, to, dialect) = (task.from.display(), task.to.display(), task.version.dialect());
    following.tell(out);
    out.line(format_args!(
        "{from} ({dialect_before}, {bytes_before} bytes) is now also {to} ({dialect}, {bytes} bytes): {keys} keys"
    ));
    Ok(Verdict::Fine)
}

/// Makes sure that the file may be written. What is no file, a device or a link, is never replaced by one.
fn look_at_target(task: &ConvertTask) -> Result<(), Failure> {
    match fs::symlink_metadata(&task.to) {
        Ok(found) if !found.is_file() => Err(Failure::Refused(format!("{} is no file", task.to.display()))),
        Ok(_) if !task.force => Err(there_already(&task.to)),
        _ => Ok(()),
    }
}

/// Makes sure that servers take every value. The copy holds what the file holds, and can be read again even if that came through a pipe.
fn check(task: &ConvertTask, copy: &Path, progress: &Progress) -> Result<(), Trouble> {
    let mut checker = Checker::new();
    let mut scan = Scan::open(copy, progress)?;
    let checked = scan.run(&mut |placed| {
        if let Item::Entry(entry) = placed.item {
            checker.check(entry)?;
        }
        Ok(())
    });
    checked.map_err(|trouble| match trouble {
        // Its offset is one of the copy.
        Trouble::Damage(damage) => Damage { path: task.from.clone(), offset: None, ..damage }.into(),
        other => other,
    })
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
    if !is_stdin(&task.from) {
        let from = fs::metadata(&task.from).map_err(Failure::file("open", &task.from))?;
        if from.is_file() {
            let set = fs::set_permissions(temporary.path(), from.permissions());
            set.map_err(Failure::file("write to", &task.to))?;
        }
    }
    temporary.as_file().sync_all().map_err(Failure::file("write to", &task.to))?;
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
