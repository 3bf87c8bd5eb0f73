//! What publishing costs: a server's processor time for each PUBLISH, and how long a message takes to all who listen.
//!
//! One thread publishes a batch, reads the replies, and then reads the messages from every listener; so the server has the same work however
//! fast this machine is. Shown are the median round and the server's processor time, which the kernel counts in hundredths of a second: run it
//! for some seconds.

#![forbid(unsafe_code)]
#![expect(clippy::disallowed_methods, reason = "the program measures time")]

use std::error::Error;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use clap::Parser;
use hdrhistogram::Histogram;
use kvd_tests::wire;

/// Shows what publishing costs a server.
#[derive(Parser)]
#[command(name = "listeners")]
struct Arguments {
    /// Where the server is.
    #[arg(long, default_value = "127.0.0.1:6379")]
    address: SocketAddr,
    /// Its process, whose processor time is counted.
    #[arg(long)]
    pid: u32,
    /// Who listens to the channel.
    #[arg(long, default_value_t = 1)]
    listeners: usize,
    /// Patterns besides, each of which another client listens to and none of which matches.
    #[arg(long, default_value_t = 0)]
    patterns: usize,
    /// What the patterns look like; `#` is the number.
    #[arg(long, default_value = "user:#:*")]
    pattern: String,
    /// Messages in one batch.
    #[arg(long, default_value_t = 1)]
    pipeline: usize,
    /// For how long.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Bytes of a message.
    #[arg(long, default_value_t = 32)]
    bytes: usize,
}

const CHANNEL: &str = "news";

/// Patterns subscribed to by one request.
const PATTERNS_PER_REQUEST: usize = 500;

/// What the kernel's clock of processor time counts in.
const TICKS_PER_SECOND: f64 = 100.0;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let mut listeners = Vec::with_capacity(arguments.listeners);
    for _ in 0..arguments.listeners {
        listeners.push(listen(arguments.address)?);
    }
    let _patterns = listen_to_patterns(&arguments)?;
    let mut publisher = connect(arguments.address)?;
    let payload = "x".repeat(arguments.bytes);
    let batch = wire::encode(&["PUBLISH", CHANNEL, &payload]).repeat(arguments.pipeline);
    let replies = format!(":{}\r\n", arguments.listeners).len() * arguments.pipeline;
    let message = wire::encode(&["message", CHANNEL, &payload]).len() * arguments.pipeline;
    let mut room = vec![0; replies.max(message)];
    let mut rounds = Histogram::<u64>::new(3)?;
    let mut processor = processor_seconds(arguments.pid)?;
    let mut begun = Instant::now();
    let mut warm = false;
    while begun.elapsed() < Duration::from_secs(arguments.seconds) {
        let start = Instant::now();
        publisher.write_all(&batch)?;
        publisher.read_exact(room.get_mut(..replies).unwrap_or_default())?;
        for listener in &mut listeners {
            listener.read_exact(room.get_mut(..message).unwrap_or_default())?;
        }
        rounds.record(start.elapsed().as_nanos() as u64)?;
        if !warm && begun.elapsed() > Duration::from_millis(500) {
            warm = true;
            rounds.reset();
            processor = processor_seconds(arguments.pid)?;
            begun = Instant::now();
        }
    }
    let used = processor_seconds(arguments.pid)? - processor;
    let published = rounds.len() as f64 * arguments.pipeline as f64;
    let micros = |quantile| rounds.value_at_quantile(quantile) as f64 / 1000.0;
    println!(
        "{:8.2} us of the server's processor for each PUBLISH; a round of {} takes {:.1} us, 99 % at most {:.1} us; {:.0} messages/s",
        used * 1e6 / published,
        arguments.pipeline,
        micros(0.5),
        micros(0.99),
        published / begun.elapsed().as_secs_f64()
    );
    Ok(())
}

fn connect(address: SocketAddr) -> Result<TcpStream, Box<dyn Error>> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    Ok(stream)
}

fn listen(address: SocketAddr) -> Result<TcpStream, Box<dyn Error>> {
    let mut stream = connect(address)?;
    stream.write_all(&wire::encode(&["SUBSCRIBE", CHANNEL]))?;
    let mut confirmation = vec![0; b"*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n".len()];
    stream.read_exact(&mut confirmation)?;
    Ok(stream)
}

/// One client that listens to all of them.
fn listen_to_patterns(arguments: &Arguments) -> Result<TcpStream, Box<dyn Error>> {
    let mut stream = connect(arguments.address)?;
    let mut reader = stream.try_clone()?;
    // The confirmations end with a number each, the last with the number of all.
    let mut seen = Vec::new();
    for first in (0..arguments.patterns).step_by(PATTERNS_PER_REQUEST) {
        let last = (first + PATTERNS_PER_REQUEST).min(arguments.patterns);
        let patterns: Vec<String> =
            (first..last).map(|number| arguments.pattern.replace('#', &number.to_string())).collect();
        let words: Vec<&str> =
            ["PSUBSCRIBE"].into_iter().chain(patterns.iter().map(String::as_str)).collect();
        stream.write_all(&wire::encode(&words))?;
        let end = format!("\r\n:{last}\r\n");
        seen.clear();
        let mut piece = [0; 64 * 1024];
        while !seen.ends_with(end.as_bytes()) {
            let count = reader.read(&mut piece)?;
            seen.extend_from_slice(piece.get(..count).unwrap_or_default());
        }
    }
    Ok(stream)
}

/// Processor time that a process has used so far, in the kernel and outside.
fn processor_seconds(pid: u32) -> Result<f64, Box<dyn Error>> {
    let line = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name, in parentheses, may hold anything.
    let fields = line.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).map(|field| field.parse::<u64>().unwrap_or(0)).sum();
    Ok(ticks as f64 / TICKS_PER_SECOND)
}
