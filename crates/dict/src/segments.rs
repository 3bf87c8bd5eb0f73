//! Where buckets lie: in segments of 64, found through a directory, so that growth never copies a table.
//!
//! ```text
//! directory        segments of 64 buckets, 4 KiB each, the last one filled from the front
//! ┌─────┐
//! │  0 ─┼─▶ ┌────┬────┬────┬─ … ─┬────┐
//! │  1 ─┼─▶ │    ├────┼────┼─ … ─┼────┐
//! │  2 ─┼─▶ └────│    ├────┼─ … ─┬────┐
//! └─────┘
//! ```
//!
//! A table of up to 64 buckets has one segment of the next power of two, so that a few elements need 64 bytes and a
//! directory entry. The largest copy on the way up is thus 2 KiB, and after that the directory itself: eight bytes for each 400
//! elements, when its `Vec` doubles.

use crate::bucket::Bucket;
use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error, realloc};
use std::ptr::NonNull;

/// Buckets of a segment.
const SEGMENT: usize = 64;

/// An array of buckets that grows and shrinks at its end.
pub(crate) struct Segments {
    /// Each points to [`SEGMENT`] buckets, or the only one to `capacity_of_first(len)`. Buckets from `len` on are empty.
    directory: Vec<NonNull<Bucket>>,
    len: usize,
}

impl Segments {
    pub(crate) const fn new() -> Self {
        Self { directory: Vec::new(), len: 0 }
    }

    /// Number of buckets.
    #[inline]
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// The bucket of this number. It stays where it is until [`Segments::push`] or [`Segments::pop`] is called.
    ///
    /// # Safety
    ///
    /// `index` is below [`Segments::len`].
    #[inline]
    pub(crate) unsafe fn bucket(&self, index: usize) -> NonNull<Bucket> {
        debug_assert!(index < self.len);
        // SAFETY: the directory has an entry for each SEGMENT buckets below `len`, and its segment holds `index % SEGMENT`.
        unsafe { self.directory.get_unchecked(index / SEGMENT).add(index % SEGMENT) }
    }

    /// Adds an empty bucket.
    pub(crate) fn push(&mut self) {
        let len = self.len;
        if len.is_multiple_of(SEGMENT) && len > 0 {
            self.directory.push(allocate(SEGMENT));
        } else if len == 0 {
            self.directory.reserve_exact(1);
            self.directory.push(allocate(1));
        } else if len < SEGMENT && len.is_power_of_two() {
            self.directory[0] = resize(self.directory[0], len, len * 2);
        }
        self.len += 1;
    }

    /// Removes the last bucket, which has been emptied.
    pub(crate) fn pop(&mut self) {
        assert!(self.len > 0, "pop of no bucket");
        self.len -= 1;
        let len = self.len;
        if len.is_multiple_of(SEGMENT) || len == 0 {
            let segment = self.directory.pop().expect("a segment for the last bucket");
            free(segment, if len == 0 { 1 } else { SEGMENT });
            if self.directory.len() <= self.directory.capacity() / 4 {
                self.directory.shrink_to(self.directory.len() * 2);
            }
        } else if len < SEGMENT && len.is_power_of_two() {
            self.directory[0] = resize(self.directory[0], len * 2, len);
        }
    }

    /// Bytes of the heap in use.
    pub(crate) fn memory_bytes(&self) -> usize {
        let buckets = if self.len < SEGMENT {
            if self.len == 0 { 0 } else { self.len.next_power_of_two() }
        } else {
            self.directory.len() * SEGMENT
        };
        buckets * size_of::<Bucket>() + self.directory.capacity() * size_of::<NonNull<Bucket>>()
    }
}

impl Drop for Segments {
    fn drop(&mut self) {
        while self.len > SEGMENT {
            self.len = (self.len - 1) / SEGMENT * SEGMENT;
            free(self.directory.pop().expect("a segment for each 64 buckets"), SEGMENT);
        }
        if let Some(first) = self.directory.pop() {
            free(first, self.len.next_power_of_two());
        }
    }
}

fn layout(buckets: usize) -> Layout {
    Layout::array::<Bucket>(buckets).expect("at most 4 KiB")
}

/// Empty buckets: an empty slot is all zeroes.
pub(crate) fn allocate(buckets: usize) -> NonNull<Bucket> {
    let layout = layout(buckets);
    // SAFETY: callers ask for one bucket or more, so the size is not 0.
    let raw = unsafe { alloc_zeroed(layout) };
    NonNull::new(raw.cast()).unwrap_or_else(|| handle_alloc_error(layout))
}

fn resize(segment: NonNull<Bucket>, from: usize, to: usize) -> NonNull<Bucket> {
    // SAFETY: `segment` was allocated with the layout of `from` buckets; `to` is 1 or more.
    let raw = unsafe { realloc(segment.as_ptr().cast(), layout(from), to * size_of::<Bucket>()) };
    let segment = NonNull::new(raw.cast::<Bucket>()).unwrap_or_else(|| handle_alloc_error(layout(to)));
    if to > from {
        // SAFETY: the buckets `from..to` are part of the block; nobody has seen them yet.
        unsafe { segment.add(from).write_bytes(0, to - from) };
    }
    segment
}

/// Gives back what `allocate` or `resize` made, with the number of buckets that it has now.
pub(crate) fn free(segment: NonNull<Bucket>, buckets: usize) {
    // SAFETY: every caller passes a block of this module with its size, once.
    unsafe { dealloc(segment.as_ptr().cast(), layout(buckets)) };
}
