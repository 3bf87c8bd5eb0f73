//! Writing a value: the type is chosen by the form in which the caller has it, and by the dialect.
//!
//! ```text
//!                    Redis 10    Redis 11    Redis 12            Valkey 80
//! string             0           0           0                   0
//! list               18 or 1     18 or 1     18 or 1             18 or 1
//! set                11 or 2     11, 20, 2   11, 20, 2           11, 20, 2
//! hash               16 or 4     16 or 4     16 or 4             16 or 4
//! fields that expire             error       25 or 24            22
//! sorted set         17 or 5     17 or 5     17 or 5             17 or 5
//! stream             19          21          21                  21
//! ```

use std::io::Write;

use listpack::{Element, IntsetRef, ListpackRef};

use super::collections::{ListWriter, SetWriter, SortedSetWriter};
use super::error::WriteError;
use super::hash::HashWriter;
use super::sink::Sink;
use super::stream::{ModuleWriter, StreamWriter};
use crate::dialect::Dialect;
use crate::opcode;
use crate::read::Meta;
use crate::value::ModuleId;
use crate::value_type::ValueType;

/// Writes one value, which is done by exactly one of its methods. If none is called, or it fails before it writes, the key isn't written either.
///
/// Packed values are taken on trust: they are those of a server or those that were read here. Whoever announces a number of parts must write so
/// many; if not, the next item fails.
#[derive(Debug)]
pub struct ValueWriter<'w, W> {
    sink: &'w mut Sink<W>,
    head: Option<(&'w [u8], Meta)>,
}

impl<'w, W: Write> ValueWriter<'w, W> {
    /// For the value of a key.
    pub(crate) fn of_key(sink: &'w mut Sink<W>, key: &'w [u8], meta: Meta) -> Self {
        Self { sink, head: Some((key, meta)) }
    }

    /// For a value alone, which must be written.
    pub(crate) fn alone(sink: &'w mut Sink<W>) -> Self {
        sink.owe(1);
        Self { sink, head: None }
    }

    /// For whom the value is written.
    pub fn dialect(&self) -> Dialect {
        self.sink.dialect()
    }

    /// A string.
    ///
    /// # Errors
    ///
    /// See [`WriteError::Io`], here and below.
    pub fn string<'e>(self, text: impl Into<Element<'e>>) -> Result<(), WriteError> {
        self.begin(ValueType::String, 0)?.text(text.into())
    }

    /// A list of so many nodes, packed lists and large elements.
    ///
    /// # Errors
    ///
    /// See above.
    pub fn list(self, nodes: u64) -> Result<ListWriter<'w, W>, WriteError> {
        let sink = self.begin(ValueType::ListQuicklist2, nodes)?;
        sink.length(nodes)?;
        Ok(ListWriter::nodes(sink))
    }

    /// A list of so many elements, none of them packed.
    ///
    /// # Errors
    ///
    /// See above.
    pub fn list_elements(self, count: u64) -> Result<ListWriter<'w, W>, WriteError> {
        let sink = self.begin(ValueType::List, count)?;
        sink.length(count)?;
        Ok(ListWriter::elements(sink))
    }

    /// A set of integers.
    ///
    /// # Errors
    ///
    /// See above.
    pub fn intset(self, set: IntsetRef<'_>) -> Result<(), WriteError> {
        self.begin(ValueType::SetIntset, 0)?.blob(set.as_bytes())
    }

    /// A set as packed list. Version 10 gets its members one by one.
    ///
    /// # Errors
    ///
    /// See above.
    pub fn set_packed(self, members: ListpackRef<'_>) -> Result<(), WriteError> {
        if self.dialect() != Dialect::Redis(10) {
            return self.begin(ValueType::SetListpack, 0)?.packed(members);
        }
        let mut set = self.set(members.len() as u64)?;
        members.iter().try_for_each(|member| set.member(member))
    }

    /// A set of so many members.
    ///
    /// # Errors
    ///
    /// See above.
    pub fn set(self, count: u64) -> Result<SetWriter<'w, W>, WriteError> {
        let sink = self.begin(ValueType::Set, count)?;
        sink.length(count)?;
        Ok(SetWriter::new(sink))
    }

    /// A hash as packed list of fields and values in turn.
    ///
    /// # Errors
    ///
    /// See above.
    pub fn hash_packed(self, pairs: ListpackRef<'_>) -> Result<(), WriteError> {
        self.begin(ValueType::HashListpack, 0)?.packed(pairs)
    }

    /// A hash of so many fields that don't expire.
    ///
    /// # Errors
    ///
    /// See above.
    pub fn hash(self, count: u64) -> Result<HashWriter<'w, W>, WriteError> {
        let sink = self.begin(ValueType::Hash, count)?;
        sink.length(count)?;
        Ok(HashWriter::new(sink, ValueType::Hash, 0))
    }

    /// A hash of so many fields some of which expire, none of them before `earliest_ms`.
    ///
    /// # Errors
    ///
    /// The dialect has no fields that expire; nothing is written then.
    pub fn hash_expiring(self, count: u64, earliest_ms: i64) -> Result<HashWriter<'w, W>, WriteError> {
        let value_type = match self.dialect() {
            Dialect::Valkey(_) => ValueType::HashExpiring,
            dialect if dialect.has_field_ttl() => ValueType::HashMetadata,
            dialect => return Err(WriteError::FieldTtl(dialect)),
        };
        let sink = self.begin(value_type, count)?;
        if value_type.has_base() {
            sink.bytes(&earliest_ms.to_le_bytes())?;
        }
        sink.length(count)?;
        Ok(HashWriter::new(sink, value_type, earliest_ms))
    }

    /// A hash as packed list of fields, values and expiries in turn; see [`HashPart::PackedExpiring`](crate::HashPart::PackedExpiring).
    ///
    /// # Errors
    ///
    /// A field expires and the dialect can't hold it; nothing is written then.
    pub fn hash_packed_expiring(self, triples: ListpackRef<'_>) -> Result<(), WriteError> {
        super::hash::write_packed_expiring(self, triples)
    }

    /// A sorted set as packed list of members and scores in turn.
    ///
    /// # Errors
    ///
    /// See above.
    pub fn sorted_set_packed(self, pairs: ListpackRef<'_>) -> Result<(), WriteError> {
        self.begin(ValueType::SortedSetListpack, 0)?.packed(pairs)
    }

    /// A sorted set of so many members. Servers write the highest first, and read it so the fastest.
    ///
    /// # Errors
    ///
    /// See above.
    pub fn sorted_set(self, count: u64) -> Result<SortedSetWriter<'w, W>, WriteError> {
        let sink = self.begin(ValueType::SortedSet, count)?;
        sink.length(count)?;
        Ok(SortedSetWriter::new(sink))
    }

    /// A stream of so many nodes.
    ///
    /// # Errors
    ///
    /// See above.
    pub fn stream(self, nodes: u64) -> Result<StreamWriter<'w, W>, WriteError> {
        let value_type = match self.dialect() {
            Dialect::Redis(10) => ValueType::Stream2,
            _ => ValueType::Stream3,
        };
        let sink = self.begin(value_type, 1)?;
        sink.length(nodes)?;
        Ok(StreamWriter::new(sink, value_type, nodes))
    }

    /// What a module wrote: the bytes of its items.
    ///
    /// # Errors
    ///
    /// See above.
    pub fn module(self, id: ModuleId) -> Result<ModuleWriter<'w, W>, WriteError> {
        ModuleWriter::begin(self.begin(ValueType::Module, 1)?, id)
    }

    /// The hash of packed triples as a packed list, of which the earliest expiry is told.
    pub(super) fn hash_triples(self, earliest_ms: i64, triples: ListpackRef<'_>) -> Result<(), WriteError> {
        let sink = self.begin(ValueType::HashListpackExpiring, 0)?;
        sink.bytes(&earliest_ms.to_le_bytes())?;
        sink.packed(triples)
    }

    /// What stands before the value: what is known of the key, the type, the key.
    fn begin(self, value_type: ValueType, parts: u64) -> Result<&'w mut Sink<W>, WriteError> {
        if let Some((_, meta)) = self.head {
            write_meta(self.sink, meta)?;
        }
        self.sink.bytes(&[value_type.number()])?;
        if let Some((key, _)) = self.head {
            self.sink.text(Element::Bytes(key))?;
        }
        self.sink.owe(parts);
        Ok(self.sink)
    }
}

fn write_meta<W: Write>(sink: &mut Sink<W>, meta: Meta) -> Result<(), WriteError> {
    if let Some(at_ms) = meta.expires_at_ms {
        sink.bytes(&[opcode::EXPIRES_MS])?;
        sink.bytes(&at_ms.to_le_bytes())?;
    }
    if let Some(seconds) = meta.idle_seconds {
        sink.bytes(&[opcode::IDLE])?;
        sink.length(seconds)?;
    }
    if let Some(frequency) = meta.frequency {
        sink.bytes(&[opcode::FREQUENCY, frequency])?;
    }
    Ok(())
}
