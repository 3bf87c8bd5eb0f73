//! The table itself: looking up, inserting, removing.
//!
//! ```text
//! hash ──place──▶ number of the bucket, tag
//!                     │
//!                  segments ──▶ bucket ──compare 8 tags──▶ items worth a look ──eq──▶ found
//!                                  └─ link, if its filter has the tag ──▶ next bucket
//! ```
//!
//! The README explains the whole from the simple table on.

use crate::bucket::{Bucket, LINK};
use crate::chain;
use crate::item::Item;
use crate::lent::{Ref, RefMut};
use crate::place::{BUCKETS_MAX, Place};
use crate::segments::Segments;
use crate::slot::Slot;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;

/// The table grows when it holds this many items per bucket.
///
/// Computed for Poisson's distribution and averaged over a doubling: 7 items per bucket need 12 bytes each and send one
/// hit in six to a third cache line; 6 would need 12.7 bytes for one in eight, 5 14.1 bytes for one in fifteen. Measured, fewer
/// items save 3 ns of 13 in a table of 10 000, and at a million cost more in cache than they save.
const GROW_AT: usize = 7;

/// The table shrinks when with one bucket less it would still hold fewer than this many items per bucket. The distance
/// keeps a table at rest from growing and shrinking by turns.
const SHRINK_BELOW: usize = 6;

/// A hash table of [`Item`]s whose hashes the caller computes.
///
/// Only the lowest 48 bits of a hash are looked at. All items of equal hash share a chain that is searched one by one, so
/// hashes of input that others choose should come from a keyed function such as [`HashKey`](crate::HashKey).
#[repr(C)]
pub struct Dict<T: Item> {
    pub(crate) segments: Segments,
    /// Items in the table.
    pub(crate) len: usize,
    /// Buckets in use beyond those in `segments`.
    pub(crate) overflow: usize,
    owns: PhantomData<T>,
}

// SAFETY: the table owns its items and nothing else; what it allocates is reached through it alone.
unsafe impl<T: Item + Send> Send for Dict<T> {}

// SAFETY: through a shared reference only shared references to items are given out.
unsafe impl<T: Item + Sync> Sync for Dict<T> {}

/// Where an item stands.
#[derive(Clone, Copy)]
pub(crate) struct Found {
    pub(crate) head: NonNull<Bucket>,
    pub(crate) bucket: NonNull<Bucket>,
    pub(crate) slot: usize,
    pub(crate) raw: NonNull<()>,
}

impl<T: Item> Dict<T> {
    /// A table without elements, which allocates nothing.
    pub const fn new() -> Self {
        Self { segments: Segments::new(), len: 0, overflow: 0, owns: PhantomData }
    }

    /// Number of elements.
    #[inline]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no elements.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes that the table has allocated, without the items' own.
    pub fn memory_bytes(&self) -> usize {
        self.segments.memory_bytes() + self.overflow * size_of::<Bucket>()
    }

    /// The element of this hash for which `eq` says yes.
    ///
    /// A miss reads one cache line of the table, but for a few percent; `eq` is asked about other items about once in
    /// a hundred look-ups.
    #[inline]
    pub fn find(&self, hash: u64, eq: impl FnMut(&T) -> bool) -> Option<Ref<'_, T>> {
        let found = self.locate(hash, eq)?;
        // SAFETY: the item stays in the table as long as the table is borrowed.
        Some(unsafe { Ref::new(found.raw) })
    }

    /// The element of this hash for which `eq` says yes, to be changed or replaced; its hash must stay the same.
    #[inline]
    pub fn find_mut(&mut self, hash: u64, eq: impl FnMut(&T) -> bool) -> Option<RefMut<'_, T>> {
        let found = self.locate(hash, eq)?;
        Some(RefMut::new(self, found))
    }

    /// The element of this hash for which `eq` says yes, or the place to put it.
    #[inline]
    pub fn find_or_slot(&mut self, hash: u64, eq: impl FnMut(&T) -> bool) -> Entry<'_, T> {
        match self.locate(hash, eq) {
            Some(found) => Entry::Occupied(RefMut::new(self, found)),
            None => Entry::Vacant(Vacant { dict: self, hash }),
        }
    }

    /// Makes room for so many elements, if the table is empty: they come without splitting buckets then. O(count / 7).
    pub fn reserve(&mut self, count: usize) {
        if self.is_empty() {
            let buckets = count.div_ceil(GROW_AT).min(BUCKETS_MAX);
            while self.segments.len() < buckets {
                self.segments.push();
            }
        }
    }

    /// Adds an element that the caller knows to be absent.
    ///
    /// Splits at most one bucket. `rehash` gives the hash of an element of the table; it is asked for the items of that
    /// one bucket, and only while the table grows from 2^7 to 2^8 buckets, from 2^15 to 2^16, or from 2^23 to 2^24.
    #[inline]
    pub fn insert(&mut self, hash: u64, item: T, rehash: impl Fn(&T) -> u64) {
        if self.len >= GROW_AT * self.segments.len() && self.segments.len() < BUCKETS_MAX {
            self.add_bucket(rehash);
        }
        self.put(hash, item.into_raw());
    }

    /// Takes the element of this hash out for which `eq` says yes. Joins at most two buckets.
    #[inline]
    pub fn remove(&mut self, hash: u64, eq: impl FnMut(&T) -> bool) -> Option<T> {
        let found = self.locate(hash, eq)?;
        self.take(found);
        self.shrink();
        // SAFETY: the item has just left the table, which owned it.
        Some(unsafe { T::from_raw(found.raw) })
    }

    /// Finds an item by hash and question.
    #[inline]
    fn locate(&self, hash: u64, mut eq: impl FnMut(&T) -> bool) -> Option<Found> {
        let (head, place) = self.head_of(hash)?;
        let tag = place.tag(hash);
        let mut at = head;
        loop {
            // SAFETY: a bucket of the table, which nobody changes while it is borrowed.
            let bucket = unsafe { at.as_ref() };
            for slot in bucket.matches(tag) {
                // SAFETY: a slot with a tag holds an item.
                let raw = unsafe { NonNull::new_unchecked(bucket.slots[slot].address()) };
                // SAFETY: the item is in the table, which is borrowed.
                if eq(&*unsafe { Ref::<T>::new(raw) }) {
                    return Some(Found { head, bucket: at, slot, raw });
                }
            }
            at = bucket.slots[LINK].link_for(tag)?;
        }
    }

    /// The bucket that the chain of a hash begins with.
    #[inline]
    pub(crate) fn head_of(&self, hash: u64) -> Option<(NonNull<Bucket>, Place)> {
        if self.segments.len() == 0 {
            return None;
        }
        let place = Place::of(hash, self.segments.len());
        // SAFETY: a place is below the number of buckets that it was made for.
        Some((unsafe { self.segments.bucket(place.index) }, place))
    }

    /// Puts an item into its chain. There is a bucket.
    #[inline]
    pub(crate) fn put(&mut self, hash: u64, raw: NonNull<()>) {
        let (mut head, place) = self.head_of(hash).expect("a bucket was added before the first item");
        let slot = Slot::item(raw, place.tag(hash));
        // SAFETY: a bucket of the table, which is borrowed mutably; its chain is sound.
        self.overflow += unsafe { chain::put(head.as_mut(), slot) };
        self.len += 1;
    }

    /// Takes an item out of its chain, whose owner is then the caller.
    #[inline]
    pub(crate) fn take(&mut self, found: Found) {
        // SAFETY: `found` comes from this table, which has not been changed since.
        self.overflow -= unsafe { chain::take(found.head, found.bucket, found.slot) };
        self.len -= 1;
    }

    /// Gives a bucket back if the table has become too large for what it holds.
    #[inline]
    pub(crate) fn shrink(&mut self) {
        let buckets = self.segments.len();
        if buckets > 1 && self.len < SHRINK_BELOW * (buckets - 1) {
            self.remove_bucket();
        }
    }
}

impl<T: Item> Default for Dict<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Item> fmt::Debug for Dict<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dict")
            .field("len", &self.len)
            .field("buckets", &self.segments.len())
            .field("overflow", &self.overflow)
            .finish()
    }
}

/// What [`Dict::find_or_slot`] found.
#[derive(Debug)]
pub enum Entry<'a, T: Item> {
    /// The element is there.
    Occupied(RefMut<'a, T>),
    /// It is not.
    Vacant(Vacant<'a, T>),
}

/// The place of an element that is not in the table.
#[derive(Debug)]
pub struct Vacant<'a, T: Item> {
    dict: &'a mut Dict<T>,
    hash: u64,
}

impl<'a, T: Item> Vacant<'a, T> {
    /// Adds the element, as [`Dict::insert`] does; its bucket is in the cache from the search for it.
    #[inline]
    pub fn insert(self, item: T, rehash: impl Fn(&T) -> u64) {
        self.dict.insert(self.hash, item, rehash);
    }

    /// Adds the element and lends it out. `eq` says yes to it, and to no other of its hash.
    pub fn insert_and_lend(
        self,
        item: T,
        rehash: impl Fn(&T) -> u64,
        eq: impl FnMut(&T) -> bool,
    ) -> RefMut<'a, T> {
        self.dict.insert(self.hash, item, rehash);
        self.dict.find_mut(self.hash, eq).expect("it was just put there")
    }
}
