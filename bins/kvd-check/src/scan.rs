//! A snapshot item by item, with the place of what is wrong.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use rdb::{Error, ErrorKind, Item, ReadOptions, Reader, Source};

use crate::out::Out;
use crate::progress::{Bar, Progress};
use crate::trouble::{Damage, Failure, Place, Trouble};

/// Where a snapshot's bytes come from.
pub(crate) type Bytes = Box<dyn Read>;

/// An item and where it stands.
pub(crate) struct Placed<'r> {
    /// Of its first byte.
    pub(crate) offset: u64,
    pub(crate) db: u64,
    pub(crate) item: Item<'r, Source<Bytes>>,
}

/// What follows the end of a snapshot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Following {
    pub(crate) bytes: u64,
    /// Whether it looks like commands of a log.
    pub(crate) is_log: bool,
}

/// Why a visitor of items stops.
pub(crate) enum Stop {
    /// What it read can't be read.
    Read(Error),
    Trouble(Trouble),
}

/// A snapshot that is being read.
pub(crate) struct Scan<'p> {
    path: &'p Path,
    reader: Reader<Bytes>,
    db: u64,
    /// The key that was read last.
    key: Option<Vec<u8>>,
    /// Kept while the file is read, so that it is shown.
    _bar: Bar,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Read(error)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Trouble(failure.into())
    }
}

impl Following {
    /// Tells whoever asks for the snapshot alone.
    pub(crate) fn tell(&self, out: &mut Out) {
        if self.bytes > 0 {
            let hint = if self.is_log { "; they look like commands of a log: see kvd-check aof" } else { "" };
            out.line(format_args!("  note: {} bytes follow the end of the snapshot{hint}", self.bytes));
        }
    }

    /// Refuses a log where its commands would be passed over.
    pub(crate) fn refuse_log(&self, path: &Path) -> Result<(), Failure> {
        if !self.is_log {
            return Ok(());
        }
        Err(Failure::Refused(format!(
            "{} is a log: {} bytes of commands follow the snapshot at its front; let the server write it anew (BGREWRITEAOF), or save a snapshot",
            path.display(),
            self.bytes
        )))
    }
}

/// Whether a path stands for standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

impl<'p> Scan<'p> {
    /// Opens the file, or standard input, and reads whose it is.
    pub(crate) fn open(path: &'p Path, progress: &Progress) -> Result<Self, Trouble> {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        let (bar, bytes) = if is_stdin(path) {
            let bar = progress.bytes("standard input", None);
            let bytes = bar.counting(io::stdin());
            (bar, bytes)
        } else {
            let file = File::open(path).map_err(Failure::file("open", path))?;
            let metadata = file.metadata().map_err(Failure::file("open", path))?;
            if metadata.is_dir() {
                return Err(Failure::Refused(format!("{} is a directory", path.display())).into());
            }
            let bar = progress.bytes(&name, metadata.is_file().then_some(metadata.len()));
            let bytes = bar.counting(file);
            (bar, bytes)
        };
        let reader = Reader::new(bytes, ReadOptions::default());
        let reader = reader.map_err(|error| trouble(path, error, Place::Front))?;
        Ok(Self { path, reader, db: 0, key: None, _bar: bar })
    }

    pub(crate) fn dialect(&self) -> rdb::Dialect {
        self.reader.dialect()
    }

    /// Bytes that were read so far.
    pub(crate) fn offset(&self) -> u64 {
        self.reader.offset()
    }

    /// Shows every item up to the end.
    pub(crate) fn run(&mut self, see: &mut dyn FnMut(Placed<'_>) -> Result<(), Stop>) -> Result<(), Trouble> {
        while self.step(see)? {}
        Ok(())
    }

    /// What follows the end, passed over.
    pub(crate) fn rest(self) -> Result<Following, Failure> {
        let path = self.path;
        let (front, mut rest) = self.reader.into_rest();
        let mut first = front.first().copied();
        let mut piece = vec![0; 64 * 1024];
        let mut bytes = front.len() as u64;
        loop {
            let count = match rest.read(&mut piece) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                result => result.map_err(Failure::file("read", path))?,
            };
            if count == 0 {
                return Ok(Following { bytes, is_log: matches!(first, Some(b'*' | b'#')) });
            }
            first = first.or(piece.first().copied());
            bytes += count as u64;
        }
    }

    fn step(&mut self, see: &mut dyn FnMut(Placed<'_>) -> Result<(), Stop>) -> Result<bool, Trouble> {
        let offset = self.reader.offset();
        let item = match self.reader.next_item() {
            Ok(Some(item)) => item,
            Ok(None) => return Ok(false),
            Err(error) => {
                let place = self.key.take().map_or(Place::Front, |key| Place::After(self.db, key));
                return Err(trouble(self.path, error, place));
            }
        };
        let is_entry = matches!(item, Item::Entry(_));
        match &item {
            Item::SelectDb(db) => self.db = *db,
            Item::Entry(entry) => {
                let key = self.key.get_or_insert_default();
                key.clear();
                key.extend_from_slice(entry.key());
            }
            _ => {}
        }
        match see(Placed { offset, db: self.db, item }) {
            Ok(()) => Ok(true),
            Err(Stop::Trouble(trouble)) => Err(trouble),
            Err(Stop::Read(error)) => {
                let place = match self.key.take() {
                    Some(key) if is_entry => Place::In(self.db, key),
                    Some(key) => Place::After(self.db, key),
                    None => Place::Front,
                };
                Err(trouble(self.path, error, place))
            }
        }
    }
}

/// An error of reading as what it is to an operator.
pub(crate) fn trouble(path: &Path, error: Error, place: Place) -> Trouble {
    match error.kind {
        ErrorKind::Io(source) => Failure::File { operation: "read", path: path.to_owned(), source }.into(),
        kind => {
            let offset = Some(error.offset);
            Damage { path: path.to_owned(), offset, reason: kind.to_string(), place }.into()
        }
    }
}
