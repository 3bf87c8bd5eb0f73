//! Going through a whole table: to look, to take out, to free.

use crate::bucket::{Bucket, SlotSet};
use crate::dict::{Dict, Found};
use crate::item::Item;
use crate::lent::Ref;
use crate::slot::Slot;
use std::fmt;
use std::iter::FusedIterator;

impl<T: Item> Dict<T> {
    /// All elements, in no order that means anything.
    pub fn iter(&self) -> Iter<'_, T> {
        Iter { dict: self, next_index: 0, bucket: &Bucket::EMPTY, items: SlotSet::default(), left: self.len }
    }

    /// Takes all elements out. What is not taken when the iterator is dropped is dropped with it.
    pub fn drain(&mut self) -> Drain<'_, T> {
        Drain { dict: self }
    }

    /// Drops all elements and gives back all memory.
    pub fn clear(&mut self) {
        drop(std::mem::take(self));
    }

    /// Takes any element out, in time that does not depend on the table's size; the table gets smaller as it goes.
    pub fn pop(&mut self) -> Option<T> {
        loop {
            let last = self.segments.len().checked_sub(1)?;
            if let Some(found) = self.any_of_bucket(last) {
                self.take(found);
                // SAFETY: the item has just left the table, which owned it.
                return Some(unsafe { T::from_raw(found.raw) });
            }
            self.remove_bucket();
        }
    }

    /// Drops up to `max` elements and returns how many; 0 says that the table is empty and has given back all memory.
    ///
    /// For freeing a large table in slices.
    pub fn pop_some(&mut self, max: usize) -> usize {
        (0..max).map_while(|_| self.pop()).count()
    }

    fn any_of_bucket(&self, index: usize) -> Option<Found> {
        // SAFETY: callers pass the number of a bucket.
        let head = unsafe { self.segments.bucket(index) };
        let mut at = head;
        loop {
            // SAFETY: a bucket of the table, which is borrowed.
            let bucket = unsafe { at.as_ref() };
            if let Some(slot) = bucket.items().next() {
                return Some(Found { head, bucket: at, slot, raw: bucket.slots[slot].pointer()? });
            }
            at = bucket.link()?.next;
        }
    }
}

impl<T: Item> Drop for Dict<T> {
    fn drop(&mut self) {
        for index in 0..self.segments.len() {
            for raw in self.detach(index).filter_map(Slot::pointer) {
                // SAFETY: the table owned the item.
                drop(unsafe { T::from_raw(raw) });
            }
        }
    }
}

/// All elements of a [`Dict`].
pub struct Iter<'a, T: Item> {
    dict: &'a Dict<T>,
    next_index: usize,
    bucket: &'a Bucket,
    items: SlotSet,
    left: usize,
}

impl<'a, T: Item> Iterator for Iter<'a, T> {
    type Item = Ref<'a, T>;

    fn next(&mut self) -> Option<Ref<'a, T>> {
        loop {
            if let Some(slot) = self.items.next() {
                self.left -= 1;
                let raw = self.bucket.slots[slot].pointer()?;
                // SAFETY: the item stays in the table as long as the table is borrowed.
                return Some(unsafe { Ref::new(raw) });
            }
            let at = match self.bucket.link() {
                Some(link) => link.next,
                None if self.next_index < self.dict.segments.len() => {
                    self.next_index += 1;
                    // SAFETY: the line before last checked it.
                    unsafe { self.dict.segments.bucket(self.next_index - 1) }
                }
                None => return None,
            };
            // SAFETY: a bucket of the table, which is borrowed.
            self.bucket = unsafe { at.as_ref() };
            self.items = self.bucket.items();
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<T: Item> ExactSizeIterator for Iter<'_, T> {}

impl<T: Item> FusedIterator for Iter<'_, T> {}

impl<T: Item> fmt::Debug for Iter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iter").field("left", &self.left).finish_non_exhaustive()
    }
}

impl<'a, T: Item> IntoIterator for &'a Dict<T> {
    type Item = Ref<'a, T>;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

/// Takes the elements of a [`Dict`] out.
#[derive(Debug)]
pub struct Drain<'a, T: Item> {
    dict: &'a mut Dict<T>,
}

impl<T: Item> Iterator for Drain<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.dict.pop()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.dict.len, Some(self.dict.len))
    }
}

impl<T: Item> ExactSizeIterator for Drain<'_, T> {}

impl<T: Item> FusedIterator for Drain<'_, T> {}

impl<T: Item> Drop for Drain<'_, T> {
    fn drop(&mut self) {
        self.dict.clear();
    }
}
