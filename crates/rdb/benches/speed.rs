//! What a file costs: a million small strings, and half a million small hashes; passed over, read part by part, found and decoded, written.
//!
//! ```text
//! cargo bench -p kvd-rdb --bench speed
//! ```

#![expect(clippy::unwrap_used, reason = "a benchmark fails where it stands")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kvd_rdb::{
    Dialect, HashPart, Input, Item, Meta, ReadOptions, Reader, Scratch, Value, WriteOptions, Writer, lzf,
};
use listpack::Listpack;

const STRINGS: u64 = 1_000_000;
const HASHES: u64 = 500_000;

fn strings() -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), WriteOptions::new(Dialect::Redis(10))).unwrap();
    for index in 0..STRINGS {
        let value = format!("{:032x}", index.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        writer
            .entry(format!("key:{index:012}").as_bytes(), Meta::default())
            .unwrap()
            .string(value.as_bytes())
            .unwrap();
    }
    writer.finish().unwrap()
}

fn hashes() -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), WriteOptions::new(Dialect::Redis(10))).unwrap();
    for index in 0..HASHES {
        let mut hash = Listpack::new();
        for (field, text) in [("name", "Ada Lovelace"), ("city", "London"), ("year", "")] {
            hash.push_back(field.as_bytes()).unwrap();
            match text {
                "" => hash.push_back(index as i64).unwrap(),
                text => hash.push_back(text.as_bytes()).unwrap(),
            }
        }
        writer
            .entry(format!("user:{index}").as_bytes(), Meta::default())
            .unwrap()
            .hash_packed(hash.view())
            .unwrap();
    }
    writer.finish().unwrap()
}

fn each<R: std::io::Read>(mut reader: Reader<R>, mut visit: impl FnMut(Item<'_, kvd_rdb::Source<R>>)) {
    while let Some(item) = reader.next_item().unwrap() {
        visit(item);
    }
}

fn read<I: Input>(value: Value<'_, I>) -> usize {
    match value {
        Value::String(text) => text.text_len(),
        Value::Hash(mut hash) => {
            let mut len = 0;
            while let Some(part) = hash.next_part().unwrap() {
                if let HashPart::Packed(list) = part {
                    len += list.as_bytes().len();
                }
            }
            len
        }
        _ => 0,
    }
}

fn files(c: &mut Criterion) {
    for (name, file, keys) in [("strings", strings(), STRINGS), ("hashes", hashes(), HASHES)] {
        let mut group = c.benchmark_group(format!("{name}, {} MB", file.len() / 1_000_000));
        group.sample_size(10);
        let open = || Reader::new(&file[..], ReadOptions::default()).unwrap();
        let mut way = |name: &str, throughput: Throughput, run: &dyn Fn()| {
            group.throughput(throughput);
            group.bench_function(name, |b| b.iter(run));
        };
        way("passed over, bytes", Throughput::Bytes(file.len() as u64), &|| {
            each(open(), |item| {
                black_box(item);
            })
        });
        let parse = || {
            each(open(), |item| {
                if let Item::Entry(entry) = item {
                    black_box(read(entry.value().unwrap()));
                }
            });
        };
        way("read, bytes", Throughput::Bytes(file.len() as u64), &parse);
        way("read, keys", Throughput::Elements(keys), &parse);
        way("found, keys", Throughput::Elements(keys), &|| {
            each(open(), |item| {
                if let Item::Entry(mut entry) = item {
                    black_box(entry.raw_value(1 << 20).unwrap());
                }
            });
        });
        way("found and decoded, keys", Throughput::Elements(keys), &|| {
            let mut scratch = Scratch::new();
            each(open(), |item| {
                if let Item::Entry(mut entry) = item {
                    let raw = entry.raw_value(1 << 20).unwrap().unwrap();
                    black_box(read(raw.decode(&mut scratch).value().unwrap()));
                }
            });
        });
        way("copied, keys", Throughput::Elements(keys), &|| {
            let mut writer = Writer::new(std::io::sink(), WriteOptions::new(Dialect::Redis(10))).unwrap();
            each(open(), |item| writer.copy(item).unwrap());
            writer.finish().unwrap();
        });
    }
}

fn compression(c: &mut Criterion) {
    let text: Vec<u8> = (0..64)
        .flat_map(|index| format!("{{\"id\":{index},\"name\":\"value {index}\"}},").into_bytes())
        .collect();
    for len in [32, 256, 1024] {
        let text = &text[..len];
        let (mut table, mut packed, mut unpacked) = (lzf::Table::new(), Vec::new(), Vec::new());
        c.bench_function(&format!("compress {len}"), |b| {
            b.iter(|| lzf::compress(black_box(text), &mut packed, usize::MAX, &mut table));
        });
        if lzf::compress(text, &mut packed, usize::MAX, &mut table) {
            c.bench_function(&format!("decompress {len}"), |b| {
                b.iter(|| lzf::decompress(black_box(&packed), len, &mut unpacked));
            });
        }
    }
}

criterion_group!(benches, files, compression);
criterion_main!(benches);
