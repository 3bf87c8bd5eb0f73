//! The table beside `hashbrown::HashTable`, both holding boxes.
//!
//! ```text
//! cargo bench -p kvd-dict
//! ```

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use hashbrown::HashTable;
use kvd_dict::{Dict, HashKey};
use std::hint::black_box;
use std::time::Duration;

/// Key and something to go with it, as large as a small entry.
type Pair = Box<(u64, u64)>;

const SIZES: [u64; 2] = [10_000, 1_000_000];

/// SplitMix64.
fn mix(key: u64) -> u64 {
    let mut x = key.wrapping_add(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

fn rehash(pair: &Pair) -> u64 {
    mix(pair.0)
}

/// The same six operations on both tables.
trait Table: Sized {
    const NAME: &'static str;
    fn empty() -> Self;
    fn find(&self, key: u64) -> Option<u64>;
    fn insert(&mut self, key: u64);
    fn remove(&mut self, key: u64) -> Option<Pair>;
    fn sum(&self) -> u64;

    fn filled(size: u64) -> Self {
        let mut table = Self::empty();
        (0..size).for_each(|key| table.insert(key));
        table
    }
}

impl Table for Dict<Pair> {
    const NAME: &'static str = "dict";

    fn empty() -> Self {
        Self::new()
    }

    fn find(&self, key: u64) -> Option<u64> {
        self.find(mix(key), |pair| pair.0 == key).map(|pair| pair.1)
    }

    fn insert(&mut self, key: u64) {
        self.insert(mix(key), Box::new((key, key)), rehash);
    }

    fn remove(&mut self, key: u64) -> Option<Pair> {
        self.remove(mix(key), |pair| pair.0 == key)
    }

    fn sum(&self) -> u64 {
        self.iter().map(|pair| pair.1).sum()
    }
}

impl Table for HashTable<Pair> {
    const NAME: &'static str = "hashbrown";

    fn empty() -> Self {
        Self::new()
    }

    fn find(&self, key: u64) -> Option<u64> {
        self.find(mix(key), |pair| pair.0 == key).map(|pair| pair.1)
    }

    fn insert(&mut self, key: u64) {
        self.insert_unique(mix(key), Box::new((key, key)), rehash);
    }

    fn remove(&mut self, key: u64) -> Option<Pair> {
        let entry = self.find_entry(mix(key), |pair| pair.0 == key);
        entry.ok().map(|entry| entry.remove().0)
    }

    fn sum(&self) -> u64 {
        self.iter().map(|pair| pair.1).sum()
    }
}

fn bench<T: Table>(c: &mut Criterion) {
    for size in SIZES {
        let table = T::filled(size);
        let mut keys = (0..).map(mix);
        let mut next = move || keys.next().expect("endless") % size;
        let mut group = c.benchmark_group("find hit");
        group.bench_function(BenchmarkId::new(T::NAME, size), |b| b.iter(|| table.find(black_box(next()))));
        group.finish();
        let mut group = c.benchmark_group("find miss");
        group.bench_function(BenchmarkId::new(T::NAME, size), |b| {
            b.iter(|| table.find(black_box(next() + size)))
        });
        group.finish();
        let mut group = c.benchmark_group("iterate");
        group.bench_function(BenchmarkId::new(T::NAME, size), |b| b.iter(|| table.sum()));
        group.finish();
        let mut table = table;
        let mut group = c.benchmark_group("remove and insert");
        group.bench_function(BenchmarkId::new(T::NAME, size), |b| {
            b.iter(|| {
                let key = next();
                black_box(table.remove(key));
                table.insert(key);
            });
        });
        group.finish();
    }
    let mut group = c.benchmark_group("fill");
    group.bench_function(BenchmarkId::new(T::NAME, SIZES[0]), |b| {
        b.iter_batched(|| (), |()| T::filled(SIZES[0]), BatchSize::LargeInput);
    });
    group.finish();
}

fn hash(c: &mut Criterion) {
    let key = HashKey::new(*b"0123456789abcdef");
    let mut group = c.benchmark_group("HashKey::hash");
    for length in [4, 8, 16, 32, 64] {
        let bytes = vec![7_u8; length];
        group.bench_function(BenchmarkId::from_parameter(length), |b| b.iter(|| key.hash(black_box(&bytes))));
    }
    group.finish();
}

fn short() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(800))
        .sample_size(20)
        .without_plots()
}

criterion_group! {
    name = benches;
    config = short();
    targets = bench::<Dict<Pair>>, bench::<HashTable<Pair>>, hash
}
criterion_main!(benches);
