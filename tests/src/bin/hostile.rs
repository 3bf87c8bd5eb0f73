//! Measures how long a quiet client waits for its replies while others attack the server.
//!
//! ```text
//! cargo run --release -p kvd-tests --bin hostile -- --seconds 10 --peer redis-8.2 --peer valkey-9.1
//! ```
//!
//! Each line of the table is a server of its own, started for this attack alone. The aim is a p99 within twice the quiet one. Attackers,
//! bystander and server share the machine: with few cores, what an attacker burns itself is missing elsewhere, on every server alike.

#![forbid(unsafe_code)]
#![expect(clippy::disallowed_methods, reason = "the program is threads that wait and measure")]

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use clap::{Parser, ValueEnum};
use kvd_tests::hostile::attack::{ATTACKS, Attack};
use kvd_tests::hostile::bystander::{Bystander, Latencies};
use kvd_tests::hostile::client::Client;
use kvd_tests::hostile::memory::Memory;
use kvd_tests::hostile::{connections, replies};
use kvd_tests::process::{self, Peer, Program};

/// What a quiet client feels of hostile ones.
#[derive(Debug, Parser)]
struct Options {
    /// How long each attack lasts.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// A server to attack in the same way, for comparison.
    #[arg(long)]
    peer: Vec<Beside>,
    /// Only the attacks whose names contain this.
    #[arg(long, default_value = "")]
    attack: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Beside {
    #[value(name = "redis-7.0")]
    Redis7,
    #[value(name = "redis-8.2")]
    Redis8,
    #[value(name = "valkey-9.1")]
    Valkey9,
}

impl Beside {
    fn find(self) -> Result<Program, process::Missing> {
        match self {
            Self::Redis7 => Peer::Redis7.find(),
            Self::Redis8 => Peer::Redis8.find(),
            Self::Valkey9 => Peer::Valkey9.find(),
        }
    }
}

/// One line of the table.
struct Line {
    latencies: Latencies,
    peak_bytes: u64,
}

/// The p99 that counts as unharmed, as a multiple of the quiet one.
const P99_FACTOR_AIM: f64 = 2.0;

fn main() -> ExitCode {
    match measure_all(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hostile: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure_all(options: &Options) -> io::Result<()> {
    // The descriptors of thousands of connections; the servers started here inherit the limit.
    connections::room();
    let mut programs = vec![("kvd".to_owned(), process::kvd().map_err(io::Error::other)?)];
    for peer in &options.peer {
        let name = peer.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned());
        programs.push((name, peer.find().map_err(io::Error::other)?));
    }
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{:<20} {:<11} {:>8} {:>7} {:>7} {:>8} {:>8} {:>8} {:>9}",
        "attack", "server", "replies", "p50 µs", "p99 µs", "p99.9 µs", "max µs", "p99 / q", "peak MiB"
    )?;
    let mut quiet_p99 = Vec::new();
    for (name, program) in &programs {
        let line = measure(program, None, options)?;
        quiet_p99.push(line.latencies.micros_at(0.99));
        show(&mut out, "quiet", name, &line, None)?;
    }
    for attack in ATTACKS.iter().filter(|attack| attack.name.contains(&options.attack)) {
        for ((name, program), quiet) in programs.iter().zip(&quiet_p99) {
            match measure(program, Some(attack), options) {
                Ok(line) => show(&mut out, attack.name, name, &line, Some(*quiet))?,
                // That too is a result.
                Err(error) => writeln!(out, "{:<20} {name:<11} {error}", attack.name)?,
            }
        }
    }
    Ok(())
}

fn measure(program: &Program, attack: Option<&Attack>, options: &Options) -> io::Result<Line> {
    let server = program.start_with(&["--maxclients", "11000"])?;
    replies::store(&mut Client::connect(server.address)?)?;
    let stop = AtomicBool::new(false);
    let latencies = std::thread::scope(|scope| {
        let attacker = attack.map(|attack| scope.spawn(|| attack.run(server.address, &stop)));
        let bystander = Bystander::start(server.address, None)?;
        std::thread::sleep(Duration::from_secs(options.seconds));
        let latencies = bystander.finish();
        stop.store(true, Relaxed);
        match attacker.map(|thread| thread.join()) {
            Some(Ok(Err(error))) => return Err(error),
            Some(Err(_)) => return Err(io::Error::other("the attacker panicked")),
            Some(Ok(Ok(()))) | None => {}
        }
        latencies
    })?;
    Ok(Line { latencies, peak_bytes: Memory::of(server.id()).peak()? })
}

fn show(out: &mut impl Write, attack: &str, server: &str, line: &Line, quiet: Option<u64>) -> io::Result<()> {
    let Line { latencies, peak_bytes } = line;
    let factor = quiet.map(|quiet| latencies.micros_at(0.99) as f64 / quiet.max(1) as f64);
    let mark = if factor.is_some_and(|factor| factor > P99_FACTOR_AIM) { "!" } else { " " };
    writeln!(
        out,
        "{attack:<20} {server:<11} {:>8} {:>7} {:>7} {:>8} {:>8} {:>7}{mark} {:>9}",
        latencies.count(),
        latencies.micros_at(0.5),
        latencies.micros_at(0.99),
        latencies.micros_at(0.999),
        latencies.micros_max(),
        factor.map_or_else(String::new, |factor| format!("{factor:.1}")),
        peak_bytes >> 20,
    )?;
    out.flush()
}
