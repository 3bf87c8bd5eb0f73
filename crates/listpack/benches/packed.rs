//! What small lists and sets cost: growing, walking, searching, changing.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use kvd_listpack::{Element, Intset, Listpack, ListpackRef};

/// The most fields of a packed hash, and twice as many elements.
const PAIRS: usize = 128;

fn hash(field: impl Fn(usize) -> String) -> Listpack {
    let mut list = Listpack::new();
    for index in 0..PAIRS {
        list.push_back(field(index).as_bytes()).expect("small");
        list.push_back(format!("value:{index}").as_bytes()).expect("small");
    }
    list
}

fn growing(c: &mut Criterion) {
    c.bench_function("push_back, 128 texts of 16 bytes", |b| {
        b.iter(|| {
            let mut list = Listpack::new();
            for _ in 0..PAIRS {
                list.push_back(black_box(b"sixteen bytes ..")).expect("small");
            }
            list
        });
    });
    c.bench_function("push_back, 10 fields and values", |b| {
        b.iter(|| {
            let mut list = Listpack::new();
            for index in 0..10 {
                list.push_back(black_box(b"field:1")).expect("small");
                list.push_back(black_box(index)).expect("small");
            }
            list
        });
    });
    c.bench_function("append, 10 fields and values at once", |b| {
        let pairs: Vec<_> =
            (0..10).flat_map(|index| [Element::Bytes(b"field:1"), Element::Int(index)]).collect();
        b.iter(|| {
            let mut list = Listpack::new();
            list.append(black_box(&pairs).iter().copied()).expect("small");
            list
        });
    });
}

fn reading(c: &mut Criterion) {
    let list = hash(|index| format!("field:{index}"));
    let mut numbers = Listpack::new();
    (0..128).for_each(|number| numbers.push_back(number * number).expect("small"));
    c.bench_function("iterate, 128 texts and 128 texts", |b| {
        b.iter(|| black_box(list.view()).iter().map(Element::text_len).sum::<usize>());
    });
    c.bench_function("iterate, 128 integers", |b| {
        b.iter(|| black_box(numbers.view()).iter().filter_map(Element::int).sum::<i64>());
    });
    c.bench_function("nth, 64 of 256", |b| b.iter(|| black_box(list.view()).nth(black_box(64))));
    c.bench_function("validate, 128 pairs", |b| {
        b.iter(|| ListpackRef::new(black_box(list.as_bytes())).is_ok());
    });
}

fn searching(c: &mut Criterion) {
    let kinds: [(&str, Listpack, &[u8]); 4] = [
        ("fields of one length", hash(|index| format!("field:{index:03}")), b"field:127"),
        (
            "fields of several lengths",
            hash(|index| format!("field:{}", "x".repeat(index % 20) + &index.to_string())),
            b"field:xxxxxxx127",
        ),
        ("fields of one length that differ at once", hash(|index| format!("{index:03}:field")), b"127:field"),
        ("fields that are integers", hash(|index| (index * 1000).to_string()), b"127000"),
    ];
    for (name, list, last) in &kinds {
        assert!(list.view().find(last, 1).is_some_and(|field| list.view().nth_back(1) == Some(field)));
        c.bench_function(&format!("find the last of 128 {name}"), |b| {
            b.iter(|| black_box(list.view()).find(black_box(last), 1));
        });
    }
    c.bench_function("find none in 128 pairs", |b| {
        b.iter(|| black_box(kinds[0].1.view()).find(black_box(b"field:12a"), 1));
    });
}

fn changing(c: &mut Criterion) {
    let mut list = hash(|index| format!("field:{index}"));
    let middle = list.view().nth(129).expect("256 elements");
    c.bench_function("replace, same length, 64 of 128 pairs", |b| {
        b.iter(|| list.replace(middle, black_box(b"VALUE:64")));
    });
    let mut long = false;
    c.bench_function("replace, other length, 64 of 128 pairs", |b| {
        b.iter(|| {
            long = !long;
            list.replace(middle, black_box(if long { &b"value:6464"[..] } else { b"value" }))
        });
    });
    c.bench_function("push_front and delete, 128 pairs", |b| {
        b.iter(|| {
            list.push_front(black_box(b"first")).expect("small");
            list.view().first().map(|first| list.delete(first))
        });
    });
}

fn integers(c: &mut Criterion) {
    let mut set = Intset::new();
    (0..512).for_each(|number| assert_eq!(set.insert(number * 7), Ok(true)));
    c.bench_function("intset, contains, 512", |b| b.iter(|| black_box(set.view()).contains(black_box(1771))));
    c.bench_function("intset, insert and remove, 512", |b| {
        b.iter(|| (set.insert(black_box(1772)), set.remove(black_box(1772))));
    });
    c.bench_function("intset, widen 512", |b| {
        b.iter_batched(|| set.clone(), |mut set| set.insert(black_box(70_000)), BatchSize::SmallInput);
    });
}

criterion_group!(benches, growing, reading, searching, changing, integers);
criterion_main!(benches);
