//! The large form.

use dict::{HashKey, Number};

use super::field::{Fields, Found, Head, Lifetime, Parts, is_due};
use crate::due::DueIndex;
use crate::elements::{Elements, Handle};

/// Elements moved after each change, while a map that has become smaller gives memory back.
const MOVES: usize = 2;

/// Values under fields, found by hash.
///
/// Invariant: `due` holds the expiry and the handle of every element that has an expiry.
///
/// ```
/// use kvd_structures::HashKey;
/// use kvd_structures::hash::{FieldMap, Lifetime};
///
/// let mut map = FieldMap::new(HashKey::new(*b"16 random bytes!"));
/// assert!(map.set(b"colour", b"red", Lifetime::Until(2_000)));
/// assert!(!map.set(b"colour", b"blue", Lifetime::Keep));
/// assert_eq!(map.find(b"colour").unwrap().expiry_ms, Some(2_000));
/// assert_eq!(map.next_expiry_ms(), Some(2_000));
/// ```
pub struct FieldMap {
    elements: Elements<Fields>,
    due: DueIndex,
}

impl Clone for FieldMap {
    fn clone(&self) -> Self {
        let mut copy = Self::new(self.elements.hash_key());
        for (field, found) in self.iter() {
            let Found { value: listpack::Element::Bytes(value), expiry_ms } = found else { continue };
            copy.insert_new(copy.elements.hash(field), field, value, expiry_ms);
        }
        copy
    }
}

impl FieldMap {
    /// An empty map, whose hash table is keyed with this.
    pub fn new(hash_key: HashKey) -> Self {
        Self { elements: Elements::new(hash_key), due: DueIndex::default() }
    }

    /// Number of fields, due ones included.
    #[inline]
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A field, due or not.
    #[inline]
    pub fn find(&self, field: &[u8]) -> Option<Found<'_>> {
        let handle = self.elements.find(self.elements.hash(field), field)?;
        Some(Parts::of(self.elements.payload(handle)).found())
    }

    /// Makes room in the table for so many fields if there are none. O(count).
    pub fn reserve(&mut self, count: usize) {
        self.elements.reserve(count);
    }

    /// Gives fields their values, and returns how many of them were not there. Faster than one by one, as what they need of memory comes all at
    /// once.
    pub fn set_all<'f>(
        &mut self,
        mut fields: impl Iterator<Item = (&'f [u8], &'f [u8], Lifetime)> + Clone,
    ) -> usize {
        let before = self.len();
        loop {
            let hashes = self.elements.fetch_buckets(fields.clone().map(|(field, ..)| field));
            if hashes.as_slice().is_empty() {
                return self.len() - before;
            }
            for (&hash, (field, value, lifetime)) in hashes.as_slice().iter().zip(fields.by_ref()) {
                self.set_hashed(hash, field, value, lifetime);
            }
        }
    }

    /// Gives a field its value; `true` if it is new.
    pub fn set(&mut self, field: &[u8], value: &[u8], lifetime: Lifetime) -> bool {
        self.set_hashed(self.elements.hash(field), field, value, lifetime)
    }

    #[inline]
    fn set_hashed(&mut self, hash: u64, field: &[u8], value: &[u8], lifetime: Lifetime) -> bool {
        let Some(handle) = self.elements.find(hash, field) else {
            self.insert_new(hash, field, value, lifetime.expiry_ms(None));
            return true;
        };
        let payload = self.elements.payload_mut(handle);
        let old = Parts::of(payload);
        let (old_ms, old_len) = (old.expiry_ms, old.value.len());
        let expiry_ms = lifetime.expiry_ms(old_ms);
        if expiry_ms == old_ms && value.len() == old_len {
            let start = payload.len() - old_len;
            payload[start..].copy_from_slice(value);
        } else {
            self.replace(hash, handle, old_ms, expiry_ms, field, value);
        }
        false
    }

    /// Changes when a field expires; `false` if it is not there.
    pub fn set_expiry(&mut self, field: &[u8], expiry_ms: Option<i64>) -> bool {
        let hash = self.elements.hash(field);
        let Some(handle) = self.elements.find(hash, field) else { return false };
        let old = Parts::of(self.elements.payload(handle));
        let old_ms = old.expiry_ms;
        if old_ms != expiry_ms {
            let value = old.value.to_vec();
            self.replace(hash, handle, old_ms, expiry_ms, field, &value);
        }
        true
    }

    /// Takes a field out; `false` if it was not there.
    pub fn remove(&mut self, field: &[u8]) -> bool {
        let hash = self.elements.hash(field);
        let Some(handle) = self.elements.find(hash, field) else { return false };
        let expiry_ms = Parts::of(self.elements.payload(handle)).expiry_ms;
        self.forget_due(expiry_ms, handle);
        self.elements.remove(hash, handle);
        self.give_back();
        true
    }

    /// When the first of those fields expires that do, in milliseconds since the epoch. O(1).
    #[inline]
    pub fn next_expiry_ms(&self) -> Option<i64> {
        self.due.first().map(|(at_ms, _)| at_ms)
    }

    /// Whether every field is due. O(1).
    pub fn is_all_due(&self, now_ms: i64) -> bool {
        self.due.len() == self.len() && is_due(self.due.last().map(|(at_ms, _)| at_ms), now_ms)
    }

    /// Takes out the field that is due for longest, if one is due, and returns it.
    pub fn pop_due(&mut self, now_ms: i64) -> Option<Vec<u8>> {
        let (at_ms, number) = self.due.first().filter(|(at_ms, _)| is_due(Some(*at_ms), now_ms))?;
        let handle = Handle::from(Number::new(number));
        let field = self.elements.name(handle).to_vec();
        let hash = self.elements.hash(&field);
        self.due.remove(at_ms, number);
        self.elements.remove(hash, handle);
        self.give_back();
        Some(field)
    }

    /// A field chosen by `random`, which has all of its 64 bits by chance. All are as good as equally likely.
    pub fn sample(&self, random: u64) -> Option<(&[u8], Found<'_>)> {
        self.elements.sample(random).map(|handle| self.pair(handle))
    }

    /// Shows `count` fields or a few more, and returns the cursor to go on with; 0 when all have been shown.
    ///
    /// Begin with 0. Every field that is there from the first call to the last is shown, whatever else comes and goes in
    /// between; some perhaps more than once. Any number is accepted as a cursor.
    pub fn scan(&self, cursor: u64, count: usize, mut visit: impl FnMut(&[u8], Found<'_>)) -> u64 {
        self.elements.scan(cursor, count, |handle| {
            let (field, found) = self.pair(handle);
            visit(field, found);
        })
    }

    /// Whether a scan that is now at `cursor` has passed a field, or would have if it had been there. Nothing has been passed at 0.
    pub fn is_scanned(&self, cursor: u64, field: &[u8]) -> bool {
        self.elements.is_scanned(cursor, field)
    }

    /// All fields, in no order that means anything.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], Found<'_>)> {
        self.elements.iter().map(|handle| self.pair(handle))
    }

    /// Bytes allocated for the map, beside this value itself.
    pub fn memory_bytes(&self) -> usize {
        self.elements.memory_bytes() + self.due.memory_bytes()
    }

    /// Panics if the map is not as it should be. Takes the time of a full walk.
    #[doc(hidden)]
    pub fn check_invariants(&self) {
        self.elements.check_invariants();
        self.due.check_invariants();
        let mut expiring = DueIndex::default();
        for handle in self.elements.iter() {
            if let Some(at_ms) = Parts::of(self.elements.payload(handle)).expiry_ms {
                expiring.insert(at_ms, Number::from(handle).value());
            }
        }
        assert!(expiring.iter().eq(self.due.iter()), "what expires is in the index");
    }

    #[inline]
    fn pair(&self, handle: Handle) -> (&[u8], Found<'_>) {
        let parts = Parts::of(self.elements.payload(handle));
        (parts.field, parts.found())
    }

    fn insert_new(&mut self, hash: u64, field: &[u8], value: &[u8], expiry_ms: Option<i64>) {
        let head = Head::new(field.len(), expiry_ms);
        let handle = self.elements.insert(hash, &[head.bytes(), field, value]);
        self.note_due(expiry_ms, handle);
        self.give_back();
    }

    /// Stores an element anew that has another size.
    fn replace(
        &mut self,
        hash: u64,
        handle: Handle,
        old_ms: Option<i64>,
        expiry_ms: Option<i64>,
        field: &[u8],
        value: &[u8],
    ) {
        self.forget_due(old_ms, handle);
        let head = Head::new(field.len(), expiry_ms);
        let handle = self.elements.replace(hash, handle, &[head.bytes(), field, value]);
        self.note_due(expiry_ms, handle);
        self.give_back();
    }

    fn note_due(&mut self, expiry_ms: Option<i64>, handle: Handle) {
        if let Some(at_ms) = expiry_ms {
            self.due.insert(at_ms, Number::from(handle).value());
        }
    }

    fn forget_due(&mut self, expiry_ms: Option<i64>, handle: Handle) {
        if let Some(at_ms) = expiry_ms {
            self.due.remove(at_ms, Number::from(handle).value());
        }
    }

    /// Gives memory of removed elements back, a little at a time.
    fn give_back(&mut self) {
        for _ in 0..MOVES {
            let due = &mut self.due;
            let moved = self.elements.move_one(|elements, from, to| {
                if let Some(at_ms) = Parts::of(elements.payload(to)).expiry_ms {
                    due.remove(at_ms, Number::from(from).value());
                    due.insert(at_ms, Number::from(to).value());
                }
            });
            if !moved {
                return;
            }
        }
    }
}
