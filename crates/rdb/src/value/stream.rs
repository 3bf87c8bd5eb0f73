//! Reading a stream.

use listpack::{Element, ListpackRef};

use super::body::{Body, Stage};
use crate::error::{Error, Fault};
use crate::input::Input;
use crate::read::token;
use crate::value_type::ValueType;

/// What is written for a group that doesn't know how many entries it has read.
const UNKNOWN: u64 = u64::MAX;

/// The id of an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId {
    /// Milliseconds, usually since 1970.
    pub ms: u64,
    /// The number of the entry within the millisecond.
    pub seq: u64,
}

/// A stream: its nodes, then what is known of it, then its groups.
#[derive(Debug)]
pub struct Stream<'r, I> {
    input: &'r mut I,
    body: &'r mut Body,
}

/// The next of a stream, in the order of the file:
///
/// ```text
/// Node* Metadata { Group Pending* Consumers { Consumer Owned* }* }*
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StreamPart<'a> {
    /// Entries in one packed list, never empty. What its elements mean isn't checked; [`NodeEntries`](crate::NodeEntries) reads them.
    Node {
        /// The id from which those of the entries are told.
        id: StreamId,
        /// The entries.
        packed: ListpackRef<'a>,
    },
    /// What is known of the stream as a whole.
    Metadata(StreamMetadata),
    /// A group.
    Group(Group<'a>),
    /// An entry that was delivered to the group and not acknowledged.
    Pending(Pending),
    /// The number of the group's consumers, as the value says; not to be trusted.
    Consumers(u64),
    /// A consumer of the group.
    Consumer(Consumer<'a>),
    /// The id of an entry that is pending for the consumer. A hostile file may name one that is none of the group's.
    Owned(StreamId),
}

/// What is known of a stream as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamMetadata {
    /// The number of entries.
    pub length: u64,
    /// The greatest id that was ever given.
    pub last_id: StreamId,
    /// The id of the first entry; `None` if it has to be looked up, in values of before Redis 7.0.
    pub first_id: Option<StreamId>,
    /// The greatest id of a deleted entry.
    pub max_deleted_id: StreamId,
    /// How many entries were ever added.
    pub entries_added: u64,
    /// The number of groups, as the value says; not to be trusted.
    pub groups: u64,
}

/// A group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group<'a> {
    /// Its name.
    pub name: Element<'a>,
    /// The id of the last entry that was delivered.
    pub last_id: StreamId,
    /// How many entries it has read, if that is known.
    pub entries_read: Option<u64>,
    /// The number of pending entries, as the value says; not to be trusted.
    pub pending: u64,
}

/// An entry that was delivered and not acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The entry.
    pub id: StreamId,
    /// When it was delivered last, as Unix time in milliseconds.
    pub delivered_at_ms: i64,
    /// How often it was delivered.
    pub deliveries: u64,
}

/// A consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consumer<'a> {
    /// Its name.
    pub name: Element<'a>,
    /// When it tried to read last, as Unix time in milliseconds.
    pub seen_at_ms: i64,
    /// When it last got something, as Unix time in milliseconds; `None` if never. Values of before Redis 7.2 don't tell: then it is when the
    /// consumer was seen.
    pub active_at_ms: Option<i64>,
    /// The number of entries that are pending for it, as the value says; not to be trusted.
    pub pending: u64,
}

impl StreamId {
    /// The form in which nodes are named: both numbers, big-endian.
    pub fn to_bytes(self) -> [u8; 16] {
        (u128::from(self.ms) << 64 | u128::from(self.seq)).to_be_bytes()
    }

    /// The id in that form.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        let both = u128::from_be_bytes(bytes);
        Self { ms: (both >> 64) as u64, seq: both as u64 }
    }
}

impl<'r, I: Input> Stream<'r, I> {
    pub(crate) fn begin(input: &'r mut I, body: &'r mut Body) -> Result<Self, Error> {
        let mut at = 0;
        body.left = token::length(input, &mut at)?;
        input.take(at);
        body.stage = Stage::Nodes;
        Ok(Self { input, body })
    }

    /// Where the next part begins.
    pub(crate) fn offset(&self) -> u64 {
        self.input.offset()
    }

    /// The number of nodes still to come, as the value says; not to be trusted.
    pub fn nodes_left(&self) -> u64 {
        if self.body.stage == Stage::Nodes { self.body.left } else { 0 }
    }

    /// The next of the stream; `None` at the end.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub fn next_part(&mut self) -> Result<Option<StreamPart<'_>>, Error> {
        self.body.leave_finished_stages();
        match self.body.stage {
            Stage::Nodes => self.node().map(Some),
            Stage::Metadata => self.metadata().map(Some),
            Stage::Groups => self.group().map(Some),
            Stage::Pending => self.pending().map(Some),
            Stage::ConsumerCount => self.consumer_count().map(Some),
            Stage::Consumers => self.consumer().map(Some),
            Stage::Owned => self.owned().map(Some),
            Stage::Start | Stage::Pieces | Stage::Items | Stage::Done => Ok(None),
        }
    }

    fn node(&mut self) -> Result<StreamPart<'_>, Error> {
        self.body.left -= 1;
        let (offset, mut at) = (self.input.offset(), 0);
        let key = token::token(self.input, &mut at)?;
        let packed = token::token(self.input, &mut at)?;
        let (bytes, scratch) = self.input.take(at);
        let key = key.blob(bytes, &mut scratch.second, offset)?;
        let key = key.try_into().map_err(|_| Error::new(offset, Fault::NodeKey))?;
        let packed = packed.blob(bytes, &mut scratch.first, offset)?;
        let packed = ListpackRef::new(packed).map_err(|malformed| Error::new(offset, malformed))?;
        if packed.is_empty() {
            return Err(Error::new(offset, Fault::EmptyNode));
        }
        Ok(StreamPart::Node { id: StreamId::from_bytes(key), packed })
    }

    fn metadata(&mut self) -> Result<StreamPart<'_>, Error> {
        let mut at = 0;
        let length = token::length(self.input, &mut at)?;
        let last_id = self.id(&mut at)?;
        let mut metadata = StreamMetadata {
            length,
            last_id,
            first_id: None,
            max_deleted_id: StreamId::default(),
            entries_added: length,
            groups: 0,
        };
        if self.body.value_type != ValueType::Stream1 {
            metadata.first_id = Some(self.id(&mut at)?);
            metadata.max_deleted_id = self.id(&mut at)?;
            metadata.entries_added = token::length(self.input, &mut at)?;
        }
        metadata.groups = token::length(self.input, &mut at)?;
        self.input.take(at);
        self.body.groups_left = metadata.groups;
        self.body.stage = Stage::Groups;
        Ok(StreamPart::Metadata(metadata))
    }

    fn group(&mut self) -> Result<StreamPart<'_>, Error> {
        self.body.groups_left -= 1;
        let (offset, mut at) = (self.input.offset(), 0);
        let name = token::token(self.input, &mut at)?;
        let last_id = self.id(&mut at)?;
        let entries_read = match self.body.value_type {
            ValueType::Stream1 => UNKNOWN,
            _ => token::length(self.input, &mut at)?,
        };
        let pending = token::length(self.input, &mut at)?;
        self.body.left = pending;
        self.body.stage = Stage::Pending;
        let (bytes, scratch) = self.input.take(at);
        let name = name.text(bytes, &mut scratch.first, offset)?;
        let entries_read = (entries_read != UNKNOWN).then_some(entries_read);
        Ok(StreamPart::Group(Group { name, last_id, entries_read, pending }))
    }

    fn pending(&mut self) -> Result<StreamPart<'_>, Error> {
        self.body.left -= 1;
        let mut at = 0;
        let id = StreamId::from_bytes(token::chunk(self.input, &mut at)?);
        let delivered_at_ms = i64::from_le_bytes(token::chunk(self.input, &mut at)?);
        let deliveries = token::length(self.input, &mut at)?;
        self.input.take(at);
        Ok(StreamPart::Pending(Pending { id, delivered_at_ms, deliveries }))
    }

    fn consumer_count(&mut self) -> Result<StreamPart<'_>, Error> {
        let mut at = 0;
        let count = token::length(self.input, &mut at)?;
        self.input.take(at);
        self.body.consumers_left = count;
        self.body.stage = Stage::Consumers;
        Ok(StreamPart::Consumers(count))
    }

    fn consumer(&mut self) -> Result<StreamPart<'_>, Error> {
        self.body.consumers_left -= 1;
        let (offset, mut at) = (self.input.offset(), 0);
        let name = token::token(self.input, &mut at)?;
        let seen_at_ms = i64::from_le_bytes(token::chunk(self.input, &mut at)?);
        let active_at_ms = match self.body.value_type {
            ValueType::Stream3 => i64::from_le_bytes(token::chunk(self.input, &mut at)?),
            _ => seen_at_ms,
        };
        let pending = token::length(self.input, &mut at)?;
        self.body.left = pending;
        self.body.stage = Stage::Owned;
        let (bytes, scratch) = self.input.take(at);
        let name = name.text(bytes, &mut scratch.first, offset)?;
        let active_at_ms = (active_at_ms != -1).then_some(active_at_ms);
        Ok(StreamPart::Consumer(Consumer { name, seen_at_ms, active_at_ms, pending }))
    }

    fn owned(&mut self) -> Result<StreamPart<'_>, Error> {
        self.body.left -= 1;
        let mut at = 0;
        let id = StreamId::from_bytes(token::chunk(self.input, &mut at)?);
        self.input.take(at);
        Ok(StreamPart::Owned(id))
    }

    /// Looks at an id of two numbers.
    fn id(&mut self, at: &mut usize) -> Result<StreamId, Error> {
        let ms = token::length(self.input, at)?;
        let seq = token::length(self.input, at)?;
        Ok(StreamId { ms, seq })
    }
}
