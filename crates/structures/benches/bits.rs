//! What bits cost by the byte, and common subsequences by the cell.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kvd_structures::bitmap::{self, Combination, Unit};
use kvd_structures::{LongDouble, lcs};

const LEN: usize = 1 << 20;

fn bitmaps(c: &mut Criterion) {
    let ones = vec![0xff; LEN];
    let mixed: Vec<u8> = (0..LEN).map(|at| (at * 31 % 251) as u8).collect();
    let mut group = c.benchmark_group("bitmap of 1 MiB");
    group.throughput(Throughput::Bytes(LEN as u64));
    group.bench_function("count", |b| b.iter(|| bitmap::count(black_box(&mixed))));
    group.bench_function("position", |b| {
        b.iter(|| bitmap::position(black_box(&ones), false, 0, None, Unit::Byte));
    });
    for how in [Combination::And, Combination::Diff, Combination::One] {
        group.bench_function(format!("combine 3, {how:?}"), |b| {
            b.iter(|| bitmap::combine(how, &[black_box(&mixed), &ones, &mixed]));
        });
    }
}

fn subsequences(c: &mut Criterion) {
    let a: Vec<u8> = (0..4096u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 27) as u8).collect();
    let b: Vec<u8> = (0..4096u32).map(|at| (at.wrapping_mul(2_246_822_519) >> 27) as u8).collect();
    let mut group = c.benchmark_group("lcs of 4096 and 4096 bytes");
    group.throughput(Throughput::Elements(4096 * 4096));
    group.bench_function("length", |bench| bench.iter(|| lcs::length(black_box(&a), &b, u64::MAX)));
    group.bench_function("subsequence", |bench| {
        bench.iter(|| {
            lcs::Alignment::new(black_box(&a), &b, u64::MAX).map(|alignment| alignment.subsequence())
        });
    });
}

fn sums(c: &mut Criterion) {
    let mut group = c.benchmark_group("long double");
    for (name, value) in [("short", &b"12345.678"[..]), ("greatest", b"1.18973149535723176502e4932")] {
        group.bench_function(format!("parse, add, print: {name}"), |b| {
            b.iter(|| {
                let sum = LongDouble::parse(black_box(value)).map(|value| value + LongDouble::from(1));
                sum.map(LongDouble::to_text)
            });
        });
    }
}

criterion_group!(benches, bitmaps, subsequences, sums);
criterion_main!(benches);
