//! What the walk of a snapshot does with a table, and what changes of the table do for the walk.

use std::sync::Arc;

use crate::entry::Entry;
use crate::key::Key;
use crate::ledger::Account;
use crate::object::Kind;
use crate::saved::Piece;
use crate::table::Table;
use crate::time::DbIndex;
use crate::value::NewValue;
use crate::walk::{Begun, Fate, Target, Walk, is_big};

impl Table {
    /// Saves the entry of `key` if it is owed to a snapshot; it is about to be changed or given away.
    #[inline]
    pub(crate) fn will_change(&mut self, key: &Key<'_>) {
        if self.pulse.is_walked() {
            self.save_if_owed(key, |_| true);
        }
    }

    /// The same if the entry is of this kind: else nothing will be changed.
    #[inline]
    pub(crate) fn will_change_if(&mut self, key: &Key<'_>, kind: Kind) {
        if self.pulse.is_walked() {
            self.save_if_owed(key, |entry| entry.kind() == kind);
        }
    }

    #[cold]
    fn save_if_owed(&mut self, key: &Key<'_>, is_changed: impl FnOnce(&Entry) -> bool) {
        let Some(walk) = &self.walk else { return };
        let Some(entry) = self.entries.find(key.hash(), |entry| entry.key() == key.bytes()) else { return };
        if entry.generation() != self.generation && is_changed(&entry) {
            walk.save(&entry);
            // SAFETY: the table is borrowed exclusively.
            unsafe { entry.set_generation(self.generation) };
        }
    }

    /// The same for one of which the value is going to be replaced. A collection that is too big to be saved at once leaves, and an integer is put in its
    /// place; its kind is returned then.
    #[inline]
    pub(crate) fn will_be_overwritten(&mut self, key: &Key<'_>) -> Option<Kind> {
        if self.pulse.is_walked() { self.give_up_if_owed(key) } else { None }
    }

    #[cold]
    fn give_up_if_owed(&mut self, key: &Key<'_>) -> Option<Kind> {
        let entry = self.find(key)?;
        if !self.is_left_to_walk(&entry) {
            self.will_change(key);
            return None;
        }
        let kind = entry.kind();
        let substitute = Entry::new(key.bytes(), NewValue::Integer(0), entry.expiry(), entry.clock());
        if let Some(replaced) = self.put(key, substitute)
            && let Some(walk) = &self.walk
        {
            // The snapshot has it, unless it has been given up just now.
            walk.target.garbage().bury_discarded(replaced);
        }
        Some(kind)
    }

    /// Whether a snapshot waits for an entry that it would take long to save on the spot.
    pub(crate) fn is_left_to_walk(&self, entry: &Entry) -> bool {
        let Some(walk) = &self.walk else { return false };
        entry.generation() != self.generation
            && !walk.target.is_cancelled()
            && !entry.is_string()
            && is_big(entry)
    }

    /// Whether the entry of `key` is such a one. If so, the walk takes it next.
    #[inline]
    pub(crate) fn awaits_snapshot(&self, key: &Key<'_>) -> bool {
        self.pulse.is_walked() && self.is_awaited(key)
    }

    #[cold]
    fn is_awaited(&self, key: &Key<'_>) -> bool {
        let Some(walk) = &self.walk else { return false };
        let is_left = self.find(key).is_some_and(|entry| self.is_left_to_walk(&entry));
        is_left && walk.target.wanted().add(walk.db, key.bytes())
    }

    /// Begins the walk: all that is in the table now is owed. What an earlier walk left undone is forgotten.
    pub(crate) fn begin_walk(&mut self, db: DbIndex, target: &Arc<Target>) {
        debug_assert!(self.walk.is_none(), "one walk at a time");
        if !self.is_empty() {
            self.generation = !self.generation;
            self.walk = Some(Box::new(Walk::new(db, Arc::clone(target))));
            self.pulse.set_walked(true);
        }
    }

    /// The database that the table was when the walk began that goes through it.
    pub(crate) fn walked_as(&self) -> Option<DbIndex> {
        self.walk.as_ref().map(|walk| walk.db)
    }

    /// Saves some of what is owed into `out`, about `bytes_max` bytes, and returns how it goes on.
    pub(crate) fn walk_on(&mut self, bytes_max: usize, out: &mut Vec<u8>) -> Walked {
        let Some(walk) = &mut self.walk else { return Walked::Complete };
        let is_given_up = walk.is_given_up();
        let end = out.len().saturating_add(bytes_max);
        let generation = self.generation;
        for _ in 0..BUCKETS_PER_LOOK {
            let Some(cursor) = walk.cursor else { break };
            let mut put_off = Vec::new();
            let mut has_shared = false;
            let next = self.entries.scan(cursor, |entry| {
                if entry.generation() == generation {
                    return;
                }
                if !is_given_up && !is_big(entry) {
                    walk.target.encoder().encode(entry, out);
                } else if !is_given_up && entry.is_string() {
                    // The table has the buffer, too: it takes no memory yet.
                    walk.share(entry, 0);
                    has_shared = true;
                } else if !is_given_up {
                    return put_off.push(entry.key().into());
                }
                // SAFETY: the table is borrowed exclusively.
                unsafe { entry.set_generation(generation) };
            });
            walk.cursor = Some(next).filter(|next| *next != 0);
            walk.put_off.append(&mut put_off);
            if out.len() >= end || has_shared || !walk.put_off.is_empty() {
                break;
            }
        }
        match walk.put_off.pop() {
            Some(key) => Walked::To(key),
            None if walk.cursor.is_some() => Walked::On,
            None => {
                self.walk = None;
                self.pulse.set_walked(false);
                Walked::Complete
            }
        }
    }

    /// Begins to save an entry in parts, if it is still there and owed; whether it is.
    pub(crate) fn begin_parts(&self, key: &[u8]) -> bool {
        let Some(walk) = &self.walk else { return false };
        let entry = self.entries.find(self.secret.hash(key), |entry| entry.key() == key);
        let is_owed = entry.is_some_and(|entry| entry.generation() != self.generation);
        if is_owed {
            let begun = Begun { db: walk.db, key: key.into(), progress: None, fate: Fate::Present };
            *walk.target.begun() = Some(begun);
        }
        is_owed
    }

    /// Saves the next part of the entry that was begun; whether that was the last. `None` if it isn't there.
    pub(crate) fn save_part(
        &mut self,
        begun: &mut Begun,
        bytes_max: usize,
        out: &mut Vec<u8>,
    ) -> Option<bool> {
        let walk = self.walk.as_ref()?;
        let entry = self.entries.find(self.secret.hash(&begun.key), |entry| *entry.key() == *begun.key)?;
        let is_last = walk.target.encoder().encode_part(&entry, &mut begun.progress, bytes_max, out);
        if is_last {
            // SAFETY: the table is borrowed exclusively.
            unsafe { entry.set_generation(self.generation) };
            walk.target.wanted().complete(walk.db, &begun.key);
        }
        Some(is_last)
    }

    /// Takes the entry of `key` out of a table that is no longer part of the keyspace, if it is owed.
    pub(crate) fn take_owed(&mut self, key: &[u8]) -> Option<Entry> {
        let hash = self.secret.hash(key);
        let generation = self.generation;
        self.entries.remove(hash, |entry| entry.key() == key && entry.generation() != generation)
    }

    /// Hands the table over to the snapshot that has still to walk through it; returns it if there is none. It is no longer part of the keyspace.
    pub(crate) fn keep(mut self: Box<Self>) -> Option<Box<Self>> {
        let Some(walk) = &self.walk else { return Some(self) };
        let (target, db) = (Arc::clone(&walk.target), walk.db);
        if target.is_cancelled() {
            return Some(self);
        }
        let mut begun = target.begun();
        if let Some(begun) =
            begun.as_mut().filter(|begun| begun.db == db && matches!(begun.fate, Fate::Present))
            && let Some(entry) = self.take_owed(&begun.key)
        {
            target.wanted().complete(db, &begun.key);
            let claim = target.claim(Account::Flushed, entry.memory_bytes());
            begun.fate = Fate::Discarded(entry, claim);
        }
        drop(begun);
        let claim = target.claim(Account::Flushed, self.estimated_bytes());
        target.push(Piece::Table(self, claim));
        None
    }

    /// About how many bytes of memory it takes: a few entries stand for all.
    fn estimated_bytes(&self) -> usize {
        let (mut seen, mut bytes) = (0, 0);
        self.sample_some(0, SAMPLES, |entry| {
            seen += 1;
            bytes += entry.memory_bytes();
        });
        self.overhead_bytes() + (self.len() * bytes).checked_div(seen).unwrap_or(0)
    }
}

/// Entries from which the memory of a table is estimated. A database that is flushed has a table in each of a thousand stripes.
const SAMPLES: usize = 4;

/// Buckets that the walk looks at in one go, if they have little that is owed.
const BUCKETS_PER_LOOK: usize = 128;

/// How a walk through a table goes on.
pub(crate) enum Walked {
    /// There is more.
    On,
    /// To this key, whose value has to be saved in parts.
    To(Box<[u8]>),
    /// Nothing is owed any more.
    Complete,
}
