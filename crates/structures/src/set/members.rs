//! The set.

use std::collections::HashSet;

use dict::HashKey;

use super::choose::select;
use crate::elements::{Elements, Layout};

/// Members moved after each change, while a set that has become smaller gives memory back.
const MOVES: usize = 2;

/// Members are drawn one by one if they are to be one of so many or fewer: then most draws bring a new one.
const DRAWN_OF: usize = 3;

/// Draws for each member that is wanted. With a third of the members drawn already, two draws of three still bring a new one.
const DRAWS_PER_MEMBER: usize = 16;

/// Payloads that are nothing but the name.
struct Bare;

impl Layout for Bare {
    #[inline]
    fn name(payload: &[u8]) -> &[u8] {
        payload
    }
}

/// Members, each there once.
///
/// ```
/// use kvd_structures::HashKey;
/// use kvd_structures::set::HashedSet;
///
/// let mut set = HashedSet::new(HashKey::new(*b"16 random bytes!"));
/// assert!(set.insert(b"a"));
/// assert!(!set.insert(b"a"));
/// assert!(set.contains(b"a") && set.len() == 1);
/// assert_eq!(set.sample(77), Some(&b"a"[..]));
/// assert!(set.remove(b"a") && set.is_empty());
/// ```
pub struct HashedSet {
    elements: Elements<Bare>,
}

impl Clone for HashedSet {
    fn clone(&self) -> Self {
        let mut copy = Self::new(self.elements.hash_key());
        self.iter().for_each(|member| copy.insert_new(member));
        copy
    }
}

impl HashedSet {
    /// An empty set, whose hash table is keyed with this.
    pub fn new(hash_key: HashKey) -> Self {
        Self { elements: Elements::new(hash_key) }
    }

    /// Number of members.
    #[inline]
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// Whether there are no members.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes room in the table for so many members if there are none. O(count).
    pub fn reserve(&mut self, count: usize) {
        self.elements.reserve(count);
    }

    /// Adds members, and returns how many were not there. Faster than one by one, as what they need of memory comes all at once.
    pub fn insert_all<'m>(&mut self, mut members: impl Iterator<Item = &'m [u8]> + Clone) -> usize {
        let mut added = 0;
        loop {
            let hashes = self.elements.fetch_buckets(members.clone());
            if hashes.as_slice().is_empty() {
                return added;
            }
            for (&hash, member) in hashes.as_slice().iter().zip(members.by_ref()) {
                added += usize::from(self.insert_hashed(hash, member));
            }
        }
    }

    /// Adds a member; `false` if it was there.
    pub fn insert(&mut self, member: &[u8]) -> bool {
        self.insert_hashed(self.elements.hash(member), member)
    }

    #[inline]
    fn insert_hashed(&mut self, hash: u64, member: &[u8]) -> bool {
        let is_new = self.elements.find(hash, member).is_none();
        if is_new {
            self.elements.insert(hash, &[member]);
            self.give_back();
        }
        is_new
    }

    /// Adds a member that is known not to be there.
    pub(super) fn insert_new(&mut self, member: &[u8]) {
        self.elements.insert(self.elements.hash(member), &[member]);
        self.give_back();
    }

    /// Takes a member out; `false` if it was not there.
    pub fn remove(&mut self, member: &[u8]) -> bool {
        let hash = self.elements.hash(member);
        let Some(handle) = self.elements.find(hash, member) else { return false };
        self.elements.remove(hash, handle);
        self.give_back();
        true
    }

    /// Whether this is a member.
    #[inline]
    pub fn contains(&self, member: &[u8]) -> bool {
        self.elements.find(self.elements.hash(member), member).is_some()
    }

    /// A member chosen by `random`, which has all of its 64 bits by chance. All are as good as equally likely.
    pub fn sample(&self, random: u64) -> Option<&[u8]> {
        self.elements.sample(random).map(|handle| self.elements.name(handle))
    }

    /// Takes out a member chosen by `random`, as [`HashedSet::sample`] chooses it.
    pub fn pop(&mut self, random: u64) -> Option<Vec<u8>> {
        let handle = self.elements.sample(random)?;
        let member = self.elements.name(handle).to_vec();
        self.elements.remove(self.elements.hash(&member), handle);
        self.give_back();
        Some(member)
    }

    /// Shows `count` different members drawn by `random`, or all if there are fewer.
    ///
    /// Few of many are drawn until there are enough; for more all members are passed, and each is taken or not. Any choice of members is
    /// as good as equally likely; their order means nothing.
    pub fn choose(&self, count: usize, mut random: impl FnMut() -> u64, mut show: impl FnMut(&[u8])) {
        if count.saturating_mul(DRAWN_OF) > self.len() {
            return select(self.iter(), self.len(), count, random, show);
        }
        let mut drawn = HashSet::with_capacity(count);
        for _ in 0..count.saturating_mul(DRAWS_PER_MEMBER) {
            if drawn.len() == count {
                return;
            }
            let Some(handle) = self.elements.sample(random()) else { return };
            if drawn.insert(handle) {
                show(self.elements.name(handle));
            }
        }
        // Only `random` numbers that are none bring it here.
        let others = self.elements.iter().filter(|handle| !drawn.contains(handle));
        others.take(count - drawn.len()).for_each(|handle| show(self.elements.name(handle)));
    }

    /// Shows `count` members or a few more, and returns the cursor to go on with; 0 when all have been shown.
    ///
    /// Begin with 0. Every member that is in the set from the first call to the last is shown, whatever else comes and goes in
    /// between; some perhaps more than once. Any number is accepted as a cursor.
    pub fn scan<'s>(&'s self, cursor: u64, count: usize, mut visit: impl FnMut(&'s [u8])) -> u64 {
        self.elements.scan(cursor, count, |handle| visit(self.elements.name(handle)))
    }

    /// Whether a scan that is now at `cursor` has passed a member, or would have if it had been there. Nothing has been passed at 0.
    pub fn is_scanned(&self, cursor: u64, member: &[u8]) -> bool {
        self.elements.is_scanned(cursor, member)
    }

    /// All members, in no order that means anything, but the one in which they lie in memory.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.elements.names()
    }

    /// Bytes allocated for the set, beside this value itself. O(1).
    pub fn memory_bytes(&self) -> usize {
        self.elements.memory_bytes()
    }

    /// Panics if the set is not as it should be. Takes the time of a full walk.
    #[doc(hidden)]
    pub fn check_invariants(&self) {
        self.elements.check_invariants();
    }

    /// Gives memory of removed members back, a little at a time.
    fn give_back(&mut self) {
        for _ in 0..MOVES {
            if !self.elements.move_one(|_, _, _| ()) {
                return;
            }
        }
    }
}
