//! Parsing and replying allocate nothing in the long run.
//!
//! Each thread counts its own: the test runner's allocates when it likes.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use bytes::Buf;
use kvd_resp::{Output, Protocol, Reply, RequestLimits, RequestReader, write_request};

struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: hands every call on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.set(COUNT.get() + 1);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// One pipeline of 100 requests, as a server serves it.
fn serve(reader: &mut RequestReader, output: &mut Output, pipeline: &[u8]) {
    let mut rest = pipeline;
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(rest.len().min(1000));
        reader.feed(piece);
        while reader.parse(&RequestLimits::DEFAULT) == Ok(true) {}
        for index in 0..reader.len() {
            let request = reader.request(index);
            let mut reply = Reply::new(output, Protocol::Resp3);
            reply.array(5);
            reply.bulk(request.word(1));
            reply.integer(request.len() as i64 * 1000);
            reply.double(0.25);
            reply.bulk_display(index);
            reply.error(format_args!("ERR number {index}"));
        }
        reader.release();
        rest = behind;
    }
    output.advance(output.remaining());
}

#[test]
fn nothing_is_allocated_in_the_long_run() {
    let mut pipeline = Vec::new();
    for _ in 0..100 {
        write_request(&mut pipeline, &["SET", "key:000000000001", "a value of some length"]);
    }
    let mut reader = RequestReader::new();
    let mut output = Output::new();
    for _ in 0..10 {
        serve(&mut reader, &mut output, &pipeline);
    }
    let before = COUNT.get();
    assert!(before > 0, "the counter counts");
    for _ in 0..1000 {
        serve(&mut reader, &mut output, &pipeline);
    }
    assert_eq!(COUNT.get() - before, 0);
}
