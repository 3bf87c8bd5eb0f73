//! How long the end of a huge value keeps others waiting.
//!
//! A value of each type is removed, overwritten, left to expire or cut to a few elements, while another client reads and writes small keys. Shown
//! are the time of the command that ends the value; the longest wait of the same client for one of the small commands that it sends afterwards,
//! while the memory is given back; and the longest that the bystander waited. The time for which a thread could have run while others had the
//! processor is not counted, but shown.
//!
//! With `--address` the clients are those of a server, of whatever make, which should be empty. What its threads wait for the processor is
//! nothing that a client knows of, and counts.

#![forbid(unsafe_code)]
#![expect(clippy::disallowed_methods, reason = "the program is threads that wait and measure")]

mod clock;
mod line;
mod values;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use hdrhistogram::Histogram;
use mimalloc::MiMalloc;

use clock::Took;
use line::{Failure, Line, Site};
use values::{ENDS, End, How, fill, with_numbers};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Shows how long the end of a huge value keeps others waiting.
#[derive(Parser)]
#[command(name = "stall")]
struct Arguments {
    /// Elements of the value.
    #[arg(long, default_value_t = 10_000_000)]
    elements: u64,
    /// list, hash, set, zset, stream, group (a stream with all entries pending), dated (a hash whose fields expire), half-dated.
    #[arg(long, value_delimiter = ',', default_value = "list,hash,set,zset,stream,group,dated,half-dated")]
    types: Vec<String>,
    /// How often each is measured.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Only the ends whose names contain this.
    #[arg(long, default_value = "")]
    only: String,
    /// A server to be measured from outside, instead of an engine within this process.
    #[arg(long)]
    address: Option<SocketAddr>,
}

const BYSTANDER_KEYS: u32 = 10_000;
const WAIT_NANOS_MAX: u64 = 60_000_000_000;

/// What the bystander is at.
const WARMING_UP: u8 = 0;
const READY: u8 = 1;
const OVER: u8 = 2;

/// How long the clients go on when everything is freed: an allocator may give memory back some time after.
const AFTERMATH: Duration = Duration::from_millis(150);
/// Small commands between two looks whether everything is freed.
const COMMANDS_PER_LOOK: u32 = 256;
/// An end that takes longer than this is none.
const END_MAX: Duration = Duration::from_secs(600);
const LATER_MS: u64 = 10;

/// Times of one kind.
struct Waits {
    cpu: Histogram<u64>,
    asleep: Histogram<u64>,
    wall_max: Duration,
}

impl Waits {
    fn new() -> Result<Self, Failure> {
        let empty = || Histogram::new_with_bounds(1, WAIT_NANOS_MAX, 3);
        Ok(Self { cpu: empty()?, asleep: empty()?, wall_max: Duration::ZERO })
    }

    fn note(&mut self, took: Took) {
        self.cpu.saturating_record(took.cpu.as_nanos() as u64);
        self.asleep.saturating_record(took.asleep.as_nanos() as u64);
        self.wall_max = self.wall_max.max(took.wall);
    }

    fn add(&mut self, other: &Self) -> Result<(), Failure> {
        self.cpu.add(&other.cpu)?;
        self.asleep.add(&other.asleep)?;
        self.wall_max = self.wall_max.max(other.wall_max);
        Ok(())
    }
}

/// One small command. Each client has keys of its own: otherwise they walk in step, and wait for each other.
fn small(line: &mut Line, owner: &str, number: u32) -> Result<Took, Failure> {
    let key = format!("{owner}:{}", number % BYSTANDER_KEYS).into_bytes();
    match number % 2 {
        0 => line.run(&[b"SET", &key, &key]),
        _ => line.run(&[b"GET", &key]),
    }
}

/// Reads and writes small keys until it is told to stop.
fn stand_by(site: &Site, state: &AtomicU8) -> Result<Waits, Failure> {
    let mut line = site.connect(1)?;
    let mut waits = Waits::new()?;
    let mut number = 0;
    while state.load(Relaxed) != OVER {
        number += 1;
        waits.note(small(&mut line, "other", number)?);
        // All its keys are there: what it waits for from here on is nothing of its own.
        if number == BYSTANDER_KEYS && state.load(Relaxed) == WARMING_UP {
            waits = Waits::new()?;
            state.store(READY, Relaxed);
        }
    }
    Ok(waits)
}

/// What a bystander waits while `work` is done.
fn beside<R>(site: &Site, work: impl FnOnce() -> Result<R, Failure>) -> Result<(R, Waits), Failure> {
    let state = AtomicU8::new(WARMING_UP);
    thread::scope(|scope| {
        let bystander = scope.spawn(|| stand_by(site, &state));
        while state.load(Relaxed) != READY && !bystander.is_finished() {
            thread::yield_now();
        }
        let result = work();
        state.store(OVER, Relaxed);
        let waits = bystander.join().map_err(|_| "the bystander panicked")??;
        Ok((result?, waits))
    })
}

/// Sends small commands until everything is freed, and a while longer.
fn go_on(line: &mut Line, until_gone: bool) -> Result<Waits, Failure> {
    let mut waits = Waits::new()?;
    let begun = Instant::now();
    let mut clean = None;
    let mut number = 0;
    while clean.is_none_or(|at: Instant| at.elapsed() < AFTERMATH) {
        number += 1;
        waits.note(small(line, "own", number)?);
        if clean.is_none() && number % COMMANDS_PER_LOOK == 0 && line.is_clean()? {
            // An expiry may be yet to come.
            clean = (!until_gone || begun.elapsed() > AFTERMATH).then(Instant::now);
        }
        if begun.elapsed() > END_MAX {
            return Err("memory is never freed".into());
        }
    }
    Ok(waits)
}

/// Ends the value `victim`.
fn end_it(line: &mut Line, end: &End, elements: u64) -> Result<(Took, Waits), Failure> {
    let took = match end.how {
        How::Command(command) | How::Expiry(command) => line.say(&with_numbers(command, elements))?,
        How::Later(command) => {
            line.now_ms += LATER_MS;
            line.say(command)?
        }
        How::Sweep => {
            line.now_ms += LATER_MS;
            line.sweep()
        }
    };
    let waits = go_on(line, matches!(end.how, How::Expiry(_)))?;
    Ok((took, waits))
}

fn measure(
    site: &Site,
    line: &mut Line,
    kind: &str,
    end: &End,
    arguments: &Arguments,
) -> Result<(), Failure> {
    let (mut ends, mut afterwards, mut others) = (Waits::new()?, Waits::new()?, Waits::new()?);
    for _ in 0..arguments.rounds {
        // A value is copied for each way to end it: that is faster than filling it again.
        line.say("COPY big victim REPLACE")?;
        for command in end.prepare {
            line.say(command)?;
        }
        let ((took, own), waits) = beside(site, || end_it(line, end, arguments.elements))?;
        ends.note(took);
        afterwards.add(&own)?;
        others.add(&waits)?;
        line.now_ms = line::START_MS;
        for command in ["SELECT 1", "FLUSHDB", "SELECT 0", "UNLINK victim"] {
            line.say(command)?;
        }
        while !line.is_clean()? {
            thread::yield_now();
        }
    }
    show(&format!("{kind}: {}", end.name), &ends, &afterwards, &others);
    Ok(())
}

fn show(what: &str, ends: &Waits, afterwards: &Waits, others: &Waits) {
    let micros = |nanos: u64| nanos as f64 / 1000.0;
    print!("{what:<34} {:>9.1}", micros(ends.cpu.value_at_quantile(0.5)));
    for waits in [ends, afterwards, others] {
        let [cpu, asleep] = [&waits.cpu, &waits.asleep].map(|times| micros(times.max()));
        print!(" {cpu:>9.1} {asleep:>9.1} {:>7}", waits.wall_max.as_micros());
    }
    println!();
}

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    let site = arguments.address.map_or_else(Site::engine, Site::Server);
    println!("µs{:>42} {:>27} {:>27} {:>27}", "end", "worst end", "worst afterwards", "worst of the other");
    print!("{:>44}", "cpu p50");
    println!("{}", format!(" {:>9} {:>9} {:>7}", "cpu", "asleep", "wall").repeat(3));
    let mut line = site.connect(0)?;
    let (rest, waits) = beside(&site, || go_on(&mut line, true))?;
    show("nothing", &Waits::new()?, &rest, &waits);
    for kind in &arguments.types {
        let on_server = line.is_server();
        let wanted = |end: &&End| end.is_for(kind, on_server) && end.name.contains(&arguments.only);
        let mut ends = ENDS.iter().filter(wanted).peekable();
        if ends.peek().is_some() {
            fill(&mut line, kind, arguments.elements)?;
        }
        for end in ends {
            measure(&site, &mut line, kind, end, &arguments)?;
        }
        line.say("UNLINK big")?;
    }
    Ok(())
}
