//! Measures how long a quiet client waits for its replies while others attack the server.
//!
//! ```text
//! cargo run --release -p kvd-tests --bin hostile -- --seconds 10 --peer redis-8.2 --peer valkey-9.1
//! ```
//!
//! Each line of the table is a server of its own, measured first in peace and then under one attack. The aim is a p99 within twice the quiet one. Attackers,
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
use kvd_tests::process::{self, Peer, Process, Program};

/// What a quiet client feels of hostile ones.
#[derive(Debug, Parser)]
struct Options {
    /// How long each attack lasts, and the peace before it.
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
    quiet: Latencies,
    attacked: Latencies,
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
        "{:<20} {:<11}   quiet:                     attacked:\n\
         {:32} {:>7} {:>7} {:>8} {:>7} {:>7} {:>8} {:>8} {:>8} {:>8}",
        "",
        "",
        "",
        "p50 µs",
        "p99 µs",
        "p99.9 µs",
        "p50 µs",
        "p99 µs",
        "p99.9 µs",
        "max µs",
        "p99 ×",
        "peak MiB"
    )?;
    for attack in ATTACKS.iter().filter(|attack| attack.name.contains(&options.attack)) {
        for (name, program) in &programs {
            match measure(program, attack, Duration::from_secs(options.seconds)) {
                Ok(line) => show(&mut out, attack.name, name, &line)?,
                // That too is a result.
                Err(error) => writeln!(out, "{:<20} {name:<11} {error}", attack.name)?,
            }
        }
    }
    Ok(())
}

/// Latencies of the same server just before the attack and during it, because what else runs on the machine changes by the minute.
fn measure(program: &Program, attack: &Attack, duration: Duration) -> io::Result<Line> {
    let server = program.start_with(&["--maxclients", "11000"])?;
    replies::store(&mut Client::connect(server.address)?)?;
    let quiet = watch(&server, duration)?;
    let stop = AtomicBool::new(false);
    let attacked = std::thread::scope(|scope| {
        let attacker = scope.spawn(|| attack.run(server.address, &stop));
        let latencies = watch(&server, duration);
        stop.store(true, Relaxed);
        let ended = attacker.join().map_err(|_| io::Error::other("the attacker panicked"))?;
        ended.and(latencies)
    })?;
    Ok(Line { quiet, attacked, peak_bytes: Memory::of(server.id()).peak()? })
}

fn watch(server: &Process, duration: Duration) -> io::Result<Latencies> {
    let bystander = Bystander::start(server.address, None)?;
    std::thread::sleep(duration);
    bystander.finish()
}

fn show(out: &mut impl Write, attack: &str, server: &str, line: &Line) -> io::Result<()> {
    let Line { quiet, attacked, peak_bytes } = line;
    let factor = attacked.micros_at(0.99) as f64 / quiet.micros_at(0.99).max(1) as f64;
    let mark = if factor > P99_FACTOR_AIM { "!" } else { " " };
    writeln!(
        out,
        "{attack:<20} {server:<11} {:>7} {:>7} {:>8} {:>7} {:>7} {:>8} {:>8} {factor:>7.1}{mark} {:>8}",
        quiet.micros_at(0.5),
        quiet.micros_at(0.99),
        quiet.micros_at(0.999),
        attacked.micros_at(0.5),
        attacked.micros_at(0.99),
        attacked.micros_at(0.999),
        attacked.micros_max(),
        peak_bytes >> 20,
    )?;
    out.flush()
}
