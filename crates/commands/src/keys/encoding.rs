//! The names of the representations of values.

use keyspace::{Entry, Object, Value};
use structures::{Hash, List, Set, SortedSet};

/// Longest key and value together, an expiry counting 8 bytes, of a value that `OBJECT ENCODING` calls `embstr`. Redis 8.2 stores a
/// key with its value in one allocation of at most 64 bytes, of which 23 go into headers and terminators.
const EMBSTR_BYTES_MAX: usize = 41;
const EXPIRY_BYTES: usize = 8;

/// The representation of an entry's value under the name that peers have for theirs.
///
/// kvd's own is another; clients want to see the peers' thresholds. Peers decide when a value is stored or its object reallocated, and
/// then stay with `raw`; here the key, value and expiry that there are now decide.
pub(crate) fn encoding(entry: &Entry) -> &'static str {
    let value = match entry.value() {
        Value::Integer(_) => return "int",
        Value::Bytes(bytes) => bytes,
        Value::Shared(buffer) => buffer,
        Value::Object => return entry.object().map_or("", |object| of_object(&object)),
    };
    let expiry_bytes = entry.expiry().map_or(0, |_| EXPIRY_BYTES);
    let is_short = entry.key().len() + value.len() + expiry_bytes <= EMBSTR_BYTES_MAX;
    if is_short && !entry.is_edited() { "embstr" } else { "raw" }
}

fn of_object(object: &Object) -> &'static str {
    match object {
        Object::List(List::Packed(_))
        | Object::Hash(Hash::Packed(_))
        | Object::Set(Set::Packed(_))
        | Object::SortedSet(SortedSet::Packed(_)) => "listpack",
        Object::Hash(Hash::Dated(_)) => "listpackex",
        Object::List(List::Large(_)) => "quicklist",
        Object::Hash(Hash::Large(_)) | Object::Set(Set::Large(_)) => "hashtable",
        Object::Set(Set::Integers(_)) => "intset",
        Object::SortedSet(SortedSet::Large(_)) => "skiplist",
        Object::Stream(_) => "stream",
    }
}
