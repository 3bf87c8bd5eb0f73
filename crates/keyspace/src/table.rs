//! One database's share of a stripe: the hash table of its entries and the indexes of those that expire, or of which fields do.

use std::sync::Arc;

use dict::{Dict, HashKey};
use structures::DueIndex;

use crate::entry::Entry;
use crate::entry_mut::EntryMut;
use crate::key::Key;
use crate::object::{Collection, Hash, Held, HeldMut, Kind, Object};
use crate::sizes::{Size, Sizes};
use crate::time::UnixMillis;
use crate::value::NewValue;
use crate::walk::Walk;

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
    /// A collection that a snapshot needs and has now.
    Kept(Kind),
}

impl Replaced {
    /// What the replaced value was.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Buffer(_) => Kind::String,
            Self::Object(object) => object.kind(),
            Self::Kept(kind) => *kind,
        }
    }
}

/// What [`Table::expire_fields`] left of a hash.
pub enum FieldsExpired {
    /// Nothing was due, or there is no such hash.
    None,
    /// Some fields are gone.
    Some,
    /// All fields were due, so many, and with them the key is gone.
    All(usize, Discarded),
}

/// An entry that was taken out of a table and is of no further use.
#[must_use = "it belongs into the keyspace's garbage"]
pub struct Discarded(
    /// Nothing if a snapshot still needs it, which then has it.
    pub(crate) Option<Entry>,
);

/// Entries, expiry indexes and sizes of one database in one stripe.
///
/// Invariants: `keys_due` holds exactly one record *(expiry, hash)* for every entry with an expiry; `expiry_sum` adds those expiries up;
/// `fields_due` holds exactly one record *(expiry of the first field to expire, hash)* for every hash with a field that expires; `pulse` has
/// what the indexes say, so that a lookup learns without another cache line that nothing in the table is due; `sizes` counts the value
/// of every entry.
///
/// Of every entry, but those that the walk of a snapshot has still before it, `generation` is the table's.
#[repr(C)]
pub struct Table {
    pub(crate) pulse: Pulse,
    pub(crate) entries: Dict<Entry>,
    expiry_sum: i128,
    keys_due: DueIndex,
    fields_due: DueIndex,
    sizes: Sizes,
    pub(crate) secret: HashKey,
    pub(crate) generation: bool,
    pub(crate) walk: Option<Box<Walk>>,
}

/// When the next key or field is due, and whether a snapshot's walk has still something before it in the table: one word, since lookups ask for the
/// one, changes for the other, and both have it near.
#[derive(Copy, Clone)]
pub(crate) struct Pulse(i64);

impl Pulse {
    const IDLE: Self = Self(NEVER.0 << 1);

    #[inline]
    fn next_due(self) -> UnixMillis {
        UnixMillis(self.0 >> 1)
    }

    #[inline]
    pub(crate) fn is_walked(self) -> bool {
        self.0 & 1 != 0
    }

    #[inline]
    fn set_next_due(&mut self, at: UnixMillis) {
        self.0 = at.min(NEVER).max(UnixMillis(i64::MIN >> 1)).0 << 1 | self.0 & 1;
    }

    pub(crate) fn set_walked(&mut self, is_walked: bool) {
        self.0 = self.0 & !1 | i64::from(is_walked);
    }
}

/// When an entry is due.
#[derive(Copy, Clone, Default, PartialEq, Eq)]
struct Times {
    key: Option<UnixMillis>,
    field: Option<UnixMillis>,
}

impl Times {
    fn of(entry: &Entry) -> Self {
        Self { key: entry.expiry(), field: entry.field_expiry() }
    }
}

/// When an entry is due, and how long its value is.
#[inline]
fn facts(entry: &Entry) -> (Times, Size) {
    let key = entry.expiry();
    if entry.is_string() {
        return (Times { key, field: None }, entry.size());
    }
    let object = entry.object().expect("it is no string");
    (Times { key, field: object.field_expiry() }, object.size())
}

/// `next_due` of a table in which nothing expires, or not within the next hundred million years.
const NEVER: UnixMillis = UnixMillis(i64::MAX >> 1);

/// So many that are due are passed over in a search, if a snapshot waits for them: the next search begins with the same ones.
const PASSED_OVER_MAX: usize = 64;

/// The lower 48 bits of a hash, by which the records of the indexes find their keys.
fn hash_within_stripe(hash: u64) -> u64 {
    hash & ((1 << 48) - 1)
}

/// The earliest moment at which something of an index is due: the millisecond after the first expiry.
fn next_due(index: &DueIndex) -> UnixMillis {
    index.first().map_or(NEVER, |(at_ms, _)| UnixMillis(at_ms.saturating_add(1)).min(NEVER))
}

/// The parts of a table that keep up with one collection while it is being changed: with its length, and with the fields of a hash.
pub(crate) struct Upkeep<'t> {
    pulse: &'t mut Pulse,
    keys_due: &'t DueIndex,
    fields_due: &'t mut DueIndex,
    sizes: &'t mut Sizes,
    hash: u64,
    /// The first expiry of its fields before the change.
    field_expiry: Option<UnixMillis>,
    /// Its length before the change; [`UNCOUNTED`] if it is new.
    len: usize,
}

/// No collection is that long.
const UNCOUNTED: usize = usize::MAX;

impl Upkeep<'_> {
    /// What the collection is before the change.
    #[inline]
    pub(crate) fn begin(&mut self, field_expiry: Option<UnixMillis>, len: usize) {
        self.field_expiry = field_expiry;
        if self.len != UNCOUNTED {
            self.len = len;
        }
    }

    /// What it is after it.
    #[inline]
    pub(crate) fn end(&mut self, field_expiry: Option<UnixMillis>, after: Size) {
        if field_expiry != self.field_expiry {
            self.reschedule(field_expiry);
        }
        let before = Size { kind: after.kind, len: self.len };
        if !before.is_like(after) {
            self.recount(before, after);
        }
    }

    #[cold]
    fn recount(&mut self, before: Size, after: Size) {
        if before.len == UNCOUNTED {
            self.sizes.add(after);
        } else {
            self.sizes.change(before, after);
        }
    }

    #[cold]
    fn reschedule(&mut self, field_expiry: Option<UnixMillis>) {
        if let Some(at) = self.field_expiry {
            self.fields_due.remove(at.0, self.hash);
        }
        if let Some(at) = field_expiry {
            self.fields_due.insert(at.0, self.hash);
        }
        self.pulse.set_next_due(next_due(self.keys_due).min(next_due(self.fields_due)));
    }
}

impl Table {
    pub(crate) fn new(secret: HashKey) -> Self {
        Self {
            entries: Dict::new(),
            pulse: Pulse::IDLE,
            expiry_sum: 0,
            keys_due: DueIndex::default(),
            fields_due: DueIndex::default(),
            sizes: Sizes::default(),
            secret,
            generation: false,
            walk: None,
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
        self.keys_due.len()
    }

    /// Number of hashes with a field that expires.
    #[inline]
    pub fn subexpiring(&self) -> usize {
        self.fields_due.len()
    }

    /// The sum of the expiries of all keys that have one, in milliseconds since the epoch. O(1).
    #[inline]
    pub fn expiry_sum(&self) -> i128 {
        self.expiry_sum
    }

    /// How many values of each type and length there are. O(1).
    pub fn sizes(&self) -> &Sizes {
        &self.sizes
    }

    /// The entry of `key`, due or not. O(1).
    #[inline]
    pub fn find(&self, key: &Key<'_>) -> Option<dict::Ref<'_, Entry>> {
        self.entries.find(key.hash(), |entry| entry.key() == key.bytes())
    }

    /// The entry of `key` for changing a string or the clock in place; the key, the expiry and any other value must stay. O(1).
    #[inline]
    pub fn find_mut(&mut self, key: &Key<'_>) -> Option<EntryMut<'_>> {
        self.will_change_if(key, Kind::String);
        let entry = self.entries.find_mut(key.hash(), |entry| entry.key() == key.bytes())?;
        Some(EntryMut::new(entry, &mut self.sizes))
    }

    /// The collection under `key` for changing it; `None` if there is no such key, and within that `None` if it holds another type. `touch` is
    /// shown the entry first, of whatever type. O(1).
    #[inline]
    pub fn find_collection_mut<T: Collection>(
        &mut self,
        key: &Key<'_>,
        touch: impl FnOnce(&Entry),
    ) -> Option<Option<HeldMut<'_, T>>> {
        self.will_change_if(key, T::KIND);
        let entry = self.entries.find_mut(key.hash(), |entry| entry.key() == key.bytes())?;
        touch(&entry);
        let upkeep = Upkeep {
            pulse: &mut self.pulse,
            keys_due: &self.keys_due,
            fields_due: &mut self.fields_due,
            sizes: &mut self.sizes,
            hash: key.hash(),
            field_expiry: None,
            len: 0,
        };
        Some(HeldMut::new(entry, upkeep))
    }

    /// The collection under `key` for changing it, an empty one if there was no such key, and whether it is new; `None` in its place if the key
    /// holds another type. `touch` is shown the entry first if it was there, of whatever type. O(1). Something must be put into a new one.
    #[inline]
    pub fn find_or_create<T: Collection>(
        &mut self,
        key: &Key<'_>,
        clock: u32,
        touch: impl FnOnce(&Entry),
    ) -> (Option<HeldMut<'_, T>>, bool) {
        self.will_change_if(key, T::KIND);
        let hash = key.hash();
        let is_it = |entry: &Entry| entry.key() == key.bytes();
        let (entry, is_new) = match self.entries.find_or_slot(hash, is_it) {
            dict::Entry::Occupied(entry) => {
                touch(&entry);
                (entry, false)
            }
            dict::Entry::Vacant(vacant) => {
                let secret = self.secret;
                let value = NewValue::Object(T::default().into_object());
                let entry = Entry::new(key.bytes(), value, None, clock).of_generation(self.generation);
                (vacant.insert_and_lend(entry, |entry| secret.hash(entry.key()), is_it), true)
            }
        };
        let upkeep = Upkeep {
            pulse: &mut self.pulse,
            keys_due: &self.keys_due,
            fields_due: &mut self.fields_due,
            sizes: &mut self.sizes,
            hash,
            field_expiry: None,
            len: if is_new { UNCOUNTED } else { 0 },
        };
        (HeldMut::new(entry, upkeep), is_new)
    }

    /// Stores a value under `key`, new or not. O(1), and O(log n) where an expiry comes, goes or changes.
    pub fn set(&mut self, key: &Key<'_>, value: NewValue<'_>, expiry: Expiry, clock: u32) -> Stored {
        let hash = key.hash();
        let kept = self.will_be_overwritten(key);
        let Some(mut entry) = self.entries.find_mut(hash, |entry| entry.key() == key.bytes()) else {
            let at = match expiry {
                Expiry::At(at) => Some(at),
                Expiry::None | Expiry::Keep => None,
            };
            let entry = Entry::new(key.bytes(), value, at, clock).of_generation(self.generation);
            self.enters(hash, &entry);
            let secret = self.secret;
            self.entries.insert(hash, entry, |entry| secret.hash(entry.key()));
            return Stored { is_new: true, replaced: None };
        };
        let old = Times::of(&entry);
        if !entry.is_plainly_like(&value) {
            self.sizes.change(entry.size(), value.size());
        }
        let replaced = entry.take_owned().or(kept.map(Replaced::Kept));
        let new = match expiry {
            Expiry::Keep => old.key,
            Expiry::None => None,
            Expiry::At(at) => Some(at),
        };
        if old.key.is_some() == new.is_some() {
            entry.set_value(value);
            entry.set_expiry(new);
            entry.set_clock(clock);
        } else {
            *entry = Entry::new(key.bytes(), value, new, clock).of_generation(self.generation);
        }
        let new = Times::of(&entry);
        drop(entry);
        self.reindex(hash, old, new);
        Stored { is_new: false, replaced }
    }

    /// Puts a whole entry under its key, which must be `key`; returns the one that was there.
    pub fn put(&mut self, key: &Key<'_>, entry: Entry) -> Option<Discarded> {
        debug_assert_eq!(entry.key(), key.bytes(), "an entry goes under its own key");
        let replaced = self.discard(key);
        let entry = entry.of_generation(self.generation);
        self.enters(key.hash(), &entry);
        let secret = self.secret;
        self.entries.insert(key.hash(), entry, |entry| secret.hash(entry.key()));
        replaced
    }

    /// Sets or clears the expiry of `key`. Returns the expiry it had, or `None` when there is no such key.
    pub fn set_expiry(&mut self, key: &Key<'_>, expiry: Option<UnixMillis>) -> Option<Option<UnixMillis>> {
        self.will_change(key);
        let mut entry = self.entries.find_mut(key.hash(), |entry| entry.key() == key.bytes())?;
        let old = Times::of(&entry);
        entry.set_expiry(expiry);
        drop(entry);
        self.reindex(key.hash(), old, Times { key: expiry, ..old });
        Some(old.key)
    }

    /// Takes the entry of `key` out, for somebody who needs its value. O(1), O(log n) when it has an expiry.
    pub fn remove(&mut self, key: &Key<'_>) -> Option<Entry> {
        self.will_change(key);
        let entry = self.entries.remove(key.hash(), |entry| entry.key() == key.bytes())?;
        self.leaves(key.hash(), &entry);
        Some(entry)
    }

    /// Takes the entry of `key` out, for good. O(1), O(log n) when it has an expiry.
    pub fn discard(&mut self, key: &Key<'_>) -> Option<Discarded> {
        let entry = self.entries.remove(key.hash(), |entry| entry.key() == key.bytes())?;
        Some(self.discarded(key.hash(), entry))
    }

    #[inline]
    fn discarded(&mut self, hash: u64, entry: Entry) -> Discarded {
        self.leaves(hash, &entry);
        match &self.walk {
            Some(walk) if entry.generation() != self.generation => Discarded(walk.keep(entry)),
            _ => Discarded(Some(entry)),
        }
    }

    /// Takes out one key that is due at `now`, the longest overdue first, showing it before it goes. What a snapshot waits for is passed over.
    pub fn discard_due(&mut self, now: UnixMillis, show: impl FnOnce(&Entry)) -> Option<Discarded> {
        let mut passed_over = 0;
        while let Some((at_ms, hash)) =
            self.keys_due.nth(passed_over).filter(|(at_ms, _)| UnixMillis(*at_ms).is_due(now))
        {
            let secret = self.secret;
            let due = |entry: &Entry| {
                entry.expiry().is_some_and(|at| at.is_due(now))
                    && hash_within_stripe(secret.hash(entry.key())) == hash
            };
            if self.is_passed_over(hash, due) {
                passed_over += 1;
                if passed_over == PASSED_OVER_MAX {
                    return None;
                }
            } else if let Some(entry) = self.entries.remove(hash, due) {
                show(&entry);
                return Some(self.discarded(hash, entry));
            } else {
                self.keys_due.remove(at_ms, hash);
                self.refresh_next_due();
            }
        }
        None
    }

    /// Whether there is such an entry, and a snapshot waits for it: it comes another time.
    #[inline]
    fn is_passed_over(&self, hash: u64, is_it: impl Fn(&Entry) -> bool) -> bool {
        self.walk.is_some()
            && self.entries.find(hash, is_it).is_some_and(|entry| self.is_left_to_walk(&entry))
    }

    /// The name of a hash of which fields are due at `now`, the longest overdue first. What a snapshot waits for is passed over.
    pub fn first_with_due_fields(&mut self, now: UnixMillis) -> Option<Vec<u8>> {
        let mut passed_over = 0;
        while let Some((at_ms, hash)) =
            self.fields_due.nth(passed_over).filter(|(at_ms, _)| UnixMillis(*at_ms).is_due(now))
        {
            let secret = self.secret;
            let due = |entry: &Entry| {
                entry.field_expiry().is_some_and(|at| at.is_due(now))
                    && hash_within_stripe(secret.hash(entry.key())) == hash
            };
            if self.is_passed_over(hash, due) {
                passed_over += 1;
                if passed_over == PASSED_OVER_MAX {
                    return None;
                }
            } else if let Some(entry) = self.entries.find(hash, due) {
                return Some(entry.key().to_vec());
            } else {
                self.fields_due.remove(at_ms, hash);
                self.refresh_next_due();
            }
        }
        None
    }

    /// Takes up to `fields_max` fields that are due at `now` out of the hash under `key`, showing each. If all that the hash has are due, the
    /// key is taken out instead, in O(1), and no field is shown. Of a hash that a snapshot waits for no field is taken.
    pub fn expire_fields(
        &mut self,
        key: &Key<'_>,
        now: UnixMillis,
        fields_max: usize,
        each: impl FnMut(&[u8]),
    ) -> FieldsExpired {
        let looked_at = self.find(key).and_then(Held::<Hash>::new);
        let Some(hash) = looked_at.filter(|hash| hash.has_due(now.0)) else { return FieldsExpired::None };
        if !hash.is_all_due(now.0) {
            if self.is_left_to_walk(hash.entry()) {
                return FieldsExpired::None;
            }
            if let Some(Some(mut hash)) = self.find_collection_mut::<Hash>(key, |_| ()) {
                hash.expire(now.0, fields_max, each);
            }
            return FieldsExpired::Some;
        }
        let fields = hash.len();
        self.discard(key).map_or(FieldsExpired::None, |discarded| FieldsExpired::All(fields, discarded))
    }

    /// When the next key or field is due, if any has an expiry. O(1).
    #[inline]
    pub fn next_due(&self) -> Option<UnixMillis> {
        Some(self.pulse.next_due()).filter(|at| *at != NEVER)
    }

    /// Whether some key or field is due at `now`. One comparison.
    #[inline]
    pub fn is_due(&self, now: UnixMillis) -> bool {
        self.pulse.next_due() <= now
    }

    /// Whether some key is due at `now`.
    pub(crate) fn has_due_key(&self, now: UnixMillis) -> bool {
        self.is_due(now) && next_due(&self.keys_due) <= now
    }

    /// Visits one bucket of entries; the cursor stays valid while the table grows and shrinks. 0 starts and ends.
    pub fn scan(&self, cursor: u64, visit: impl FnMut(&Entry)) -> u64 {
        self.entries.scan(cursor, visit)
    }

    /// A random entry, each about as likely as another; `random` is uniform.
    pub fn sample(&self, random: u64) -> Option<dict::Ref<'_, Entry>> {
        self.entries.sample(random)
    }

    /// Shows entries by chance, each as likely as another: those of one bucket or, if it has few, of some that follow it, at least `count` of them if
    /// there are so many. `random` is uniform.
    pub fn sample_some(&self, random: u64, count: usize, mut visit: impl FnMut(&Entry)) {
        let (mut cursor, mut seen, mut has_wrapped) = (random, 0, false);
        while seen < count.min(self.len()) {
            cursor = self.scan(cursor, |entry| {
                seen += 1;
                visit(entry);
            });
            if cursor == 0 && std::mem::replace(&mut has_wrapped, true) {
                return;
            }
        }
    }

    /// An entry with an expiry, each as likely as another; `random` is uniform.
    pub fn sample_expiring(&self, random: u64) -> Option<dict::Ref<'_, Entry>> {
        let index = (u128::from(random) * self.keys_due.len() as u128) >> 64;
        self.find_due(self.keys_due.nth(index as usize)?)
    }

    /// The entry that expires first. O(1).
    pub fn first_expiring(&self) -> Option<dict::Ref<'_, Entry>> {
        self.find_due(self.keys_due.first()?)
    }

    fn find_due(&self, (at_ms, hash): (i64, u64)) -> Option<dict::Ref<'_, Entry>> {
        let secret = self.secret;
        self.entries.find(hash, |entry| {
            entry.expiry() == Some(UnixMillis(at_ms)) && hash_within_stripe(secret.hash(entry.key())) == hash
        })
    }

    /// Makes room for so many keys, if there are none yet. O(count).
    pub fn reserve(&mut self, count: usize) {
        self.entries.reserve(count);
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

    /// Bytes of memory that buckets and indexes take; entries not included.
    pub fn overhead_bytes(&self) -> usize {
        self.entries.memory_bytes() + self.expiry_bytes() + self.sizes.memory_bytes()
    }

    /// Bytes of them that the indexes of what is due take.
    pub fn expiry_bytes(&self) -> usize {
        self.keys_due.memory_bytes() + self.fields_due.memory_bytes()
    }

    /// Panics if an invariant is broken. O(n).
    pub fn check_invariants(&self) {
        let secret = self.secret;
        self.entries.check_invariants(|entry| secret.hash(entry.key()));
        self.keys_due.check_invariants();
        self.fields_due.check_invariants();
        let expiries: Vec<UnixMillis> = self.entries.iter().filter_map(|entry| entry.expiry()).collect();
        assert_eq!(expiries.len(), self.keys_due.len(), "one record per entry with an expiry");
        let sum: i128 = expiries.iter().map(|at| i128::from(at.0)).sum();
        assert_eq!(sum, self.expiry_sum, "expiry_sum adds their expiries up");
        let mut fields_due = DueIndex::default();
        for entry in self.entries.iter() {
            if let Some(at) = entry.field_expiry() {
                fields_due.insert(at.0, secret.hash(entry.key()));
            }
        }
        assert!(fields_due.iter().eq(self.fields_due.iter()), "one record per hash with fields that expire");
        let next = next_due(&self.keys_due).min(next_due(&self.fields_due));
        assert_eq!(next.min(NEVER), self.pulse.next_due(), "next_due is the indexes'");
        self.sizes.check(self.entries.iter().map(|entry| entry.size()));
        assert_eq!(self.pulse.is_walked(), self.walk.is_some(), "the pulse says whether there is a walk");
        let is_owed = |entry: &Entry| entry.generation() != self.generation;
        assert!(
            self.walk.is_some() || !self.entries.iter().any(|entry| is_owed(&entry)),
            "nothing is owed to nobody"
        );
    }

    /// Whatever is kept of every entry learns of one that is going to be put in.
    #[inline]
    fn enters(&mut self, hash: u64, entry: &Entry) {
        let (times, size) = facts(entry);
        self.reindex(hash, Times::default(), times);
        self.sizes.add(size);
    }

    /// The same of one that was taken out.
    #[inline]
    fn leaves(&mut self, hash: u64, entry: &Entry) {
        let (times, size) = facts(entry);
        self.reindex(hash, times, Times::default());
        self.sizes.remove(size);
    }

    #[inline]
    fn reindex(&mut self, hash: u64, old: Times, new: Times) {
        if old != new {
            self.change_times(hash, old, new);
        }
    }

    fn change_times(&mut self, hash: u64, old: Times, new: Times) {
        if let Some(at) = old.key {
            self.keys_due.remove(at.0, hash);
            self.expiry_sum -= i128::from(at.0);
        }
        if let Some(at) = new.key {
            self.keys_due.insert(at.0, hash);
            self.expiry_sum += i128::from(at.0);
        }
        if old.field != new.field {
            if let Some(at) = old.field {
                self.fields_due.remove(at.0, hash);
            }
            if let Some(at) = new.field {
                self.fields_due.insert(at.0, hash);
            }
        }
        self.refresh_next_due();
    }

    fn refresh_next_due(&mut self) {
        self.pulse.set_next_due(next_due(&self.keys_due).min(next_due(&self.fields_due)));
    }
}
