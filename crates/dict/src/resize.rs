//! Growing and shrinking by one bucket.
//!
//! In most cases a split moves the slots whose tag says so and touches nothing else. Where there is overflow, or where tags
//! must be made anew, the chain is taken apart into its items and these are put into the table again.

use crate::bucket::Bucket;
use crate::chain::{self, Detached};
use crate::dict::Dict;
use crate::item::Item;
use crate::lent::Ref;
use crate::place::Place;
use crate::slot::Slot;

impl<T: Item> Dict<T> {
    /// Adds a bucket and splits its partner.
    ///
    /// If `rehash` panics, the items of the chain that have not been put back leak; the table no longer knows of them.
    #[inline(never)]
    pub(crate) fn add_bucket(&mut self, rehash: impl Fn(&T) -> u64) {
        let buckets = self.segments.len();
        self.segments.push();
        if buckets == 0 {
            return;
        }
        let from = Place::partner(buckets);
        if !from.keeps_tags() {
            for raw in self.detach(from.index).filter_map(Slot::pointer) {
                // SAFETY: the item was the table's a moment ago and is nobody else's.
                let hash = rehash(&*unsafe { Ref::<T>::new(raw) });
                self.put(hash, raw);
            }
        } else if !self.split_in_place(from, buckets) {
            let items = self.detach(from.index);
            self.put_back(from, items);
        }
    }

    /// Removes the last bucket; its items go to its partner.
    #[inline(never)]
    pub(crate) fn remove_bucket(&mut self) {
        let last = self.segments.len() - 1;
        let moved = self.detach(last);
        self.segments.pop();
        if last == 0 {
            // Only a walk that found nothing left comes here.
            return;
        }
        let to = Place::partner(last);
        let level = to.level + 1;
        if !to.keeps_tags() {
            let stayed = self.detach(to.index);
            self.put_back(Place { level, ..to }, stayed);
        }
        self.put_back(Place { index: last, level }, moved);
    }

    /// Moves the items of a chain without overflow to where they belong; `false` if there is overflow.
    fn split_in_place(&mut self, from: Place, to: usize) -> bool {
        // SAFETY: `from` is a bucket of the table, which is borrowed mutably.
        let source = unsafe { self.segments.bucket(from.index).as_mut() };
        // SAFETY: the bucket just added, thus another one.
        let target = unsafe { self.segments.bucket(to).as_mut() };
        if source.link().is_some() {
            return false;
        }
        let mut filled = 0;
        for i in source.items() {
            let slot = source.slots[i];
            // Written in any case and kept if it moves: whether it does is one bit of the hash, which no branch foresees.
            let moves = from.moves_when_split(slot.tag());
            target.slots[filled] = if moves { slot } else { Slot::EMPTY };
            source.slots[i] = if moves { Slot::EMPTY } else { slot };
            filled += usize::from(moves);
        }
        true
    }

    /// Puts items that lived at `from` where they belong now.
    fn put_back(&mut self, from: Place, items: Detached) {
        for slot in items {
            let raw = slot.pointer().expect("only items are detached");
            self.put(from.known_hash(slot.tag()), raw);
        }
    }

    /// Takes the whole chain of a bucket out of the table and leaves the bucket empty.
    pub(crate) fn detach(&mut self, index: usize) -> Detached {
        // SAFETY: callers pass the number of a bucket. It is ours as the table is borrowed mutably.
        let head = unsafe { self.segments.bucket(index).replace(Bucket::EMPTY) };
        // SAFETY: a chain of the table, which is borrowed mutably.
        let count = unsafe { chain::count(&head) };
        self.len -= count.items;
        self.overflow -= count.overflow;
        // SAFETY: as above; with the counts the table has given it up.
        unsafe { Detached::new(head) }
    }
}
