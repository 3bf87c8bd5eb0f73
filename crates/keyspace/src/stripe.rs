//! A stripe: what one lock protects.

use dict::HashKey;

use crate::table::Table;
use crate::time::{DbIndex, UnixMillis};

/// The keys of every database whose hash falls into one stripe.
///
/// Database 0 lies in the stripe itself, one pointer nearer; the others come into being when first written to.
#[repr(C)]
pub struct Stripe {
    first: Table,
    others: Vec<Option<Box<Table>>>,
    secret: HashKey,
}

impl Stripe {
    pub(crate) fn new(secret: HashKey) -> Self {
        Self { first: Table::new(secret), others: Vec::new(), secret }
    }

    /// The table of a database, if anything was ever stored there.
    #[inline]
    pub fn table(&self, db: DbIndex) -> Option<&Table> {
        if db.0 == 0 {
            return Some(&self.first);
        }
        self.others.get(db.0 as usize - 1)?.as_deref()
    }

    /// The table of a database for changing it.
    #[inline]
    pub fn table_mut(&mut self, db: DbIndex) -> &mut Table {
        if db.0 == 0 { &mut self.first } else { self.other_mut(db) }
    }

    #[cold]
    fn other_mut(&mut self, db: DbIndex) -> &mut Table {
        let index = db.0 as usize - 1;
        if self.others.len() <= index {
            self.others.resize_with(index + 1, || None);
        }
        self.others[index].get_or_insert_with(|| Box::new(Table::new(self.secret)))
    }

    /// Every table that exists, with its database.
    pub fn tables(&self) -> impl Iterator<Item = (DbIndex, &Table)> {
        let others = self.others.iter().enumerate();
        let others = others.filter_map(|(index, table)| Some((DbIndex(index as u32 + 1), table.as_deref()?)));
        std::iter::once((DbIndex(0), &self.first)).chain(others)
    }

    /// The same for changing them.
    pub(crate) fn tables_mut(&mut self) -> impl Iterator<Item = (DbIndex, &mut Table)> {
        let others = self.others.iter_mut().enumerate();
        let others =
            others.filter_map(|(index, table)| Some((DbIndex(index as u32 + 1), table.as_deref_mut()?)));
        std::iter::once((DbIndex(0), &mut self.first)).chain(others)
    }

    /// When the next key or field of any database is due.
    pub fn next_due(&self) -> Option<UnixMillis> {
        self.tables().filter_map(|(_, table)| table.next_due()).min()
    }

    /// The first database with a hash of which a field is due at `now`, and that hash's name.
    pub fn first_with_due_fields(&mut self, now: UnixMillis) -> Option<(DbIndex, Vec<u8>)> {
        (0..self.databases()).map(DbIndex).find_map(|db| {
            self.table(db).filter(|table| table.is_due(now))?;
            Some((db, self.table_mut(db).first_with_due_fields(now)?))
        })
    }

    /// Empties a database; what it held is handed out to be freed elsewhere, or to the snapshot that has still to go through it.
    pub fn take(&mut self, db: DbIndex) -> Option<Flushed> {
        let keys = self.table(db).filter(|table| !table.is_empty())?.len();
        let fresh = Table::new(self.secret);
        let table = Box::new(std::mem::replace(self.table_mut(db), fresh));
        Some(Flushed { keys, table: table.keep() })
    }

    /// Number of databases of which there may be a table.
    pub(crate) fn databases(&self) -> u32 {
        self.others.len() as u32 + 1
    }

    /// Exchanges two databases.
    pub fn swap(&mut self, one: DbIndex, other: DbIndex) {
        if one == other {
            return;
        }
        let fresh = Table::new(self.secret);
        let held = std::mem::replace(self.table_mut(one), fresh);
        let held = std::mem::replace(self.table_mut(other), held);
        *self.table_mut(one) = held;
    }
}

/// What was in a database that was emptied.
#[must_use = "it belongs into the keyspace's garbage"]
pub struct Flushed {
    keys: usize,
    /// Nothing if a snapshot has it.
    pub(crate) table: Option<Box<Table>>,
}

impl Flushed {
    /// How many keys there were, those included that were due.
    pub fn len(&self) -> usize {
        self.keys
    }

    /// Whether there was none; never, since then nothing is handed out.
    pub fn is_empty(&self) -> bool {
        self.keys == 0
    }
}
