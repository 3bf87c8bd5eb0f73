//! Names of keys, fields or members on their way into a reply, whose number must be known before the first is written.

use keyspace::{Entry, UnixMillis};
use resp::Reply;

/// Whether a client may see the entry. Keys that are due are passed over; who tends the expiry index removes them.
pub(super) fn is_live(entry: &Entry, now: UnixMillis) -> bool {
    !entry.expiry().is_some_and(|at| at.is_due(now))
}

/// Names, one after the other in one buffer.
#[derive(Default)]
pub(crate) struct Names {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Names {
    pub(crate) fn push(&mut self, name: &[u8]) {
        self.bytes.extend_from_slice(name);
        self.ends.push(self.bytes.len());
    }

    /// Replies with all names as an array.
    pub(crate) fn reply(&self, reply: &mut Reply<'_>) {
        reply.array(self.ends.len());
        self.iter().for_each(|name| reply.bulk(name));
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.bytes[start..*end])
    }
}
