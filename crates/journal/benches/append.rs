//! What an append costs while a reader keeps up.

#![expect(clippy::disallowed_methods, reason = "a benchmark starts threads and asks the time")]

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use kvd_journal::{Effects, Journal, Reader};

/// As in kvd.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn effects() -> Effects {
    let mut effects = Effects::default();
    effects.push(&[b"SET", b"key:000000000017", b"a value of 24 bytes here"]);
    effects
}

/// Reads all there is, until it is told to stop.
fn read(journal: &Arc<Journal>, mut reader: Reader, stop: &AtomicBool) -> usize {
    let mut bytes = 0;
    while !stop.load(Ordering::Relaxed) {
        match reader.next_batch() {
            Ok(Some(batch)) => {
                bytes += batch.entries().map(|entry| black_box(entry.wire).len()).sum::<usize>()
            }
            Ok(None) => thread::yield_now(),
            Err(_) => reader = journal.subscribe(),
        }
    }
    bytes
}

/// How long it takes so many threads to append `appends` entries together.
fn time(threads: usize, appends: u64) -> Duration {
    let journal = Arc::new(Journal::new(16 << 20));
    let stop = AtomicBool::new(false);
    let barrier = Barrier::new(threads + 1);
    thread::scope(|scope| {
        let reader = journal.subscribe();
        scope.spawn(|| black_box(read(&journal, reader, &stop)));
        let append = || {
            let effects = effects();
            barrier.wait();
            for _ in 0..appends / threads as u64 {
                black_box(journal.append(0, black_box(&effects)));
            }
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(append)).collect();
        barrier.wait();
        let begun = Instant::now();
        for worker in workers {
            worker.join().expect("appending doesn't panic");
        }
        let took = begun.elapsed();
        stop.store(true, Ordering::Relaxed);
        took
    })
}

fn append(c: &mut Criterion) {
    let mut group = c.benchmark_group("append 60 bytes beside a reader");
    group.sample_size(20).measurement_time(Duration::from_secs(3)).warm_up_time(Duration::from_millis(500));
    for threads in [1, 2] {
        group.bench_function(format!("{threads} threads"), |b| {
            b.iter_custom(|appends| time(threads, appends))
        });
    }
}

criterion_group!(benches, append);
criterion_main!(benches);
