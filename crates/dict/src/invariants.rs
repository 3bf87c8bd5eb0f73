//! What must hold between any two calls.

use crate::bucket::{Bucket, SLOTS};
use crate::dict::Dict;
use crate::item::Item;
use crate::lent::Ref;
use crate::place::Place;
use crate::slot::Filter;

impl<T: Item> Dict<T> {
    /// Panics if the table is not as it should be: each element where its hash says, under the right tag, no bucket
    /// more than needed, all of them counted.
    ///
    /// For tests; takes the time of a full walk. A table with a leaked [`RefMut`](crate::RefMut) may fail.
    pub fn check_invariants(&self, rehash: impl Fn(&T) -> u64) {
        let buckets = self.segments.len();
        let (mut items, mut overflow) = (0, 0);
        for index in 0..buckets {
            // SAFETY: below the number of buckets; the table is borrowed.
            let mut bucket = unsafe { self.segments.bucket(index).as_ref() };
            let mut filter = Filter::ALL;
            let mut depth = 0;
            loop {
                self.check_bucket(bucket, index, filter, &rehash);
                items += bucket.items().len();
                let Some(link) = bucket.link() else { break };
                assert!(depth == 1 || bucket.items().len() == SLOTS - 1, "hole in a bucket with a link");
                filter = if depth == 0 { link.filter } else { filter };
                depth += 1;
                overflow += 1;
                // SAFETY: a link leads to a bucket of the same table.
                bucket = unsafe { link.next.as_ref() };
                assert!(bucket.items().len() > 0, "overflow bucket without items");
                assert!(
                    depth == 1 || bucket.link().is_some() || bucket.items().len() == SLOTS,
                    "room at the end"
                );
            }
        }
        assert_eq!((items, overflow), (self.len, self.overflow), "items and overflow buckets counted");
        assert!(buckets > 0 || self.len == 0, "items without buckets");
    }

    fn check_bucket(&self, bucket: &Bucket, index: usize, filter: Filter, rehash: impl Fn(&T) -> u64) {
        for slot in bucket.items().map(|i| bucket.slots[i]) {
            let raw = slot.pointer().expect("an item's slot has a pointer");
            // SAFETY: the item is in the table, which is borrowed.
            let hash = rehash(&*unsafe { Ref::<T>::new(raw) });
            let place = Place::of(hash, self.segments.len());
            assert_eq!(place.index, index, "bucket of an element");
            assert_eq!(place.tag(hash), slot.tag(), "tag of an element");
            assert!(filter.may_hold(slot.tag()), "filter covers an element");
        }
    }
}
