//! mimalloc, asked so that it wastes nothing.

use std::alloc::{GlobalAlloc, Layout};
use std::ffi::{CStr, c_char, c_void};
use std::ptr::null_mut;

use libmimalloc_sys as mi;

/// Alignment of every block that is at least as long.
const WORD: usize = 8;

/// mimalloc as a global allocator.
///
/// The one of crate `mimalloc` names the alignment in every request. mimalloc 3 then takes a larger block, to move the beginning within it,
/// unless the size is a power of two: a request for 160 bytes aligned to 8 takes 192. But all its blocks are multiples of eight bytes,
/// and so aligned; thus up to that the alignment isn't mentioned here.
pub struct Mimalloc;

impl Mimalloc {
    /// What it holds of the system's memory, in use or kept for later.
    pub fn committed_bytes() -> usize {
        let mut committed = 0;
        let none = null_mut();
        // SAFETY: places that are null are left out; the other lives until the call has returned.
        unsafe { mi::mi_process_info(none, none, none, none, none, &raw mut committed, none, none) };
        committed
    }

    /// Gives back what the calling thread keeps for later, and what threads that have ended left.
    pub fn purge() {
        // SAFETY: has no conditions.
        unsafe { mi::mi_collect(true) };
    }

    /// Its account of itself, for people.
    pub fn report() -> String {
        let mut report = Vec::new();
        // SAFETY: `append` is called only until this returns, with the pointer that is handed over here.
        unsafe { mi::mi_stats_print_out(Some(append), (&raw mut report).cast()) };
        String::from_utf8_lossy(&report).into_owned()
    }
}

/// Takes a part of the report.
unsafe extern "C" fn append(text: *const c_char, report: *mut c_void) {
    // SAFETY: mimalloc hands over a text that ends with a zero, and the pointer that `Mimalloc::report` gave it, while that waits.
    let (text, report) = unsafe { (CStr::from_ptr(text), &mut *report.cast::<Vec<u8>>()) };
    report.extend_from_slice(text.to_bytes());
}

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
    fn it_gives_account_of_itself() {
        Mimalloc::purge();
        let layout = Layout::from_size_align(1 << 20, 8).expect("small");
        // SAFETY: allocated and freed once with the same layout.
        unsafe {
            let at = Mimalloc.alloc(layout);
            assert!(Mimalloc::committed_bytes() >= 1 << 20);
            Mimalloc.dealloc(at, layout);
        }
        assert!(Mimalloc::report().contains("total"), "{}", Mimalloc::report());
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
