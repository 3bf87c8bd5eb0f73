//! Values of fields on their way into replies, and what changes of hashes have in common.

use engine::{Engine, Event};
use resp::Reply;
use structures::Element;
use structures::hash::{Found, Limits};

/// Fields got values.
pub(super) const HSET: Event = Event::hash("hset");
/// Fields were removed.
pub(super) const HDEL: Event = Event::hash("hdel");
/// Fields got an expiry.
pub(super) const HEXPIRE: Event = Event::hash("hexpire");
/// Fields lost it.
pub(super) const HPERSIST: Event = Event::hash("hpersist");

/// When a hash becomes large.
pub(crate) fn limits(engine: &Engine) -> Limits {
    let settings = engine.settings();
    Limits {
        fields_max: settings.hash_fields_max(),
        bytes_max: settings.hash_bytes_max(),
        hash_key: engine.keyspace().secret(),
    }
}

/// Replies with a field's name or value.
#[inline]
pub(super) fn reply_element(reply: &mut Reply<'_>, element: Element<'_>) {
    match element {
        Element::Int(number) => reply.bulk_int(number),
        Element::Bytes(bytes) => reply.bulk(bytes),
    }
}

/// Replies with the value of a field that may be missing.
#[inline]
pub(super) fn reply_found(reply: &mut Reply<'_>, found: Option<Found<'_>>) {
    match found {
        Some(found) => reply_element(reply, found.value),
        None => reply.null(),
    }
}
