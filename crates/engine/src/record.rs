//! The one call that records a change.
//!
//! Everything that must not be forgotten when data changes happens here: the journal, keys that are watched or cached by clients, the keyspace event, the
//! count of changes.

use std::sync::Arc;

use journal::{Effects, Journal, Offset};
use keyspace::{DbIndex, FieldsExpired, Key, Keyspace, Table, UnixMillis};
use resp::Request;
use smallvec::SmallVec;
use transaction::Watches;

use crate::engine::Engine;
use crate::event::{DEL, EXPIRED, Event, EventSink, HEXPIRED};
use crate::mailbox::{Embargo, Postman};
use crate::tracking::Broadcast;

/// How a change enters the journal.
#[derive(Copy, Clone, Debug)]
pub enum Effect<'e> {
    /// As the request that made it, word for word but for the command's own name if clients call it by another (`rename-command`): it gives the
    /// same result whenever it is run on the same data.
    AsCalled,
    /// As this request instead: with absolute times, the chosen members, the computed value.
    Instead(&'e [&'e [u8]]),
    /// With the effect of another change of the same command.
    Covered,
}

/// Collects what one command changes.
pub(crate) struct Recorder<'a> {
    engine: &'a Engine,
    journal: &'a Arc<Journal>,
    sink: Option<&'a dyn EventSink>,
    watches: &'a Watches,
    postman: Postman,
    broadcast: Broadcast,
    journaled: bool,
    effects: Effects,
    /// Of the commands of a transaction that is being carried out.
    block: Option<BlockEffects>,
    as_called: bool,
    changes: u64,
    written: Option<Offset>,
    expired: Expired,
}

/// What was found expired.
#[derive(Copy, Clone, Debug, Default)]
pub(crate) struct Expired {
    pub(crate) keys: u64,
    /// Fields of hashes.
    pub(crate) fields: u64,
}

/// Fields of one hash that are removed while it is looked at. More than a few are due at once only after a mass of them was given the same
/// expiry; what this leaves is not shown, and goes with the next look or with the sweep.
const FIELDS_PER_LOOK: usize = 64;

/// Words of a request that are journaled as called without an allocation for their list.
const WORDS_INLINE: usize = 16;

impl<'a> Recorder<'a> {
    pub(crate) fn new(engine: &'a Engine, postman: Postman, is_replaying: bool) -> Self {
        let journal = engine.journal();
        Self {
            engine,
            journal,
            sink: engine.events(),
            watches: &engine.watches,
            postman,
            broadcast: Broadcast::default(),
            journaled: journal.is_read() && !is_replaying,
            effects: Effects::default(),
            block: None,
            as_called: false,
            changes: 0,
            written: None,
            expired: Expired::default(),
        }
    }

    /// Who leaves messages on behalf of the session, and wakes their receivers when the view is gone.
    pub(crate) fn postman(&mut self) -> &mut Postman {
        &mut self.postman
    }

    #[inline]
    pub(crate) fn is_journaled(&self) -> bool {
        self.journaled
    }

    #[inline]
    pub(crate) fn change(&mut self, db: DbIndex, key: &[u8], event: Event, effect: Effect<'_>) {
        self.invalidate(db, key);
        self.event(db, key, event);
        self.quiet_change(effect);
    }

    /// Tells those who watch a key or cache it that it is another now.
    #[inline]
    pub(crate) fn invalidate(&mut self, db: DbIndex, key: &[u8]) {
        self.watches.touch(db.0, key);
        self.uncache(key);
    }

    /// A key is gone, or fields of it are, since their time was up.
    pub(crate) fn expired(&mut self, db: DbIndex, key: &[u8], event: Event, effect: Effect<'_>) {
        self.watches.touch_over(db.0, key);
        self.uncache(key);
        self.event(db, key, event);
        self.quiet_change(effect);
    }

    /// What is posted from here on tells of something that isn't in the journal yet.
    fn begin_embargo(&mut self) -> Option<Arc<Embargo>> {
        (self.journaled && self.engine.holds_replies()).then(|| self.postman.begin_embargo())
    }

    #[inline]
    fn uncache(&mut self, key: &[u8]) {
        if !self.engine.trackers.is_empty() {
            self.begin_embargo();
            self.engine.invalidate(key, &mut self.postman, &mut self.broadcast);
        }
    }

    /// A change of which nobody is told.
    #[inline]
    pub(crate) fn quiet_change(&mut self, effect: Effect<'_>) {
        self.changes += 1;
        self.effect(effect);
    }

    #[inline]
    pub(crate) fn event(&mut self, db: DbIndex, key: &[u8], event: Event) {
        if let Some(sink) = self.sink {
            sink.event(db, event, key);
        }
        let notified = self.engine.settings().notified();
        if notified.includes(event.class) {
            self.begin_embargo();
            self.engine.notify(&mut self.postman, notified, db, event, key);
        }
    }

    #[inline]
    pub(crate) fn effect(&mut self, effect: Effect<'_>) {
        if !self.journaled {
            return;
        }
        match effect {
            Effect::AsCalled => self.as_called = true,
            Effect::Instead(words) => self.effects.push(words),
            Effect::Covered => {}
        }
    }

    /// Removes a key whose time is up, if it is, or else fields of which it is, and records that.
    #[cold]
    pub(crate) fn expire(
        &mut self,
        keyspace: &Keyspace,
        table: &mut Table,
        db: DbIndex,
        key: &Key<'_>,
        now: UnixMillis,
    ) -> bool {
        let is_due = table.find(key).and_then(|entry| entry.expiry()).is_some_and(|at| at.is_due(now));
        if !is_due {
            self.expire_fields(keyspace, table, db, key, now, FIELDS_PER_LOOK);
            return false;
        }
        if let Some(discarded) = table.discard(key) {
            keyspace.garbage().bury_discarded(discarded);
        }
        self.expired.keys += 1;
        self.expired(db, key.bytes(), EXPIRED, Effect::Instead(&[b"DEL", key.bytes()]));
        true
    }

    /// Removes up to `fields_max` fields of a hash whose time is up, and records that. A hash that has no others goes as a whole, which counts
    /// as one. Returns how many that were.
    pub(crate) fn expire_fields(
        &mut self,
        keyspace: &Keyspace,
        table: &mut Table,
        db: DbIndex,
        key: &Key<'_>,
        now: UnixMillis,
        fields_max: usize,
    ) -> usize {
        let mut fields: Vec<Vec<u8>> = Vec::new();
        let outcome = table.expire_fields(key, now, fields_max, |field| fields.push(field.to_vec()));
        match outcome {
            FieldsExpired::None => 0,
            FieldsExpired::Some => {
                self.fields_expired(db, key, &fields);
                fields.len()
            }
            FieldsExpired::All(fields, discarded) => {
                self.expired.fields += fields as u64;
                keyspace.garbage().bury_discarded(discarded);
                self.expired(db, key.bytes(), HEXPIRED, Effect::Instead(&[b"DEL", key.bytes()]));
                self.event(db, key.bytes(), DEL);
                1
            }
        }
    }

    /// Records that these fields of a hash, which has others, are gone since their time was up.
    pub(crate) fn fields_expired(&mut self, db: DbIndex, key: &Key<'_>, fields: &[Vec<u8>]) {
        self.expired.fields += fields.len() as u64;
        let mut words: Vec<&[u8]> = vec![b"HDEL", key.bytes()];
        words.extend(fields.iter().map(Vec::as_slice));
        self.expired(db, key.bytes(), HEXPIRED, Effect::Instead(&words));
    }

    /// The end of the journal after what was appended since the last call.
    #[inline]
    pub(crate) fn take_written(&mut self) -> Option<Offset> {
        self.written.take()
    }

    /// What was found expired since the last call.
    pub(crate) fn take_expired(&mut self) -> Expired {
        std::mem::take(&mut self.expired)
    }

    /// Whoever tracks any key is told that all may have changed.
    pub(crate) fn invalidate_all(&mut self) {
        self.begin_embargo();
        self.engine.invalidate_all(&mut self.postman);
    }

    /// A change that has no single key (`FLUSHALL`).
    pub(crate) fn database_change(&mut self, changes: u64, effect: Effect<'_>) {
        self.changes += changes;
        self.effect(effect);
    }

    /// Appends what one command did to the journal; the stripes are still locked. Returns the number of changes.
    #[inline]
    pub(crate) fn finish(&mut self, db: DbIndex, request: Option<Request<'_>>) -> u64 {
        if self.journaled {
            self.append(db, request);
        }
        std::mem::take(&mut self.changes)
    }

    fn append(&mut self, db: DbIndex, request: Option<Request<'_>>) {
        let as_called = std::mem::take(&mut self.as_called);
        match request.filter(|_| as_called) {
            Some(request) => self.append_called(db, request),
            None => self.flush(db),
        }
        if self.block.is_none() {
            self.postman.end_embargo();
        }
    }

    /// Appends a request as it was called, behind the other effects.
    fn append_called(&mut self, db: DbIndex, request: Request<'_>) {
        let own_name = self.engine.handlers.own_name(request.word(0));
        if own_name.is_none()
            && self.block.is_none()
            && self.effects.is_empty()
            && let Some(wire) = request.wire()
        {
            let end = self.journal.append_request(db.0, wire);
            return self.note_written(end);
        }
        let mut words: SmallVec<[&[u8]; WORDS_INLINE]> = request.words().collect();
        if let Some(name) = words.first_mut()
            && let Some(own) = own_name
        {
            *name = own.as_bytes();
        }
        self.effects.push(&words);
        self.flush(db);
    }

    /// Appends the effects collected so far, which concern this database.
    pub(crate) fn flush(&mut self, db: DbIndex) {
        if self.effects.is_empty() {
            return;
        }
        match &mut self.block {
            Some(block) => block.add(db, &self.effects),
            None => {
                let end = self.journal.append(db.0, &self.effects);
                self.note_written(end);
            }
        }
        self.effects.clear();
    }

    fn note_written(&mut self, end: Offset) {
        self.written = Some(end);
        self.engine.note_grown(end);
    }

    /// What the commands do from here on becomes one entry of the journal. Returns what keeps back all that they tell others, if anything has to.
    pub(crate) fn begin_block(&mut self, db: DbIndex) -> Option<Arc<Embargo>> {
        self.block = Some(BlockEffects { db, selected: db, effects: Effects::default() });
        self.begin_embargo()
    }

    /// Appends what the commands since [`Recorder::begin_block`] did.
    pub(crate) fn end_block(&mut self) {
        if let Some(mut block) = self.block.take().filter(|block| !block.effects.is_empty()) {
            block.select(block.db);
            let end = self.journal.append(block.db.0, &block.effects);
            self.note_written(end);
        }
        self.postman.end_embargo();
    }
}

/// What the commands of a block did so far.
struct BlockEffects {
    /// The database that its entry begins and ends in.
    db: DbIndex,
    /// The one that its last effect was on.
    selected: DbIndex,
    effects: Effects,
}

impl BlockEffects {
    fn add(&mut self, db: DbIndex, effects: &Effects) {
        self.select(db);
        self.effects.extend(effects);
    }

    fn select(&mut self, db: DbIndex) {
        if self.selected != db {
            self.effects.push(&[b"SELECT", db.0.to_string().as_bytes()]);
            self.selected = db;
        }
    }
}

impl Drop for Recorder<'_> {
    fn drop(&mut self) {
        // Of something that changed nothing.
        self.postman.end_embargo();
        if !self.broadcast.is_empty() {
            self.engine.tell_broadcasts(&mut self.broadcast, &mut self.postman);
        }
    }
}
