//! The engine alone, without sockets: nanoseconds per request of a pipeline, in one thread.
//!
//! What is left of a server's time when the kernel's share is taken away.

use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use engine::{Clock, Engine, Moment, NoHost, Options, Peer, Session};
use keyspace::memory::{Counting, Mimalloc};
use resp::{Output, RequestReader, write_request};

#[global_allocator]
static ALLOCATOR: Counting<Mimalloc> = Counting(Mimalloc);

const KEYS: u64 = 1_000_000;
const PIPELINE: usize = 100;
const VALUE: &[u8] = b"0123456789abcdef0123456789abcdef";

struct Bench {
    engine: Engine,
    session: Session,
    input: RequestReader,
    output: Output,
}

impl Bench {
    fn new() -> Self {
        let engine = Engine::new(Options {
            config: config::Config::default(),
            handlers: commands::handlers(),
            workers: 1,
            seed: [7; 32],
            now: SystemTime.now(),
            host: Box::new(NoHost),
        });
        let session =
            engine.open(0, &Peer::in_process(), SystemTime.now(), Arc::new(())).expect("there is room");
        let mut bench = Self { engine, session, input: RequestReader::new(), output: Output::new() };
        for number in 0..KEYS {
            bench.run(&request(&[b"SET", &key(number), VALUE]));
        }
        bench
    }

    fn run(&mut self, bytes: &[u8]) {
        self.input.feed(bytes);
        while self.engine.serve(&mut self.session, &mut self.input, &SystemTime, &mut self.output)
            == engine::Flow::Flush
        {}
        self.output.clear();
    }
}

struct SystemTime;

impl Clock for SystemTime {
    fn now(&self) -> Moment {
        #[expect(
            clippy::disallowed_methods,
            reason = "a benchmark measures with the clock that a server uses"
        )]
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
        Moment::from_unix_nanos(now.as_nanos() as u64)
    }
}

fn request(words: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_request(&mut bytes, words);
    bytes
}

fn key(number: u64) -> Vec<u8> {
    format!("key:{number:012}").into_bytes()
}

fn pipelines(c: &mut Criterion) {
    let mut bench = Bench::new();
    let mut random = fastrand::Rng::with_seed(1);
    let mut group = c.benchmark_group("pipeline of 100, a million keys");
    group.throughput(Throughput::Elements(PIPELINE as u64));
    for (name, has_value) in [("GET", false), ("SET", true)] {
        group.bench_function(name, |bencher| {
            let mut batch = || {
                let mut bytes = Vec::new();
                for _ in 0..PIPELINE {
                    let key = key(random.u64(..KEYS));
                    let words: &[&[u8]] =
                        if has_value { &[name.as_bytes(), &key, VALUE] } else { &[name.as_bytes(), &key] };
                    write_request(&mut bytes, words);
                }
                bytes
            };
            bencher.iter_batched(&mut batch, |bytes| bench.run(&bytes), BatchSize::SmallInput);
        });
    }
    group.bench_function("PING", |bencher| {
        let bytes = request(&[b"PING"]).repeat(PIPELINE);
        bencher.iter(|| bench.run(&bytes));
    });
    group.finish();
}

criterion_group!(benches, pipelines);
criterion_main!(benches);
