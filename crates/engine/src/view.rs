//! The data as a command sees it: the stripes locked for it, its database, its moment.
//!
//! A command can't tell one stripe from a thousand, nor a key that is due from one that isn't there: looking a key up
//! removes it first if its time is up, and records that. Where what is due is hidden ([`Engine::hides_due`]) it is left in place, until somebody
//! is allowed to change it.

use std::collections::VecDeque;
use std::sync::Arc;

use dict::Ref;
use fastrand::Rng;
use journal::Offset;
use keyspace::{
    Collection, DbIndex, Entry, EntryMut, Expiry, Flushed, Hash, Held, HeldMut, Key, Kind, Locked, NewValue,
    Object, Replaced, Stripe, Table, UnixMillis,
};
use resp::Request;
use transaction::Watches;

use crate::access::AccessPolicy;
use crate::clock::Moment;
use crate::engine::Engine;
use crate::error::CommandError;
use crate::event::{DEL, Event, KEYMISS, NEW, OVERWRITTEN, TYPE_CHANGED};
use crate::mailbox::{Embargo, Postman};
use crate::record::{Effect, Recorder};
use crate::session::Session;
use crate::stats::Counters;
use crate::waiting::Waits;

/// The data locked for a command.
pub struct View<'a> {
    locked: Locked<'a>,
    recorder: Recorder<'a>,
    now: Moment,
    /// Keys are judged by the beginning of time.
    is_replaying: bool,
    db: DbIndex,
    policy: AccessPolicy,
    is_touching: bool,
    hides_due: bool,
    random: Rng,
    hits: u64,
    misses: u64,
    changes: u64,
    waits: &'a Waits,
    watches: &'a Watches,
    /// Keys that were changed and that somebody waits at.
    ready: VecDeque<(DbIndex, Box<[u8]>)>,
}

impl<'a> View<'a> {
    #[inline]
    pub(crate) fn new(
        locked: Locked<'a>,
        engine: &'a Engine,
        session: &mut Session,
        now: Moment,
        hides_due: bool,
    ) -> Self {
        Self {
            locked,
            recorder: Recorder::new(engine, session.postman(), session.is_replaying),
            now,
            is_replaying: session.is_replaying,
            db: session.db(),
            policy: engine.settings().access_policy(),
            is_touching: !session.is_no_touch(),
            hides_due,
            random: session.random().fork(),
            hits: 0,
            misses: 0,
            changes: 0,
            waits: &engine.waits,
            watches: &engine.watches,
            ready: VecDeque::new(),
        }
    }

    pub(crate) fn begin(&mut self, now: Moment, db: DbIndex) {
        self.now = now;
        self.db = db;
    }

    /// Appends what the command did to the journal.
    #[inline]
    pub(crate) fn finish(&mut self, request: Request<'_>) {
        self.changes += self.recorder.finish(self.db, Some(request));
    }

    /// See [`Recorder::begin_block`].
    pub(crate) fn begin_block(&mut self, db: DbIndex) -> Option<Arc<Embargo>> {
        self.recorder.begin_block(db)
    }

    pub(crate) fn end_block(&mut self) {
        self.recorder.end_block();
    }

    /// Appends what a waiting command did to the journal.
    pub(crate) fn finish_served(&mut self) {
        self.changes += self.recorder.finish(self.db, None);
    }

    /// The end of the journal after the last change; `None` if there was none, or nobody reads the journal.
    #[inline]
    pub(crate) fn take_written(&mut self) -> Option<Offset> {
        self.recorder.take_written()
    }

    /// Whether somebody waits at a key that was changed.
    #[inline]
    pub(crate) fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    pub(crate) fn postman(&mut self) -> &mut Postman {
        self.recorder.postman()
    }

    pub(crate) fn take_ready(&mut self) -> Option<(DbIndex, Box<[u8]>)> {
        self.ready.pop_front()
    }

    pub(crate) fn count(&mut self, counters: &Counters) {
        counters.hits.add(std::mem::take(&mut self.hits));
        counters.misses.add(std::mem::take(&mut self.misses));
        let expired = self.recorder.take_expired();
        counters.expired_keys.add(expired.keys);
        counters.expired_fields.add(expired.fields);
        counters.changes.add(std::mem::take(&mut self.changes));
    }

    /// The database that the command works on.
    #[inline]
    pub fn db(&self) -> DbIndex {
        self.db
    }

    /// Works on another database from here on; returns the one before. The caller changes back.
    ///
    /// A request as called is journaled under the database that the command began in; every other effect under the one in which
    /// it was recorded.
    pub fn switch_db(&mut self, db: DbIndex) -> DbIndex {
        self.recorder.flush(self.db);
        std::mem::replace(&mut self.db, db)
    }

    /// The moment by which keys are judged. While a log is carried out it is the beginning of time: what a log changes was there when it was
    /// written, and it says itself when that was removed.
    #[inline]
    pub fn now(&self) -> UnixMillis {
        if self.is_replaying { UnixMillis(0) } else { self.now.unix_millis() }
    }

    /// How the access clock of keys is kept.
    pub fn access_policy(&self) -> AccessPolicy {
        self.policy
    }

    /// The access clock of a key that is created now.
    pub fn fresh_clock(&self) -> u32 {
        self.policy.fresh(self.now)
    }

    /// Reads a key: counts a hit or a miss, touches its clock.
    #[inline]
    pub fn read(&mut self, key: &Key<'_>) -> Option<Ref<'_, Entry>> {
        let db = self.db;
        let is_hidden = self.is_hidden(key);
        let table = self.locked.stripe_mut(key.hash()).table_mut(db);
        let Some(entry) = table.find(key).filter(|_| !is_hidden) else {
            self.misses += 1;
            self.recorder.event(db, key.bytes(), KEYMISS);
            return None;
        };
        self.hits += 1;
        if self.is_touching {
            touch(&entry, self.policy, self.now, &mut self.random);
        }
        Some(entry)
    }

    /// Reads several keys, as [`View::read`] does one, for a command that looks at all of them at once.
    pub fn read_all(&mut self, keys: &[Key<'_>]) -> Vec<Option<Ref<'_, Entry>>> {
        for key in keys {
            self.read(key);
        }
        let (locked, db, now, hides_due) = (&self.locked, self.db, self.now(), self.hides_due);
        let find = |key: &Key<'_>| {
            let entry = locked.stripe(key.hash()).table(db)?.find(key)?;
            (!hides_due || !is_over(&entry, now)).then_some(entry)
        };
        keys.iter().map(find).collect()
    }

    /// Touches the clock of a key, even for a session whose reads don't; counts a hit or a miss. Returns whether the key is there.
    pub fn touch(&mut self, key: &Key<'_>) -> bool {
        let was_touching = std::mem::replace(&mut self.is_touching, true);
        let found = self.read(key).is_some();
        self.is_touching = was_touching;
        found
    }

    /// Looks at a key without leaving a trace: no hit, no miss, no touch.
    #[inline]
    pub fn peek(&mut self, key: &Key<'_>) -> Option<Ref<'_, Entry>> {
        if self.is_hidden(key) {
            return None;
        }
        self.locked.stripe_mut(key.hash()).table_mut(self.db).find(key)
    }

    /// Like [`View::peek`], and counts a hit or a miss.
    pub fn peek_counted(&mut self, key: &Key<'_>) -> Option<Ref<'_, Entry>> {
        let is_there = self.peek(key).is_some();
        if is_there {
            self.hits += 1;
        } else {
            self.misses += 1;
            self.recorder.event(self.db, key.bytes(), KEYMISS);
        }
        self.locked.stripe_mut(key.hash()).table_mut(self.db).find(key).filter(|_| is_there)
    }

    /// A key that is going to be changed in place; touches its clock.
    #[inline]
    pub fn write(&mut self, key: &Key<'_>) -> Option<EntryMut<'_>> {
        self.expire_if_due(key);
        let entry = self.locked.stripe_mut(key.hash()).table_mut(self.db).find_mut(key)?;
        if self.is_touching {
            touch(&entry, self.policy, self.now, &mut self.random);
        }
        Some(entry)
    }

    /// A key that must hold a string, for reading.
    #[inline]
    pub fn string(&mut self, key: &Key<'_>) -> Result<Option<Ref<'_, Entry>>, CommandError> {
        match self.read(key) {
            Some(entry) if !entry.is_string() => Err(CommandError::WrongType),
            found => Ok(found),
        }
    }

    /// A key that must hold a string, for changing it in place.
    #[inline]
    pub fn string_mut(&mut self, key: &Key<'_>) -> Result<Option<EntryMut<'_>>, CommandError> {
        match self.write(key) {
            Some(entry) if !entry.is_string() => Err(CommandError::WrongType),
            found => Ok(found),
        }
    }

    /// A key that must hold a collection of this type, for reading.
    #[inline]
    pub fn get<T: Collection>(&mut self, key: &Key<'_>) -> Result<Option<Held<'_, T>>, CommandError> {
        let Some(entry) = self.read(key) else { return Ok(None) };
        match Held::new(entry) {
            Some(held) => Ok(Some(held)),
            None => Err(CommandError::WrongType),
        }
    }

    /// A key that must hold a collection of this type, for changing it. Whoever may have emptied it calls [`View::remove_if_empty`] afterwards.
    #[inline]
    pub fn get_mut<T: Collection>(&mut self, key: &Key<'_>) -> Result<Option<HeldMut<'_, T>>, CommandError> {
        self.expire_if_due(key);
        let table = self.locked.stripe_mut(key.hash()).table_mut(self.db);
        let touch = |entry: &Entry| {
            if self.is_touching {
                touch(entry, self.policy, self.now, &mut self.random);
            }
        };
        let Some(found) = table.find_collection_mut(key, touch) else { return Ok(None) };
        match found {
            Some(held) => Ok(Some(held)),
            None => Err(CommandError::WrongType),
        }
    }

    /// Removes those of these fields of a hash that are due. For whoever is going to change them: a look at a hash removes only so many due
    /// fields, the longest overdue first. One comparison when nothing in the key's table is due.
    pub fn expire_fields<'f>(&mut self, key: &Key<'_>, fields: impl Iterator<Item = &'f [u8]>) {
        self.expire_if_due(key);
        let now = self.now.unix_millis();
        let table = self.locked.stripe_mut(key.hash()).table_mut(self.db);
        if !table.is_due(now) {
            return;
        }
        let Some(Some(mut hash)) = table.find_collection_mut::<Hash>(key, |_| ()) else { return };
        let mut gone = Vec::new();
        for field in fields {
            if hash.find(field, now.0).is_none() && hash.remove(field) {
                gone.push(field.to_vec());
            }
        }
        let is_empty = hash.is_empty();
        drop(hash);
        if gone.is_empty() {
            return;
        }
        self.recorder.fields_expired(self.db, key, &gone);
        if is_empty {
            self.remove(key);
            self.tell(key, DEL);
        }
    }

    /// The same, and an empty one if there is no such key: something must be put into it.
    pub fn get_or_create<T: Collection>(&mut self, key: &Key<'_>) -> Result<HeldMut<'_, T>, CommandError> {
        self.expire_if_due(key);
        let table = self.locked.stripe_mut(key.hash()).table_mut(self.db);
        let touch = |entry: &Entry| {
            if self.is_touching {
                touch(entry, self.policy, self.now, &mut self.random);
            }
        };
        let (held, is_new) = table.find_or_create::<T>(key, self.policy.fresh(self.now), touch);
        let Some(held) = held else { return Err(CommandError::WrongType) };
        if is_new {
            self.recorder.event(self.db, key.bytes(), NEW);
        }
        Ok(held)
    }

    /// Removes a key whose collection has become empty, and tells so. Its removal is part of the effect of the change that emptied it.
    pub fn remove_if_empty<T: Collection>(&mut self, key: &Key<'_>) -> bool {
        let is_empty =
            self.peek(key).and_then(Held::<T>::new).is_some_and(|collection| collection.is_empty());
        if is_empty {
            self.remove(key);
            self.tell(key, DEL);
        }
        is_empty
    }

    /// Stores a value under a key, whatever was there. Returns whether the key is new.
    #[inline]
    pub fn set(&mut self, key: &Key<'_>, value: NewValue<'_>, expiry: Expiry) -> bool {
        let (now, db) = (self.now.unix_millis(), self.db);
        let clock = self.policy.fresh(self.now);
        let keyspace = self.locked.keyspace();
        let table = self.locked.stripe_mut(key.hash()).table_mut(db);
        if table.is_due(now) {
            self.recorder.expire(keyspace, table, db, key, now);
        }
        let kind = value.kind();
        let stored = table.set(key, value, expiry, clock);
        let old_kind = stored.replaced.as_ref().map_or(Kind::String, Replaced::kind);
        if let Some(replaced) = stored.replaced {
            self.locked.keyspace().garbage().bury_replaced(replaced);
        }
        self.recorder.event(self.db, key.bytes(), if stored.is_new { NEW } else { OVERWRITTEN });
        if !stored.is_new && old_kind != kind {
            self.recorder.event(self.db, key.bytes(), TYPE_CHANGED);
        }
        stored.is_new
    }

    /// Puts a whole entry under its key, in place of what was there.
    pub fn put(&mut self, key: &Key<'_>, entry: Entry) {
        self.expire_if_due(key);
        let replaced = self.locked.stripe_mut(key.hash()).table_mut(self.db).put(key, entry);
        match replaced {
            Some(replaced) => self.locked.keyspace().garbage().bury_discarded(replaced),
            None => self.recorder.event(self.db, key.bytes(), NEW),
        }
    }

    /// Takes the entry of a key out, for the caller to put elsewhere.
    #[inline]
    pub fn take(&mut self, key: &Key<'_>) -> Option<Entry> {
        self.expire_if_due(key);
        self.locked.stripe_mut(key.hash()).table_mut(self.db).remove(key)
    }

    /// Removes a key. Returns whether it was there.
    #[inline]
    pub fn remove(&mut self, key: &Key<'_>) -> bool {
        self.expire_if_due(key);
        let discarded = self.locked.stripe_mut(key.hash()).table_mut(self.db).discard(key);
        let Some(discarded) = discarded else { return false };
        self.locked.keyspace().garbage().bury_discarded(discarded);
        true
    }

    /// Sets or clears the expiry of a key. Returns whether the key is there.
    pub fn set_expiry(&mut self, key: &Key<'_>, expiry: Option<UnixMillis>) -> bool {
        self.expire_if_due(key);
        self.locked.stripe_mut(key.hash()).table_mut(self.db).set_expiry(key, expiry).is_some()
    }

    /// Records a change of a key: into the journal, to whoever listens to events, in the count of changes.
    #[inline]
    pub fn record(&mut self, key: &Key<'_>, event: Event, effect: Effect<'_>) {
        self.recorder.change(self.db, key.bytes(), event, effect);
        if !self.waits.is_empty() {
            self.note_ready(key);
        }
    }

    /// Records a change of what is neither watched nor cached: the groups of a stream.
    pub fn record_unwatched(&mut self, key: &Key<'_>, event: Event, effect: Effect<'_>) {
        self.recorder.quiet_change(effect);
        self.recorder.event(self.db, key.bytes(), event);
        if !self.waits.is_empty() {
            self.note_ready(key);
        }
    }

    /// Records a change of a value's bytes that changes nothing of what it stands for: whoever watches or caches it is told, but no event is.
    pub fn record_rewrite(&mut self, key: &Key<'_>, effect: Effect<'_>) {
        self.recorder.invalidate(self.db, key.bytes());
        self.recorder.quiet_change(effect);
    }

    /// Records one effect more of a change already recorded.
    pub fn add_effect(&mut self, effect: Effect<'_>) {
        self.recorder.effect(effect);
    }

    /// Records a change that nobody is told of or waits for: what a group has read.
    pub fn record_quietly(&mut self, effect: Effect<'_>) {
        self.recorder.quiet_change(effect);
    }

    #[cold]
    fn note_ready(&mut self, key: &Key<'_>) {
        let stripe = self.locked.keyspace().stripe_of(key.hash());
        if self.waits.any(stripe) && self.waits.awaits(stripe, key.bytes()) {
            self.ready.push_back((self.db, key.bytes().into()));
        }
    }

    /// Tells whoever tracks any key that all may have changed (`FLUSHDB`).
    pub fn invalidate_all(&mut self) {
        self.recorder.invalidate_all();
    }

    /// Tells those who watch keys of a database that it is going to be emptied, or exchanged for `other`: everything is locked. A key that is in neither
    /// isn't concerned.
    pub fn touch_watched(&mut self, db: DbIndex, other: DbIndex) {
        for watched in self.watches.keys().iter().filter(|watched| watched.db == db.0) {
            // What is over isn't there.
            self.remove_if_due(&watched.key, db);
            self.remove_if_due(&watched.key, other);
        }
        let locked = &self.locked;
        self.watches.touch_database(db.0, |key| {
            let key = locked.keyspace().key(key);
            let stripe = locked.stripe(key.hash());
            [db, other].iter().any(|db| stripe.table(*db).is_some_and(|table| table.find(&key).is_some()))
        });
    }

    /// Has those served who wait at keys of a database that is now another, or empty (`SWAPDB`, `FLUSHDB`); everything is locked.
    pub fn note_database_ready(&mut self, db: DbIndex) {
        if !self.waits.is_empty() {
            self.ready.extend(self.waits.awaited_in(db).into_iter().map(|key| (db, key)));
        }
    }

    /// Tells an event that goes with a change already recorded.
    pub fn tell(&mut self, key: &Key<'_>, event: Event) {
        self.recorder.event(self.db, key.bytes(), event);
    }

    /// Records a change of whole databases: `changes` keys are concerned.
    pub fn record_databases(&mut self, changes: u64, effect: Effect<'_>) {
        self.recorder.database_change(changes, effect);
    }

    /// Number of stripes.
    pub fn stripes(&self) -> usize {
        self.locked.keyspace().stripes()
    }

    /// Visits a stripe: for commands that were announced to roam or to need everything.
    pub fn visit<R>(&mut self, stripe: usize, visit: impl FnOnce(&mut Stripe) -> R) -> R {
        self.locked.visit(stripe, visit)
    }

    /// Visits the table of the present database in every stripe where there is one.
    pub fn visit_tables(&mut self, mut visit: impl FnMut(&Table)) {
        let db = self.db;
        for stripe in 0..self.stripes() {
            self.visit(stripe, |stripe| stripe.table(db).map(&mut visit));
        }
    }

    /// Whether somebody reads the journal: without a reader words for an effect need not be put together.
    #[inline]
    pub fn is_journaled(&self) -> bool {
        self.recorder.is_journaled()
    }

    /// Frees an object elsewhere if it is big.
    pub fn bury_object(&self, object: Object) {
        self.locked.keyspace().garbage().bury_object(object);
    }

    /// Frees what was in a database elsewhere.
    pub fn bury_table(&self, flushed: Flushed) {
        self.locked.keyspace().garbage().bury_table(flushed);
    }

    /// For whoever is going to change the key: removes it if it is due. One comparison when nothing in its table is.
    #[inline]
    fn expire_if_due(&mut self, key: &Key<'_>) {
        let now = self.now();
        let keyspace = self.locked.keyspace();
        let table = self.locked.stripe_mut(key.hash()).table_mut(self.db);
        if table.is_due(now)
            && self.recorder.expire(keyspace, table, self.db, key, now)
            && !self.waits.is_empty()
        {
            self.note_ready(key);
        }
    }

    /// Removes a key of any database if it is due.
    fn remove_if_due(&mut self, key: &[u8], db: DbIndex) {
        let key = self.locked.keyspace().key(key);
        if self.locked.stripe(key.hash()).table(db).is_some() {
            let before = self.switch_db(db);
            self.expire_if_due(&key);
            self.switch_db(before);
        }
    }

    /// For whoever looks at the key only: removes it if it is due, or says that it is to be taken as absent. One comparison when nothing in
    /// its table is.
    #[inline]
    pub(crate) fn is_hidden(&mut self, key: &Key<'_>) -> bool {
        let now = self.now();
        let table = self.locked.stripe_mut(key.hash()).table_mut(self.db);
        table.is_due(now) && self.is_due_and_left(key, now)
    }

    #[cold]
    fn is_due_and_left(&mut self, key: &Key<'_>, now: UnixMillis) -> bool {
        if !self.hides_due {
            self.expire_if_due(key);
            return false;
        }
        let table = self.locked.stripe_mut(key.hash()).table_mut(self.db);
        table.find(key).is_some_and(|entry| is_over(&entry, now))
    }
}

/// Whether the time of a key is up, or that of every field it has.
pub(crate) fn is_over(entry: &Entry, now: UnixMillis) -> bool {
    let is_emptied = || match entry.object().as_deref() {
        Some(Object::Hash(hash)) => hash.is_all_due(now.0),
        _ => false,
    };
    entry.expiry().is_some_and(|at| at.is_due(now)) || is_emptied()
}

#[inline]
fn touch(entry: &Entry, policy: AccessPolicy, now: Moment, random: &mut Rng) {
    let old = entry.clock();
    let new = policy.touched(old, now, || random.u32(..));
    // Storing an equal clock would dirty the cache line of every key that is read twice in a second.
    if new != old {
        entry.set_clock(new);
    }
}
