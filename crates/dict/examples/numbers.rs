//! The numbers in the README: bytes per element, look-ups, and the longest single insertion, beside `hashbrown::HashTable`.
//!
//! ```text
//! cargo run --release -p kvd-dict --example numbers                 a short run, with tables that fit into caches
//! cargo run --release -p kvd-dict --example numbers -- 5000000      the one of the README, with so many elements
//! ```

use hashbrown::HashTable;
use kvd_dict::Dict;
use std::hint::black_box;
use std::time::Instant;

/// Elements of the largest dict unless the caller says otherwise.
const ELEMENTS: u64 = 100_000;
const ROUNDS: usize = 4;

fn mix(key: u64) -> u64 {
    let mut x = key.wrapping_add(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

fn filled(size: u64) -> Dict<Box<u64>> {
    let mut dict = Dict::new();
    for key in 0..size {
        dict.insert(mix(key), Box::new(key), |item| mix(**item));
    }
    dict
}

type Item = Box<u64>;

fn main() {
    let elements = match std::env::args().nth(1).map(|number| number.parse()) {
        None => ELEMENTS,
        Some(Ok(elements @ 10_000..)) => elements,
        Some(_) => {
            eprintln!("how many elements? a number from 10000 on");
            std::process::exit(2);
        }
    };
    println!("elements  bytes per element, without the elements' own");
    let sizes = [1, 8, 64, 500, 1000, 5000, 9766, 13_000, 20_000, 100_000, 700_000, 1_000_000, 3_000_000];
    for size in sizes.into_iter().filter(|&size| size <= elements) {
        println!("{size:>8}  {:.2}", filled(size).memory_bytes() as f64 / size as f64);
    }
    find(10_000);
    find(elements.min(1_000_000));
    insert(elements);
}

/// Look-ups that wait for each other, as those of a server's unpipelined requests do, and such that don't.
fn find(size: u64) {
    let dict = filled(size);
    let mut table: HashTable<Item> = HashTable::new();
    for key in 0..size {
        table.insert_unique(mix(key), Box::new(key), |item| mix(**item));
    }
    let dict_find = |key| dict.find(mix(key), |item| **item == key).map_or(0, |item| **item);
    let table_find = |key| table.find(mix(key), |item| **item == key).map_or(0, |item| **item);
    println!("{size} elements, ns: hit, hit after hit, miss, miss after miss");
    let mut best = [[f64::MAX; 4]; 2];
    for _ in 0..ROUNDS {
        let dict = times(&dict_find, size);
        let table = times(&table_find, size);
        for (best, new) in best.iter_mut().zip([dict, table]) {
            best.iter_mut().zip(new).for_each(|(best, new)| *best = best.min(new));
        }
    }
    println!("  dict {:.1?}\n  hashbrown {:.1?}", best[0], best[1]);
}

fn times(find: &impl Fn(u64) -> u64, size: u64) -> [f64; 4] {
    [
        time::<false>(find, 0, size),
        time::<true>(find, 0, size),
        time::<false>(find, size, size),
        time::<true>(find, size, size),
    ]
}

/// Nanoseconds per look-up of keys `from..from + size` in a random order; each waits for the one before if `CHAINED`.
fn time<const CHAINED: bool>(find: &impl Fn(u64) -> u64, from: u64, size: u64) -> f64 {
    const CALLS: u64 = 300_000;
    let start = now();
    let mut answer = 0;
    for call in 0..CALLS {
        // Keys are below 2^40, so this waits for the answer and then does without it.
        let wait = if CHAINED { answer >> 40 } else { 0 };
        answer = black_box(find(from + mix(call ^ wait ^ 0x5555) % size));
    }
    start.elapsed().as_nanos() as f64 / CALLS as f64
}

/// The same insertions and removals several times over; the least of what each took leaves out what the machine did
/// meanwhile.
fn insert(insertions: u64) {
    let mut best = [const { Vec::new() }; 4];
    for _ in 0..ROUNDS {
        let mut items: Vec<Item> = (0..insertions).rev().map(Box::new).collect();
        let mut dict = Dict::new();
        best.iter_mut().for_each(|best| best.resize(insertions as usize, u32::MAX));
        least(&mut best[0], |key| dict.insert(mix(key), items.pop().expect("enough"), |item| mix(**item)));
        least(&mut best[1], |key| items.extend(dict.remove(mix(key), |item| **item == key)));
        items.reverse();
        let mut table: HashTable<Item> = HashTable::new();
        least(&mut best[2], |key| {
            table.insert_unique(mix(key), items.pop().expect("enough"), |item| mix(**item));
        });
        least(&mut best[3], |key| {
            let found = table.find_entry(mix(key), |item| **item == key);
            items.extend(found.ok().map(|entry| entry.remove().0));
        });
    }
    for (name, mut took) in
        ["dict insert", "dict remove", "hashbrown insert", "hashbrown remove"].iter().zip(best)
    {
        took.sort_unstable();
        let mean = took.iter().map(|&ns| u64::from(ns)).sum::<u64>() / insertions;
        let at = |share: f64| took[(insertions as f64 * share) as usize];
        println!(
            "{name}, ns: mean {mean}, 99 % {}, 99.99 % {}, longest {:?}",
            at(0.99),
            at(0.9999),
            took.last()
        );
    }
}

fn least(best: &mut [u32], mut call: impl FnMut(u64)) {
    for (key, best) in best.iter_mut().enumerate() {
        let start = now();
        call(key as u64);
        *best = (*best).min(start.elapsed().as_nanos() as u32);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "an example that measures time; the crate itself asks no clock"
)]
fn now() -> Instant {
    Instant::now()
}
