//! Who is told that keys were changed, and how.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering::Relaxed;

use super::trackers::{Broadcast, IS_BROKEN, Tracker, TrackingMode};
use crate::engine::Engine;
use crate::mailbox::{Message, Postman};
use crate::publication::Publication;

impl Engine {
    /// A key was changed: tells who has read it, and notes it for broadcasts.
    #[cold]
    pub(crate) fn invalidate(&self, key: &[u8], postman: &mut Postman, broadcast: &mut Broadcast) {
        let readers = self.trackers.table.take(key);
        if !readers.is_empty() {
            let author = postman.author();
            self.tell_changed(&readers, key, author, postman);
        }
        if self.trackers.broadcasts.load(Relaxed) > 0 {
            broadcast.note(key, postman.author());
        }
    }

    /// Tells those who have read a key that it was changed, by this client if by any.
    fn tell_changed(&self, readers: &BTreeSet<u64>, key: &[u8], author: Option<u64>, postman: &mut Postman) {
        let register = self.trackers.register();
        let told = readers.iter().filter_map(|id| register.clients.get(id));
        let mut message = None;
        for tracker in told.filter(|tracker| tracker.wanted.mode != TrackingMode::Broadcast) {
            if !tracker.is_own_change(author) {
                let message = message.get_or_insert_with(|| Invalidation::of(&[key]));
                self.tell(tracker, message, postman);
            }
        }
    }

    /// Tells broadcasts of the keys that were changed.
    #[cold]
    pub(crate) fn tell_broadcasts(&self, broadcast: &mut Broadcast, postman: &mut Postman) {
        let keys = std::mem::take(&mut broadcast.0);
        let register = self.trackers.register();
        let mut by_prefix: BTreeMap<&[u8], (&BTreeSet<u64>, Vec<Changed<'_>>)> = BTreeMap::new();
        for (key, author) in &keys {
            register.prefixes.for_each_of(key, |prefix, clients| {
                by_prefix.entry(prefix).or_insert((clients, Vec::new())).1.push((key, *author));
            });
        }
        for (clients, changed) in by_prefix.values() {
            let told = clients.iter().filter_map(|id| register.clients.get(id));
            // Those who are told of the same keys share a message.
            let mut last: Option<(Vec<&[u8]>, Invalidation)> = None;
            for tracker in told {
                let others = changed.iter().filter(|(_, author)| !tracker.is_own_change(*author));
                let keys: Vec<&[u8]> = others.map(|(key, _)| *key).collect();
                if keys.is_empty() {
                    continue;
                }
                if last.as_ref().is_none_or(|(same, _)| *same != keys) {
                    let message = Invalidation::of(&keys);
                    last = Some((keys, message));
                }
                if let Some((_, message)) = &last {
                    self.tell(tracker, message, postman);
                }
            }
        }
    }

    /// Everything was changed at once: all who track are told so, and nothing is remembered any more.
    pub(crate) fn invalidate_all(&self, postman: &mut Postman) {
        if self.trackers.is_empty() {
            return;
        }
        let forgotten = self.trackers.table.take_all();
        let message = Invalidation::of_everything();
        for tracker in self.trackers.register().clients.values() {
            self.tell(tracker, &message, postman);
        }
        self.free_tracked(forgotten);
    }

    pub(super) fn tell(&self, tracker: &Tracker, message: &Invalidation, postman: &mut Postman) {
        let Some(redirect) = tracker.wanted.redirect else {
            // Nothing but a push can be told from a reply.
            if tracker.client.protocol.load(Relaxed) == 3 {
                let limit = self.output_limit(&tracker.client);
                postman.post(self, &tracker.client, Message::Publication(message.push.clone()), limit);
            }
            return;
        };
        match self.clients().find(redirect) {
            Some(client) if client.protocol.load(Relaxed) == 3 => {
                postman.post(
                    self,
                    &client,
                    Message::Publication(message.push.clone()),
                    self.output_limit(&client),
                );
            }
            Some(client) if client.is_listening() => {
                let limit = self.output_limit(&client);
                postman.post(self, &client, Message::Publication(message.published.clone()), limit);
            }
            Some(_) => {}
            None => {
                tracker.is_broken.store(true, Relaxed);
                tracker.client.tracking.0.fetch_or(IS_BROKEN, Relaxed);
                if tracker.client.protocol.load(Relaxed) == 3 {
                    let limit = self.output_limit(&tracker.client);
                    let broken = Message::Publication(Publication::redirection_broken(redirect));
                    postman.post(self, &tracker.client, broken, limit);
                }
            }
        }
    }
}

/// A key that was changed, and the client that did it if it was one.
type Changed<'k> = (&'k [u8], Option<u64>);

/// That keys were changed, in both forms in which it is told.
pub(super) struct Invalidation {
    push: Publication,
    published: Publication,
}

impl Invalidation {
    pub(super) fn of(keys: &[&[u8]]) -> Self {
        Self {
            push: Publication::invalidation(Some(keys)),
            published: Publication::invalidation_published(Some(keys)),
        }
    }

    fn of_everything() -> Self {
        Self { push: Publication::invalidation(None), published: Publication::invalidation_published(None) }
    }
}
