//! String values on their way into replies, out of their entries, and under change.

use std::ops::Deref;
use std::sync::Arc;

use engine::{CommandError, View};
use keyspace::{Entry, Expiry, Key, NewValue, Value};
use resp::Reply;

/// Replies with the value of an entry; a long one leaves without being copied.
#[inline]
pub(crate) fn reply_value(reply: &mut Reply<'_>, entry: &Entry) {
    match entry.value() {
        Value::Integer(number) => reply.bulk_int(number),
        Value::Bytes(bytes) => reply.bulk(bytes),
        Value::Shared(bytes) => match entry.shared() {
            Some(buffer) => reply.shared(&buffer),
            None => reply.bulk(bytes),
        },
        // Callers look for strings.
        Value::Object => reply.null(),
    }
}

/// A string's bytes away from their entry, for commands that look at several keys at once.
pub(crate) enum Contents {
    /// Short, and copied.
    Copied(Vec<u8>),
    /// Long, and shared with the entry.
    Shared(Arc<Vec<u8>>),
}

impl Contents {
    /// What the string under `key` holds; a missing one holds nothing.
    pub(crate) fn read(view: &mut View<'_>, key: &Key<'_>) -> Result<Self, CommandError> {
        let Some(entry) = view.string(key)? else { return Ok(Self::Copied(Vec::new())) };
        Ok(match entry.shared() {
            Some(buffer) => Self::Shared(buffer),
            None => Self::Copied(entry.value().to_vec()),
        })
    }
}

impl Deref for Contents {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Copied(bytes) => bytes,
            Self::Shared(buffer) => buffer,
        }
    }
}

/// Changes the bytes of a string in place. A missing one begins empty and is there afterwards, whatever `edit` does.
pub(crate) fn edit_or_create<R>(
    view: &mut View<'_>,
    key: &Key<'_>,
    edit: impl FnOnce(&mut Vec<u8>) -> R,
) -> Result<R, CommandError> {
    if let Some(mut entry) = view.string_mut(key)? {
        return Ok(entry.edit(edit));
    }
    view.set(key, NewValue::Bytes(b""), Expiry::None);
    let mut entry = view.string_mut(key)?.expect("the key was stored by the line before");
    Ok(entry.edit(edit))
}

/// Stores bytes that were computed: never as an integer, and shown as `raw`.
pub(crate) fn store_raw(view: &mut View<'_>, key: &Key<'_>, bytes: Vec<u8>) -> Result<(), CommandError> {
    view.set(key, NewValue::Bytes(b""), Expiry::None);
    edit_or_create(view, key, |empty| *empty = bytes)
}
