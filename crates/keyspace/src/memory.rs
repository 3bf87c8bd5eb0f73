//! Used memory, counted by a wrapper around the allocator.
//!
//! The binary installs `Counting<Allocator>` as its global allocator. Each thread counts in a slot of its own, with plain loads and
//! stores, so that counting costs two nanoseconds; the sum over all slots is the figure. A slot alone can be negative: memory is freed by
//! other threads than those that allocated it.

#[cfg(feature = "mimalloc")]
mod mimalloc;

use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering::Relaxed};

use crossbeam_utils::CachePadded;

#[cfg(feature = "mimalloc")]
pub use mimalloc::Mimalloc;

/// Threads with a slot of their own; later ones share the last slot.
const SLOTS: usize = 128;
const SHARED: usize = SLOTS - 1;
const UNASSIGNED: usize = usize::MAX;

static COUNTS: [CachePadded<AtomicIsize>; SLOTS] = [const { CachePadded::new(AtomicIsize::new(0)) }; SLOTS];
static NEXT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static SLOT: Cell<usize> = const { Cell::new(UNASSIGNED) };
}

/// Bytes allocated and not yet freed by the whole process, as asked for (without the allocator's rounding). 0 when `Counting`
/// is not installed.
///
/// It reads a cache line for each thread that there ever was.
pub fn used_bytes() -> usize {
    // A thread that is only just getting its slot is missed; it has allocated next to nothing.
    let own = COUNTS.get(..NEXT.load(Relaxed)).unwrap_or(&COUNTS[..SHARED]);
    let sum: isize = own.iter().chain([&COUNTS[SHARED]]).map(|count| count.load(Relaxed)).sum();
    usize::try_from(sum).unwrap_or(0)
}

/// An allocator that counts what it gives and takes.
pub struct Counting<A>(pub A);

// SAFETY: every call is passed on unchanged; counting touches no allocated memory and never allocates (the thread-local is
// const-initialised and has no destructor).
unsafe impl<A: GlobalAlloc> GlobalAlloc for Counting<A> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller's.
        unsafe { self.0.alloc(layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller's.
        unsafe { self.0.alloc_zeroed(layout) }
    }

    #[inline]
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: the caller's.
        unsafe { self.0.dealloc(at, layout) }
    }

    #[inline]
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count(new_size as isize - layout.size() as isize);
        // SAFETY: the caller's.
        unsafe { self.0.realloc(at, layout, new_size) }
    }
}

#[inline]
fn count(bytes: isize) {
    let slot = SLOT.with(|slot| match slot.get() {
        UNASSIGNED => {
            let assigned = NEXT.fetch_add(1, Relaxed).min(SHARED);
            slot.set(assigned);
            assigned
        }
        assigned => assigned,
    });
    let count = &COUNTS[slot];
    if slot == SHARED {
        count.fetch_add(bytes, Relaxed);
    } else {
        count.store(count.load(Relaxed) + bytes, Relaxed);
    }
}
