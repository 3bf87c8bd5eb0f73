//! The walk of a snapshot through one table.
//!
//! A snapshot shows the data as they were at one instant, while commands go on changing them. Every entry belongs to one of two generations. At
//! the instant each table takes the other generation for its own, which makes all entries that it has then *owed*: they have still to be saved.
//! The walk saves owed entries one after the other and moves them into the table's generation. A change that comes before the walk saves the
//! entry first; a new entry belongs to the table's generation from the start and is not saved. Once nothing is owed the table is as before the
//! snapshot, and the next one begins with the other generation.
//!
//! What is too big to be saved in one go (a collection of many elements) is saved in parts, each under the stripe's lock. A change of such an
//! entry saves what is left of it on the spot. One that is discarded as a whole is handed over to the snapshot instead.

use std::any::Any;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::entry::Entry;
use crate::table::Table;
use crate::time::DbIndex;

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
/// Lock order: a stripe's lock, then `begun`, then `saved`.
pub(crate) struct Target {
    encoder: Box<dyn Encoder>,
    /// The entry of a table that is being saved in parts.
    begun: Mutex<Option<Begun>>,
    /// What was saved before the walk came to it.
    saved: Mutex<Vec<Piece>>,
    /// Bytes of memory that is kept beyond the data themselves.
    pending_bytes: AtomicUsize,
    is_cancelled: AtomicBool,
}

/// Something saved.
pub(crate) enum Piece {
    /// Records of entries of one database.
    Records(DbIndex, Vec<u8>),
    /// An entry that nobody else has any more, or a second owner of the same buffer.
    Entry(DbIndex, Entry),
    /// A whole table that is no longer part of the keyspace.
    Table(Box<Table>),
}

impl Piece {
    /// Bytes of memory that wouldn't be in use without the snapshot. (Of a table nobody knows; it would be garbage.)
    fn bytes(&self) -> usize {
        match self {
            Self::Records(_, bytes) => bytes.len(),
            Self::Entry(_, entry) => entry.memory_bytes(),
            Self::Table(_) => 0,
        }
    }
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
    Saved(Vec<u8>),
    /// It was discarded.
    Discarded(Entry),
}

/// Records are collected in buffers of about this size.
const BUFFER_BYTES: usize = 64 * 1024;

impl Target {
    pub(crate) fn new(encoder: Box<dyn Encoder>) -> Self {
        Self {
            encoder,
            begun: Mutex::default(),
            saved: Mutex::default(),
            pending_bytes: AtomicUsize::new(0),
            is_cancelled: AtomicBool::new(false),
        }
    }

    pub(crate) fn encoder(&self) -> &dyn Encoder {
        &*self.encoder
    }

    pub(crate) fn pending_bytes(&self) -> usize {
        self.pending_bytes.load(Relaxed)
    }

    /// From now on nothing is saved, and of what was saved nothing is kept but tables, through which the walk has still to go.
    pub(crate) fn cancel(&self) {
        self.is_cancelled.store(true, Relaxed);
        self.saved().retain(|piece| matches!(piece, Piece::Table(_)));
        self.pending_bytes.store(0, Relaxed);
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Relaxed)
    }

    pub(crate) fn begun(&self) -> MutexGuard<'_, Option<Begun>> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn saved(&self) -> MutexGuard<'_, Vec<Piece>> {
        self.saved.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All that has been saved so far, in no order.
    pub(crate) fn take(&self) -> Vec<Piece> {
        std::mem::take(&mut *self.saved())
    }

    /// A piece was handed on.
    pub(crate) fn forget(&self, piece: &Piece) {
        let less = |pending: usize| Some(pending.saturating_sub(piece.bytes()));
        // The closure never says no.
        let _ = self.pending_bytes.fetch_update(Relaxed, Relaxed, less);
    }

    pub(crate) fn push(&self, piece: Piece) {
        if !self.is_cancelled() || matches!(piece, Piece::Table(_)) {
            self.pending_bytes.fetch_add(piece.bytes(), Relaxed);
            self.saved().push(piece);
        }
    }

    fn save(&self, db: DbIndex, entry: &Entry) {
        // Before the lock is taken, which all stripes share.
        let mut record = Vec::new();
        self.encoder.encode(entry, &mut record);
        self.pending_bytes.fetch_add(record.len(), Relaxed);
        let mut saved = self.saved();
        let has_room = |piece: &Piece| matches!(piece, Piece::Records(of, bytes) if *of == db && bytes.len() < BUFFER_BYTES);
        if !saved.last().is_some_and(has_room) {
            saved.push(Piece::Records(db, Vec::with_capacity(BUFFER_BYTES)));
        }
        if let Some(Piece::Records(_, bytes)) = saved.last_mut() {
            bytes.extend_from_slice(&record);
        }
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
}

/// Whether a value is too big to be saved in one go.
pub(crate) fn is_big(entry: &Entry) -> bool {
    entry.memory_bytes() > SAVED_AT_ONCE_BYTES_MAX
}

impl Walk {
    pub(crate) fn new(db: DbIndex, target: Arc<Target>) -> Self {
        Self { db, target, cursor: Some(0), put_off: Vec::new() }
    }

    /// Saves an owed entry that is about to be changed, or to be given away.
    pub(crate) fn save(&self, entry: &Entry) {
        if self.target.is_cancelled() {
            return;
        }
        if !is_big(entry) {
            self.target.save(self.db, entry);
        } else if entry.is_string() {
            self.share(entry);
        } else if !self.complete(entry) {
            self.target.save(self.db, entry);
        }
    }

    /// Saves a big string: both entries share its buffer until one of them is changed.
    pub(crate) fn share(&self, entry: &Entry) {
        self.target.push(Piece::Entry(self.db, entry.copy_under(entry.key(), entry.clock())));
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
        let mut begun = self.target.begun();
        match begun.as_mut().filter(|begun| begun.is(self.db, &entry)) {
            Some(begun) => begun.fate = Fate::Discarded(entry),
            None => self.target.push(Piece::Entry(self.db, entry)),
        }
        None
    }

    /// Saves the rest of an entry of which some was saved already; `false` if none was.
    #[cold]
    fn complete(&self, entry: &Entry) -> bool {
        let mut begun = self.target.begun();
        let Some(begun) = begun.as_mut().filter(|begun| begun.is(self.db, entry)) else { return false };
        let mut rest = Vec::new();
        while !self.target.encoder().encode_part(entry, &mut begun.progress, usize::MAX, &mut rest) {}
        begun.fate = Fate::Saved(rest);
        true
    }
}

impl Begun {
    /// Whether it is about this entry, of which nothing became yet.
    fn is(&self, db: DbIndex, entry: &Entry) -> bool {
        matches!(self.fate, Fate::Present) && self.db == db && *self.key == *entry.key()
    }
}
