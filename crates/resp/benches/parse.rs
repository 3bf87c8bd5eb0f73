//! What a request costs, beside the crate `redis-protocol` in the same run. Times are for a pipeline of 100; divide by that.
//!
//! ```text
//! cargo bench -p kvd-resp --bench parse
//! ```

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Buf;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kvd_resp::{Output, Protocol, Reply, RequestLimits, RequestReader, format_double, write_request};
use redis_protocol::resp2::decode::{decode, decode_range};

struct Counting;

static COUNT: AtomicUsize = AtomicUsize::new(0);

// SAFETY: hands every call on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
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

const PIPELINE: usize = 100;

fn pipeline(words: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..PIPELINE {
        write_request(&mut bytes, words);
    }
    bytes
}

/// Takes a pipeline as a server does, up to the words; returns how many bytes they have.
fn serve(reader: &mut RequestReader, bytes: &[u8]) -> usize {
    reader.feed(bytes);
    while reader.parse(&RequestLimits::DEFAULT) == Ok(true) {}
    let words = (0..reader.len()).flat_map(|index| reader.request(index).words());
    let total = words.map(<[u8]>::len).sum();
    reader.release();
    total
}

fn peer_ranges(mut bytes: &[u8]) -> usize {
    let mut count = 0;
    while let Ok(Some((frame, len))) = decode_range(bytes) {
        black_box(frame);
        bytes = &bytes[len..];
        count += 1;
    }
    count
}

fn peer_owned(mut bytes: &[u8]) -> usize {
    let mut count = 0;
    while let Ok(Some((frame, len))) = decode(bytes) {
        black_box(frame);
        bytes = &bytes[len..];
        count += 1;
    }
    count
}

fn requests(criterion: &mut Criterion) {
    for (name, words) in [
        ("get", &["GET", "key:000000000001"][..]),
        ("set", &["SET", "key:000000000001", "value"]),
        ("set_1000_bytes", &["SET", "key:000000000001", &"v".repeat(1000)]),
        ("ping", &["PING"]),
    ] {
        let bytes = pipeline(words);
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(PIPELINE as u64));
        let mut reader = RequestReader::new();
        group.bench_function("kvd-resp", |bencher| {
            serve(&mut reader, &bytes);
            let before = COUNT.load(Ordering::Relaxed);
            let mut total = 0;
            for _ in 0..1000 {
                total += serve(&mut reader, &bytes);
            }
            assert_eq!(
                (COUNT.load(Ordering::Relaxed), total),
                (before, 1000 * PIPELINE * words.concat().len())
            );
            bencher.iter(|| serve(&mut reader, black_box(&bytes)));
        });
        group.bench_function("redis-protocol ranges", |bencher| {
            bencher.iter(|| peer_ranges(black_box(&bytes)))
        });
        group
            .bench_function("redis-protocol owned", |bencher| bencher.iter(|| peer_owned(black_box(&bytes))));
        group.finish();
    }
}

fn replies(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("replies");
    group.throughput(Throughput::Elements(PIPELINE as u64));
    let mut output = Output::new();
    let mut bench = |name: &str, write: &dyn Fn(&mut Reply<'_>)| {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let mut reply = Reply::new(&mut output, Protocol::Resp3);
                (0..PIPELINE).for_each(|_| write(black_box(&mut reply)));
                output.advance(output.remaining());
            });
        });
    };
    bench("ok", &|reply| reply.ok());
    bench("bulk", &|reply| reply.bulk(black_box(b"a value of 32 bytes, give or take")));
    bench("integer", &|reply| reply.integer(black_box(1_234_567)));
    bench("small integer", &|reply| reply.integer(black_box(1)));
    bench("double", &|reply| reply.double(black_box(0.123_456)));
    group.finish();
    let mut value = 0.1;
    criterion.bench_function("format_double", |bencher| {
        bencher.iter(|| {
            value *= 1.000_001;
            format_double(black_box(value))
        });
    });
}

criterion_group!(benches, requests, replies);
criterion_main!(benches);
