//! What reading and claiming does, as effects that say it in full.
//!
//! ```text
//! XCLAIM key group consumer 0 id TIME milliseconds RETRYCOUNT count FORCE JUSTID LASTID last-id
//! XGROUP SETID key group last-id ENTRIESREAD count
//! XGROUP CREATECONSUMER key group consumer
//! ```

use engine::{Effect, View};
use keyspace::Key;
use structures::stream::{Pending, StreamId};

use super::XGROUP_CREATECONSUMER;
use super::ids::IdText;

/// That an entry is pending for a consumer.
pub(super) struct Claim {
    pub(super) id: StreamId,
    pub(super) delivered_ms: i64,
    pub(super) deliveries: u64,
}

impl Claim {
    pub(super) fn of(id: StreamId, pending: Pending) -> Self {
        Self { id, delivered_ms: pending.delivered_ms, deliveries: pending.deliveries }
    }
}

/// Records that entries are pending for a consumer of a group that has read up to `last_id`.
pub(super) fn record_claims<'c>(
    view: &mut View<'_>,
    key: &Key<'_>,
    group: &[u8],
    last_id: StreamId,
    claims: impl Iterator<Item = (&'c [u8], &'c Claim)>,
) {
    if !view.is_journaled() {
        return claims.for_each(|_| view.record_quietly(Effect::Covered));
    }
    let last_id = IdText::new(last_id);
    for (consumer, claim) in claims {
        let (mut time, mut count) = (itoa::Buffer::new(), itoa::Buffer::new());
        let id = IdText::new(claim.id);
        view.record_quietly(Effect::Instead(&[
            b"XCLAIM",
            key.bytes(),
            group,
            consumer,
            b"0",
            id.bytes(),
            b"TIME",
            time.format(claim.delivered_ms).as_bytes(),
            b"RETRYCOUNT",
            count.format(claim.deliveries).as_bytes(),
            b"FORCE",
            b"JUSTID",
            b"LASTID",
            last_id.bytes(),
        ]));
    }
}

/// Records how far a group has read.
pub(super) fn record_read(
    view: &mut View<'_>,
    key: &Key<'_>,
    group: &[u8],
    last_id: StreamId,
    entries_read: Option<u64>,
) {
    if !view.is_journaled() {
        return view.record_quietly(Effect::Covered);
    }
    let mut digits = itoa::Buffer::new();
    let entries_read = entries_read.map_or(&b"-1"[..], |count| digits.format(count).as_bytes());
    view.record_quietly(Effect::Instead(&[
        b"XGROUP",
        b"SETID",
        key.bytes(),
        group,
        IdText::new(last_id).bytes(),
        b"ENTRIESREAD",
        entries_read,
    ]));
}

/// Records a consumer that came into being by reading or claiming.
pub(super) fn record_consumer(view: &mut View<'_>, key: &Key<'_>, group: &[u8], consumer: &[u8]) {
    let words = [b"XGROUP", &b"CREATECONSUMER"[..], key.bytes(), group, consumer];
    view.record_quietly(Effect::Instead(&words));
    view.tell(key, XGROUP_CREATECONSUMER);
}
