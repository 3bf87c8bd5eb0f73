//! The writer of files.

use std::io::Write;

use listpack::Element;

use super::error::WriteError;
use super::options::WriteOptions;
use super::sink::Sink;
use super::stream::ModuleWriter;
use super::value::ValueWriter;
use crate::checksum::Checksum;
use crate::opcode;
use crate::read::{Meta, SlotImport};
use crate::value::ModuleId;

/// Writes a file item by item.
///
/// What is written goes out in pieces of 64 KiB. Nothing checks the order of items: a database is selected before its keys, functions come
/// before all databases.
#[derive(Debug)]
pub struct Writer<W> {
    sink: Sink<W>,
}

impl<W: Write> Writer<W> {
    /// Writes the magic.
    ///
    /// # Errors
    ///
    /// The dialect is not one that is written; or see [`WriteError::Io`], here and below.
    pub fn new(write: W, options: WriteOptions) -> Result<Self, WriteError> {
        let mut sink = Sink::new(write, options, options.checksum.then(Checksum::new))?;
        sink.bytes(options.dialect.magic().as_bytes())?;
        Ok(Self { sink })
    }

    /// Something about the file or its writer.
    ///
    /// # Errors
    ///
    /// Parts of a value are missing, here and below.
    pub fn aux<'e>(
        &mut self,
        key: impl Into<Element<'e>>,
        value: impl Into<Element<'e>>,
    ) -> Result<(), WriteError> {
        self.opcode(opcode::AUX)?;
        self.sink.text(key.into())?;
        self.sink.text(value.into())
    }

    /// The source of a library of functions.
    ///
    /// # Errors
    ///
    /// See above.
    pub fn function<'e>(&mut self, source: impl Into<Element<'e>>) -> Result<(), WriteError> {
        self.opcode(opcode::FUNCTION)?;
        self.sink.text(source.into())
    }

    /// What a module wrote beside the data: the bytes of its items.
    ///
    /// # Errors
    ///
    /// See above.
    pub fn module_aux(&mut self, id: ModuleId) -> Result<ModuleWriter<'_, W>, WriteError> {
        self.opcode(opcode::MODULE_AUX)?;
        ModuleWriter::begin(&mut self.sink, id)
    }

    /// What follows belongs to this database.
    ///
    /// # Errors
    ///
    /// See above.
    pub fn select_db(&mut self, db: u64) -> Result<(), WriteError> {
        self.opcode(opcode::SELECT_DB)?;
        self.sink.length(db)
    }

    /// How many keys the database has, and how many of them expire.
    ///
    /// # Errors
    ///
    /// See above.
    pub fn resize_db(&mut self, keys: u64, expiring: u64) -> Result<(), WriteError> {
        self.opcode(opcode::RESIZE_DB)?;
        self.sink.length(keys)?;
        self.sink.length(expiring)
    }

    /// How many keys a slot has, and how many of them expire. Only files of version 12 have a place for it; left out in others.
    ///
    /// # Errors
    ///
    /// See above.
    pub fn slot_info(&mut self, slot: u64, keys: u64, expiring: u64) -> Result<(), WriteError> {
        self.sink.settle()?;
        if self.sink.dialect() != crate::Dialect::Redis(12) {
            return Ok(());
        }
        self.opcode(opcode::SLOT_INFO)?;
        self.sink.length(slot)?;
        self.sink.length(keys)?;
        self.sink.length(expiring)
    }

    /// Slots that are on their way here. Only Valkey's files have a place for it; left out in others.
    ///
    /// # Errors
    ///
    /// See above.
    pub fn slot_import(&mut self, import: SlotImport<'_>) -> Result<(), WriteError> {
        self.sink.settle()?;
        if !matches!(self.sink.dialect(), crate::Dialect::Valkey(_)) {
            return Ok(());
        }
        self.opcode(opcode::SLOT_IMPORT)?;
        self.sink.text(import.job)?;
        self.sink.length(import.ranges.len() as u64)?;
        for range in import.ranges {
            self.sink.length(range.first)?;
            self.sink.length(range.last)?;
        }
        Ok(())
    }

    /// A key; its value is written by what this returns.
    ///
    /// # Errors
    ///
    /// See above.
    pub fn entry<'w>(&'w mut self, key: &'w [u8], meta: Meta) -> Result<ValueWriter<'w, W>, WriteError> {
        self.sink.settle()?;
        Ok(ValueWriter::of_key(&mut self.sink, key, meta))
    }

    /// Keys of the selected database that were written as [`Fragment`](crate::Fragment)s.
    ///
    /// # Errors
    ///
    /// See above.
    pub fn records(&mut self, records: &[u8]) -> Result<(), WriteError> {
        self.sink.settle()?;
        self.sink.bytes(records)
    }

    /// Ends the file: with its checksum, or with zeros in its place. Returns what was written to, flushed.
    ///
    /// # Errors
    ///
    /// See above.
    pub fn finish(mut self) -> Result<W, WriteError> {
        self.opcode(opcode::END)?;
        self.sink.end()?;
        self.sink.inner().flush()?;
        Ok(self.sink.into_inner())
    }

    fn opcode(&mut self, opcode: u8) -> Result<(), WriteError> {
        self.sink.settle()?;
        self.sink.bytes(&[opcode])
    }
}
