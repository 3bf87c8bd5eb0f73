//! Elements by chance.
//!
//! Buckets hold unequal numbers of elements, so an element of a bucket by chance is not an element by chance. Rejection
//! makes up for it: draw a bucket, keep it with a probability in proportion to the length of its chain, else
//! draw again.

use crate::bucket::SLOTS;
use crate::chain;
use crate::dict::Dict;
use crate::item::Item;
use crate::lent::Ref;
use std::ptr::NonNull;

/// Buckets drawn before the table is taken to be nearly empty.
const DRAWS_MAX: usize = 64;

/// The longest chain whose elements come as often as others. While a table grows, the buckets not yet split have up to 12 elements on average;
/// fewer than one in a thousand of them has more than this.
const FAIR_MAX: usize = 3 * SLOTS;

/// In a table of so few buckets all are counted: a single long chain would be a good part of it.
const COUNTED_MAX: usize = 16;

impl<T: Item> Dict<T> {
    /// An element chosen by `random`, which has all of its 64 bits by chance; `None` if there are no elements.
    ///
    /// All elements are equally likely, but for those in chains of more than 24 (fewer than one in ten thousand), which come a little
    /// too seldom. Reads four buckets on average. If most elements have just been removed and the table has not
    /// shrunk yet, the search goes on from a bucket by chance to the next that is not empty.
    pub fn sample(&self, random: u64) -> Option<Ref<'_, T>> {
        if self.len == 0 {
            return None;
        }
        let mut draw = Draw(random);
        let buckets = self.segments.len();
        if buckets <= COUNTED_MAX {
            return self.nth_of_all(draw.below(self.len));
        }
        let fullest = if self.overflow == 0 { SLOTS } else { FAIR_MAX };
        for _ in 0..DRAWS_MAX {
            let index = draw.below(buckets);
            let rank = draw.below(fullest);
            let length = self.chain_len(index);
            if rank < length {
                let chosen = if length > fullest { draw.below(length) } else { rank };
                return self.nth_of_chain(index, chosen);
            }
        }
        let start = draw.below(buckets);
        let index = (start..buckets).chain(0..start).find(|&index| self.chain_len(index) > 0)?;
        self.nth_of_chain(index, draw.below(self.chain_len(index)))
    }

    fn nth_of_all(&self, mut nth: usize) -> Option<Ref<'_, T>> {
        for index in 0..self.segments.len() {
            let length = self.chain_len(index);
            if nth < length {
                return self.nth_of_chain(index, nth);
            }
            nth -= length;
        }
        None
    }

    fn chain_len(&self, index: usize) -> usize {
        // SAFETY: callers pass the number of a bucket; the table is borrowed.
        unsafe { chain::count(self.segments.bucket(index).as_ref()) }.items
    }

    fn nth_of_chain(&self, index: usize, mut nth: usize) -> Option<Ref<'_, T>> {
        // SAFETY: callers pass the number of a bucket; the table is borrowed.
        let mut bucket = unsafe { self.segments.bucket(index).as_ref() };
        loop {
            let items = bucket.items();
            if let Some(slot) = items.clone().nth(nth) {
                let raw: NonNull<()> = bucket.slots[slot].pointer()?;
                // SAFETY: the item stays in the table as long as the table is borrowed.
                return Some(unsafe { Ref::new(raw) });
            }
            nth -= items.len();
            // SAFETY: a link leads to a bucket of the same table.
            bucket = unsafe { bucket.link()?.next.as_ref() };
        }
    }
}

/// Numbers by chance out of one: SplitMix64.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, each as likely as 64 bits can make it.
    fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }
}
