//! A chain: a bucket of the table and the overflow buckets that hang on it.
//!
//! ```text
//! in the table            overflow                overflow
//! ┌─┬─┬─┬─┬─┬─┬─┬──┐      ┌─┬─┬─┬─┬─┬─┬─┬──┐      ┌─┬─┬─┬─┬─┬─┬─┬─┐
//! │a│b│c│d│e│f│g│ ─┼────▶ │h│i│ │ │ │ │ │ ─┼────▶ │k│l│m│n│o│p│q│r│
//! └─┴─┴─┴─┴─┴─┴─┴──┘      └─┴─┴─┴─┴─┴─┴─┴──┘      └─┴─┴─┴─┴─┴─┴─┴─┘
//! ```
//!
//! Only the first overflow bucket has room, if any has: an insertion looks at two buckets at most, however long the chain
//! (which matters only if hashes repeat). A removal fills its hole from there, and an overflow bucket that would hold
//! one item at the end of the chain gives it to the head instead of the link.
//!
//! A [`RefMut`](crate::RefMut) that is leaked leaves a hole elsewhere. Nothing here relies on there being none.

use crate::bucket::{Bucket, LINK, SlotSet};
use crate::segments::{allocate, free};
use crate::slot::{Filter, Link, Slot};
use std::ptr::NonNull;

/// Puts an item's slot into the chain of `head`. Returns the number of overflow buckets that it took, 0 or 1.
///
/// # Safety
///
/// The chain of `head` is sound (every link leads to a bucket that `overflow` made) and nobody else looks at it.
pub(crate) unsafe fn put(head: &mut Bucket, item: Slot) -> usize {
    if let Some(vacant) = head.vacant() {
        head.slots[vacant] = item;
        return 0;
    }
    let Some(mut link) = head.link() else {
        let moved = head.slots[LINK];
        let filter = Filter::default().with(moved.tag()).with(item.tag());
        head.slots[LINK] = Slot::link(Link { next: overflow([item, moved]), filter });
        return 1;
    };
    // SAFETY: the chain is sound and ours.
    let first = unsafe { link.next.as_mut() };
    let mut taken = 0;
    if let Some(vacant) = first.vacant() {
        first.slots[vacant] = item;
    } else {
        let mut next = overflow([item]);
        // Holes behind are filled from here without a look at the filters in between, so these let everything pass.
        let behind = Slot::link(Link { filter: Filter::ALL, ..link });
        // SAFETY: made two lines above.
        unsafe { next.as_mut() }.slots[LINK] = behind;
        link.next = next;
        taken = 1;
    }
    link.filter = link.filter.with(item.tag());
    head.slots[LINK] = Slot::link(link);
    taken
}

/// Takes the item out of a slot of the chain of `head` and closes the gap. Returns the number of overflow buckets that it
/// freed, 0 or 1.
///
/// # Safety
///
/// The chain of `head` is sound, nobody else looks at it, and `bucket` is one of its buckets.
pub(crate) unsafe fn take(mut head: NonNull<Bucket>, mut bucket: NonNull<Bucket>, slot: usize) -> usize {
    // SAFETY: a bucket of the chain; the reference ends with the statement.
    unsafe { bucket.as_mut() }.slots[slot] = Slot::EMPTY;
    // SAFETY: as above.
    let Some(Link { next: mut first, .. }) = unsafe { head.as_ref() }.link() else {
        return 0;
    };
    if bucket != first {
        // SAFETY: a bucket of the chain; the reference ends with the statement.
        let filler = unsafe { first.as_mut() }.pop();
        // SAFETY: as above.
        unsafe { bucket.as_mut() }.slots[slot] = filler;
    }
    // SAFETY: the head and the bucket after it are two, and nobody else looks at them.
    unsafe { tidy(head.as_mut(), first) }
}

/// After a removal: frees the first overflow bucket if it can be spared, else renews its filter.
///
/// # Safety
///
/// As for [`put`], and `first` is where the link of `head` leads.
unsafe fn tidy(head: &mut Bucket, first: NonNull<Bucket>) -> usize {
    // SAFETY: part of the chain.
    let bucket = unsafe { first.as_ref() };
    let items = bucket.items();
    match (items.len(), bucket.link()) {
        (0, _) => head.slots[LINK] = bucket.slots[LINK],
        (1, None) => head.slots[LINK] = bucket.slots[items.first()],
        (_, None) => {
            let filter = items.fold(Filter::default(), |filter, i| filter.with(bucket.slots[i].tag()));
            head.slots[LINK] = Slot::link(Link { next: first, filter });
            return 0;
        }
        // The filter goes on to cover a removed item; to renew it would mean to walk the whole chain.
        (_, Some(_)) => return 0,
    }
    free(first, 1);
    1
}

/// What a chain consists of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Count {
    pub(crate) items: usize,
    pub(crate) overflow: usize,
}

/// Counts the items and overflow buckets in the chain of `head`.
///
/// # Safety
///
/// The chain is sound and nobody changes it.
pub(crate) unsafe fn count(head: &Bucket) -> Count {
    let mut count = Count { items: head.items().len(), overflow: 0 };
    let mut bucket = head;
    while let Some(link) = bucket.link() {
        // SAFETY: the chain is sound and outlives `head`.
        bucket = unsafe { link.next.as_ref() };
        count.items += bucket.items().len();
        count.overflow += 1;
    }
    count
}

/// The items of a chain whose head has been taken out of the table. Frees each overflow bucket when its turn has come, the
/// rest when dropped; items that are not asked for leak.
pub(crate) struct Detached {
    bucket: Bucket,
    items: SlotSet,
}

impl Detached {
    /// # Safety
    ///
    /// The chain of `head` is sound, and belongs to the caller, who gives it up with its items.
    pub(crate) unsafe fn new(head: Bucket) -> Self {
        Self { items: head.items(), bucket: head }
    }
}

impl Iterator for Detached {
    type Item = Slot;

    #[inline]
    fn next(&mut self) -> Option<Slot> {
        loop {
            if let Some(slot) = self.items.next() {
                return Some(self.bucket.slots[slot]);
            }
            let next = self.bucket.link()?.next;
            // SAFETY: the chain is sound and ours, as `new` was promised.
            self.bucket = unsafe { next.read() };
            self.items = self.bucket.items();
            free(next, 1);
        }
    }
}

impl Drop for Detached {
    fn drop(&mut self) {
        self.for_each(|_| ());
    }
}

fn overflow<const N: usize>(items: [Slot; N]) -> NonNull<Bucket> {
    let mut bucket = allocate(1);
    // SAFETY: just allocated, zeroed, and an empty slot is all zeroes.
    unsafe { bucket.as_mut() }.slots[..N].copy_from_slice(&items);
    bucket
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slot::Tag;

    fn item(id: usize) -> Slot {
        Slot::item(NonNull::without_provenance(id.try_into().expect("from 1")), Tag::new(id as u64 * 77))
    }

    fn ids(head: &Bucket) -> Vec<usize> {
        let mut ids = Vec::new();
        let mut bucket = *head;
        loop {
            ids.extend(bucket.items().map(|i| bucket.slots[i].address().addr()));
            let Some(link) = bucket.link() else { break };
            // SAFETY: the chain of the test.
            bucket = unsafe { link.next.read() };
        }
        ids.sort_unstable();
        ids
    }

    #[test]
    fn a_chain_takes_overflow_from_the_ninth_item_on_and_gives_it_back() {
        let mut head = Bucket::EMPTY;
        let mut buckets = 0;
        for id in 1..=40 {
            // SAFETY: the chain of the test.
            buckets += unsafe { put(&mut head, item(id)) };
            // 7 in the head, 7 in each but the last, 8 in the last.
            assert_eq!(buckets, (id + 5).saturating_sub(7) / 7, "{id}");
            assert_eq!(ids(&head), (1..=id).collect::<Vec<_>>());
        }
        let mut left: Vec<usize> = (1..=40).collect();
        while let Some(id) = (!left.is_empty()).then(|| left.remove(left.len() / 2)) {
            let head_at = NonNull::from(&mut head);
            let mut at = head_at;
            let slot = loop {
                // SAFETY: the chain of the test.
                let bucket = unsafe { at.as_ref() };
                match bucket.items().find(|&i| bucket.slots[i] == item(id)) {
                    Some(slot) => break slot,
                    None => at = bucket.link().expect("the item is in the chain").next,
                }
            };
            // SAFETY: the chain of the test.
            buckets -= unsafe { take(head_at, at, slot) };
            assert_eq!(ids(&head), left);
            assert_eq!(buckets, (left.len() + 5).saturating_sub(7) / 7, "{}", left.len());
        }
    }
}
