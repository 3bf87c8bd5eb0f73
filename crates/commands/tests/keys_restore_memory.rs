//! How much memory RESTORE takes for payloads that claim more than they have: at most twice what they are.
//!
//! Each thread counts its own: the test runner's allocates when it likes.

mod engine_under_test;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use engine_under_test::{EngineUnderTest, START_MS, check_table};
use rdb::{Dialect, dump};

struct Counting;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    HELD.set(HELD.get() + bytes);
    MOST.set(MOST.get().max(HELD.get()));
}

// SAFETY: hands every call on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, len: usize) -> *mut u8 {
        count(len as isize - layout.size() as isize);
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(pointer, layout, len) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most memory that was held at once beyond what was before.
fn most(run: impl FnOnce()) -> usize {
    let before = HELD.get();
    MOST.set(before);
    run();
    (MOST.get() - before) as usize
}

/// Beyond what the payload has: tables and buffers of a fixed size.
const FIXED_BYTES: usize = 1 << 20;

#[test]
fn claims_are_not_believed() {
    let claims: [&[u8]; 5] = [
        b"\x80\xff\xff\xff\xff",
        b"\x81\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"\x81\0\0\0\x3f\xff\xff\xff\xff",
        // Compressed: so many bytes become so many.
        b"\xc3\x80\x00\x00\xff\xff\x80\xff\xff\xff\xff",
        b"\xc3\x03\x80\x7f\xff\xff\xff",
    ];
    let mut server = EngineUnderTest::new();
    for len in [0, 1_000, 2_000_000] {
        for (number, dialect) in
            (0..26).map(|number| (number, Dialect::Redis(12))).chain([(22, Dialect::Valkey(80))])
        {
            for claim in claims {
                let value = [&[number], claim, &vec![b'a'; len]].concat();
                let payload = dump::seal(&value, dialect);
                let mut reply = String::new();
                let most = most(|| reply = server.run_words(&[b"RESTORE", b"k", b"0", &payload, b"REPLACE"]));
                assert_eq!(reply, "-ERR Bad data format\r\n", "{number} {claim:?} {len}");
                // The request stands in the test's own buffer and in the server's, before it is looked at.
                let request = 2 * payload.len();
                assert!(
                    most <= request + 2 * payload.len() + FIXED_BYTES,
                    "{number} {claim:?} {len}: {most}"
                );
            }
        }
    }
    check_table(&mut server, &[("EXISTS k", ":0\r\n", "", "keymiss k")]);
    assert_eq!(server.run("PEXPIRETIME k"), ":-2\r\n", "at {START_MS}");
}
