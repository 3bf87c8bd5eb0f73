//! SCAN: a walk in many calls, with a cursor that stays good while the table changes in between.
//!
//! Read a hash's 48 bits backwards, lowest bit first, as a number: its *rank*. The elements of a bucket share their lowest
//! `level` bits, so they are the ones with ranks in one interval of width `2^(48 - level)`. With 6 buckets:
//!
//! ```text
//! rank    0            1/4           1/2            3/4           1 · 2^48
//!         ├──────┬──────┼──────┬──────┼──────────────┼──────────────┤
//! bucket  │ 000  │ 100  │  10  (not split)           │ …            │
//!         └──────┴──────┴── the more bits, the narrower ────────────┘
//! ```
//!
//! A scan passes over the ranks from 0 to 2^48. Each call visits the bucket whose interval the cursor lies in and returns the
//! interval's end. Growing cuts intervals in halves, shrinking joins two, an element's rank stays. So at any time all
//! elements of lower rank than the cursor that were there throughout have been visited; a shrink may only make the next
//! call begin earlier than the cursor and visit some once more.
//!
//! What is returned is the rank read backwards again, which gives small numbers for small tables. This order of buckets is
//! the one that Pieter Noordhuis found for Redis' SCAN; linear hashing fits it without change.

use crate::bucket::Bucket;
use crate::dict::Dict;
use crate::item::Item;
use crate::lent::Ref;
use crate::place::{scan_rank, scan_step};

impl<T: Item> Dict<T> {
    /// Visits the elements of one bucket and returns the cursor for the next call, 0 when the scan is complete.
    ///
    /// Begin with 0. Every element that is in the table from the first call to the last is visited, whatever else is inserted and
    /// removed in between; some perhaps more than once. A cursor is below 2^48; the upper bits of what is passed are ignored,
    /// and any number is accepted.
    pub fn scan(&self, cursor: u64, mut visit: impl FnMut(&T)) -> u64 {
        let Some((head, place)) = self.head_of(cursor) else {
            return 0;
        };
        // SAFETY: a bucket of the table, which is borrowed.
        visit_chain(unsafe { head.as_ref() }, &mut visit);
        scan_step(cursor, place.level)
    }

    /// Whether a scan that is now at `cursor` has passed the elements of this hash.
    ///
    /// Holds for elements present since the scan began; at cursor 0 a scan is about to begin and has passed nothing. What has been
    /// passed stays passed as the cursor goes on, even if a shrink makes a later call visit it again.
    #[inline]
    pub fn is_visited(cursor: u64, hash: u64) -> bool {
        scan_rank(hash) < scan_rank(cursor)
    }
}

/// Shows all items of a chain.
fn visit_chain<T: Item>(head: &Bucket, visit: &mut impl FnMut(&T)) {
    let mut bucket = head;
    loop {
        for raw in bucket.items().filter_map(|i| bucket.slots[i].pointer()) {
            // SAFETY: the item is in the table, which outlives `head`.
            visit(&*unsafe { Ref::<T>::new(raw) });
        }
        let Some(link) = bucket.link() else { return };
        // SAFETY: a link leads to a bucket of the same table.
        bucket = unsafe { link.next.as_ref() };
    }
}
