//! The requests of a stream.
//!
//! ```text
//! XADD key id field value …                            each entry; of a stream without any: XADD key MAXLEN 0 id x y
//! XSETID key last ENTRIESADDED count MAXDELETEDID id
//! XGROUP CREATE key group last ENTRIESREAD count       for each group
//! XGROUP CREATECONSUMER key group consumer             for each of its consumers
//! XCLAIM key group consumer 0 id TIME ms RETRYCOUNT count JUSTID FORCE       for each entry that is pending
//! ```

use listpack::Element;
use structures::stream::{Entry, Group, Log, Stream, StreamId};

use super::request::{ITEMS_MAX, Request};
use super::walk::Room;

/// Where the next request of a stream goes on.
pub(super) enum StreamWalk {
    /// At the first entry from this number on.
    Entries(StreamId),
    /// Behind the group of this name, or at the first.
    Groups(Option<Box<[u8]>>),
    /// In a group: behind the consumer of this name, or at the first.
    Consumers(Box<[u8]>, Option<Box<[u8]>>),
    /// In a group: at the first pending entry from this number on.
    Pending(Box<[u8]>, StreamId),
}

impl Default for StreamWalk {
    fn default() -> Self {
        Self::Entries(StreamId::MIN)
    }
}

impl StreamWalk {
    /// Writes some requests. Returns where to go on; nowhere at the end.
    pub(super) fn step(self, stream: &Stream, room: &mut Room<'_>) -> Option<Self> {
        match self {
            Self::Entries(from) => Some(entries(&stream.log, from, room)),
            Self::Groups(behind) => {
                let (name, group) = stream.groups.after(behind.as_deref())?;
                write_group(name, group, room);
                Some(Self::Consumers(name.into(), None))
            }
            Self::Consumers(name, behind) => {
                let group = stream.groups.find(&name)?;
                Some(match consumers(&name, group, behind, room) {
                    Some(behind) => Self::Consumers(name, Some(behind)),
                    None => Self::Pending(name, StreamId::MIN),
                })
            }
            Self::Pending(name, from) => {
                let group = stream.groups.find(&name)?;
                Some(match pending(&name, group, from, room) {
                    Some(from) => Self::Pending(name, from),
                    None => Self::Groups(Some(name)),
                })
            }
        }
    }
}

/// Writes some entries, and what the stream remembers behind the last.
fn entries(log: &Log, from: StreamId, room: &mut Room<'_>) -> StreamWalk {
    for (written, entry) in log.range(from, StreamId::MAX).enumerate() {
        if written == ITEMS_MAX || room.is_full() {
            return StreamWalk::Entries(entry.id);
        }
        write_entry(&entry, room);
    }
    if log.is_empty() {
        write_none(log.last_id(), room);
    }
    write_memory(log, room);
    StreamWalk::Groups(None)
}

fn write_entry(entry: &Entry<'_>, room: &mut Room<'_>) {
    let mut request = Request::of(room.out, &[b"XADD", room.key]);
    request.id(entry.id);
    for (name, value) in entry.pairs() {
        request.element(name);
        request.element(value);
    }
    request.end();
}

/// Makes a stream without entries.
fn write_none(last_id: StreamId, room: &mut Room<'_>) {
    let mut request = Request::of(room.out, &[b"XADD", room.key, b"MAXLEN", b"0"]);
    // No entry has the number 0-0. XSETID takes it all the same.
    request.id(last_id.max(StreamId::new(0, 1)));
    request.word(b"x");
    request.word(b"y");
    request.end();
}

fn write_memory(log: &Log, room: &mut Room<'_>) {
    let mut request = Request::of(room.out, &[b"XSETID", room.key]);
    request.id(log.last_id());
    request.word(b"ENTRIESADDED");
    request.count(log.entries_added());
    request.word(b"MAXDELETEDID");
    request.id(log.max_deleted_id());
    request.end();
}

fn write_group(name: &[u8], group: &Group, room: &mut Room<'_>) {
    let mut request = Request::of(room.out, &[b"XGROUP", b"CREATE", room.key, name]);
    request.id(group.last_id);
    request.word(b"ENTRIESREAD");
    match group.entries_read {
        Some(count) => request.count(count),
        None => request.word(b"-1"),
    }
    request.end();
}

/// Writes some consumers. Returns behind which one to go on.
fn consumers(
    name: &[u8],
    group: &Group,
    behind: Option<Box<[u8]>>,
    room: &mut Room<'_>,
) -> Option<Box<[u8]>> {
    let mut behind = behind;
    for _ in 0..ITEMS_MAX {
        let consumer = group.consumer_after(behind.as_deref())?;
        if room.is_full() {
            return behind;
        }
        Request::of(room.out, &[b"XGROUP", b"CREATECONSUMER", room.key, name, consumer.name()]).end();
        behind = Some(consumer.name().into());
    }
    behind
}

/// Writes some pending entries. Returns at which to go on.
fn pending(name: &[u8], group: &Group, from: StreamId, room: &mut Room<'_>) -> Option<StreamId> {
    for (written, (id, pending, consumer)) in group.pending_range(from, StreamId::MAX).enumerate() {
        if written == ITEMS_MAX || room.is_full() {
            return Some(id);
        }
        let mut request = Request::of(room.out, &[b"XCLAIM", room.key, name, consumer.name(), b"0"]);
        request.id(id);
        request.word(b"TIME");
        request.element(Element::Int(pending.delivered_ms));
        request.word(b"RETRYCOUNT");
        request.count(pending.deliveries);
        request.word(b"JUSTID");
        request.word(b"FORCE");
        request.end();
    }
    None
}

impl Request<'_> {
    fn id(&mut self, id: StreamId) {
        self.word(id.to_string().as_bytes());
    }

    /// Adds a number that others read as one with a sign.
    fn count(&mut self, count: u64) {
        self.element(Element::Int(i64::try_from(count).unwrap_or(i64::MAX)));
    }
}
