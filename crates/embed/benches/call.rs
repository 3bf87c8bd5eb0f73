//! What a call costs: GET and SET of 32 bytes under one of 10,000 keys, by one thread and by two, through the shared handle and through a
//! connection, and in a pipeline.
//!
//! ```text
//! cargo bench -p kvd-embed --bench call
//! ```
//!
//! Times are for one command; those of two threads are wall-clock time divided by the commands of one of them, so no contention shows as the same number.

use std::hint::black_box;
use std::thread;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use kvd_embed::{Clock, Db, Options, SystemClock};

const KEYS: u64 = 10_000;
const VALUE: [u8; 32] = [b'x'; 32];
const PIPELINE: u64 = 64;

fn filled() -> Db {
    let db = Db::open(Options::default()).expect("the defaults are in order");
    for key in 0..KEYS {
        db.call(("SET", text(key).as_str(), VALUE)).expect("there is memory");
    }
    db
}

fn text(key: u64) -> String {
    format!("key:{key:012}")
}

/// Keys in an order that no cache foresees, made before the clock runs.
fn keys(seed: u64) -> Vec<String> {
    (0..KEYS).map(|at| text((at * 7919 + seed * 31) % KEYS)).collect()
}

/// The time that `threads` of them need for `rounds` calls each.
fn timed(threads: u64, rounds: u64, call: impl Fn(&[String], u64) + Sync) -> Duration {
    let keys: Vec<Vec<String>> = (0..threads).map(keys).collect();
    let start = SystemClock.now();
    thread::scope(|scope| {
        for keys in &keys {
            scope.spawn(|| call(keys, rounds));
        }
    });
    Duration::from_nanos(SystemClock.now().nanos_since(start))
}

fn key(keys: &[String], round: u64) -> &str {
    &keys[(round % KEYS) as usize]
}

fn shared_handle(criterion: &mut Criterion) {
    let db = filled();
    for threads in [1, 2] {
        criterion.bench_function(&format!("GET, {threads} threads"), |bencher| {
            bencher.iter_custom(|rounds| {
                timed(threads, rounds, |keys, rounds| {
                    for round in 0..rounds {
                        black_box(db.call(["GET", key(keys, round)]).expect("it is there"));
                    }
                })
            });
        });
        criterion.bench_function(&format!("SET, {threads} threads"), |bencher| {
            bencher.iter_custom(|rounds| {
                timed(threads, rounds, |keys, rounds| {
                    for round in 0..rounds {
                        black_box(db.call(("SET", key(keys, round), VALUE)).expect("there is memory"));
                    }
                })
            });
        });
    }
}

fn own_connection(criterion: &mut Criterion) {
    let db = filled();
    criterion.bench_function("GET, connection", |bencher| {
        bencher.iter_custom(|rounds| {
            timed(1, rounds, |keys, rounds| {
                let mut connection = db.connect().expect("there is room");
                for round in 0..rounds {
                    black_box(connection.call(["GET", key(keys, round)]).expect("it is there"));
                }
            })
        });
    });
}

fn pipeline(criterion: &mut Criterion) {
    let db = filled();
    criterion.bench_function("GET, pipeline of 64", |bencher| {
        bencher.iter_custom(|rounds| {
            timed(1, rounds, |keys, rounds| {
                let mut pipeline = db.pipeline();
                for round in 0..rounds {
                    pipeline.cmd(["GET", key(keys, round)]);
                    if pipeline.len() as u64 == PIPELINE {
                        black_box(pipeline.run());
                    }
                }
                black_box(pipeline.run());
            })
        });
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1)).sample_size(20);
    targets = shared_handle, own_connection, pipeline
}
criterion_main!(benches);
