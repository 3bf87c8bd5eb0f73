//! The client that behaves well: one small request at a time, and every reply is checked.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use super::client::Client;
use crate::wire::Frame;

/// So many that each worker has some of them.
pub const CONNECTIONS: usize = 4;

/// The longest that a reply may take on a slow machine under attack.
const DEADLINE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_micros(500);
/// How often it asks while all is well: the pause, its overrun, and the reply.
const INTERVAL_MICROS: u64 = 600;
const MICROS_MAX: u64 = 60_000_000;

/// A thread that asks until it is told to stop.
#[derive(Debug)]
pub struct Bystander {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<io::Result<Latencies>>,
}

/// How long the replies took.
///
/// Who waits for a reply asks nothing meanwhile, so that a long pause of the server would be one latency among thousands. Here it
/// counts as often as requests would have met it.
#[derive(Clone, Debug)]
pub struct Latencies {
    micros: Histogram<u64>,
    replies: u64,
}

impl Bystander {
    /// Connects, and asks from now on.
    pub fn start(address: SocketAddr, password: Option<&str>) -> io::Result<Self> {
        let mut clients = Vec::new();
        for _ in 0..CONNECTIONS {
            let mut client = Client::connect(address)?;
            if let Some(password) = password {
                expect(client.ask(&["AUTH", password])?, &status("OK"))?;
            }
            client.set_patience(DEADLINE)?;
            clients.push(client);
        }
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || ask_on(&mut clients, &stopped));
        Ok(Self { stop, thread })
    }

    /// Whether it has given up already.
    pub fn has_failed(&self) -> bool {
        self.thread.is_finished()
    }

    /// Stops it. An error says that a reply was wrong, late or missing.
    pub fn finish(self) -> io::Result<Latencies> {
        self.stop.store(true, Relaxed);
        self.thread.join().map_err(|_| io::Error::other("the bystander panicked"))?
    }
}

fn ask_on(clients: &mut [Client], stopped: &AtomicBool) -> io::Result<Latencies> {
    let micros = Histogram::new_with_bounds(1, MICROS_MAX, 3).map_err(io::Error::other)?;
    let mut latencies = Latencies { micros, replies: 0 };
    for number in 0_u64.. {
        let index = number as usize % clients.len().max(1);
        let Some(client) = clients.get_mut(index) else { break };
        let start = Instant::now();
        turn(client, number).map_err(|error| {
            io::Error::new(error.kind(), format!("bystander's request {number}: {error}"))
        })?;
        let micros = start.elapsed().as_micros().min(u128::from(MICROS_MAX)) as u64;
        latencies.micros.record_correct(micros, INTERVAL_MICROS).map_err(io::Error::other)?;
        latencies.replies += 1;
        if stopped.load(Relaxed) {
            break;
        }
        std::thread::sleep(PAUSE);
    }
    Ok(latencies)
}

/// A write and a read of the same key by the same connection, one after the other.
fn turn(client: &mut Client, number: u64) -> io::Result<()> {
    let pair = number / (2 * CONNECTIONS as u64);
    let key = format!("bystander:{}", number % CONNECTIONS as u64);
    if (number / CONNECTIONS as u64).is_multiple_of(2) {
        expect(client.ask(&["SET", &key, &pair.to_string()])?, &status("OK"))
    } else {
        expect(client.ask(&["GET", &key])?, &Frame::Bulk(pair.to_string().into_bytes()))
    }
}

fn expect(got: Frame, expected: &Frame) -> io::Result<()> {
    if got == *expected { Ok(()) } else { Err(io::Error::other(format!("{got:?} instead of {expected:?}"))) }
}

fn status(text: &str) -> Frame {
    Frame::Status(text.as_bytes().to_vec())
}

impl Latencies {
    /// How many replies there were.
    pub fn count(&self) -> u64 {
        self.replies
    }

    /// The latency that this part of the requests, 0 to 1, did not exceed, in microseconds.
    pub fn micros_at(&self, part: f64) -> u64 {
        self.micros.value_at_quantile(part)
    }

    /// The longest, in microseconds.
    pub fn micros_max(&self) -> u64 {
        self.micros.max()
    }
}
