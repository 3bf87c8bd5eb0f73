//! A dense array that grows without copying: chunks of 64.

use std::ops::{Index, IndexMut};

/// Values of a chunk.
const CHUNK: usize = 64;

/// Values under the numbers `0..len`.
pub(crate) struct Slab<T> {
    /// All but the last hold [`CHUNK`] values; the first grows by doubling, the others are allocated whole.
    chunks: Vec<Vec<T>>,
}

impl<T> Slab<T> {
    pub(crate) const fn new() -> Self {
        Self { chunks: Vec::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.chunks.last().map_or(0, |last| (self.chunks.len() - 1) * CHUNK + last.len())
    }

    /// Adds a value and returns its number.
    pub(crate) fn push(&mut self, value: T) -> u32 {
        let number = u32::try_from(self.len()).expect("2^32 nodes are terabytes");
        match self.chunks.last_mut().filter(|last| last.len() < CHUNK) {
            Some(last) => {
                if last.len() == last.capacity() {
                    last.reserve_exact(last.len());
                }
                last.push(value);
            }
            None => {
                let mut chunk = Vec::with_capacity(if self.chunks.is_empty() { 1 } else { CHUNK });
                chunk.push(value);
                self.chunks.push(chunk);
            }
        }
        number
    }

    /// Removes the value of this number. The last one takes its place; its former number is returned, unless it was that one.
    pub(crate) fn swap_remove(&mut self, number: u32) -> Option<u32> {
        let last = self.chunks.last_mut().expect("a value to remove");
        let moved = last.pop().expect("chunks hold values");
        if last.is_empty() {
            self.chunks.pop();
        }
        let from = self.len() as u32;
        if number == from {
            return None;
        }
        self[number] = moved;
        Some(from)
    }

    /// Two values at once.
    pub(crate) fn pair_mut(&mut self, a: u32, b: u32) -> [&mut T; 2] {
        let (a, b) = (a as usize, b as usize);
        if a / CHUNK == b / CHUNK {
            let both = self.chunks[a / CHUNK].get_disjoint_mut([a % CHUNK, b % CHUNK]);
            return both.expect("two values of the array");
        }
        let [left, right] =
            self.chunks.get_disjoint_mut([a / CHUNK, b / CHUNK]).expect("two values of the array");
        [&mut left[a % CHUNK], &mut right[b % CHUNK]]
    }

    /// Asks for all cache lines of a value.
    #[inline]
    pub(crate) fn fetch(&self, number: u32) {
        const LINE: usize = 64;
        let first: *const u8 = std::ptr::from_ref(&self[number]).cast();
        for at in (0..size_of::<T>()).step_by(LINE) {
            dict::fetch(first.wrapping_add(at));
        }
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let values: usize = self.chunks.iter().map(Vec::capacity).sum();
        values * size_of::<T>() + self.chunks.capacity() * size_of::<Vec<T>>()
    }
}

impl<T> Index<u32> for Slab<T> {
    type Output = T;

    #[inline]
    fn index(&self, number: u32) -> &T {
        &self.chunks[number as usize / CHUNK][number as usize % CHUNK]
    }
}

impl<T> IndexMut<u32> for Slab<T> {
    #[inline]
    fn index_mut(&mut self, number: u32) -> &mut T {
        &mut self.chunks[number as usize / CHUNK][number as usize % CHUNK]
    }
}
