//! A snapshot: all data as they were at one instant, read while commands go on changing them.
//!
//! ```text
//!  step ─▶ the rest of a record, or of a big entry, that was begun
//!        ─▶ a big entry that somebody waits for
//!        ─▶ what changes have saved            (memory is free again)
//!        ─▶ tables that were flushed
//!        ─▶ the next of the stripe, the next stripe ─▶ complete
//! ```

use std::sync::Arc;

use crate::entry::Entry;
use crate::keyspace::{Keyspace, Locked};
use crate::ledger::Claim;
use crate::saved::Piece;
use crate::stripe::Stripe;
use crate::table::Table;
use crate::time::DbIndex;
use crate::walk::{Begun, Encoder, Fate, Progress, Target};
use crate::walked_table::Walked;

/// A walk through all stripes that shows the data as they were when it began.
///
/// [`Snapshot::step`] is to be called until it says that the walk is complete, by one thread, which holds no stripe. Only then can another one
/// begin; or after this one was dropped: then the next to begin completes the walk.
pub struct Snapshot {
    target: Arc<Target>,
    /// The stripe that is being walked through.
    stripe: usize,
    /// What was saved before the walk came to it.
    pieces: Vec<Piece>,
    /// Tables that are no longer part of the keyspace.
    tables: Vec<(Box<Table>, Claim)>,
    kept: Option<Kept>,
    /// The stripe with an entry that is being saved in parts.
    in_parts: Option<usize>,
    is_complete: bool,
}

/// What the snapshot has to itself, and is about to write.
enum Kept {
    Entry {
        db: DbIndex,
        entry: Entry,
        progress: Progress,
        claim: Claim,
    },
    /// Written up to `at`.
    Records {
        db: DbIndex,
        records: Vec<u8>,
        at: usize,
        claim: Claim,
    },
}

/// What [`Snapshot::step`] did.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It appended records of entries of this database. The last of them may go on in the next step.
    Records(DbIndex),
    /// It found none this time. The next step may.
    Nothing,
    /// The walk is complete.
    Complete,
}

/// Another snapshot is being taken.
#[derive(Copy, Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("another snapshot is being taken")]
pub struct Busy;

impl Keyspace {
    /// Begins a snapshot. All stripes are locked for an instant, in which `at_instant` is called: for what has to be known of this very state.
    ///
    /// O(stripes × databases), and O(n) before that, stripe by stripe, if the last snapshot was dropped before its end.
    pub fn begin_snapshot<R>(
        &self,
        encoder: Box<dyn Encoder>,
        at_instant: impl FnOnce(&mut Locked<'_>) -> R,
    ) -> Result<(Snapshot, R), Busy> {
        if let Some(stripe) = self.ledger().begin()? {
            (stripe..self.stripes()).for_each(|stripe| self.settle(stripe));
        }
        let target = Arc::new(Target::new(encoder, self.ledger(), self.shared_garbage()));
        let snapshot = Snapshot {
            target,
            stripe: 0,
            pieces: Vec::new(),
            tables: Vec::new(),
            kept: None,
            in_parts: None,
            is_complete: false,
        };
        let mut locked = self.lock_all();
        for stripe in 0..self.stripes() {
            locked.visit(stripe, |stripe| {
                stripe.tables_mut().for_each(|(db, table)| table.begin_walk(db, &snapshot.target));
            });
        }
        self.ledger().note_begun();
        let result = at_instant(&mut locked);
        drop(locked);
        Ok((snapshot, result))
    }

    /// Ends in one stripe the walk of a snapshot that was dropped.
    fn settle(&self, stripe: usize) {
        let walk_on = |table: &mut Table| table.walk_on(usize::MAX, &mut Vec::new());
        while self.roam().visit(stripe, |stripe| stripe.walked_table(|_| true).map(walk_on)).is_some() {}
    }
}

impl Snapshot {
    /// Bytes of memory that the snapshot takes beyond the data: copies of what was changed before the walk came to it, and what was discarded and is
    /// kept for it, of flushed tables about as much as they take.
    pub fn pending_bytes(&self) -> usize {
        self.target.ledger().bytes()
    }

    /// Gives the snapshot up. The walk has still to be completed, which takes a fraction of the time then and gives no records.
    pub fn cancel(&mut self) {
        self.give_up();
        self.target.ledger().tell_all();
    }

    fn give_up(&mut self) {
        self.target.cancel();
        let garbage = self.target.garbage();
        let tables = self.tables.drain(..).map(|(table, claim)| Piece::Table(table, claim));
        self.pieces.drain(..).chain(tables).for_each(|piece| piece.bury(garbage));
        if let Some(Kept::Entry { entry, .. }) = self.kept.take() {
            garbage.bury_entry(entry);
        }
        self.in_parts = None;
    }

    /// Whether it was given up.
    pub fn is_cancelled(&self) -> bool {
        self.target.is_cancelled()
    }

    /// How many stripes have been walked through.
    pub fn stripes_done(&self) -> usize {
        self.stripe
    }

    /// Appends some records to `out`, about `bytes_max` bytes, which are at least one. One stripe is locked meanwhile, at most.
    pub fn step(&mut self, keyspace: &Keyspace, bytes_max: usize, out: &mut Vec<u8>) -> Step {
        debug_assert!(Arc::ptr_eq(keyspace.ledger(), self.target.ledger()), "a snapshot has one keyspace");
        if self.is_complete {
            return Step::Complete;
        }
        let step = self.go_on(keyspace, bytes_max.max(1), out);
        if step == Step::Complete {
            self.is_complete = true;
            keyspace.ledger().end();
        } else {
            keyspace.ledger().tell(self.target.wanted().take_completed());
        }
        step
    }

    fn go_on(&mut self, keyspace: &Keyspace, bytes_max: usize, out: &mut Vec<u8>) -> Step {
        // In the middle of an entry nothing else may be written.
        if let Some(kept) = self.kept.take() {
            return self.go_on_with_kept(kept, bytes_max, out);
        }
        if let Some(stripe) = self.in_parts
            && let Some(step) = self.go_on_with_begun(keyspace, stripe, bytes_max, out)
        {
            return step;
        }
        if let Some((db, key)) = self.target.wanted().next() {
            self.begin_wanted(keyspace, db, &key);
            return Step::Nothing;
        }
        if self.pieces.is_empty() {
            self.pieces = self.target.take();
        }
        if let Some(piece) = self.pieces.pop() {
            return self.take_up(piece, bytes_max, out);
        }
        if let Some((table, claim)) = self.tables.pop() {
            return self.walk_through(table, claim, bytes_max, out);
        }
        if self.stripe == keyspace.stripes() {
            // No table is walked through any more, so nothing has come since the look at the pieces: whoever saves holds a stripe with such a table.
            return Step::Complete;
        }
        self.walk_on(keyspace, bytes_max, out)
    }

    fn take_up(&mut self, piece: Piece, bytes_max: usize, out: &mut Vec<u8>) -> Step {
        let kept = match piece {
            Piece::Records(db, records, claim) => Kept::Records { db, records, at: 0, claim },
            Piece::Entry(db, entry, claim) => Kept::Entry { db, entry, progress: None, claim },
            Piece::Table(table, claim) => {
                self.tables.push((table, claim));
                return Step::Nothing;
            }
        };
        self.go_on_with_kept(kept, bytes_max, out)
    }

    fn go_on_with_kept(&mut self, kept: Kept, bytes_max: usize, out: &mut Vec<u8>) -> Step {
        match kept {
            Kept::Entry { db, entry, mut progress, mut claim } => {
                if self.target.encoder().encode_part(&entry, &mut progress, bytes_max, out) {
                    self.target.garbage().bury_entry(entry);
                } else {
                    claim.set(entry.sole_bytes());
                    self.kept = Some(Kept::Entry { db, entry, progress, claim });
                }
                Step::Records(db)
            }
            Kept::Records { db, records, at, claim } => {
                let end = at.saturating_add(bytes_max).min(records.len());
                out.extend_from_slice(&records[at..end]);
                if end < records.len() {
                    self.kept = Some(Kept::Records { db, records, at: end, claim });
                }
                Step::Records(db)
            }
        }
    }

    /// Goes on with a table that is no longer part of the keyspace.
    fn walk_through(
        &mut self,
        mut table: Box<Table>,
        mut claim: Claim,
        bytes_max: usize,
        out: &mut Vec<u8>,
    ) -> Step {
        let db = table.walked_as().unwrap_or_default();
        match table.walk_on(bytes_max, out) {
            Walked::Complete => {
                self.target.garbage().bury_boxed_table(table);
                return Step::Records(db);
            }
            Walked::On => {}
            Walked::To(key) => {
                if let Some(entry) = table.take_owed(&key) {
                    let bytes = entry.memory_bytes();
                    claim.lower(bytes);
                    let claim = self.target.claim(claim.account(), bytes);
                    self.pieces.push(Piece::Entry(db, entry, claim));
                }
            }
        }
        self.tables.push((table, claim));
        Step::Records(db)
    }

    /// Turns to an entry that somebody waits for.
    fn begin_wanted(&mut self, keyspace: &Keyspace, db: DbIndex, key: &[u8]) {
        let stripe = keyspace.stripe_of(keyspace.key(key).hash());
        keyspace.roam().visit(stripe, |tables| {
            let table = tables.walked_table(|of| of == db);
            match table.is_some_and(|table| table.begin_parts(key)) {
                true => self.in_parts = Some(stripe),
                // It was saved, or is in a table that was flushed: nobody need wait.
                false => self.target.wanted().complete(db, key),
            }
        });
    }

    /// Goes on with the entry of a table that is being saved in parts, if there is one.
    fn go_on_with_begun(
        &mut self,
        keyspace: &Keyspace,
        stripe: usize,
        bytes_max: usize,
        out: &mut Vec<u8>,
    ) -> Option<Step> {
        self.in_parts = None;
        let target = &self.target;
        let (db, ended) = keyspace.roam().visit(stripe, |tables| {
            // While the stripe is locked nobody asks for it who would change the entry.
            let mut begun = target.begun().take()?;
            let db = begun.db;
            if matches!(begun.fate, Fate::Present) {
                let table = tables.walked_table(|of| of == db);
                let is_last = table.and_then(|table| table.save_part(&mut begun, bytes_max, out));
                if !is_last.expect("whoever changes or discards an owed entry says so") {
                    *target.begun() = Some(begun);
                    return Some((db, None));
                }
            }
            Some((db, Some(begun)))
        })?;
        match ended {
            None => self.in_parts = Some(stripe),
            Some(Begun { progress, fate, .. }) => {
                self.kept = match fate {
                    Fate::Present => None,
                    Fate::Saved(records, claim) => Some(Kept::Records { db, records, at: 0, claim }),
                    Fate::Discarded(entry, claim) => Some(Kept::Entry { db, entry, progress, claim }),
                };
            }
        }
        Some(Step::Records(db))
    }

    fn walk_on(&mut self, keyspace: &Keyspace, bytes_max: usize, out: &mut Vec<u8>) -> Step {
        let db = keyspace.roam().visit(self.stripe, |stripe| {
            let table = stripe.walked_table(|_| true)?;
            let db = table.walked_as();
            if let Walked::To(key) = table.walk_on(bytes_max, out)
                && table.begin_parts(&key)
            {
                self.in_parts = Some(self.stripe);
            }
            db
        });
        match db {
            Some(db) => Step::Records(db),
            None => {
                self.stripe += 1;
                Step::Nothing
            }
        }
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        if !self.is_complete {
            self.give_up();
            self.target.ledger().abandon(self.stripe);
        }
    }
}

impl Stripe {
    /// A table through which a snapshot has still to go, and which was a database at the instant for which `is_it` says yes.
    fn walked_table(&mut self, is_it: impl Fn(DbIndex) -> bool) -> Option<&mut Table> {
        self.tables_mut().map(|(_, table)| table).find(|table| table.walked_as().is_some_and(&is_it))
    }
}
