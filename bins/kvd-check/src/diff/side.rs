//! One of the two that are compared: a file or a server.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aof::{Directory, Location};
use disk::{Disk, OsDisk};
use rdb::{Checker, Entry, Error, ErrorKind, Item, RawValue, Scratch, Source, ValueType};

use super::digest::{Digester, State};
use super::server::{Address, Server};
use crate::progress::Progress;
use crate::scan::{Bytes, Following, Scan, Stop};
use crate::text::Shown;
use crate::trouble::{Failure, Trouble};

/// Where data come from.
#[derive(Debug)]
pub(super) enum Side {
    File(PathBuf),
    Server(Address),
}

/// A key and its value.
pub(super) struct Seen<'r> {
    pub(super) db: u64,
    pub(super) key: &'r [u8],
    pub(super) expires_at_ms: Option<i64>,
    pub(super) value: Loose<'r>,
}

/// A value that wasn't read yet.
pub(super) enum Loose<'r> {
    Entry(Entry<'r, Source<Bytes>>),
    Raw(RawValue<'r>),
}

/// What looks at every key.
pub(super) type Visitor<'v> = dyn FnMut(Seen<'_>) -> Result<(), Stop> + 'v;

impl Side {
    /// A file that is there, or else a server.
    pub(super) fn parse(word: &OsStr) -> Result<Self, Trouble> {
        let path = Path::new(word);
        if path.is_dir() || Location::of_manifest(path).is_some() && path.exists() {
            return Ok(Self::File(base_of(path)?));
        }
        if path.is_file() {
            return Ok(Self::File(path.to_owned()));
        }
        if path.exists() {
            let reason = format!("{} is no file, and what is compared may be read twice", path.display());
            return Err(Failure::Refused(reason).into());
        }
        match word.to_str().map(Address::parse) {
            Some(Ok(address)) => Ok(Self::Server(address)),
            Some(Err(Some(reason))) => Err(Failure::Refused(reason).into()),
            _ => Err(Failure::Refused(format!("{}: no such file, and no HOST:PORT", path.display())).into()),
        }
    }

    pub(super) fn is_server(&self) -> bool {
        matches!(self, Self::Server(_))
    }

    pub(super) fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Server(address) => address.to_string(),
        }
    }

    /// Shows every key. Returns what follows the end of a file.
    pub(super) fn visit(
        &self,
        progress: &Progress,
        see: &mut Visitor<'_>,
    ) -> Result<Option<Following>, Trouble> {
        match self {
            Self::File(path) => {
                let mut scan = Scan::open(path, progress)?;
                scan.run(&mut |placed| match placed.item {
                    Item::Entry(entry) => see(Seen {
                        db: placed.db,
                        key: entry.key(),
                        expires_at_ms: entry.meta().expires_at_ms,
                        value: Loose::Entry(entry),
                    }),
                    _ => Ok(()),
                })?;
                let following = scan.rest()?;
                following.refuse_log(path)?;
                Ok(Some(following))
            }
            Self::Server(address) => Server::connect(address)?.visit(progress, see).map(|()| None),
        }
    }
}

/// The snapshot of a log that is nothing else.
fn base_of(path: &Path) -> Result<PathBuf, Trouble> {
    let path = std::fs::canonicalize(path).map_err(Failure::file("open", path))?;
    let refused = |why: &str| -> Trouble { Failure::Refused(format!("{}: {why}", path.display())).into() };
    let location = if path.is_dir() {
        let found = OsDisk
            .list(&path)?
            .into_iter()
            .filter(|file| !file.name.as_encoded_bytes().starts_with(b"temp-"));
        let found: Vec<_> = found.filter_map(|file| Location::of_manifest(&path.join(file.name))).collect();
        match &found[..] {
            [location] => location.clone(),
            _ => return Err(refused("no log's directory, with one manifest in it")),
        }
    } else {
        Location::of_manifest(&path).ok_or_else(|| refused("no manifest"))?
    };
    let (directory, opening) = Directory::open(Arc::new(OsDisk), location)?;
    let Some(base) = &directory.manifest().base else {
        return Err(refused("the log has no base to compare"));
    };
    let base = directory.location().folder().join(&base.name);
    if opening.plan.iter().any(|step| step.path != base && step.bytes > 0) {
        return Err(refused(
            "the log has commands behind its snapshot, which can't be compared with data; let the server rewrite it \
             (BGREWRITEAOF), or compare with the server itself",
        ));
    }
    Ok(base)
}

impl Loose<'_> {
    /// Reads the value.
    pub(super) fn state(
        self,
        digester: &Digester,
        expires_at_ms: Option<i64>,
        (checker, scratch): (&mut Checker, &mut Scratch),
    ) -> Result<State, Error> {
        match self {
            Self::Entry(entry) => {
                let offset = entry.offset();
                digester.state(checker, entry.value()?, offset, expires_at_ms)
            }
            Self::Raw(raw) => digester.state(checker, raw.decode(scratch).value()?, 0, expires_at_ms),
        }
    }

    /// The value's bytes, if they are at most so many; then nothing is left of it.
    pub(super) fn raw(&mut self, bytes_max: usize) -> Result<Option<(ValueType, Vec<u8>)>, Error> {
        let owned = |raw: RawValue<'_>| (raw.value_type(), raw.bytes().to_vec());
        match self {
            Self::Entry(entry) => Ok(entry.raw_value(bytes_max)?.map(owned)),
            Self::Raw(raw) if raw.bytes().len() <= bytes_max => Ok(Some(owned(*raw))),
            Self::Raw(_) => Ok(None),
        }
    }
}

/// What is wrong with the payload that a server gave for a key.
pub(super) fn bad_payload(address: &Address, db: u64, key: &[u8], error: &ErrorKind) -> Failure {
    let key = Shown(key);
    Failure::Server {
        address: address.to_string(),
        reason: format!("payload of key {key} of database {db}: {error}"),
    }
}
