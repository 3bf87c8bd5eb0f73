//! mimalloc, asked so that it wastes nothing.

use std::alloc::{GlobalAlloc, Layout};

use libmimalloc_sys as mi;

/// Alignment of every block that is at least as long.
const WORD: usize = 8;

/// mimalloc as a global allocator.
///
/// The one of crate `mimalloc` names the alignment in every request. mimalloc 3 then takes a larger block, to move the beginning within it,
/// unless the size is a power of two: a request for 160 bytes aligned to 8 takes 192. But all its blocks are multiples of eight bytes,
/// and so aligned; thus up to that the alignment isn't mentioned here.
pub struct Mimalloc;

fn is_aligned_anyway(layout: Layout) -> bool {
    layout.align() <= WORD && layout.align() <= layout.size()
}

// SAFETY: mimalloc keeps the contract of `malloc`: a block is aligned for any object that fits into it, so to 8 from eight bytes on, and to
// 1, 2 or 4 if it is shorter. For more it is asked. Blocks are freed and changed by mimalloc as well, whichever way they were asked for.
unsafe impl GlobalAlloc for Mimalloc {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: any size and power of two may be asked for.
        unsafe {
            if is_aligned_anyway(layout) {
                mi::mi_malloc(layout.size()).cast()
            } else {
                mi::mi_malloc_aligned(layout.size(), layout.align()).cast()
            }
        }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        unsafe {
            if is_aligned_anyway(layout) {
                mi::mi_zalloc(layout.size()).cast()
            } else {
                mi::mi_zalloc_aligned(layout.size(), layout.align()).cast()
            }
        }
    }

    #[inline]
    unsafe fn dealloc(&self, at: *mut u8, _layout: Layout) {
        // SAFETY: the caller's: it came from here.
        unsafe { mi::mi_free(at.cast()) }
    }

    #[inline]
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller's: it came from here. For an alignment of up to a word this is `mi_realloc`.
        unsafe { mi::mi_realloc_aligned(at.cast(), new_size, layout.align()).cast() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_aligned_and_of_the_size_class() {
        for size in 1..=1024 {
            for align in [1, 2, 4, 8, 16, 64] {
                let layout = Layout::from_size_align(size, align).expect("small");
                // SAFETY: the size isn't zero; what is allocated is freed once, with its layout.
                let (address, usable) = unsafe {
                    let at = Mimalloc.alloc(layout);
                    let at = Mimalloc.realloc(at, layout, size + 1);
                    let layout = Layout::from_size_align(size + 1, align).expect("small");
                    let usable = mi::mi_usable_size(at.cast_const().cast());
                    Mimalloc.dealloc(at, layout);
                    (at.addr(), usable)
                };
                assert!(address.is_multiple_of(align), "{size} bytes aligned to {align}");
                assert!(usable > size);
            }
        }
    }

    #[test]
    fn no_larger_class_is_taken() {
        let layout = Layout::from_size_align(160, 8).expect("small");
        // SAFETY: allocated and freed once with the same layout.
        let usable = unsafe {
            let at = Mimalloc.alloc(layout);
            let usable = mi::mi_usable_size(at.cast_const().cast());
            Mimalloc.dealloc(at, layout);
            usable
        };
        assert_eq!(usable, 160);
    }
}
