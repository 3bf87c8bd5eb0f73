//! Bytes in an allocation of their own, or at the end of an entry: where small collections live.
//!
//! ```text
//!   Packed: at ──▶ | head | bytes … | room |
//! ```
//!
//! The head is room for what an entry has before its value, so that a small collection and its key are one allocation: whoever changes the
//! collection takes the entry's allocation as the collection's own, and gives it back afterwards, wherever it lies by then. Elsewhere
//! there is no head. The capacity is not stored: it is always what the allocator's size class holds.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error, realloc};
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

use listpack::Storage;

/// That of an entry.
const ALIGN: usize = 8;

/// Up to this size the allocator's classes are multiples of eight; above, there are four from one power of two to the next.
const SMALL_MAX: usize = 64;
const SMALL_STEP: usize = 8;
const CLASSES_PER_DOUBLING: usize = 4;

/// Owned bytes, at most `u32::MAX` of them, that are changed by splicing.
///
/// Invariant: `at` points to an allocation of layout `layout(head + len)` that nobody else owns; the `len` bytes behind the first `head` are
/// initialised.
pub struct Packed {
    at: NonNull<u8>,
    head: u32,
    len: u32,
}

// SAFETY: it owns its memory outright.
unsafe impl Send for Packed {}
// SAFETY: as above; `&Packed` gives read access only.
unsafe impl Sync for Packed {}

/// A [`Packed`] taken apart.
#[derive(Copy, Clone)]
pub(crate) struct Parts {
    pub(crate) at: NonNull<u8>,
    /// Bytes before those of the collection.
    pub(crate) head: usize,
    pub(crate) len: usize,
}

impl Packed {
    /// A copy of these bytes.
    ///
    /// # Panics
    /// If there are more than `u32::MAX`.
    pub fn new(bytes: &[u8]) -> Self {
        let len = checked_len(bytes.len());
        let layout = layout(bytes.len());
        // SAFETY: the layout's size isn't zero.
        let Some(at) = NonNull::new(unsafe { alloc(layout) }) else { handle_alloc_error(layout) };
        // SAFETY: the allocation holds all the bytes; it is new, so nothing overlaps.
        unsafe { at.copy_from_nonoverlapping(NonNull::from(bytes).cast(), bytes.len()) };
        Self { at, head: 0, len }
    }

    /// Number of bytes.
    #[inline]
    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes of memory, the head included.
    pub fn memory_bytes(&self) -> usize {
        self.layout().size()
    }

    /// Gives up the allocation; [`Packed::from_parts`] takes it back.
    #[inline]
    pub(crate) fn into_parts(self) -> Parts {
        let this = ManuallyDrop::new(self);
        Parts { at: this.at, head: this.head as usize, len: this.len as usize }
    }

    /// # Safety
    /// The parts must be those of an allocation for which the invariant of `Packed` holds, and which is owned by the result alone; or the
    /// result must only be looked at, and not be dropped, as long as its owner lives and doesn't change it.
    #[inline]
    pub(crate) unsafe fn from_parts(parts: Parts) -> Self {
        // An entry is far smaller than 4 GiB: its key's length is 32 bits at most, and limited by the protocol to an eighth of that.
        Self { at: parts.at, head: checked_len(parts.head), len: checked_len(parts.len) }
    }

    fn layout(&self) -> Layout {
        layout(self.head as usize + self.len as usize)
    }

    /// Changes the length. New bytes at the end are zero.
    fn resize(&mut self, len: usize) {
        let new_len = checked_len(len);
        let (old, new) = (self.layout(), layout(self.head as usize + len));
        if old.size() != new.size() {
            // SAFETY: allocated with `old` by the invariant; the new size isn't zero and was checked by `layout`.
            let at = unsafe { realloc(self.at.as_ptr(), old, new.size()) };
            let Some(at) = NonNull::new(at) else { handle_alloc_error(new) };
            self.at = at;
        }
        if new_len > self.len {
            // SAFETY: the allocation now holds `len` bytes behind the head.
            unsafe { self.start().add(self.len as usize).write_bytes(0, (new_len - self.len) as usize) };
        }
        self.len = new_len;
    }

    #[inline]
    fn start(&self) -> NonNull<u8> {
        // SAFETY: the head lies inside the allocation.
        unsafe { self.at.add(self.head as usize) }
    }
}

fn checked_len(len: usize) -> u32 {
    u32::try_from(len).expect("a packed value is at most 4 GiB - 1 long")
}

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size_class(size), ALIGN).expect("8 GiB are far below isize::MAX")
}

/// What the allocator sets aside for `size` bytes. To ask for all of it costs no memory, and saves most calls when a collection grows.
pub(crate) fn size_class(size: usize) -> usize {
    let step =
        if size <= SMALL_MAX { SMALL_STEP } else { size.next_power_of_two() / 2 / CLASSES_PER_DOUBLING };
    size.max(1).next_multiple_of(step)
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
        unsafe { dealloc(self.at.as_ptr(), self.layout()) }
    }
}

impl AsRef<[u8]> for Packed {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        // SAFETY: the bytes behind the head are initialised, and borrowed with `self`.
        unsafe { std::slice::from_raw_parts(self.start().as_ptr(), self.len as usize) }
    }
}

impl AsMut<[u8]> for Packed {
    #[inline]
    fn as_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `as_ref`; `&mut self` excludes other borrows.
        unsafe { std::slice::from_raw_parts_mut(self.start().as_ptr(), self.len as usize) }
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
        let sizes = [0, 8, 9, 64, 65, 80, 81, 128, 129, 160, 256, 257].map(size_class);
        assert_eq!(sizes, [8, 8, 16, 64, 80, 80, 96, 128, 160, 160, 256, 320]);
    }

    /// With a head that says where it was made, as an entry would.
    fn with_head(head: usize) -> Packed {
        let mut parts = Packed::new(&vec![7; head]).into_parts();
        parts.head = head;
        parts.len = 0;
        // SAFETY: they are those of an allocation of `head` bytes, as before.
        unsafe { Packed::from_parts(parts) }
    }

    fn head(packed: &Packed) -> &[u8] {
        // SAFETY: `with_head` has written the head, and it moves with the rest.
        unsafe { std::slice::from_raw_parts(packed.at.as_ptr(), packed.head as usize) }
    }

    proptest! {
        #[test]
        fn splices_are_those_of_a_vector(
            head_len in 0usize..100,
            steps in prop::collection::vec((any::<prop::sample::Index>(), 0usize..300, 0usize..300), 1..60),
        ) {
            let mut packed = with_head(head_len);
            let mut twin: Vec<u8> = Vec::new();
            for (number, (at, removed, inserted)) in steps.into_iter().enumerate() {
                let at = at.index(twin.len() + 1);
                let removed = removed.min(twin.len() - at);
                packed.resize_at(at, removed, inserted);
                packed.as_mut()[at..at + inserted].fill(number as u8);
                twin.splice(at..at + removed, std::iter::repeat_n(number as u8, inserted));
                prop_assert_eq!(packed.as_ref(), &twin[..]);
                prop_assert!(head(&packed).iter().all(|byte| *byte == 7));
                let copy = packed.clone();
                prop_assert_eq!(copy.as_ref(), &twin[..]);
            }
        }
    }
}
