//! From a reader to a writer, in bounded memory: so a file of one dialect becomes one of another.

use std::io::Write;

use super::error::WriteError;
use super::stream::ModuleWriter;
use super::value::ValueWriter;
use super::writer::Writer;
use crate::error::Error;
use crate::input::Input;
use crate::read::Item;
use crate::value::{
    Hash, HashPart, List, ListPart, Module, Set, SetPart, SortedSet, SortedSetPart, Stream, Value,
};
use crate::value_type::ValueType;

/// Why something isn't copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// It can't be read.
    #[error(transparent)]
    Read(#[from] Error),
    /// It can't be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl<W: Write> Writer<W> {
    /// Writes what was read, but for the end, which [`finish`](Self::finish) writes.
    ///
    /// Hints that the dialect has no place for are left out.
    ///
    /// # Errors
    ///
    /// See [`CopyError`]; fields that expire can't be written in every dialect.
    pub fn copy<I: Input>(&mut self, item: Item<'_, I>) -> Result<(), CopyError> {
        match item {
            Item::Aux { key, value } => self.aux(key, value)?,
            Item::Function(source) => self.function(source)?,
            Item::ModuleAux(module) => copy_items(module, |id| self.module_aux(id))?,
            Item::SelectDb(db) => self.select_db(db)?,
            Item::ResizeDb { keys, expiring } => self.resize_db(keys, expiring)?,
            Item::SlotInfo { slot, keys, expiring } => self.slot_info(slot, keys, expiring)?,
            Item::SlotImport(import) => self.slot_import(import)?,
            Item::Entry(entry) => {
                let value = self.entry(entry.key(), entry.meta())?;
                value.copy(entry.value()?)?;
            }
            Item::End(_) => {}
        }
        Ok(())
    }
}

impl<W: Write> ValueWriter<'_, W> {
    /// Writes a value that was read.
    ///
    /// # Errors
    ///
    /// See [`CopyError`]; fields that expire can't be written in every dialect.
    pub fn copy<I: Input>(self, value: Value<'_, I>) -> Result<(), CopyError> {
        match value {
            Value::String(text) => Ok(self.string(text)?),
            Value::List(list) => self.copy_list(list),
            Value::Set(set) => self.copy_set(set),
            Value::Hash(hash) => self.copy_hash(hash),
            Value::SortedSet(set) => self.copy_sorted_set(set),
            Value::Stream(stream) => self.copy_stream(stream),
            Value::Module(module) => copy_items(module, |id| self.module(id)),
        }
    }

    fn copy_list<I: Input>(self, mut list: List<'_, I>) -> Result<(), CopyError> {
        let count = list.parts_left();
        let mut writer = match list.value_type() {
            ValueType::List => self.list_elements(count)?,
            _ => self.list(count)?,
        };
        while let Some(part) = list.next_part()? {
            match part {
                ListPart::Packed(elements) => writer.packed(elements)?,
                ListPart::Element(element) => writer.element(element)?,
            }
        }
        Ok(writer.end()?)
    }

    fn copy_set<I: Input>(self, mut set: Set<'_, I>) -> Result<(), CopyError> {
        let count = set.parts_left();
        match set.next_part()? {
            None => self.set(0).map(|_| ())?,
            Some(SetPart::Intset(integers)) => self.intset(integers)?,
            Some(SetPart::Packed(members)) => self.set_packed(members)?,
            Some(SetPart::Member(member)) => {
                let mut writer = self.set(count)?;
                writer.member(member)?;
                while let Some(SetPart::Member(member)) = set.next_part()? {
                    writer.member(member)?;
                }
            }
        }
        Ok(())
    }

    fn copy_hash<I: Input>(self, mut hash: Hash<'_, I>) -> Result<(), CopyError> {
        let (count, hash_type) = (hash.parts_left(), hash.value_type());
        // Any time before the first expiry serves. Where none is told, the beginning of time does.
        let earliest_ms = hash.earliest_expiry_ms().unwrap_or(0);
        match hash.next_part()? {
            None => self.hash(0).map(|_| ())?,
            Some(HashPart::Packed(pairs)) => self.hash_packed(pairs)?,
            Some(HashPart::PackedExpiring(triples)) => self.hash_packed_expiring(triples)?,
            Some(HashPart::Field(field)) => {
                // Whether one of many fields expires isn't known before all are read. A type for fields that expire is believed.
                let mut writer = match hash_type.is_expiring() {
                    true => self.hash_expiring(count, earliest_ms)?,
                    false => self.hash(count)?,
                };
                writer.field(field)?;
                while let Some(HashPart::Field(field)) = hash.next_part()? {
                    writer.field(field)?;
                }
            }
        }
        Ok(())
    }

    fn copy_sorted_set<I: Input>(self, mut set: SortedSet<'_, I>) -> Result<(), CopyError> {
        let count = set.parts_left();
        match set.next_part()? {
            None => self.sorted_set(0).map(|_| ())?,
            Some(SortedSetPart::Packed(pairs)) => self.sorted_set_packed(pairs)?,
            Some(SortedSetPart::Member { member, score }) => {
                let mut writer = self.sorted_set(count)?;
                writer.member(member, score)?;
                while let Some(SortedSetPart::Member { member, score }) = set.next_part()? {
                    writer.member(member, score)?;
                }
            }
        }
        Ok(())
    }

    fn copy_stream<I: Input>(self, mut stream: Stream<'_, I>) -> Result<(), CopyError> {
        let mut writer = self.stream(stream.nodes_left())?;
        while let Some(part) = stream.next_part()? {
            writer.part(part)?;
        }
        Ok(())
    }
}

fn copy_items<'w, I: Input, W: Write + 'w>(
    mut module: Module<'_, I>,
    begin: impl FnOnce(crate::ModuleId) -> Result<ModuleWriter<'w, W>, WriteError>,
) -> Result<(), CopyError> {
    let mut writer = begin(module.id())?;
    while let Some(item) = module.next_part()? {
        writer.part(item)?;
    }
    Ok(writer.finish()?)
}
