//! The names of the types of values.

use keyspace::{Entry, Value};

/// The type of an entry's value, as `TYPE` says it.
pub(super) fn type_name(entry: &Entry) -> &'static str {
    match entry.value() {
        Value::Integer(_) | Value::Bytes(_) | Value::Shared(_) => "string",
    }
}
