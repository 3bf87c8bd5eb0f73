//! The largest of many, in bounded memory.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The `limit` largest of all that were offered.
#[derive(Debug)]
pub(super) struct Top<T> {
    limit: usize,
    /// The smallest of them first.
    heap: BinaryHeap<Reverse<(u64, T)>>,
}

impl<T: Ord> Top<T> {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, heap: BinaryHeap::new() }
    }

    /// Offers something; it is made only if it is large enough.
    pub(super) fn offer(&mut self, size: u64, make: impl FnOnce() -> T) {
        if self.heap.len() >= self.limit {
            match self.heap.peek() {
                Some(Reverse((smallest, _))) if *smallest < size => self.heap.pop(),
                _ => return,
            };
        }
        self.heap.push(Reverse((size, make())));
    }

    /// All of them, the largest first.
    pub(super) fn into_sorted(self) -> Vec<(u64, T)> {
        self.heap.into_sorted_vec().into_iter().map(|Reverse(entry)| entry).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_stay() {
        let mut top = Top::new(3);
        [5, 1, 9, 7, 3, 9].into_iter().enumerate().for_each(|(index, size)| top.offer(size, || index));
        assert_eq!(top.into_sorted().iter().map(|(size, _)| *size).collect::<Vec<_>>(), [9, 9, 7]);
        let mut none = Top::new(0);
        none.offer(1, || ());
        assert!(none.into_sorted().is_empty());
    }
}
