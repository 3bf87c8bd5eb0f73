//! What a sorted set takes: bytes for each member, nanoseconds for each operation, and the longest single one.
//!
//! ```text
//! cargo run --release -p kvd-structures --example sorted_set_numbers -- 1000000 10000000
//! ```

use std::hint::black_box;
use std::time::Instant;

use fastrand::Rng;
use kvd_structures::HashKey;
use kvd_structures::set::HashedSet;
use kvd_structures::sorted_set::{Bound, RankedSet, ScoreBounds};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CALLS: usize = 400_000;
const SCORE_MAX: f64 = 1e6;

fn main() {
    let sizes: Vec<usize> = std::env::args().skip(1).filter_map(|size| size.parse().ok()).collect();
    for size in if sizes.is_empty() { vec![1_000_000] } else { sizes } {
        measure(size);
    }
}

fn measure(size: usize) {
    println!("{size} members of 16 bytes");
    let mut rng = Rng::with_seed(7);
    let mut order: Vec<u32> = (0..size as u32).collect();
    rng.shuffle(&mut order);
    let before = resident_bytes();
    let mut set = RankedSet::new(HashKey::new([1; 16]));
    let mut order_of = order.iter();
    time("insert, scores by chance", size, || {
        let number = *order_of.next().expect("as many as calls");
        set.insert(&name(number), rng.f64() * SCORE_MAX);
    });
    let bytes = |bytes: usize| bytes as f64 / size as f64;
    println!("  {:30} {:8.1} bytes", "memory for each", bytes(set.memory_bytes()));
    println!(
        "  {:30} {:8.1} bytes",
        "resident memory for each",
        bytes(resident_bytes().saturating_sub(before))
    );
    ask(&set, size, &mut rng);
    time("change of score", CALLS, || {
        set.insert(&name(rng.u32(..size as u32)), rng.f64() * SCORE_MAX);
    });
    let mut order_of = order.iter();
    time("remove half", size / 2, || {
        set.remove(&name(*order_of.next().expect("as many as calls")));
    });
    time("insert again", size / 4, || {
        set.insert(&name(rng.u32(..size as u32)), rng.f64() * SCORE_MAX);
    });
    time("pop_min", CALLS.min(size / 8), || drop(black_box(set.pop_min())));
    time("remove, 2/3 of the rest", set.len() * 2 / 3, || {
        black_box(set.remove_ranks(rng.usize(..set.len()), 1, |_, _| ()));
    });
    println!("  {:30} {:8.1} bytes", "memory for each", set.memory_bytes() as f64 / set.len() as f64);
    let start = now();
    drop(set);
    println!("  {:30} {:8.1} ms", "drop", start.elapsed().as_secs_f64() * 1e3);
    ascending(size);
    plain(size);
}

fn ask(set: &RankedSet, size: usize, rng: &mut Rng) {
    time("score", CALLS, || {
        black_box(set.score(&name(rng.u32(..size as u32))));
    });
    time("rank", CALLS, || {
        black_box(set.rank(&name(rng.u32(..size as u32))));
    });
    time("100 by rank", CALLS / 20, || {
        let start = rng.usize(..size - 100);
        set.by_rank(start..start + 100).for_each(touch);
    });
    time("100 by rank, backwards", CALLS / 20, || {
        let start = rng.usize(..size - 100);
        set.by_rank(start..start + 100).rev().for_each(touch);
    });
    time("10 by score", CALLS / 4, || {
        let min = rng.f64() * SCORE_MAX;
        let range = set.by_score(ScoreBounds { min: Bound::Included(min), max: Bound::Highest });
        range.take(10).for_each(touch);
    });
    time("count by score", CALLS, || {
        let (min, max) = (Bound::Included(rng.f64() * SCORE_MAX), Bound::Excluded(rng.f64() * SCORE_MAX));
        black_box(set.ranks_by_score(ScoreBounds { min, max }));
    });
    let start = now();
    set.iter().for_each(touch);
    println!("  {:30} {:8.1} ns", "walk", start.elapsed().as_nanos() as f64 / size as f64);
}

fn ascending(size: usize) {
    let mut set = RankedSet::new(HashKey::new([1; 16]));
    let mut number = 0;
    time("insert, scores ascending", size, || {
        set.insert(&name(number), f64::from(number));
        number += 1;
    });
    let bytes = set.memory_bytes() as f64 / size as f64;
    println!("  {:30} {:8.1} bytes", "memory for each", bytes);
}

fn plain(size: usize) {
    let before = resident_bytes();
    let mut set = HashedSet::new(HashKey::new([1; 16]));
    let mut rng = Rng::with_seed(8);
    let mut number = 0;
    time("set: insert", size, || {
        set.insert(&name(number));
        number += 1;
    });
    let bytes = |bytes: usize| bytes as f64 / size as f64;
    println!("  {:30} {:8.1} bytes", "memory for each", bytes(set.memory_bytes()));
    println!(
        "  {:30} {:8.1} bytes",
        "more resident memory for each",
        bytes(resident_bytes().saturating_sub(before))
    );
    time("set: contains", CALLS, || {
        black_box(set.contains(&name(rng.u32(..size as u32))));
    });
    time("set: sample", CALLS, || {
        black_box(set.sample(rng.u64(..)));
    });
}

/// Reads what a reply would copy.
fn touch((member, score): (&[u8], f64)) {
    black_box((member.first().copied(), score));
}

fn name(number: u32) -> [u8; 16] {
    let mut name = *b"member:000000000";
    let mut rest = number;
    for digit in name.iter_mut().rev().take(9) {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    name
}

/// The mean, and the longest single call. The clock is asked for one call in eight only, as it takes a while itself.
fn time(what: &str, calls: usize, mut call: impl FnMut()) {
    let mut took = Vec::with_capacity(calls / 8 + 1);
    let start = now();
    for number in 0..calls {
        if number % 8 == 0 {
            let start = now();
            call();
            took.push(start.elapsed().as_nanos() as u32);
        } else {
            call();
        }
    }
    let mean = start.elapsed().as_nanos() as f64 / calls.max(1) as f64;
    took.sort_unstable();
    let at = |share: f64| took.get((took.len() as f64 * share) as usize).copied().unwrap_or(0);
    println!(
        "  {what:30} {mean:8.1} ns   median {:5}  99.9 % {:6}  99.99 % {:7}  longest {:8}",
        at(0.5),
        at(0.999),
        at(0.9999),
        took.last().copied().unwrap_or(0)
    );
}

fn resident_bytes() -> usize {
    const PAGE: usize = 4096;
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    text.split(' ').nth(1).and_then(|pages| pages.parse().ok()).map_or(0, |pages: usize| pages * PAGE)
}

#[expect(
    clippy::disallowed_methods,
    reason = "an example that measures time; the crate itself asks no clock"
)]
fn now() -> Instant {
    Instant::now()
}
