//! A stream part by part, as a file has them.

use rdb::{Consumer, Group, Pending, StreamId, StreamMetadata, StreamPart};
use structures::stream::{self, Stream};

/// Where the next part is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StreamParts {
    stage: Stage,
    /// The number of the group, and of the consumer in it.
    group: usize,
    consumer: usize,
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
            let (name, group) = stream.groups.iter().nth(self.group)?;
            let part = match self.stage {
                Stage::Nodes | Stage::Group => Some(self.group(name, group)),
                Stage::Pending => Some(self.pending_or_consumers(group)),
                Stage::Consumer => self.consumer(group),
                Stage::Owned => self.owned(group),
            };
            if part.is_some() {
                return part;
            }
        }
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
        StreamPart::Metadata(StreamMetadata {
            length: log.len(),
            last_id: exported(log.last_id()),
            first_id: Some(exported(log.first_id())),
            max_deleted_id: exported(log.max_deleted_id()),
            entries_added: log.entries_added(),
            groups: stream.groups.len() as u64,
        })
    }

    fn group<'s>(&mut self, name: &'s [u8], group: &'s stream::Group) -> StreamPart<'s> {
        self.enter(Stage::Pending);
        StreamPart::Group(Group {
            name: name.into(),
            last_id: exported(group.last_id),
            entries_read: group.entries_read,
            pending: group.pending_len() as u64,
        })
    }

    fn pending_or_consumers<'s>(&mut self, group: &'s stream::Group) -> StreamPart<'s> {
        let pending = |from| group.pending_range(from, stream::StreamId::MAX).next();
        if let Some((id, pending, _)) = self.from().and_then(pending) {
            self.last = Some(id);
            return StreamPart::Pending(Pending {
                id: exported(id),
                delivered_at_ms: pending.delivered_ms,
                deliveries: pending.deliveries,
            });
        }
        self.enter(Stage::Consumer);
        self.consumer = 0;
        StreamPart::Consumers(group.consumers().len() as u64)
    }

    /// `None`: the group has no more.
    fn consumer<'s>(&mut self, group: &'s stream::Group) -> Option<StreamPart<'s>> {
        let Some(consumer) = group.consumers().nth(self.consumer) else {
            self.group += 1;
            self.enter(Stage::Group);
            return None;
        };
        self.enter(Stage::Owned);
        Some(StreamPart::Consumer(Consumer {
            name: consumer.name().into(),
            seen_at_ms: consumer.seen_ms,
            active_at_ms: consumer.active_ms,
            pending: consumer.pending_len() as u64,
        }))
    }

    /// `None`: the consumer has no more.
    fn owned<'s>(&mut self, group: &'s stream::Group) -> Option<StreamPart<'s>> {
        let consumer = group.consumers().nth(self.consumer)?;
        if let Some(id) = self.from().and_then(|from| consumer.pending(from).next()) {
            self.last = Some(id);
            return Some(StreamPart::Owned(exported(id)));
        }
        self.consumer += 1;
        self.enter(Stage::Consumer);
        None
    }
}

fn exported(id: stream::StreamId) -> StreamId {
    StreamId { ms: id.ms, seq: id.seq }
}
