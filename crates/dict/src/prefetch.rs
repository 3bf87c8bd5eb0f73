//! Asking for cache lines before they are needed, for callers who know several look-ups in advance.

use crate::bucket::{Bucket, LINK};
use crate::dict::Dict;
use crate::item::Item;
use crate::slot::Tag;

/// Bytes of a cache line.
const LINE: usize = 64;

impl<T: Item> Dict<T> {
    /// Fetches the bucket of a hash. Reads the directory, which is small, and waits for nothing else.
    #[inline]
    pub fn prefetch(&self, hash: u64) {
        if let Some((head, _)) = self.head_of(hash) {
            fetch(head.as_ptr());
        }
    }

    /// Fetches the first cache lines of the item that may be the one looked for. Waits for the bucket, so call
    /// [`Dict::prefetch`] some look-ups earlier.
    ///
    /// An item in six is in an overflow bucket. If it may be there, that bucket is fetched instead and the result is `true`: some
    /// look-ups later, [`Dict::prefetch_overflow`] is worth a call.
    #[inline]
    pub fn prefetch_items(&self, hash: u64, lines: usize) -> bool {
        let Some((head, place)) = self.head_of(hash) else { return false };
        // SAFETY: a bucket of the table, which is borrowed.
        let bucket = unsafe { head.as_ref() };
        let tag = place.tag(hash);
        if fetch_items(bucket, tag, lines) {
            return false;
        }
        let Some(next) = bucket.slots[LINK].link_for(tag) else { return false };
        fetch(next.as_ptr());
        true
    }

    /// The same for an item in an overflow bucket.
    pub fn prefetch_overflow(&self, hash: u64, lines: usize) {
        let Some((head, place)) = self.head_of(hash) else { return };
        let tag = place.tag(hash);
        // SAFETY: a bucket of the table, which is borrowed.
        let link = unsafe { head.as_ref() }.slots[LINK].link_for(tag);
        if let Some(next) = link {
            // SAFETY: a link leads to a bucket of the same table.
            fetch_items(unsafe { next.as_ref() }, tag, lines);
        }
    }
}

/// Fetches the items of a bucket that have this tag. Whether there was one.
#[inline]
fn fetch_items(bucket: &Bucket, tag: Tag, lines: usize) -> bool {
    let mut found = false;
    for slot in bucket.matches(tag) {
        let item = bucket.slots[slot].address().cast::<u8>();
        for line in 0..lines {
            fetch(item.wrapping_add(line * LINE));
        }
        found = true;
    }
    found
}

/// Asks the processor for the cache line at an address; nothing where that isn't known how.
#[inline]
pub fn fetch<T>(address: *const T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: SSE is part of x86-64; a prefetch of any address is allowed and changes nothing that a program can see.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(address.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}
