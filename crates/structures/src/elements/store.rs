//! Elements found by their names.

use std::marker::PhantomData;

use dict::{Dict, HashKey, Number, RefMut};

use super::blocks::Blocks;
use super::handle::Handle;

/// Blocks and chunks looked at in a step of [`Elements::move_one`].
const LOOKS_MAX: usize = 64;

/// Buckets that a call of [`Elements::scan`] visits for each element asked for.
const SCAN_BUCKETS_PER_ELEMENT: usize = 10;

/// Elements whose buckets are fetched before the first of them is looked for.
const AHEAD: usize = 32;

/// The hashes of some names, whose buckets are on their way.
pub(crate) struct Hashes {
    hashes: [u64; AHEAD],
    count: usize,
}

impl Hashes {
    pub(crate) fn as_slice(&self) -> &[u64] {
        &self.hashes[..self.count]
    }
}

/// What a payload consists of.
pub(crate) trait Layout {
    /// The name in a payload, which must not change while the element is stored.
    fn name(payload: &[u8]) -> &[u8];
}

/// Elements of different names.
pub(crate) struct Elements<L> {
    dict: Dict<Number>,
    blocks: Blocks,
    hash_key: HashKey,
    layout: PhantomData<fn() -> L>,
}

impl<L: Layout> Elements<L> {
    pub(crate) fn new(hash_key: HashKey) -> Self {
        Self { dict: Dict::new(), blocks: Blocks::new(), hash_key, layout: PhantomData }
    }

    pub(crate) fn hash_key(&self) -> HashKey {
        self.hash_key
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.dict.len()
    }

    #[inline]
    pub(crate) fn hash(&self, name: &[u8]) -> u64 {
        self.hash_key.hash(name)
    }

    /// Asks for what [`Elements::find`] will read first.
    #[inline]
    pub(crate) fn fetch_bucket(&self, hash: u64) {
        self.dict.prefetch(hash);
    }

    /// Asks for the buckets of the first of these names, and gives their hashes.
    pub(crate) fn fetch_buckets<'n>(&self, names: impl Iterator<Item = &'n [u8]>) -> Hashes {
        let mut fetched = Hashes { hashes: [0; AHEAD], count: 0 };
        for (place, name) in fetched.hashes.iter_mut().zip(names) {
            *place = self.hash(name);
            self.fetch_bucket(*place);
            fetched.count += 1;
        }
        fetched
    }

    /// Makes room for so many elements if there are none. O(count).
    pub(crate) fn reserve(&mut self, count: usize) {
        self.dict.reserve(count);
    }

    /// Asks for the beginning of an element.
    #[inline]
    pub(crate) fn fetch(&self, handle: Handle) {
        self.blocks.fetch(handle);
    }

    /// The element of this name, whose hash the caller has.
    #[inline]
    pub(crate) fn find(&self, hash: u64, name: &[u8]) -> Option<Handle> {
        let found = self.dict.find(hash, |&number| self.name(number.into()) == name)?;
        Some((*found).into())
    }

    #[inline]
    pub(crate) fn payload(&self, handle: Handle) -> &[u8] {
        self.blocks.payload(handle)
    }

    #[inline]
    pub(crate) fn payload_mut(&mut self, handle: Handle) -> &mut [u8] {
        self.blocks.payload_mut(handle)
    }

    #[inline]
    pub(crate) fn name(&self, handle: Handle) -> &[u8] {
        L::name(self.blocks.payload(handle))
    }

    /// Stores an element whose name is new and has this hash.
    pub(crate) fn insert(&mut self, hash: u64, payload: &[&[u8]]) -> Handle {
        let handle = self.blocks.insert(payload);
        let Self { dict, blocks, hash_key, .. } = self;
        let rehash = |&number: &Number| hash_key.hash(L::name(blocks.payload(number.into())));
        dict.insert(hash, handle.into(), rehash);
        handle
    }

    /// Gives up the element of this handle, whose name has this hash.
    pub(crate) fn remove(&mut self, hash: u64, handle: Handle) {
        let wanted = Number::from(handle);
        let removed = self.dict.remove(hash, |&number| number == wanted);
        debug_assert!(removed.is_some(), "an element is in the table");
        self.blocks.remove(handle);
    }

    /// Stores an element anew, with another payload under the same name, whose hash this is.
    pub(crate) fn replace(&mut self, hash: u64, handle: Handle, payload: &[&[u8]]) -> Handle {
        let to = self.blocks.insert(payload);
        self.relink(hash, handle, to);
        self.blocks.remove(handle);
        to
    }

    /// Moves one element if that helps to give memory back, and says whether it did. To be called once or twice after each change.
    ///
    /// `follow` is told from where to where, so that others who have noted the handle can follow; it may read both.
    #[inline]
    pub(crate) fn move_one(&mut self, follow: impl FnOnce(&Self, Handle, Handle)) -> bool {
        let Some(from) = self.blocks.next_to_move(LOOKS_MAX) else { return false };
        let hash = self.hash(self.name(from));
        let to = self.blocks.relocate(from);
        self.relink(hash, from, to);
        follow(self, from, to);
        self.blocks.moved(from);
        true
    }

    /// Has the table lead to an element's new place.
    fn relink(&mut self, hash: u64, from: Handle, to: Handle) {
        let wanted = Number::from(from);
        let mut entry: RefMut<'_, Number> =
            self.dict.find_mut(hash, |&number| number == wanted).expect("an element is in the table");
        *entry = to.into();
    }

    /// Shows `count` elements or a few more, and returns where to go on; 0 at the end, and to begin with. Elements that are there
    /// all the time are shown at least once.
    pub(crate) fn scan(&self, mut cursor: u64, count: usize, mut visit: impl FnMut(Handle)) -> u64 {
        let mut shown = 0;
        for _ in 0..count.max(1).saturating_mul(SCAN_BUCKETS_PER_ELEMENT) {
            cursor = self.dict.scan(cursor, |&number| {
                shown += 1;
                visit(number.into());
            });
            if cursor == 0 || shown >= count {
                break;
            }
        }
        cursor
    }

    /// Whether a scan that is now at `cursor` has passed the place of this name.
    pub(crate) fn is_scanned(&self, cursor: u64, name: &[u8]) -> bool {
        Dict::<Number>::is_visited(cursor, self.hash(name))
    }

    /// An element by chance.
    pub(crate) fn sample(&self, random: u64) -> Option<Handle> {
        self.dict.sample(random).map(|number| (*number).into())
    }

    /// The names of all elements, in the order in which they lie in memory.
    pub(crate) fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.blocks.payloads().map(L::name)
    }

    /// All elements, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Handle> {
        self.dict.iter().map(|number| (*number).into())
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.dict.memory_bytes() + self.blocks.memory_bytes()
    }

    pub(crate) fn check_invariants(&self) {
        self.blocks.check_invariants();
        self.dict.check_invariants(|&number| self.hash(self.name(number.into())));
    }
}
