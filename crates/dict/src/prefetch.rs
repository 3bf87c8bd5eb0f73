//! Asking for cache lines before they are needed, for callers who know several look-ups in advance.

use crate::dict::Dict;
use crate::item::Item;

/// Bytes of a cache line.
const LINE: usize = 64;

impl<T: Item> Dict<T> {
    /// Fetches the bucket of a hash. Reads the directory, which is small, and waits for nothing else.
    #[inline]
    pub fn prefetch(&self, hash: u64) {
        if let Some((head, _)) = self.head_of(hash) {
            fetch(head.as_ptr().cast());
        }
    }

    /// Fetches the first cache lines of the items that may be the one looked for. Waits for the bucket, so call
    /// [`Dict::prefetch`] some look-ups earlier.
    #[inline]
    pub fn prefetch_items(&self, hash: u64, lines: usize) {
        let Some((head, place)) = self.head_of(hash) else {
            return;
        };
        // SAFETY: a bucket of the table, which is borrowed.
        let bucket = unsafe { head.as_ref() };
        for slot in bucket.matches(place.tag(hash)) {
            let item = bucket.slots[slot].address().cast::<u8>();
            for line in 0..lines {
                fetch(item.wrapping_add(line * LINE));
            }
        }
    }
}

#[inline]
fn fetch(address: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: SSE is part of x86-64; a prefetch of any address is allowed and changes nothing that a program can see.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(address.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}
