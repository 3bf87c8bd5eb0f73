//! Bytes behind a thin pointer: where small collections live.
//!
//! ```text
//!   Packed ──▶ | length u32 | bytes … | room |
//! ```
//!
//! A vector takes three words, one of them for the capacity; this takes one, so that it fits into an entry's value field. The capacity is not
//! stored: it is always what the allocator's size class for the length holds.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error, realloc};
use std::ptr::NonNull;

use listpack::Storage;

const LENGTH: usize = size_of::<u32>();
const ALIGN: usize = align_of::<u32>();

/// Up to this size the allocator's classes are multiples of eight; above, there are four from one power of two to the next.
const SMALL_MAX: usize = 64;
const SMALL_STEP: usize = 8;
const CLASSES_PER_DOUBLING: usize = 4;

/// Owned bytes, at most `u32::MAX` of them, that are changed by splicing.
///
/// Invariant: `at` points to an allocation of layout `layout(len)` that nobody else owns; its first four bytes are `len`, and the
/// `len` bytes behind them are initialised.
pub struct Packed {
    at: NonNull<u8>,
}

// SAFETY: it owns its memory outright.
unsafe impl Send for Packed {}
// SAFETY: as above; `&Packed` gives read access only.
unsafe impl Sync for Packed {}

impl Packed {
    /// A copy of these bytes.
    ///
    /// # Panics
    /// If there are more than `u32::MAX`.
    pub fn new(bytes: &[u8]) -> Self {
        let layout = layout(bytes.len());
        // SAFETY: the layout has room for the length at least, so its size isn't zero.
        let Some(at) = NonNull::new(unsafe { alloc(layout) }) else { handle_alloc_error(layout) };
        // SAFETY: the allocation holds the length and all the bytes; it is new, so nothing overlaps.
        unsafe {
            at.as_ptr().add(LENGTH).copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
            at.cast::<u32>().write(bytes.len() as u32);
        }
        Self { at }
    }

    /// Number of bytes.
    #[inline]
    pub fn len(&self) -> usize {
        // SAFETY: the first four bytes are the length, and aligned.
        unsafe { self.at.cast::<u32>().read() as usize }
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of memory.
    pub fn memory_bytes(&self) -> usize {
        layout(self.len()).size()
    }

    /// Gives the pointer away; [`Packed::from_raw`] takes it back.
    pub(crate) fn into_raw(self) -> NonNull<()> {
        let raw = self.at.cast();
        std::mem::forget(self);
        raw
    }

    /// # Safety
    /// `raw` must come from `into_raw`, once.
    pub(crate) unsafe fn from_raw(raw: NonNull<()>) -> Self {
        Self { at: raw.cast() }
    }

    /// Changes the length. New bytes at the end are zero.
    fn resize(&mut self, len: usize) {
        let old_len = self.len();
        let (old, new) = (layout(old_len), layout(len));
        if old.size() != new.size() {
            // SAFETY: allocated with `old` by the invariant; the new size isn't zero and was checked by `layout`.
            let at = unsafe { realloc(self.at.as_ptr(), old, new.size()) };
            let Some(at) = NonNull::new(at) else { handle_alloc_error(new) };
            self.at = at;
        }
        // SAFETY: the allocation now holds the length and `len` bytes.
        unsafe {
            if len > old_len {
                self.at.as_ptr().add(LENGTH + old_len).write_bytes(0, len - old_len);
            }
            self.at.cast::<u32>().write(len as u32);
        }
    }
}

fn layout(len: usize) -> Layout {
    assert!(u32::try_from(len).is_ok(), "a packed value is at most 4 GiB - 1 long");
    let size = len + LENGTH;
    let step =
        if size <= SMALL_MAX { SMALL_STEP } else { size.next_power_of_two() / 2 / CLASSES_PER_DOUBLING };
    Layout::from_size_align(size.next_multiple_of(step), ALIGN).expect("4 GiB are far below isize::MAX")
}

impl Default for Packed {
    fn default() -> Self {
        Self::new(&[])
    }
}

impl Clone for Packed {
    fn clone(&self) -> Self {
        Self::new(self.as_ref())
    }
}

impl Drop for Packed {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout by the invariant; nobody uses it afterwards.
        unsafe { dealloc(self.at.as_ptr(), layout(self.len())) }
    }
}

impl AsRef<[u8]> for Packed {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        // SAFETY: the bytes behind the length are initialised, and borrowed with `self`.
        unsafe { std::slice::from_raw_parts(self.at.as_ptr().add(LENGTH), self.len()) }
    }
}

impl AsMut<[u8]> for Packed {
    #[inline]
    fn as_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `as_ref`; `&mut self` excludes other borrows.
        unsafe { std::slice::from_raw_parts_mut(self.at.as_ptr().add(LENGTH), self.len()) }
    }
}

impl Storage for Packed {
    fn resize_at(&mut self, at: usize, removed: usize, inserted: usize) {
        let (old_len, tail) = (self.len(), at + removed);
        let len = old_len - removed + inserted;
        if len > old_len {
            self.resize(len);
        }
        self.as_mut().copy_within(tail..old_len, at + inserted);
        if len < old_len {
            self.resize(len);
        }
    }

    fn memory_bytes(&self) -> usize {
        self.memory_bytes()
    }
}

impl std::fmt::Debug for Packed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Packed({})", self.as_ref().escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sizes_are_those_of_the_allocator() {
        let sizes = [0, 4, 5, 60, 61, 76, 77, 124, 125, 156, 252, 253].map(|len| layout(len).size());
        assert_eq!(sizes, [8, 8, 16, 64, 80, 80, 96, 128, 160, 160, 256, 320]);
    }

    #[test]
    fn a_pointer_given_away_comes_back() {
        let raw = Packed::new(b"bytes").into_raw();
        // SAFETY: it came from `into_raw` just now.
        let back = unsafe { Packed::from_raw(raw) };
        assert_eq!(back.as_ref(), b"bytes");
    }

    proptest! {
        #[test]
        fn splices_are_those_of_a_vector(
            steps in prop::collection::vec((any::<prop::sample::Index>(), 0usize..300, 0usize..300), 1..60),
        ) {
            let mut packed = Packed::default();
            let mut twin: Vec<u8> = Vec::new();
            for (number, (at, removed, inserted)) in steps.into_iter().enumerate() {
                let at = at.index(twin.len() + 1);
                let removed = removed.min(twin.len() - at);
                packed.resize_at(at, removed, inserted);
                packed.as_mut()[at..at + inserted].fill(number as u8);
                twin.splice(at..at + removed, std::iter::repeat_n(number as u8, inserted));
                prop_assert_eq!(packed.as_ref(), &twin[..]);
                let copy = packed.clone();
                prop_assert_eq!(copy.as_ref(), &twin[..]);
            }
        }
    }
}
