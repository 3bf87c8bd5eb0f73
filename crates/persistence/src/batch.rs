//! Keys and values on their way from a file into the keyspace.
//!
//! They are stored some dozens at a time: their stripes are locked together, and the memory of all of them is fetched ahead.

use std::ops::Range;

use keyspace::{DbIndex, Expiry, Keyspace, NewValue, Object, UnixMillis};

/// Keys stored under one set of locks.
const KEYS_AT_ONCE: usize = 64;
/// Keys of a batch.
const KEYS_MAX: usize = 8 * KEYS_AT_ONCE;
/// Bytes of texts of a batch, but for the last text.
const TEXT_BYTES_MAX: usize = 256 * 1024;

/// Some keys of one database.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) db: DbIndex,
    items: Vec<Item>,
    /// Keys and short values, one behind the other.
    texts: Vec<u8>,
}

struct Item {
    hash: u64,
    offset: u64,
    key: Range<usize>,
    value: Kept,
    expiry: Option<UnixMillis>,
    clock: u32,
}

/// A value that borrows nothing.
enum Kept {
    Integer(i64),
    Text(Range<usize>),
    Object(Object),
}

/// A key that is there already, and may not be.
pub(crate) struct Twice {
    pub(crate) key: Vec<u8>,
    pub(crate) offset: u64,
}

/// A key, and where in the file it was.
pub(crate) struct Origin<'k> {
    pub(crate) key: &'k [u8],
    pub(crate) offset: u64,
}

impl Batch {
    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.items.len() >= KEYS_MAX || self.texts.len() >= TEXT_BYTES_MAX
    }

    pub(crate) fn push(
        &mut self,
        keyspace: &Keyspace,
        origin: Origin<'_>,
        value: NewValue<'_>,
        expiry: Option<UnixMillis>,
        clock: u32,
    ) {
        let Origin { key, offset } = origin;
        let hash = keyspace.key(key).hash();
        let key = self.text(key);
        let value = match value {
            NewValue::Integer(number) => Kept::Integer(number),
            NewValue::Bytes(text) => Kept::Text(self.text(text)),
            NewValue::Object(object) => Kept::Object(object),
            NewValue::Shared(buffer) => Kept::Text(self.text(&buffer)),
        };
        self.items.push(Item { hash, offset, key, value, expiry, clock });
    }

    fn text(&mut self, text: &[u8]) -> Range<usize> {
        let start = self.texts.len();
        self.texts.extend_from_slice(text);
        start..self.texts.len()
    }

    /// Stores everything. `merges`: over what is there; otherwise that is an error. Returns how many keys that were.
    pub(crate) fn store(&mut self, keyspace: &Keyspace, merges: bool) -> Result<u64, Twice> {
        let count = self.items.len() as u64;
        let mut items = std::mem::take(&mut self.items);
        let mut rest = items.drain(..);
        let outcome = loop {
            let some: Vec<Item> = rest.by_ref().take(KEYS_AT_ONCE).collect();
            if some.is_empty() {
                break Ok(count);
            }
            if let Err(twice) = self.store_some(keyspace, some, merges) {
                break Err(twice);
            }
        };
        drop(rest);
        self.items = items;
        self.texts.clear();
        outcome
    }

    fn store_some(&self, keyspace: &Keyspace, items: Vec<Item>, merges: bool) -> Result<(), Twice> {
        let mut locked = keyspace.lock(items.iter().map(|item| item.hash));
        locked.prefetch(self.db, items.iter().map(|item| item.hash));
        for item in items {
            let text = |range: &Range<usize>| self.texts.get(range.clone()).unwrap_or_default();
            let key = keyspace::Key::with_hash(text(&item.key), item.hash);
            let table = locked.stripe_mut(item.hash).table_mut(self.db);
            let value = match item.value {
                Kept::Integer(number) => NewValue::Integer(number),
                Kept::Text(range) => NewValue::Bytes(self.texts.get(range).unwrap_or_default()),
                Kept::Object(object) => NewValue::Object(object),
            };
            let stored = table.set(&key, value, item.expiry.map_or(Expiry::None, Expiry::At), item.clock);
            if let Some(replaced) = stored.replaced {
                keyspace.garbage().bury_replaced(replaced);
            }
            if !stored.is_new && !merges {
                return Err(Twice { key: key.bytes().to_vec(), offset: item.offset });
            }
        }
        Ok(())
    }
}
