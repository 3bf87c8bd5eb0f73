//! Names of keys or fields on their way into a reply, whose number must be known before the first is written.

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
        let mut start = 0;
        for end in &self.ends {
            reply.bulk(&self.bytes[start..*end]);
            start = *end;
        }
    }
}
