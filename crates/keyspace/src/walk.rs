//! The walk of a snapshot through one table.
//!
//! A snapshot shows the data as they were at one instant, while commands go on changing them. Every entry belongs to one of two generations. At
//! the instant each table takes the other generation for its own, which makes all entries that it has then *owed*: they have still to be saved.
//! The walk saves owed entries one after the other and moves them into the table's generation. A change that comes before the walk saves the
//! entry first; a new entry belongs to the table's generation from the start and is not saved. Once nothing is owed the table is as before the
//! snapshot, and the next one begins with the other generation.
//!
//! What is too big to be saved in one go (a collection of many elements) is saved in parts, each under the stripe's lock. Who is going to change
//! such an entry should ask before, and wait ([`Locked::awaits_snapshot`](crate::Locked::awaits_snapshot)): the walk takes it next. A change
//! that comes all the same saves what is left of it on the spot. One that is discarded as a whole is handed over to the snapshot instead.

use std::any::Any;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::entry::Entry;
use crate::garbage::Garbage;
use crate::ledger::{Account, Claim, Ledger};
use crate::saved::{Piece, Saved};
use crate::time::DbIndex;
use crate::wanted::Wanted;

/// Above this many bytes of memory a value is saved in parts, or outside the locks.
pub(crate) const SAVED_AT_ONCE_BYTES_MAX: usize = 64 * 1024;

/// Writes entries in the form that a snapshot has. It knows nothing of tables and locks.
pub trait Encoder: Send + Sync {
    /// Appends the whole record of an entry.
    fn encode(&self, entry: &Entry, out: &mut Vec<u8>);

    /// Appends the next part of the record, of about `bytes_max` bytes, and returns whether it is complete. The entry doesn't change between the
    /// parts. `progress` begins as `None`, and is the encoder's to use.
    fn encode_part(
        &self,
        entry: &Entry,
        progress: &mut Progress,
        bytes_max: usize,
        out: &mut Vec<u8>,
    ) -> bool;
}

/// How far an entry has been encoded.
pub type Progress = Option<Box<dyn Any + Send>>;

/// What a snapshot and the tables that it walks through share.
///
/// Lock order: a stripe's lock, then `begun`, then `saved` or `wanted`. Nothing is encoded while one of the latter three is locked: all stripes
/// share them.
pub(crate) struct Target {
    encoder: Box<dyn Encoder>,
    ledger: Arc<Ledger>,
    garbage: Arc<Garbage>,
    /// The entry of a table that is being saved in parts.
    begun: Mutex<Option<Begun>>,
    /// What was saved before the walk came to it.
    saved: Mutex<Saved>,
    /// The keys that somebody waits for.
    wanted: Wanted,
    is_cancelled: AtomicBool,
}

/// An entry of a table that is being saved in parts. It is owed until the last part is there.
pub(crate) struct Begun {
    pub(crate) db: DbIndex,
    pub(crate) key: Box<[u8]>,
    pub(crate) progress: Progress,
    pub(crate) fate: Fate,
}

/// What became of an entry between two parts.
pub(crate) enum Fate {
    /// It is in the table, unchanged.
    Present,
    /// It was about to be changed, and the rest of it was saved: this.
    Saved(Vec<u8>, Claim),
    /// It was discarded.
    Discarded(Entry, Claim),
}

impl Target {
    pub(crate) fn new(encoder: Box<dyn Encoder>, ledger: &Arc<Ledger>, garbage: &Arc<Garbage>) -> Self {
        Self {
            encoder,
            ledger: Arc::clone(ledger),
            garbage: Arc::clone(garbage),
            begun: Mutex::default(),
            saved: Mutex::default(),
            wanted: Wanted::default(),
            is_cancelled: AtomicBool::new(false),
        }
    }

    pub(crate) fn encoder(&self) -> &dyn Encoder {
        &*self.encoder
    }

    pub(crate) fn ledger(&self) -> &Arc<Ledger> {
        &self.ledger
    }

    pub(crate) fn garbage(&self) -> &Garbage {
        &self.garbage
    }

    pub(crate) fn wanted(&self) -> &Wanted {
        &self.wanted
    }

    /// From now on nothing is saved or awaited, and of what was saved nothing is kept.
    pub(crate) fn cancel(&self) {
        self.is_cancelled.store(true, Relaxed);
        self.wanted.close();
        let begun = self.begun().take();
        if let Some(Begun { fate: Fate::Discarded(entry, _), .. }) = begun {
            self.garbage.bury_entry(entry);
        }
        let pieces = self.saved().close();
        pieces.into_iter().for_each(|piece| piece.bury(&self.garbage));
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Relaxed)
    }

    pub(crate) fn begun(&self) -> MutexGuard<'_, Option<Begun>> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn saved(&self) -> MutexGuard<'_, Saved> {
        self.saved.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All that has been saved so far, in no order.
    pub(crate) fn take(&self) -> Vec<Piece> {
        self.saved().take()
    }

    pub(crate) fn claim(&self, account: Account, bytes: usize) -> Claim {
        Claim::new(&self.ledger, account, bytes)
    }

    pub(crate) fn push(&self, piece: Piece) {
        let refused = self.saved().push(piece);
        if let Err(piece) = refused {
            piece.bury(&self.garbage);
        }
    }

    fn save(&self, db: DbIndex, entry: &Entry) {
        let mut record = Vec::new();
        self.encoder.encode(entry, &mut record);
        self.saved().add(db, record, &self.ledger);
    }
}

/// Where the walk is in one table, which may meanwhile change its place or leave the keyspace.
pub(crate) struct Walk {
    /// The database that the table was at the instant.
    pub(crate) db: DbIndex,
    pub(crate) target: Arc<Target>,
    /// Where the scan goes on; none once it has come round.
    pub(crate) cursor: Option<u64>,
    /// Keys that the scan has come past, whose values are too big to be saved in one go.
    pub(crate) put_off: Vec<Box<[u8]>>,
    /// The scan has begun anew, since the snapshot was given up: it settles what is owed and saves nothing.
    is_given_up: bool,
}

/// Whether a value is too big to be saved in one go.
pub(crate) fn is_big(entry: &Entry) -> bool {
    entry.memory_bytes() > SAVED_AT_ONCE_BYTES_MAX
}

impl Walk {
    pub(crate) fn new(db: DbIndex, target: Arc<Target>) -> Self {
        Self { db, target, cursor: Some(0), put_off: Vec::new(), is_given_up: false }
    }

    /// Whether the snapshot was given up. If so, the scan begins anew at the first call, as keys that were put off or begun are still owed.
    pub(crate) fn is_given_up(&mut self) -> bool {
        if self.target.is_cancelled() && !self.is_given_up {
            self.is_given_up = true;
            self.cursor = Some(0);
            self.put_off = Vec::new();
        }
        self.is_given_up
    }

    /// Saves an owed entry that is about to be changed, or to be given away.
    pub(crate) fn save(&self, entry: &Entry) {
        if self.target.is_cancelled() {
            return;
        }
        if !is_big(entry) {
            self.target.save(self.db, entry);
        } else if entry.is_string() {
            // The buffer is counted as if it were the snapshot's alone: the change takes it from the table, or makes a copy.
            self.share(entry, entry.memory_bytes());
        } else {
            if !self.complete(entry) {
                self.target.save(self.db, entry);
            }
            self.target.wanted.complete(self.db, entry.key());
        }
    }

    /// Saves a big string: both entries share its buffer until one of them is changed. It counts as so many bytes.
    pub(crate) fn share(&self, entry: &Entry, bytes: usize) {
        let second = entry.copy_under(entry.key(), entry.clock());
        let claim = self.target.claim(Account::Copied, bytes);
        self.target.push(Piece::Entry(self.db, second, claim));
    }

    /// Saves an owed entry that nobody needs any more. It is returned if it need not be kept.
    pub(crate) fn keep(&self, entry: Entry) -> Option<Entry> {
        if self.target.is_cancelled() {
            return Some(entry);
        }
        if !is_big(&entry) {
            self.target.save(self.db, &entry);
            return Some(entry);
        }
        self.target.wanted.complete(self.db, entry.key());
        let claim = self.target.claim(Account::Copied, entry.memory_bytes());
        let mut begun = self.target.begun();
        match begun.as_mut().filter(|begun| begun.is(self.db, &entry)) {
            Some(begun) => begun.fate = Fate::Discarded(entry, claim),
            None => {
                drop(begun);
                self.target.push(Piece::Entry(self.db, entry, claim));
            }
        }
        None
    }

    /// Saves the rest of an entry of which some was saved already; `false` if none was.
    #[cold]
    fn complete(&self, entry: &Entry) -> bool {
        let present =
            |begun: &mut Option<Begun>| begun.as_ref().is_some_and(|begun| begun.is(self.db, entry));
        let mut progress = {
            let mut begun = self.target.begun();
            if !present(&mut begun) {
                return false;
            }
            begun.as_mut().and_then(|begun| begun.progress.take())
        };
        // Nobody else touches what was begun meanwhile: for that its stripe must be locked, as it is here.
        let mut rest = Vec::new();
        while !self.target.encoder().encode_part(entry, &mut progress, usize::MAX, &mut rest) {}
        let claim = self.target.claim(Account::Copied, rest.capacity());
        let mut begun = self.target.begun();
        // It isn't there any more if the snapshot was given up.
        if let Some(begun) = begun.as_mut().filter(|begun| begun.is(self.db, entry)) {
            begun.fate = Fate::Saved(rest, claim);
        }
        true
    }
}

impl Begun {
    /// Whether it is about this entry, of which nothing became yet.
    fn is(&self, db: DbIndex, entry: &Entry) -> bool {
        matches!(self.fate, Fate::Present) && self.db == db && *self.key == *entry.key()
    }
}
