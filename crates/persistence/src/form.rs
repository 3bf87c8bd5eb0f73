//! The two forms that a snapshot is written in.

use std::collections::BTreeMap;
use std::io::Write;

use aof::BaseFormat;
use engine::Moment;
use keyspace::DbIndex;
use rdb::{WriteOptions, Writer};

use crate::error::SaveError;
use crate::options::SnapshotOptions;

/// How a snapshot is written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    /// As a snapshot file.
    Rdb(WriteOptions),
    /// As requests that make the data. They tell nothing of their writer.
    Commands,
}

/// What a file tells of its writer besides the data.
pub(crate) struct Header<'a> {
    /// It is the base of a log.
    pub(crate) is_base: bool,
    /// Libraries of functions. Commands don't tell of them: see [`SnapshotOptions::base`].
    pub(crate) functions: &'a [Vec<u8>],
}

/// Keys, and keys that expire, of each database.
pub(crate) type Sizes = BTreeMap<DbIndex, (u64, u64)>;

/// A file that is being written.
pub(crate) struct Output<W: Write> {
    file: File<W>,
    /// The database that the keys belong to which come next.
    selected: Option<DbIndex>,
}

enum File<W: Write> {
    /// The sizes are those of databases that were not yet told of.
    Rdb(Box<Writer<W>>, Sizes),
    Commands(W),
}

impl Form {
    pub(crate) fn of(options: SnapshotOptions, has_field_ttl: bool) -> Self {
        if options.format == BaseFormat::Commands {
            return Self::Commands;
        }
        let needs = rdb::Needs { field_ttl: has_field_ttl, ..rdb::Needs::default() };
        let dialect = records::dialect(options.version, needs);
        Self::Rdb(WriteOptions {
            compress: options.compress,
            checksum: options.checksum,
            ..WriteOptions::new(dialect)
        })
    }
}

impl<W: Write> Output<W> {
    pub(crate) fn begin(
        form: Form,
        out: W,
        header: &Header<'_>,
        at: Moment,
        sizes: Sizes,
    ) -> Result<Self, SaveError> {
        let file = match form {
            Form::Commands => File::Commands(out),
            Form::Rdb(options) => {
                let mut writer = Writer::new(out, options)?;
                write_header(&mut writer, header, at)?;
                File::Rdb(Box::new(writer), sizes)
            }
        };
        Ok(Self { file, selected: None })
    }

    /// Writes what the form's encoder made of keys of one database.
    pub(crate) fn records(&mut self, db: DbIndex, records: &[u8]) -> Result<(), SaveError> {
        if self.selected != Some(db) {
            self.select(db)?;
            self.selected = Some(db);
        }
        match &mut self.file {
            File::Rdb(writer, _) => Ok(writer.records(records)?),
            File::Commands(out) => Ok(out.write_all(records)?),
        }
    }

    /// Goes on with the keys of another database. How many it has is told once.
    fn select(&mut self, db: DbIndex) -> Result<(), SaveError> {
        match &mut self.file {
            File::Rdb(writer, sizes) => {
                writer.select_db(u64::from(db.0))?;
                if let Some((keys, expiring)) = sizes.remove(&db) {
                    writer.resize_db(keys, expiring)?;
                }
            }
            File::Commands(out) => {
                let mut request = Vec::new();
                resp::write_request(&mut request, &["SELECT", &db.0.to_string()]);
                out.write_all(&request)?;
            }
        }
        Ok(())
    }

    /// Writes what comes behind the data. Returns what all was written to.
    pub(crate) fn finish(self) -> Result<W, SaveError> {
        match self.file {
            File::Rdb(writer, _) => Ok(writer.finish()?),
            File::Commands(out) => Ok(out),
        }
    }
}

fn write_header<W: Write>(writer: &mut Writer<W>, header: &Header<'_>, at: Moment) -> Result<(), SaveError> {
    writer.aux(b"redis-ver", engine::REDIS_VERSION.as_bytes())?;
    writer.aux(b"redis-bits", 64)?;
    writer.aux(b"ctime", at.unix_seconds() as i64)?;
    writer.aux(b"used-mem", keyspace::memory::used_bytes() as i64)?;
    writer.aux(b"aof-base", i64::from(header.is_base))?;
    writer.aux(b"kvd-ver", env!("CARGO_PKG_VERSION").as_bytes())?;
    for source in header.functions {
        writer.function(source.as_slice())?;
    }
    Ok(())
}
