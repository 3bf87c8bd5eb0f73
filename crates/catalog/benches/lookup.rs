//! How long it takes to find the command of a request.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};

fn finding(criterion: &mut Criterion) {
    for name in ["GET", "set", "ZREVRANGEBYSCORE", "georadiusbymember_ro", "nosuch"] {
        criterion.bench_function(&format!("lookup {name}"), |bench| {
            bench.iter(|| kvd_catalog::lookup(black_box(name.as_bytes())));
        });
    }
    for request in [&["GET", "k"][..], &["SET", "k", "v"], &["CONFIG", "GET", "x"], &["CLUSTER", "SLOTS"]] {
        criterion.bench_function(&format!("resolve {request:?}"), |bench| {
            bench.iter(|| kvd_catalog::resolve(black_box(request)));
        });
        let id = kvd_catalog::resolve(request).expect("these are requests");
        criterion.bench_function(&format!("keys {request:?}"), |bench| {
            bench.iter(|| {
                let mut last = 0;
                let found =
                    kvd_catalog::for_each_key(black_box(id), black_box(request), |position| last = position);
                (found, last)
            });
        });
    }
}

criterion_group!(benches, finding);
criterion_main!(benches);
