//! In which dialect data are written.

use keyspace::{Entry, Object};
use rdb::{Dialect, Needs};
use structures::stream::Stream;

/// The dialect that the parameter `rdb-version` asks for: of this version, or without one the dialect that the most servers read among those
/// that hold such data without loss.
///
/// One that is asked for is taken even if it can't hold the data: fields that expire are refused when they are written, of streams' consumers
/// the time of their last activity is left out, as by the servers that write this version.
pub fn dialect(rdb_version: Option<u8>, needs: Needs) -> Dialect {
    let asked = rdb_version.and_then(|version| Dialect::of_version(version.into()));
    asked.unwrap_or_else(|| Dialect::lowest_for(needs))
}

/// What an entry's value needs of a dialect. O(1), but for streams O(consumers).
pub fn needs(entry: &Entry) -> Needs {
    let mut needs = Needs::default();
    match entry.object().as_deref() {
        Some(Object::Hash(hash)) => needs.field_ttl = hash.next_expiry_ms().is_some(),
        Some(Object::Stream(stream)) => needs.stream_consumers = has_active_consumers(stream),
        _ => {}
    }
    needs
}

/// Whether some consumer was active at another time than it was seen.
fn has_active_consumers(stream: &Stream) -> bool {
    let mut consumers = stream.groups.iter().flat_map(|(_, group)| group.consumers());
    consumers.any(|consumer| consumer.active_ms != Some(consumer.seen_ms))
}
