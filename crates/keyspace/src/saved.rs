//! What changes of data save for a snapshot before its walk comes to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::entry::Entry;
use crate::garbage::Garbage;
use crate::ledger::{Account, Claim, Ledger};
use crate::table::Table;
use crate::time::DbIndex;

/// Records are collected until they are about so many bytes.
const BUFFER_BYTES: usize = 64 * 1024;

/// Something saved.
pub(crate) enum Piece {
    /// Records of entries of one database.
    Records(DbIndex, Vec<u8>, Claim),
    /// An entry that nobody else has any more, or a second owner of the same buffer.
    Entry(DbIndex, Entry, Claim),
    /// A whole table that is no longer part of the keyspace.
    Table(Box<Table>, Claim),
}

impl Piece {
    /// Frees it elsewhere, if it is large.
    pub(crate) fn bury(self, garbage: &Garbage) {
        match self {
            Self::Records(..) => {}
            Self::Entry(_, entry, _) => garbage.bury_entry(entry),
            Self::Table(table, _) => garbage.bury_boxed_table(table),
        }
    }
}

/// All that was saved and not taken.
#[derive(Default)]
pub(crate) struct Saved {
    pieces: Vec<Piece>,
    /// Records of each database to which more may be added. A buffer begins small: with thousands of databases each has one.
    open: BTreeMap<DbIndex, (Vec<u8>, Claim)>,
    /// The snapshot was given up.
    is_closed: bool,
}

impl Saved {
    /// Adds something; gives it back if nobody wants it any more.
    pub(crate) fn push(&mut self, piece: Piece) -> Result<(), Piece> {
        if self.is_closed {
            return Err(piece);
        }
        self.pieces.push(piece);
        Ok(())
    }

    /// Adds a record.
    pub(crate) fn add(&mut self, db: DbIndex, record: Vec<u8>, ledger: &Arc<Ledger>) {
        if self.is_closed || record.is_empty() {
            return;
        }
        let claim = |bytes| Claim::new(ledger, Account::Copied, bytes);
        if record.len() >= BUFFER_BYTES {
            let claim = claim(record.capacity());
            return self.pieces.push(Piece::Records(db, record, claim));
        }
        let (records, claim) = self.open.entry(db).or_insert_with(|| (Vec::new(), claim(0)));
        records.extend_from_slice(&record);
        claim.set(records.capacity());
        if records.len() >= BUFFER_BYTES
            && let Some((records, claim)) = self.open.remove(&db)
        {
            self.pieces.push(Piece::Records(db, records, claim));
        }
    }

    /// All that there is.
    pub(crate) fn take(&mut self) -> Vec<Piece> {
        let mut pieces = std::mem::take(&mut self.pieces);
        let open = std::mem::take(&mut self.open);
        pieces.extend(open.into_iter().map(|(db, (records, claim))| Piece::Records(db, records, claim)));
        pieces
    }

    /// The same. Nothing is added from now on.
    pub(crate) fn close(&mut self) -> Vec<Piece> {
        self.is_closed = true;
        self.take()
    }
}
