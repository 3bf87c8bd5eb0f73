//! One database's share of a stripe: the hash table of its entries and the index of those that expire.

use std::sync::Arc;

use dict::{Dict, HashKey};

use crate::entry::Entry;
use crate::expiry::{ExpiryIndex, hash_within_stripe};
use crate::key::Key;
use crate::object::{Kind, Object};
use crate::time::UnixMillis;
use crate::value::NewValue;

/// What becomes of a key's expiry when its value is replaced.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// The key will not expire.
    None,
    /// The expiry that the key has stays (none for a new key).
    Keep,
    /// The key expires at this time.
    At(UnixMillis),
}

/// What `Table::set` found.
#[must_use = "a large replaced buffer belongs into the keyspace's garbage"]
pub struct Stored {
    /// There was no such key.
    pub is_new: bool,
    /// What the value that was replaced owned beside its entry.
    pub replaced: Option<Replaced>,
}

/// What a replaced value owned.
pub enum Replaced {
    /// A string's buffer.
    Buffer(Arc<Vec<u8>>),
    /// A collection.
    Object(Object),
}

impl Replaced {
    /// What the replaced value was.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Buffer(_) => Kind::String,
            Self::Object(object) => object.kind(),
        }
    }
}

/// Entries and expiry index of one database in one stripe.
///
/// Invariants: the index holds exactly one record *(expiry, hash)* for every entry with an expiry; `expiring` counts them and
/// `expiry_sum` adds them up; `next_due` is what the
/// index says, kept here so that a lookup learns without another cache line that nothing in the table is due.
#[repr(C)]
pub struct Table {
    next_due: UnixMillis,
    entries: Dict<Entry>,
    expiring: usize,
    expiry_sum: i128,
    index: ExpiryIndex,
    secret: HashKey,
}

/// `next_due` of a table in which nothing expires.
const NEVER: UnixMillis = UnixMillis(i64::MAX);

impl Table {
    pub(crate) fn new(secret: HashKey) -> Self {
        Self {
            entries: Dict::new(),
            next_due: NEVER,
            expiring: 0,
            expiry_sum: 0,
            index: ExpiryIndex::default(),
            secret,
        }
    }

    /// Number of keys, those included that are due but not yet collected.
    #[inline]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no key.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Number of keys with an expiry.
    #[inline]
    pub fn expiring(&self) -> usize {
        self.expiring
    }

    /// The sum of the expiries of all keys that have one, in milliseconds since the epoch. O(1).
    #[inline]
    pub fn expiry_sum(&self) -> i128 {
        self.expiry_sum
    }

    /// The entry of `key`, due or not. O(1).
    #[inline]
    pub fn find(&self, key: &Key<'_>) -> Option<dict::Ref<'_, Entry>> {
        self.entries.find(key.hash(), |entry| entry.key() == key.bytes())
    }

    /// The entry of `key` for changing its value or clock in place; the key and expiry must stay. O(1).
    #[inline]
    pub fn find_mut(&mut self, key: &Key<'_>) -> Option<dict::RefMut<'_, Entry>> {
        self.entries.find_mut(key.hash(), |entry| entry.key() == key.bytes())
    }

    /// Stores a value under `key`, new or not. O(1), and O(log n) where an expiry comes, goes or changes.
    pub fn set(&mut self, key: &Key<'_>, value: NewValue<'_>, expiry: Expiry, clock: u32) -> Stored {
        let hash = key.hash();
        let Some(mut entry) = self.entries.find_mut(hash, |entry| entry.key() == key.bytes()) else {
            let at = match expiry {
                Expiry::At(at) => Some(at),
                Expiry::None | Expiry::Keep => None,
            };
            self.reindex(hash, None, at);
            let secret = self.secret;
            self.entries
                .insert(hash, Entry::new(key.bytes(), value, at, clock), |entry| secret.hash(entry.key()));
            return Stored { is_new: true, replaced: None };
        };
        let old = entry.expiry();
        let replaced = entry.take_owned();
        let new = match expiry {
            Expiry::Keep => old,
            Expiry::None => None,
            Expiry::At(at) => Some(at),
        };
        if old.is_some() == new.is_some() {
            entry.set_value(value);
            entry.set_expiry(new);
            entry.set_clock(clock);
        } else {
            *entry = Entry::new(key.bytes(), value, new, clock);
        }
        drop(entry);
        self.reindex(hash, old, new);
        Stored { is_new: false, replaced }
    }

    /// Puts a whole entry under its key, which must be `key`; returns the one that was there.
    pub fn put(&mut self, key: &Key<'_>, entry: Entry) -> Option<Entry> {
        debug_assert_eq!(entry.key(), key.bytes(), "an entry goes under its own key");
        let replaced = self.remove(key);
        self.reindex(key.hash(), None, entry.expiry());
        let secret = self.secret;
        self.entries.insert(key.hash(), entry, |entry| secret.hash(entry.key()));
        replaced
    }

    /// Sets or clears the expiry of `key`. Returns the expiry it had, or `None` when there is no such key.
    pub fn set_expiry(&mut self, key: &Key<'_>, expiry: Option<UnixMillis>) -> Option<Option<UnixMillis>> {
        let mut entry = self.find_mut(key)?;
        let old = entry.expiry();
        entry.set_expiry(expiry);
        drop(entry);
        self.reindex(key.hash(), old, expiry);
        Some(old)
    }

    /// Takes the entry of `key` out. O(1), O(log n) when it has an expiry.
    pub fn remove(&mut self, key: &Key<'_>) -> Option<Entry> {
        let entry = self.entries.remove(key.hash(), |entry| entry.key() == key.bytes())?;
        self.reindex(key.hash(), entry.expiry(), None);
        Some(entry)
    }

    /// Takes out one key that is due at `now`, the longest overdue first.
    pub fn pop_due(&mut self, now: UnixMillis) -> Option<Entry> {
        let popped = self.pop_due_indexed(now);
        self.next_due = self.index.next_due().unwrap_or(NEVER);
        popped
    }

    fn pop_due_indexed(&mut self, now: UnixMillis) -> Option<Entry> {
        while let Some(hash) = self.index.pop_due(now) {
            let secret = self.secret;
            let due = |entry: &Entry| {
                entry.expiry().is_some_and(|at| at.is_due(now))
                    && hash_within_stripe(secret.hash(entry.key())) == hash
            };
            if let Some(entry) = self.entries.remove(hash, due) {
                self.expiring -= 1;
                self.expiry_sum -= entry.expiry().map_or(0, |at| i128::from(at.0));
                return Some(entry);
            }
        }
        None
    }

    /// When the next key is due, if any has an expiry. O(1).
    #[inline]
    pub fn next_due(&self) -> Option<UnixMillis> {
        (self.next_due != NEVER).then_some(self.next_due)
    }

    /// Whether some key is due at `now`. One comparison.
    #[inline]
    pub fn is_due(&self, now: UnixMillis) -> bool {
        self.next_due <= now
    }

    /// Visits one bucket of entries; the cursor stays valid while the table grows and shrinks. 0 starts and ends.
    pub fn scan(&self, cursor: u64, visit: impl FnMut(&Entry)) -> u64 {
        self.entries.scan(cursor, visit)
    }

    /// A random entry, each about as likely as another; `random` is uniform.
    pub fn sample(&self, random: u64) -> Option<dict::Ref<'_, Entry>> {
        self.entries.sample(random)
    }

    /// Every entry, in no order.
    pub fn iter(&self) -> impl Iterator<Item = dict::Ref<'_, Entry>> {
        self.entries.iter()
    }

    /// Asks the processor to fetch the bucket of `hash`.
    #[inline]
    pub fn prefetch_bucket(&self, hash: u64) {
        self.entries.prefetch(hash);
    }

    /// Asks the processor to fetch the entry that may have this hash; its bucket should be near by now. `true`: it may be in an overflow
    /// bucket, which is fetched now; its turn comes with [`Table::prefetch_overflow`].
    #[inline]
    pub fn prefetch_entry(&self, hash: u64) -> bool {
        self.entries.prefetch_items(hash, 1)
    }

    /// The same for an entry in an overflow bucket.
    pub fn prefetch_overflow(&self, hash: u64) {
        self.entries.prefetch_overflow(hash, 1);
    }

    /// Bytes of memory that buckets and index take; entries not included.
    pub fn overhead_bytes(&self) -> usize {
        self.entries.memory_bytes() + self.index.memory_bytes()
    }

    /// Panics if an invariant is broken. O(n).
    pub fn check_invariants(&self) {
        let secret = self.secret;
        self.entries.check_invariants(|entry| secret.hash(entry.key()));
        self.index.check_invariants();
        let expiring = self.entries.iter().filter(|entry| entry.expiry().is_some()).count();
        assert_eq!(expiring, self.expiring, "expiring counts the entries with an expiry");
        let sum: i128 =
            self.entries.iter().filter_map(|entry| entry.expiry()).map(|at| i128::from(at.0)).sum();
        assert_eq!(sum, self.expiry_sum, "expiry_sum adds their expiries up");
        assert_eq!(self.index.next_due().unwrap_or(NEVER), self.next_due, "next_due is the index's");
        assert_eq!(expiring, self.index.len(), "one record per entry with an expiry");
    }

    fn reindex(&mut self, hash: u64, old: Option<UnixMillis>, new: Option<UnixMillis>) {
        if old == new {
            return;
        }
        if let Some(at) = old {
            self.index.remove(at, hash);
            self.expiring -= 1;
            self.expiry_sum -= i128::from(at.0);
        }
        if let Some(at) = new {
            self.index.insert(at, hash);
            self.expiring += 1;
            self.expiry_sum += i128::from(at.0);
        }
        self.next_due = self.index.next_due().unwrap_or(NEVER);
    }
}
