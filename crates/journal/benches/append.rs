//! What an append costs while a reader keeps up, which polls all the time, or sleeps when there is nothing.

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
    effects.push(&[b"SET", b"key:000000000017", b"a value, 16 long"]);
    effects
}

/// What a reader does when there is nothing to read.
#[derive(Copy, Clone, Debug)]
enum Idle {
    Poll,
    Sleep,
}

/// Reads all there is, until it is told to stop.
fn read(journal: &Arc<Journal>, mut reader: Reader, idle: Idle, stop: &AtomicBool) -> usize {
    let mut bytes = 0;
    while !stop.load(Ordering::Relaxed) {
        match (reader.next_batch(), idle) {
            (Ok(Some(batch)), _) => {
                bytes += batch.entries().map(|entry| black_box(entry.wire).len()).sum::<usize>();
            }
            (Ok(None), Idle::Poll) => thread::yield_now(),
            (Ok(None), Idle::Sleep) if reader.doze() => thread::park(),
            (Ok(None), Idle::Sleep) => {}
            (Err(_), _) => reader = journal.subscribe(),
        }
    }
    bytes
}

/// How long it takes so many threads to append `appends` entries together.
fn time(threads: usize, appends: u64, idle: Idle) -> Duration {
    let journal = Arc::new(Journal::new(16 << 20));
    let stop = AtomicBool::new(false);
    let barrier = Barrier::new(threads + 1);
    thread::scope(|scope| {
        let reader = journal.subscribe();
        let reading = scope.spawn(|| black_box(read(&journal, reader, idle, &stop)));
        let sleeper = reading.thread().clone();
        journal.on_append(move || sleeper.unpark());
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
        reading.thread().unpark();
        took
    })
}

fn append(c: &mut Criterion) {
    let mut group = c.benchmark_group("append 60 bytes beside a reader");
    group.sample_size(20).measurement_time(Duration::from_secs(3)).warm_up_time(Duration::from_millis(500));
    for idle in [Idle::Poll, Idle::Sleep] {
        for threads in [1, 2] {
            let name = format!("{idle:?}, {threads} appending");
            group.bench_function(name, |b| b.iter_custom(|appends| time(threads, appends, idle)));
        }
    }
}

criterion_group!(benches, append);
criterion_main!(benches);
