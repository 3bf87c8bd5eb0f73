//! What a match costs: a literal, a prefix, a search, and a pattern meant to hurt.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use kvd_glob::Pattern;

fn matching(c: &mut Criterion) {
    let key = b"session:2f9c1d:profile:name";
    let hostile = [b'a'; 1000];
    let cases: [(&str, &[u8], &[u8]); 6] = [
        ("literal", b"session:2f9c1d:profile:name", key),
        ("prefix", b"session:*", key),
        ("other prefix", b"user:*", key),
        ("middle", b"*profile*", key),
        ("class", b"session:[0-9a-f]*:name", key),
        ("hostile, 1000 bytes", b"*a*a*a*a*a*a*b", &hostile),
    ];
    for (name, pattern, text) in cases {
        let pattern = Pattern::new(pattern);
        c.bench_function(name, |b| b.iter(|| black_box(&pattern).matches(black_box(text))));
    }
}

criterion_group!(benches, matching);
criterion_main!(benches);
