//! The names of the types of values.

use keyspace::{Entry, Kind};

/// The type of an entry's value, as `TYPE` says it.
pub(super) fn type_name(entry: &Entry) -> &'static str {
    match entry.kind() {
        Kind::String => "string",
        Kind::List => "list",
        Kind::Hash => "hash",
        Kind::Set => "set",
        Kind::SortedSet => "zset",
        Kind::Stream => "stream",
    }
}
