//! What a file is made of.

use listpack::Element;

use super::entry::Entry;
use crate::value::Module;

/// The next of a file.
#[derive(Debug)]
#[non_exhaustive]
pub enum Item<'r, I> {
    /// Something about the file or its writer. Unknown names are to be passed over.
    Aux {
        /// The name.
        key: Element<'r>,
        /// The value.
        value: Element<'r>,
    },
    /// The source of a library of functions.
    Function(Element<'r>),
    /// What a module wrote beside the data.
    ModuleAux(Module<'r, I>),
    /// What follows belongs to this database.
    SelectDb(u64),
    /// How many keys the database has; a hint.
    ResizeDb {
        /// Keys.
        keys: u64,
        /// Keys that expire.
        expiring: u64,
    },
    /// How many keys a slot of a cluster has, before its first key; a hint.
    SlotInfo {
        /// The slot.
        slot: u64,
        /// Keys.
        keys: u64,
        /// Keys that expire.
        expiring: u64,
    },
    /// Slots that were on their way to the writer.
    SlotImport(SlotImport<'r>),
    /// A key and its value.
    Entry(Entry<'r, I>),
    /// The end.
    End(Trailer),
}

/// Slots that were on their way to the writer of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotImport<'r> {
    /// The name of the job, of 40 hexadecimal digits.
    pub job: Element<'r>,
    /// The slots.
    pub ranges: &'r [SlotRange],
}

/// Slots in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotRange {
    /// The first.
    pub first: u64,
    /// The last.
    pub last: u64,
}

/// How the file ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trailer {
    /// With a checksum, which is that of the bytes.
    Verified,
    /// With a checksum that the options said not to compare.
    Unverified,
    /// With zeros in its place: the writer had been told not to compute one.
    Omitted,
    /// Without one: files before version 5 have none.
    None,
}
