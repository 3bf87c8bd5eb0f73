//! Keys by name and database.

use std::fmt;

/// A key of one database.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    /// Its name. It comes first in the order, so that a client's keys of all databases stand together.
    pub(crate) name: String,
    /// The database's number.
    pub(crate) db: u8,
}

impl Key {
    /// A key of database 0.
    pub(crate) fn of(name: &str) -> Self {
        Self { name: name.to_owned(), db: 0 }
    }

    /// The key of the same name in another database.
    pub(crate) fn in_db(&self, db: u8) -> Self {
        Self { name: self.name.clone(), db }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.db {
            0 => f.write_str(&self.name),
            db => write!(f, "{} of database {db}", self.name),
        }
    }
}
