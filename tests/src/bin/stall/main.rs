//! How long the end of a huge value keeps others waiting.
//!
//! A value of each type is removed, overwritten and left to expire, while another thread reads and writes small keys of the same engine.
//! Shown are the time of the command that ends the value, and the longest that the bystander waited for one of its commands until all memory
//! was given back; for comparison, the longest wait while nothing ends.

#![forbid(unsafe_code)]
#![expect(clippy::disallowed_methods, reason = "the program is threads that wait and measure")]

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use config::Config;
use engine::{Engine, Moment, NoHost, Options, Peer, Session};
use hdrhistogram::Histogram;
use mimalloc::MiMalloc;
use resp::{Output, RequestReader, write_request};
use rustix::time::{ClockId, clock_gettime};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Shows how long the end of a huge value keeps others waiting.
#[derive(Parser)]
#[command(name = "stall")]
struct Arguments {
    /// Elements of the value.
    #[arg(long, default_value_t = 10_000_000)]
    elements: u64,
    /// list, hash, set, zset, stream.
    #[arg(long, value_delimiter = ',', default_value = "list,hash,set,zset,stream")]
    types: Vec<String>,
}

const START_MS: u64 = 1_800_000_000_000;
const ELEMENTS_PER_REQUEST: u64 = 1000;
const BYSTANDER_KEYS: u32 = 10_000;
const WAIT_NANOS_MAX: u64 = 60_000_000_000;

/// What the bystander is at.
const WARMING_UP: u8 = 0;
const READY: u8 = 1;
const OVER: u8 = 2;
const REST: Duration = Duration::from_secs(1);

/// The commands that end the value of `victim`, after what prepares each.
const ENDS: [(&str, &[&str], &str); 7] = [
    ("DEL", &[], "DEL victim"),
    ("UNLINK", &[], "UNLINK victim"),
    ("SET over it", &[], "SET victim x"),
    ("RENAME over it", &["SET other x"], "RENAME other victim"),
    ("SUNIONSTORE over it", &["SADD small a b"], "SUNIONSTORE victim small"),
    ("expiry, met", &["PEXPIREAT victim 1800000000001"], "EXISTS victim"),
    ("expiry, swept", &["PEXPIREAT victim 1800000000001"], ""),
];

/// How long something took, and for how much of that a processor worked on it. On a busy machine the rest is others' time.
#[derive(Copy, Clone, Default)]
struct Took {
    wall: Duration,
    cpu: Duration,
}

fn time(work: impl FnOnce()) -> Took {
    let cpu = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default();
    let (wall_start, cpu_start) = (Instant::now(), cpu());
    work();
    Took { cpu: cpu().saturating_sub(cpu_start), wall: wall_start.elapsed() }
}

struct Client<'e> {
    engine: &'e Engine,
    session: Session,
    input: RequestReader,
    output: Output,
    wire: Vec<u8>,
}

impl<'e> Client<'e> {
    fn new(engine: &'e Engine, worker: usize) -> Result<Self, Box<dyn Error>> {
        let now = Moment::from_unix_millis(START_MS);
        let session = engine.open(worker, &Peer::in_process(), now, Arc::new(()))?;
        Ok(Self { engine, session, input: RequestReader::new(), output: Output::new(), wire: Vec::new() })
    }

    /// Runs a command at a moment and returns how long it took.
    fn run(&mut self, words: &[&[u8]], now_ms: u64) -> Took {
        self.wire.clear();
        write_request(&mut self.wire, words);
        self.input.feed(&self.wire);
        let now = Moment::from_unix_millis(now_ms);
        let Self { engine, session, input, output, .. } = self;
        let took = time(|| {
            engine.serve(session, input, &now, output);
        });
        assert!(
            !self.output.to_vec().starts_with(b"-"),
            "{}",
            String::from_utf8_lossy(&self.output.to_vec())
        );
        self.output.clear();
        took
    }

    fn say(&mut self, command: &str, now_ms: u64) -> Took {
        let words: Vec<&[u8]> = command.split(' ').map(str::as_bytes).collect();
        self.run(&words, now_ms)
    }

    fn fill(&mut self, kind: &str, elements: u64) {
        let name = |number: u64| format!("element:{number}").into_bytes();
        let text = |number: u64| number.to_string().into_bytes();
        for from in (0..elements).step_by(ELEMENTS_PER_REQUEST as usize) {
            let range = from..(from + ELEMENTS_PER_REQUEST).min(elements);
            let (command, words): (&[u8], Vec<Vec<u8>>) = match kind {
                "list" => (b"RPUSH", range.map(name).collect()),
                "set" => (b"SADD", range.map(name).collect()),
                "hash" => (b"HSET", range.flat_map(|number| [name(number), text(number)]).collect()),
                "zset" => (b"ZADD", range.flat_map(|number| [text(number), name(number)]).collect()),
                _ => {
                    range.for_each(|number| {
                        self.run(&[b"XADD", b"big", &text(number + 1), b"f", &text(number)], START_MS);
                    });
                    continue;
                }
            };
            let mut request: Vec<&[u8]> = vec![command, b"big"];
            request.extend(words.iter().map(Vec::as_slice));
            self.run(&request, START_MS);
        }
    }
}

/// Reads and writes small keys until it is told to stop.
fn stand_by(engine: &Engine, state: &AtomicU8) -> Result<Histogram<u64>, String> {
    let mut client = Client::new(engine, 1).map_err(|error| error.to_string())?;
    let mut waits = Histogram::new_with_bounds(1, WAIT_NANOS_MAX, 3).map_err(|error| error.to_string())?;
    let mut number = 0;
    while state.load(Relaxed) != OVER {
        number = (number + 1) % BYSTANDER_KEYS;
        let key = format!("key:{number}").into_bytes();
        let took = match number % 2 {
            0 => client.run(&[b"SET", &key, &key], START_MS),
            _ => client.run(&[b"GET", &key], START_MS),
        };
        waits.saturating_record(took.wall.as_nanos() as u64);
        // All its keys are there: what it waits for from here on is nothing of its own.
        if number == 0 && state.load(Relaxed) == WARMING_UP {
            waits.clear();
            state.store(READY, Relaxed);
        }
    }
    Ok(waits)
}

/// What a bystander waits while `work` is done.
fn beside<R>(engine: &Engine, work: impl FnOnce() -> R) -> Result<(R, Histogram<u64>), String> {
    let state = AtomicU8::new(WARMING_UP);
    thread::scope(|scope| {
        let bystander = scope.spawn(|| stand_by(engine, &state));
        while state.load(Relaxed) != READY {
            thread::yield_now();
        }
        let result = work();
        state.store(OVER, Relaxed);
        let waits = bystander.join().map_err(|_| "the bystander panicked".to_owned())??;
        Ok((result, waits))
    })
}

fn show(what: &str, took: Took, waits: &Histogram<u64>) {
    let micros = |nanos: u128| nanos as f64 / 1000.0;
    println!(
        "{what:<28} {:>9.1} {:>9.1} {:>9.1} {:>9.1} {:>9.1}",
        micros(took.cpu.as_nanos()),
        micros(took.wall.as_nanos()),
        micros(waits.value_at_quantile(0.5).into()),
        micros(waits.value_at_quantile(0.9999).into()),
        micros(waits.max().into()),
    );
}

/// Frees what is buried, like the server's thread.
fn collect(engine: &Engine, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        while engine.keyspace().garbage().collect(16) {}
    }
}

/// A value is copied for each way to end it: that is faster than filling it again.
fn end(engine: &Engine, client: &mut Client<'_>, kind: &str) -> Result<(), Box<dyn Error>> {
    for (name, prepare, command) in ENDS {
        client.say("COPY big victim REPLACE", START_MS);
        for command in prepare {
            client.say(command, START_MS);
        }
        let (took, waits) = beside(engine, || {
            let took = match command {
                "" => time(|| {
                    engine.tick(0, Moment::from_unix_millis(START_MS + 2));
                }),
                command => client.say(command, START_MS + 2),
            };
            while !engine.keyspace().garbage().is_empty() {
                thread::yield_now();
            }
            took
        })?;
        show(&format!("{kind}: {name}"), took, &waits);
        client.say("DEL victim", START_MS);
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let now = Moment::from_unix_millis(START_MS);
    let (config, handlers) = (Config::default(), commands::handlers());
    let options = Options { config, handlers, workers: 2, seed: [5; 32], now, host: Box::new(NoHost) };
    let engine = Engine::new(options);
    let (wake, woken): (SyncSender<()>, _) = sync_channel(1);
    engine.keyspace().garbage().on_burial(move || {
        // One nudge waiting is enough.
        let _is_first = wake.try_send(()).is_ok();
    });
    let engine = Arc::new(engine);
    let owner = Arc::clone(&engine);
    thread::spawn(move || collect(&owner, &woken));
    println!(
        "µs: of the command, its processor time and all of it; of the bystander's commands, half and one in 10,000 took longer, and the longest"
    );
    let (_, waits) = beside(&engine, || thread::park_timeout(REST))?;
    show("nothing", Took::default(), &waits);
    let mut client = Client::new(&engine, 0)?;
    for kind in &arguments.types {
        client.fill(kind, arguments.elements);
        end(&engine, &mut client, kind)?;
        client.say("DEL big", START_MS);
    }
    Ok(())
}
