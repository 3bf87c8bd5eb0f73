//! What is too big to be freed on the spot.
//!
//! Returning a buffer of many megabytes to the system, or the millions of entries of a flushed database, takes longer than
//! a command may. Such things are buried here, and freed by a thread that has the time, or in slices by whoever tends
//! the engine.

use std::any::Any;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use crate::entry::Entry;
use crate::object::Object;
use crate::stripe::Flushed;
use crate::table::{Discarded, Replaced, Table};

/// Below this many bytes a value is freed at once: handing it over would cost more.
pub const FREED_AT_ONCE_BYTES_MAX: usize = 64 * 1024;

enum Corpse {
    Entry(Entry),
    Buffer(Arc<Vec<u8>>),
    Object(Object),
    Table(Box<Table>),
    Other(Box<dyn Any + Send>),
}

/// Stands for the bytes of a whole table or of something foreign, which nobody knows: more than there can be, and yet many of them don't overflow.
const TABLE_BYTES: usize = 1 << 50;

/// A queue of things to be freed, each with its bytes.
#[derive(Default)]
pub struct Garbage {
    queue: Mutex<Vec<(Corpse, usize)>>,
    pending_bytes: AtomicUsize,
    collected: AtomicU64,
    wake: Mutex<Option<Box<dyn Fn() + Send + Sync>>>,
}

impl Garbage {
    /// Has `wake` called whenever something is buried: for the thread that will call [`Garbage::collect`].
    pub fn on_burial(&self, wake: impl Fn() + Send + Sync + 'static) {
        *self.wake.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(wake));
    }

    /// Frees an entry, later if it is big.
    pub fn bury_entry(&self, entry: Entry) {
        let bytes = entry.memory_bytes();
        if bytes > FREED_AT_ONCE_BYTES_MAX {
            self.bury(Corpse::Entry(entry), bytes);
        }
    }

    /// Frees an entry that was discarded, later if it is big.
    pub fn bury_discarded(&self, discarded: Discarded) {
        if let Some(entry) = discarded.0 {
            self.bury_entry(entry);
        }
    }

    /// Frees what a replaced value owned, later if it is big.
    pub fn bury_replaced(&self, replaced: Replaced) {
        match replaced {
            Replaced::Buffer(buffer) if buffer.capacity() > FREED_AT_ONCE_BYTES_MAX => {
                let bytes = buffer.capacity();
                self.bury(Corpse::Buffer(buffer), bytes);
            }
            Replaced::Object(object) => self.bury_object(object),
            Replaced::Buffer(_) | Replaced::Kept(_) => {}
        }
    }

    /// Frees an object, later if it is big.
    pub fn bury_object(&self, object: Object) {
        let bytes = object.memory_bytes();
        if bytes > FREED_AT_ONCE_BYTES_MAX {
            self.bury(Corpse::Object(object), bytes);
        }
    }

    /// Frees what was in a database later.
    pub fn bury_table(&self, flushed: Flushed) {
        if let Some(table) = flushed.table {
            self.bury_boxed_table(table);
        }
    }

    pub(crate) fn bury_boxed_table(&self, table: Box<Table>) {
        self.bury(Corpse::Table(table), TABLE_BYTES);
    }

    /// Frees something large that is none of the keyspace's later.
    pub fn bury_other(&self, other: Box<dyn Any + Send>) {
        self.bury(Corpse::Other(other), TABLE_BYTES);
    }

    fn bury(&self, corpse: Corpse, bytes: usize) {
        self.pending_bytes.fetch_add(bytes, Relaxed);
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).push((corpse, bytes));
        if let Some(wake) = &*self.wake.lock().unwrap_or_else(PoisonError::into_inner) {
            wake();
        }
    }

    /// Frees up to `pieces_max` of what waits; returns whether something still waits.
    pub fn collect(&self, pieces_max: usize) -> bool {
        for _ in 0..pieces_max {
            let next = self.queue.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some((corpse, bytes)) = next else { return false };
            match corpse {
                Corpse::Entry(entry) => drop(entry),
                Corpse::Buffer(buffer) => drop(buffer),
                Corpse::Object(object) => drop(object),
                Corpse::Table(table) => drop(table),
                Corpse::Other(other) => drop(other),
            }
            self.pending_bytes.fetch_sub(bytes, Relaxed);
            self.collected.fetch_add(1, Relaxed);
        }
        !self.is_empty()
    }

    /// How many things were freed here so far.
    pub fn collected(&self) -> u64 {
        self.collected.load(Relaxed)
    }

    /// Bytes of memory that will be free soon. More than there can be while a whole table is among them.
    pub fn pending_bytes(&self) -> usize {
        self.pending_bytes.load(Relaxed)
    }

    /// How many things wait to be freed.
    pub fn len(&self) -> usize {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
