//! A stream part by part, as a file has them.

use rdb::{Consumer, Group, Pending, StreamId, StreamMetadata, StreamPart};
use structures::stream::{self, Stream};

/// Where the next part is.
#[derive(Debug, Default)]
pub(crate) struct StreamParts {
    stage: Stage,
    /// The names of the last group that was told of, and of the last consumer in it. By number they would have to be counted off each time.
    group: Option<Box<[u8]>>,
    consumer: Option<Box<[u8]>>,
    /// The node, pending entry or owned entry that was the last.
    last: Option<stream::StreamId>,
}

#[derive(Clone, Copy, Debug, Default)]
enum Stage {
    #[default]
    Nodes,
    Group,
    Pending,
    Consumer,
    Owned,
}

impl StreamParts {
    /// The next part; `None` at the end. The stream must be the same each time.
    pub(crate) fn next<'s>(&mut self, stream: &'s Stream) -> Option<StreamPart<'s>> {
        if matches!(self.stage, Stage::Nodes) {
            return Some(self.node_or_metadata(stream));
        }
        loop {
            let part = match self.stage {
                Stage::Nodes | Stage::Group => {
                    let (name, group) = stream.groups.after(self.group.as_deref())?;
                    Some(self.group(name, group))
                }
                Stage::Pending => Some(self.pending_or_consumers(self.present_group(stream)?)),
                Stage::Consumer => self.consumer(self.present_group(stream)?),
                Stage::Owned => self.owned(self.present_group(stream)?),
            };
            if part.is_some() {
                return part;
            }
        }
    }

    fn present_group<'s>(&self, stream: &'s Stream) -> Option<&'s stream::Group> {
        stream.groups.find(self.group.as_deref()?)
    }

    /// The first number behind the last; `None` if there can be none.
    fn from(&self) -> Option<stream::StreamId> {
        self.last.map_or(Some(stream::StreamId::MIN), stream::StreamId::next)
    }

    fn enter(&mut self, stage: Stage) {
        self.stage = stage;
        self.last = None;
    }

    fn node_or_metadata<'s>(&mut self, stream: &'s Stream) -> StreamPart<'s> {
        let log = &stream.log;
        if let Some((id, packed)) = self.from().and_then(|from| log.nodes_from(from).next()) {
            self.last = Some(id);
            return StreamPart::Node { id: exported(id), packed: packed.view() };
        }
        self.enter(Stage::Group);
        metadata_part(stream)
    }

    fn group<'s>(&mut self, name: &'s [u8], group: &'s stream::Group) -> StreamPart<'s> {
        self.enter(Stage::Pending);
        self.group = Some(name.into());
        self.consumer = None;
        group_part(name, group)
    }

    fn pending_or_consumers<'s>(&mut self, group: &'s stream::Group) -> StreamPart<'s> {
        let pending = |from| group.pending_range(from, stream::StreamId::MAX).next();
        if let Some((id, pending, _)) = self.from().and_then(pending) {
            self.last = Some(id);
            return pending_part(id, pending);
        }
        self.enter(Stage::Consumer);
        StreamPart::Consumers(group.consumers().len() as u64)
    }

    /// `None`: the group has no more.
    fn consumer<'s>(&mut self, group: &'s stream::Group) -> Option<StreamPart<'s>> {
        let Some(consumer) = group.consumer_after(self.consumer.as_deref()) else {
            self.enter(Stage::Group);
            return None;
        };
        self.enter(Stage::Owned);
        self.consumer = Some(consumer.name().into());
        Some(consumer_part(consumer))
    }

    /// `None`: the consumer has no more.
    fn owned<'s>(&mut self, group: &'s stream::Group) -> Option<StreamPart<'s>> {
        let consumer = group.consumer(self.consumer.as_deref()?)?;
        if let Some(id) = self.from().and_then(|from| consumer.pending(from).next()) {
            self.last = Some(id);
            return Some(StreamPart::Owned(exported(id)));
        }
        self.enter(Stage::Consumer);
        None
    }
}

/// Shows all parts of a stream in their order.
pub(crate) fn each_part<E>(
    stream: &Stream,
    mut show: impl FnMut(StreamPart<'_>) -> Result<(), E>,
) -> Result<(), E> {
    for (id, packed) in stream.log.nodes() {
        show(StreamPart::Node { id: exported(id), packed: packed.view() })?;
    }
    show(metadata_part(stream))?;
    for (name, group) in stream.groups.iter() {
        show(group_part(name, group))?;
        for (id, pending, _) in group.pending_range(stream::StreamId::MIN, stream::StreamId::MAX) {
            show(pending_part(id, pending))?;
        }
        show(StreamPart::Consumers(group.consumers().len() as u64))?;
        for consumer in group.consumers() {
            show(consumer_part(consumer))?;
            for id in consumer.pending(stream::StreamId::MIN) {
                show(StreamPart::Owned(exported(id)))?;
            }
        }
    }
    Ok(())
}

fn metadata_part(stream: &Stream) -> StreamPart<'_> {
    let log = &stream.log;
    StreamPart::Metadata(StreamMetadata {
        length: log.len(),
        last_id: exported(log.last_id()),
        first_id: Some(exported(log.first_id())),
        max_deleted_id: exported(log.max_deleted_id()),
        entries_added: log.entries_added(),
        groups: stream.groups.len() as u64,
    })
}

fn group_part<'s>(name: &'s [u8], group: &stream::Group) -> StreamPart<'s> {
    StreamPart::Group(Group {
        name: name.into(),
        last_id: exported(group.last_id),
        entries_read: group.entries_read,
        pending: group.pending_len() as u64,
    })
}

fn pending_part<'s>(id: stream::StreamId, pending: stream::Pending) -> StreamPart<'s> {
    StreamPart::Pending(Pending {
        id: exported(id),
        delivered_at_ms: pending.delivered_ms,
        deliveries: pending.deliveries,
    })
}

fn consumer_part(consumer: &stream::Consumer) -> StreamPart<'_> {
    StreamPart::Consumer(Consumer {
        name: consumer.name().into(),
        seen_at_ms: consumer.seen_ms,
        active_at_ms: consumer.active_ms,
        pending: consumer.pending_len() as u64,
    })
}

fn exported(id: stream::StreamId) -> StreamId {
    StreamId { ms: id.ms, seq: id.seq }
}
