//! Storing a sorted set that was computed.

use engine::{Ctx, DEL, Effect, Event};
use keyspace::{Expiry, Key, NewValue, Object, SortedSet};

/// Stores a set under a key, whatever was there, and replies with the number of its members. An empty one removes the key.
pub(super) fn store(cx: &mut Ctx<'_>, key: &Key<'_>, set: SortedSet, event: Event) {
    let len = set.len();
    if len > 0 {
        cx.view.set(key, NewValue::Object(Object::SortedSet(set)), Expiry::None);
        cx.view.record(key, event, Effect::AsCalled);
    } else if cx.view.remove(key) {
        cx.view.record(key, DEL, Effect::AsCalled);
    }
    cx.reply.integer(len as i64);
}
