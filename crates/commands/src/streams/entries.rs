//! Entries as replies.

use listpack::{Element, TextBuffer};
use resp::{Later, Mark, Protocol, Reply};
use structures::stream::{Entry, StreamId};

use super::ids::IdText;

/// Replies with a number.
pub(super) fn reply_id(reply: &mut Reply<'_>, id: StreamId) {
    reply.bulk(IdText::new(id).bytes());
}

/// Replies with an entry: its number, and its names and values in a row.
pub(super) fn reply_entry(reply: &mut Reply<'_>, entry: &Entry<'_>) {
    reply.array(2);
    reply_id(reply, entry.id);
    let pairs = entry.pairs();
    reply.array(pairs.len() * 2);
    for (name, value) in pairs {
        reply_element(reply, name);
        reply_element(reply, value);
    }
}

/// Replies with entries, at most `count_max`. Returns how many there were.
pub(super) fn reply_entries<'a>(
    reply: &mut Reply<'_>,
    entries: impl Iterator<Item = Entry<'a>>,
    count_max: usize,
) -> usize {
    let list = reply.array_later();
    let mut count = 0;
    for entry in entries.take(count_max) {
        reply_entry(reply, &entry);
        count += 1;
    }
    reply.close_array(list, count);
    count
}

fn reply_element(reply: &mut Reply<'_>, element: Element<'_>) {
    reply.bulk(element.text(&mut TextBuffer::new()));
}

/// A list of streams with their entries, under way.
pub(super) struct StreamList {
    before: Mark,
    later: Later,
    count: usize,
}

impl StreamList {
    pub(super) fn begin(reply: &mut Reply<'_>) -> Self {
        let before = reply.output().mark();
        let later = match reply.protocol() {
            Protocol::Resp2 => reply.array_later(),
            Protocol::Resp3 => reply.map_later(),
        };
        Self { before, later, count: 0 }
    }

    /// Begins with a stream, whose entries follow.
    pub(super) fn add(&mut self, reply: &mut Reply<'_>, key: &[u8]) {
        if reply.protocol() == Protocol::Resp2 {
            reply.array(2);
        }
        reply.bulk(key);
        self.count += 1;
    }

    /// Ends the list. `false`: nothing was in it, and nothing of it is left.
    pub(super) fn end(self, reply: &mut Reply<'_>) -> bool {
        match reply.protocol() {
            _ if self.count == 0 => reply.output().rewind(self.before),
            Protocol::Resp2 => reply.close_array(self.later, self.count),
            Protocol::Resp3 => reply.close_map(self.later, self.count),
        }
        self.count > 0
    }
}
