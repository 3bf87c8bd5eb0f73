//! What the walk of a snapshot does with a table, and what changes of the table do for the walk.

use std::sync::Arc;

use crate::entry::Entry;
use crate::key::Key;
use crate::object::Kind;
use crate::table::Table;
use crate::time::DbIndex;
use crate::value::NewValue;
use crate::walk::{Begun, Fate, Piece, Target, Walk, is_big};

impl Table {
    /// Saves the entry of `key` if it is owed to a snapshot; it is about to be changed or given away.
    #[inline]
    pub(crate) fn will_change(&mut self, key: &Key<'_>) {
        if self.pulse.is_walked() {
            self.save_if_owed(key);
        }
    }

    #[cold]
    fn save_if_owed(&mut self, key: &Key<'_>) {
        let Some(walk) = &self.walk else { return };
        let Some(entry) = self.entries.find(key.hash(), |entry| entry.key() == key.bytes()) else { return };
        if entry.generation() != self.generation {
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
        if entry.is_string() || !is_big(&entry) || entry.generation() == self.generation {
            self.will_change(key);
            return None;
        }
        let kind = entry.kind();
        let substitute = Entry::new(key.bytes(), NewValue::Integer(0), entry.expiry(), entry.clock());
        // The snapshot keeps what is replaced; there is nothing else to do with it.
        let _ = self.put(key, substitute);
        Some(kind)
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
        let is_cancelled = walk.target.is_cancelled();
        let end = out.len().saturating_add(bytes_max);
        let generation = self.generation;
        for _ in 0..BUCKETS_PER_LOOK {
            let Some(cursor) = walk.cursor else { break };
            let (target, db) = (&walk.target, walk.db);
            let put_off = &mut walk.put_off;
            let next = self.entries.scan(cursor, |entry| {
                if entry.generation() == generation {
                    return;
                }
                if !is_cancelled && is_big(entry) {
                    if !entry.is_string() {
                        return put_off.push(entry.key().into());
                    }
                    target.push(Piece::Entry(db, entry.copy_under(entry.key(), entry.clock())));
                } else if !is_cancelled {
                    target.encoder().encode(entry, out);
                }
                // SAFETY: the table is borrowed exclusively.
                unsafe { entry.set_generation(generation) };
            });
            walk.cursor = Some(next).filter(|next| *next != 0);
            if out.len() >= end || !walk.put_off.is_empty() {
                break;
            }
        }
        if is_cancelled {
            // Put off before the snapshot was given up.
            for key in std::mem::take(&mut walk.put_off) {
                self.settle(&key);
            }
        }
        let Some(walk) = &mut self.walk else { return Walked::Complete };
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
    pub(crate) fn begin_parts(&self, key: Box<[u8]>) -> bool {
        let Some(walk) = &self.walk else { return false };
        let entry = self.entries.find(self.secret.hash(&key), |entry| *entry.key() == *key);
        let is_owed = entry.is_some_and(|entry| entry.generation() != self.generation);
        if is_owed {
            *walk.target.begun() = Some(Begun { db: walk.db, key, progress: None, fate: Fate::Present });
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
        }
        Some(is_last)
    }

    /// The entry of `key` is no longer owed.
    pub(crate) fn settle(&mut self, key: &[u8]) {
        if let Some(entry) = self.entries.find(self.secret.hash(key), |entry| entry.key() == key) {
            // SAFETY: the table is borrowed exclusively.
            unsafe { entry.set_generation(self.generation) };
        }
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
        let mut begun = target.begun();
        if let Some(begun) =
            begun.as_mut().filter(|begun| begun.db == db && matches!(begun.fate, Fate::Present))
            && let Some(entry) = self.take_owed(&begun.key)
        {
            begun.fate = Fate::Discarded(entry);
        }
        drop(begun);
        target.push(Piece::Table(self));
        None
    }
}

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
