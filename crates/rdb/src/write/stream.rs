//! Writing streams, and what modules wrote.

use std::io::Write;

use listpack::ListpackRef;

use super::error::WriteError;
use super::fragment::{Paused, State};
use super::sink::Sink;
use crate::value::body::{Body, Stage};
use crate::value::{Consumer, Group, ModuleId, Pending, StreamId, StreamMetadata, StreamPart};
use crate::value_type::ValueType;

/// What is written for a group that doesn't know how many entries it has read.
const UNKNOWN: u64 = u64::MAX;

/// What is written for a consumer that never got anything.
const NEVER: i64 = -1;

/// Writes a stream: its parts, in the order in which [`Stream`](crate::Stream) reads them. The counts in the parts announce others.
#[derive(Debug)]
pub struct StreamWriter<'w, W> {
    sink: &'w mut Sink<W>,
    body: Body,
    first_id: Option<StreamId>,
}

/// Writes what a module wrote: bytes of whole items, as [`Module::next_part`](crate::Module::next_part) reads them.
#[derive(Debug)]
pub struct ModuleWriter<'w, W> {
    sink: &'w mut Sink<W>,
}

impl<'w, W: Write> StreamWriter<'w, W> {
    pub(super) fn new(sink: &'w mut Sink<W>, value_type: ValueType, nodes: u64) -> Self {
        let body = Body { stage: Stage::Nodes, left: nodes, ..Body::new(value_type) };
        Self { sink, body, first_id: None }
    }

    pub(super) fn resumed(sink: &'w mut Sink<W>, body: Body, first_id: Option<StreamId>) -> Self {
        Self { sink, body, first_id }
    }

    /// Leaves the stream as it is; [`Fragment::resume_stream`](crate::Fragment::resume_stream) goes on.
    pub fn pause(self) -> Paused {
        Paused(State::Stream { body: self.body, first_id: self.first_id })
    }

    /// The next part.
    ///
    /// Version 10 has no place for when a consumer was active; that is left out.
    ///
    /// # Errors
    ///
    /// It isn't the turn of such a part; or see [`WriteError::Io`].
    pub fn part(&mut self, part: StreamPart<'_>) -> Result<(), WriteError> {
        self.body.leave_finished_stages();
        match (part, self.body.stage) {
            (StreamPart::Node { id, packed }, Stage::Nodes) => self.node(id, packed)?,
            (StreamPart::Metadata(metadata), Stage::Metadata) => self.metadata(metadata)?,
            (StreamPart::Group(group), Stage::Groups) => self.group(group)?,
            (StreamPart::Pending(pending), Stage::Pending) => self.pending(pending)?,
            (StreamPart::Consumers(count), Stage::ConsumerCount) => self.consumers(count)?,
            (StreamPart::Consumer(consumer), Stage::Consumers) => self.consumer(consumer)?,
            (StreamPart::Owned(id), Stage::Owned) => {
                self.body.left -= 1;
                self.sink.bytes(&id.to_bytes())?;
            }
            _ => return Err(WriteError::Surplus),
        }
        self.body.leave_finished_stages();
        if self.body.stage == Stage::Done {
            self.sink.owe(0);
        }
        Ok(())
    }

    fn node(&mut self, id: StreamId, packed: ListpackRef<'_>) -> Result<(), WriteError> {
        self.body.left -= 1;
        if self.first_id.is_none() {
            self.first_id = first_id(id, packed);
        }
        self.sink.blob(&id.to_bytes())?;
        self.sink.packed(packed)
    }

    fn metadata(&mut self, metadata: StreamMetadata) -> Result<(), WriteError> {
        self.body.groups_left = metadata.groups;
        self.body.stage = Stage::Groups;
        self.sink.length(metadata.length)?;
        self.id(metadata.last_id)?;
        self.id(metadata.first_id.or(self.first_id).unwrap_or_default())?;
        self.id(metadata.max_deleted_id)?;
        self.sink.length(metadata.entries_added)?;
        self.sink.length(metadata.groups)
    }

    fn group(&mut self, group: Group<'_>) -> Result<(), WriteError> {
        self.body.groups_left -= 1;
        self.body.left = group.pending;
        self.body.stage = Stage::Pending;
        self.sink.text(group.name)?;
        self.id(group.last_id)?;
        self.sink.length(group.entries_read.unwrap_or(UNKNOWN))?;
        self.sink.length(group.pending)
    }

    fn pending(&mut self, pending: Pending) -> Result<(), WriteError> {
        self.body.left -= 1;
        self.sink.bytes(&pending.id.to_bytes())?;
        self.sink.bytes(&pending.delivered_at_ms.to_le_bytes())?;
        self.sink.length(pending.deliveries)
    }

    fn consumers(&mut self, count: u64) -> Result<(), WriteError> {
        self.body.consumers_left = count;
        self.body.stage = Stage::Consumers;
        self.sink.length(count)
    }

    fn consumer(&mut self, consumer: Consumer<'_>) -> Result<(), WriteError> {
        self.body.consumers_left -= 1;
        self.body.left = consumer.pending;
        self.body.stage = Stage::Owned;
        self.sink.text(consumer.name)?;
        self.sink.bytes(&consumer.seen_at_ms.to_le_bytes())?;
        if self.body.value_type == ValueType::Stream3 {
            self.sink.bytes(&consumer.active_at_ms.unwrap_or(NEVER).to_le_bytes())?;
        }
        self.sink.length(consumer.pending)
    }

    fn id(&mut self, id: StreamId) -> Result<(), WriteError> {
        self.sink.length(id.ms)?;
        self.sink.length(id.seq)
    }
}

impl<'w, W: Write> ModuleWriter<'w, W> {
    pub(super) fn begin(sink: &'w mut Sink<W>, id: ModuleId) -> Result<Self, WriteError> {
        sink.owe(1);
        sink.length(id.0)?;
        Ok(Self { sink })
    }

    /// The bytes of the next items.
    ///
    /// # Errors
    ///
    /// See [`WriteError::Io`].
    pub fn part(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.sink.bytes(bytes)
    }

    /// The end of the items.
    ///
    /// # Errors
    ///
    /// See [`WriteError::Io`].
    pub fn finish(self) -> Result<(), WriteError> {
        self.sink.owe(0);
        self.sink.length(0)
    }
}

/// The id of the first entry of a node that isn't deleted.
///
/// ```text
/// count, deleted, n, n fields, 0 │ { flags, ms, seq, [n, n fields and values | values of the first fields], elements before this }*
/// ```
fn first_id(node: StreamId, packed: ListpackRef<'_>) -> Option<StreamId> {
    const DELETED: i64 = 1;
    const SAME_FIELDS: i64 = 2;
    let mut elements = packed.iter();
    let field_count = usize::try_from(elements.nth(2)?.int()?).ok()?;
    elements.nth(field_count)?;
    loop {
        let flags = elements.next()?.int()?;
        let ms = node.ms.wrapping_add_signed(elements.next()?.int()?);
        let seq = node.seq.wrapping_add_signed(elements.next()?.int()?);
        if flags & DELETED == 0 {
            return Some(StreamId { ms, seq });
        }
        let texts = match flags & SAME_FIELDS {
            0 => usize::try_from(elements.next()?.int()?).ok()?.checked_mul(2)?,
            _ => field_count,
        };
        elements.nth(texts)?;
    }
}

#[cfg(test)]
mod tests {
    use listpack::{Element, Listpack};

    use super::*;

    #[test]
    fn the_first_entry_is_the_first_that_is_not_deleted() {
        let node = StreamId { ms: 5, seq: 1 };
        let first = |elements: &[i64]| {
            let mut list = Listpack::new();
            list.append(elements.iter().copied().map(Element::Int)).unwrap();
            first_id(node, list.view())
        };
        let master = [2, 0, 1, 70, 0];
        assert_eq!(first(&[&master[..], &[2, 0, 0, 71, 4]].concat()), Some(node));
        let deleted =
            [&master[..], &[3, 0, 0, 71, 4], &[1, 0, 1, 1, 70, 71, 6], &[0, 1, -1, 1, 70, 71, 6]].concat();
        assert_eq!(first(&deleted), Some(StreamId { ms: 6, seq: 0 }));
        assert_eq!(first(&[&master[..], &[3, 0, 0, 71, 4]].concat()), None);
        assert_eq!(first(&[1, 0, i64::MAX]), None);
        assert_eq!(first(&[1, 0, -1]), None);
        assert_eq!(first(&[]), None);
    }
}
