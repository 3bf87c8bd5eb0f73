//! A snapshot: all data as they were at one instant, read while commands go on changing them.

use std::sync::Arc;
use std::sync::atomic::Ordering::{Acquire, Release};

use crate::entry::Entry;
use crate::keyspace::{Keyspace, Locked};
use crate::stripe::Stripe;
use crate::table::Table;
use crate::time::DbIndex;
use crate::walk::{Encoder, Fate, Piece, Progress, Target};
use crate::walked_table::Walked;

/// A walk through all stripes that shows the data as they were when it began.
///
/// [`Snapshot::step`] is to be called until it says that the walk is complete, by one thread, which holds no stripe. If the snapshot is no longer
/// wanted: after [`Snapshot::cancel`]. Only then can another one begin.
pub struct Snapshot {
    target: Arc<Target>,
    /// The stripe that is being walked through.
    stripe: usize,
    /// What was saved before the walk came to it.
    pieces: Vec<Piece>,
    kept: Option<Kept>,
    /// Whether an entry of a table is being saved in parts.
    is_in_parts: bool,
}

/// What the snapshot has to itself, and has not yet written.
enum Kept {
    Entry { db: DbIndex, entry: Entry, progress: Progress },
    Table(Box<Table>),
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
    /// O(stripes × databases).
    pub fn begin_snapshot<R>(
        &self,
        encoder: Box<dyn Encoder>,
        at_instant: impl FnOnce(&mut Locked<'_>) -> R,
    ) -> Result<(Snapshot, R), Busy> {
        if self.is_walked().swap(true, Acquire) {
            return Err(Busy);
        }
        let target = Arc::new(Target::new(encoder));
        let mut locked = self.lock_all();
        for stripe in 0..self.stripes() {
            locked.visit(stripe, |stripe| {
                stripe.tables_mut().for_each(|(db, table)| table.begin_walk(db, &target));
            });
        }
        let result = at_instant(&mut locked);
        drop(locked);
        Ok((Snapshot { target, stripe: 0, pieces: Vec::new(), kept: None, is_in_parts: false }, result))
    }
}

impl Snapshot {
    /// Bytes of memory that the snapshot takes beyond the data: copies of what was changed or discarded before the walk came to it.
    pub fn pending_bytes(&self) -> usize {
        self.target.pending_bytes()
    }

    /// Gives the snapshot up. The walk has still to be completed, which takes a fraction of the time then and gives no records.
    pub fn cancel(&mut self) {
        self.target.cancel();
        self.pieces.retain(|piece| matches!(piece, Piece::Table(_)));
        if matches!(self.kept, Some(Kept::Entry { .. })) {
            self.kept = None;
        }
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
        let bytes_max = bytes_max.max(1);
        // In the middle of an entry nothing else may be written.
        if let Some(step) = self.go_on_with_kept(keyspace, bytes_max, out) {
            return step;
        }
        if let Some(step) = self.go_on_with_begun(keyspace, bytes_max, out) {
            return step;
        }
        if self.pieces.is_empty() {
            self.pieces = self.target.take();
        }
        if let Some(piece) = self.pieces.pop() {
            return self.hand_on(piece, out);
        }
        if self.stripe == keyspace.stripes() {
            // No table is walked through any more, so nothing has come since the look at the pieces: whoever saves holds a stripe with such a table.
            keyspace.is_walked().store(false, Release);
            return Step::Complete;
        }
        self.walk_on(keyspace, bytes_max, out)
    }

    fn hand_on(&mut self, piece: Piece, out: &mut Vec<u8>) -> Step {
        self.target.forget(&piece);
        match piece {
            Piece::Records(db, records) => {
                out.extend_from_slice(&records);
                Step::Records(db)
            }
            Piece::Entry(db, entry) => {
                self.kept = Some(Kept::Entry { db, entry, progress: None });
                Step::Nothing
            }
            Piece::Table(table) => {
                self.kept = Some(Kept::Table(table));
                Step::Nothing
            }
        }
    }

    fn go_on_with_kept(&mut self, keyspace: &Keyspace, bytes_max: usize, out: &mut Vec<u8>) -> Option<Step> {
        match self.kept.take()? {
            Kept::Entry { db, entry, mut progress } => {
                if self.target.encoder().encode_part(&entry, &mut progress, bytes_max, out) {
                    keyspace.garbage().bury_entry(entry);
                } else {
                    self.kept = Some(Kept::Entry { db, entry, progress });
                }
                Some(Step::Records(db))
            }
            Kept::Table(mut table) => {
                let db = table.walked_as().unwrap_or_default();
                match table.walk_on(bytes_max, out) {
                    Walked::Complete => keyspace.garbage().bury_boxed_table(table),
                    Walked::On => self.kept = Some(Kept::Table(table)),
                    Walked::To(key) => {
                        if let Some(entry) = table.take_owed(&key) {
                            self.pieces.push(Piece::Entry(db, entry));
                        }
                        self.pieces.insert(0, Piece::Table(table));
                    }
                }
                Some(Step::Records(db))
            }
        }
    }

    /// Goes on with the entry of a table that is being saved in parts, if there is one.
    fn go_on_with_begun(&mut self, keyspace: &Keyspace, bytes_max: usize, out: &mut Vec<u8>) -> Option<Step> {
        if !self.is_in_parts {
            return None;
        }
        let (target, kept) = (&self.target, &mut self.kept);
        let (db, is_in_parts) = keyspace.roam().visit(self.stripe, |stripe| {
            let mut slot = target.begun();
            let mut begun = slot.take()?;
            let db = begun.db;
            match begun.fate {
                Fate::Present if target.is_cancelled() => {
                    if let Some(table) = stripe.walked_table(|of| of == db) {
                        table.settle(&begun.key);
                    }
                }
                Fate::Present => {
                    let table = stripe.walked_table(|of| of == db);
                    match table.and_then(|table| table.save_part(&mut begun, bytes_max, out)) {
                        Some(true) => {}
                        Some(false) => *slot = Some(begun),
                        None => unreachable!("whoever changes or discards an owed entry says so"),
                    }
                }
                Fate::Saved(_) if target.is_cancelled() => {}
                Fate::Saved(rest) => out.extend_from_slice(&rest),
                Fate::Discarded(entry) if target.is_cancelled() => keyspace.garbage().bury_entry(entry),
                Fate::Discarded(entry) => *kept = Some(Kept::Entry { db, entry, progress: begun.progress }),
            }
            Some((db, slot.is_some()))
        })?;
        self.is_in_parts = is_in_parts;
        Some(Step::Records(db))
    }

    fn walk_on(&mut self, keyspace: &Keyspace, bytes_max: usize, out: &mut Vec<u8>) -> Step {
        let is_in_parts = &mut self.is_in_parts;
        let db = keyspace.roam().visit(self.stripe, |stripe| {
            let table = stripe.walked_table(|_| true)?;
            let db = table.walked_as();
            if let Walked::To(key) = table.walk_on(bytes_max, out) {
                *is_in_parts = table.begin_parts(key);
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

impl Stripe {
    /// A table through which a snapshot has still to go, and which was a database at the instant for which `is_it` says yes.
    fn walked_table(&mut self, is_it: impl Fn(DbIndex) -> bool) -> Option<&mut Table> {
        self.tables_mut().map(|(_, table)| table).find(|table| table.walked_as().is_some_and(&is_it))
    }
}
