//! The one call that records a change.
//!
//! Everything that must not be forgotten when data changes happens here: the journal, the keyspace event, the count of changes. (WATCH,
//! client-side caching and blocked clients will hang on the same call.)

use std::sync::Arc;

use journal::{Effects, Journal};
use keyspace::{DbIndex, Key, Keyspace, Table, UnixMillis};
use resp::Request;

use crate::event::{EXPIRED, Event, EventSink};

/// How a change enters the journal.
#[derive(Copy, Clone, Debug)]
pub enum Effect<'e> {
    /// As the request that made it, word for word: it gives the same result whenever it is run on the same data.
    AsCalled,
    /// As this request instead: with absolute times, the chosen members, the computed value.
    Instead(&'e [&'e [u8]]),
    /// With the effect of another change of the same command.
    Covered,
}

/// Collects what one command changes.
pub(crate) struct Recorder<'a> {
    journal: &'a Arc<Journal>,
    sink: Option<&'a dyn EventSink>,
    journaled: bool,
    effects: Effects,
    as_called: bool,
    changes: u64,
    expired: u64,
}

impl<'a> Recorder<'a> {
    pub(crate) fn new(journal: &'a Arc<Journal>, sink: Option<&'a dyn EventSink>) -> Self {
        Self {
            journal,
            sink,
            journaled: journal.is_read(),
            effects: Effects::default(),
            as_called: false,
            changes: 0,
            expired: 0,
        }
    }

    #[inline]
    pub(crate) fn change(&mut self, db: DbIndex, key: &[u8], event: Event, effect: Effect<'_>) {
        self.changes += 1;
        self.event(db, key, event);
        self.effect(effect);
    }

    #[inline]
    pub(crate) fn event(&self, db: DbIndex, key: &[u8], event: Event) {
        if let Some(sink) = self.sink {
            sink.event(db, event, key);
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

    /// Removes a key whose time is up, if it is, and records that.
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
            return false;
        }
        if let Some(entry) = table.remove(key) {
            keyspace.garbage().bury_entry(entry);
        }
        self.expired += 1;
        self.change(db, key.bytes(), EXPIRED, Effect::Instead(&[b"DEL", key.bytes()]));
        true
    }

    /// How many keys were found expired since the last call.
    pub(crate) fn take_expired(&mut self) -> u64 {
        std::mem::take(&mut self.expired)
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
        if std::mem::take(&mut self.as_called)
            && let Some(request) = request
        {
            let words: Vec<&[u8]> = request.words().collect();
            self.effects.push(&words);
        }
        self.flush(db);
    }

    /// Appends the effects collected so far, which concern this database.
    pub(crate) fn flush(&mut self, db: DbIndex) {
        if !self.effects.is_empty() {
            self.journal.append(db.0, &self.effects);
            self.effects.clear();
        }
    }
}
