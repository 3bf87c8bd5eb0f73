//! Requests as an encoder makes them.

use keyspace::{Encoder, Entry, Progress};

use super::walk::Walk;

/// Encodes entries as requests that make them in an empty database. What is appended is always whole requests; those that change the database
/// are for the caller to write.
#[derive(Clone, Copy, Debug, Default)]
pub struct Commands;

impl Encoder for Commands {
    fn encode(&self, entry: &Entry, out: &mut Vec<u8>) {
        let mut walk = Walk::default();
        while !walk.go_on(entry, usize::MAX, out) {}
    }

    fn encode_part(
        &self,
        entry: &Entry,
        progress: &mut Progress,
        bytes_max: usize,
        out: &mut Vec<u8>,
    ) -> bool {
        let begun = progress.take().and_then(|begun| begun.downcast::<Walk>().ok());
        let mut walk = begun.unwrap_or_default();
        let is_complete = walk.go_on(entry, bytes_max, out);
        if !is_complete {
            *progress = Some(walk);
        }
        is_complete
    }
}
