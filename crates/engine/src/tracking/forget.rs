//! Keys that are forgotten though they weren't changed: there are too many, or nobody tracks any more.

use std::collections::BTreeMap;

use fastrand::Rng;

use super::TrackingMode;
use super::table::{Part, Taken};
use super::tell::Invalidation;
use crate::clock::Moment;
use crate::engine::Engine;
use crate::mailbox::Postman;

/// Keys that one read forgets beside as many as it remembers: of a table that is suddenly too large, the sweeps forget the rest.
const KEYS_PER_READ: usize = 64;

/// Keys that one tick forgets: a quarter of a millisecond of work, then clients have a turn.
const KEYS_PER_TICK: usize = 256;

/// Clients that have read the keys which are forgotten at once, each counted for each of its keys: to tell them is most of the work, and one key may have been
/// read by thousands. The last key goes beyond that.
const READERS_AT_ONCE: usize = 2048;

/// So many keys are freed on the spot; handing them over would cost more.
const KEYS_FREED_AT_ONCE_MAX: usize = 256;

impl Engine {
    /// Makes room for the keys that a read has just added.
    pub(super) fn make_room_for_reads(&self, added: usize, postman: &mut Postman, random: &mut Rng) {
        if self.tracks_too_many() {
            self.forget_tracked(added + KEYS_PER_READ, postman, random);
        }
    }

    /// Forgets a slice of the keys that are too many. Returns whether none are left.
    pub(crate) fn sweep_tracked(&self, worker: usize, now: Moment) -> bool {
        if !self.tracks_too_many() {
            return true;
        }
        let mut random = Rng::with_seed(now.unix_nanos());
        self.forget_tracked(KEYS_PER_TICK, &mut Postman::new(worker, None), &mut random);
        !self.tracks_too_many()
    }

    #[inline]
    fn tracks_too_many(&self) -> bool {
        self.keys_allowed().is_some_and(|allowed| self.tracked_keys() > allowed)
    }

    /// How many keys may be remembered, if that is limited.
    #[inline]
    fn keys_allowed(&self) -> Option<usize> {
        Some(self.settings().tracked_keys_max()).filter(|max| *max > 0)
    }

    fn forget_tracked(&self, keys_max: usize, postman: &mut Postman, random: &mut Rng) {
        let Some(allowed) = self.keys_allowed() else { return };
        let forgotten = self.trackers.table.take_beyond(allowed, keys_max, READERS_AT_ONCE, random);
        self.tell_forgotten(&forgotten, postman);
    }

    /// Tells whoever has read these keys as if they had changed. Nobody is the author of that: not even whose read had them forgotten knows.
    fn tell_forgotten(&self, forgotten: &[Taken], postman: &mut Postman) {
        let mut by_reader: BTreeMap<u64, Vec<&[u8]>> = BTreeMap::new();
        for taken in forgotten {
            for reader in &taken.readers {
                by_reader.entry(*reader).or_default().push(&taken.key);
            }
        }
        let register = self.trackers.register();
        // Those who have read the same share a message.
        let mut last: Option<(&[&[u8]], Invalidation)> = None;
        for (reader, keys) in &by_reader {
            let tracker = register.clients.get(reader);
            let tracker = tracker.filter(|tracker| tracker.wanted.mode != TrackingMode::Broadcast);
            let Some(tracker) = tracker else { continue };
            if last.as_ref().is_none_or(|(same, _)| same != keys) {
                last = Some((keys, Invalidation::of(keys)));
            }
            if let Some((_, message)) = &last {
                self.tell(tracker, message, postman);
            }
        }
    }

    /// Frees what all keys were in, elsewhere if they are many.
    pub(super) fn free_tracked(&self, parts: Vec<Part>) {
        if parts.iter().map(Part::len).sum::<usize>() > KEYS_FREED_AT_ONCE_MAX {
            parts.into_iter().for_each(|part| self.keyspace().garbage().bury_other(Box::new(part)));
        }
    }
}
