//! A value element by element, whatever its form: a set of integers and a hash table of members tell the same.

use listpack::{Element, ListpackRef};

use super::node::{NodeEntries, StreamEntry};
use super::packed;
use super::{
    Consumer, Field, Group, Hash, HashPart, List, ListPart, ModuleId, Pending, Set, SetPart, SortedSet,
    SortedSetPart, Stream, StreamId, StreamMetadata, StreamPart, Value,
};
use crate::error::Error;
use crate::input::Input;

/// One thing that a value says.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Fact<'a> {
    /// The string.
    Text(Element<'a>),
    /// An element of a list, from its head on.
    Item(Element<'a>),
    /// A member of a set.
    Member(Element<'a>),
    /// A field of a hash.
    Field(Field<'a>),
    /// A member of a sorted set and its score.
    Scored(Element<'a>, f64),
    /// An entry of a stream, in the order of ids.
    Entry(StreamEntry<'a>),
    /// What is known of a stream as a whole.
    Metadata(StreamMetadata),
    /// A group of a stream; what follows belongs to it.
    Group(Group<'a>),
    /// An entry that is pending for the group.
    Pending(Pending),
    /// A consumer of the group; what follows belongs to it.
    Consumer(Consumer<'a>),
    /// An entry that is pending for the consumer.
    Owned(StreamId),
    /// The module that wrote the value.
    Module(ModuleId),
    /// An item of a module's value, as it stands in the file.
    ModuleItem(&'a [u8]),
}

impl<I: Input> Value<'_, I> {
    /// Reads the whole value, and tells `each` of its facts in the order of the file.
    ///
    /// # Errors
    ///
    /// See [`Error`]; entries of streams are checked too. Or what `each` returns.
    pub fn facts<E: From<Error>>(self, each: &mut dyn FnMut(Fact<'_>) -> Result<(), E>) -> Result<(), E> {
        match self {
            Self::String(text) => each(Fact::Text(text)),
            Self::List(list) => list_facts(list, each),
            Self::Set(set) => set_facts(set, each),
            Self::Hash(hash) => hash_facts(hash, each),
            Self::SortedSet(set) => sorted_set_facts(set, each),
            Self::Stream(stream) => stream_facts(stream, each),
            Self::Module(mut module) => {
                each(Fact::Module(module.id()))?;
                while let Some(item) = module.next_part()? {
                    each(Fact::ModuleItem(item))?;
                }
                Ok(())
            }
        }
    }
}

fn list_facts<I: Input, E: From<Error>>(
    mut list: List<'_, I>,
    each: &mut dyn FnMut(Fact<'_>) -> Result<(), E>,
) -> Result<(), E> {
    while let Some(part) = list.next_part()? {
        match part {
            ListPart::Packed(packed) => packed.iter().try_for_each(|item| each(Fact::Item(item)))?,
            ListPart::Element(item) => each(Fact::Item(item))?,
        }
    }
    Ok(())
}

fn set_facts<I: Input, E: From<Error>>(
    mut set: Set<'_, I>,
    each: &mut dyn FnMut(Fact<'_>) -> Result<(), E>,
) -> Result<(), E> {
    while let Some(part) = set.next_part()? {
        match part {
            SetPart::Intset(integers) => {
                integers.iter().try_for_each(|member| each(Fact::Member(Element::Int(member))))?;
            }
            SetPart::Packed(members) => {
                members.iter().try_for_each(|member| each(Fact::Member(member)))?;
            }
            SetPart::Member(member) => each(Fact::Member(member))?,
        }
    }
    Ok(())
}

fn hash_facts<I: Input, E: From<Error>>(
    mut hash: Hash<'_, I>,
    each: &mut dyn FnMut(Fact<'_>) -> Result<(), E>,
) -> Result<(), E> {
    while let Some(part) = hash.next_part()? {
        match part {
            HashPart::Packed(pairs) => {
                let mut elements = pairs.iter();
                while let (Some(name), Some(value)) = (elements.next(), elements.next()) {
                    each(Fact::Field(Field { name, value, expires_at_ms: None }))?;
                }
            }
            HashPart::PackedExpiring(triples) => {
                let mut elements = triples.iter();
                while let (Some(name), Some(value), Some(at_ms)) =
                    (elements.next(), elements.next(), elements.next())
                {
                    let expires_at_ms = at_ms.int().filter(|at_ms| *at_ms != 0);
                    each(Fact::Field(Field { name, value, expires_at_ms }))?;
                }
            }
            HashPart::Field(field) => each(Fact::Field(field))?,
        }
    }
    Ok(())
}

fn sorted_set_facts<I: Input, E: From<Error>>(
    mut set: SortedSet<'_, I>,
    each: &mut dyn FnMut(Fact<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let offset = set.offset();
    while let Some(part) = set.next_part()? {
        match part {
            SortedSetPart::Packed(pairs) => {
                let mut elements = pairs.iter();
                while let (Some(member), Some(score)) = (elements.next(), elements.next()) {
                    let score = packed::packed_score(score).map_err(|kind| Error::new(offset, kind))?;
                    each(Fact::Scored(member, score))?;
                }
            }
            SortedSetPart::Member { member, score } => each(Fact::Scored(member, score))?,
        }
    }
    Ok(())
}

fn stream_facts<I: Input, E: From<Error>>(
    mut stream: Stream<'_, I>,
    each: &mut dyn FnMut(Fact<'_>) -> Result<(), E>,
) -> Result<(), E> {
    loop {
        let offset = stream.offset();
        let Some(part) = stream.next_part()? else { return Ok(()) };
        match part {
            StreamPart::Node { id, packed } => node_facts(id, packed, offset, each)?,
            StreamPart::Metadata(metadata) => each(Fact::Metadata(metadata))?,
            StreamPart::Group(group) => each(Fact::Group(group))?,
            StreamPart::Pending(pending) => each(Fact::Pending(pending))?,
            StreamPart::Consumers(_) => {}
            StreamPart::Consumer(consumer) => each(Fact::Consumer(consumer))?,
            StreamPart::Owned(id) => each(Fact::Owned(id))?,
        }
    }
}

fn node_facts<E: From<Error>>(
    id: StreamId,
    packed: ListpackRef<'_>,
    offset: u64,
    each: &mut dyn FnMut(Fact<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let fault = |fault| Error::new(offset, fault);
    let mut entries = NodeEntries::new(id, packed).map_err(fault)?;
    while let Some(entry) = entries.next_entry().map_err(fault)? {
        each(Fact::Entry(entry))?;
    }
    Ok(())
}
