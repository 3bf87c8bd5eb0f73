//! The attacks as a list, each repeated until told to stop.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::Duration;

use super::client::{Client, is_gone};
use super::{connections, replies, requests};

/// An attack that goes on for some time.
#[derive(Clone, Copy, Debug)]
pub struct Attack {
    /// What it is called.
    pub name: &'static str,
    run: fn(&Field<'_>) -> io::Result<()>,
}

/// Where an attack takes place, and for how long.
#[derive(Debug)]
struct Field<'s> {
    address: SocketAddr,
    stop: &'s AtomicBool,
}

/// All of them, in the order in which they are shown.
pub const ATTACKS: &[Attack] = &[
    Attack { name: "unread pipeline", run: unread_pipeline },
    Attack { name: "unread copies", run: unread_copies },
    Attack { name: "unread changes", run: unread_changes },
    Attack { name: "slow reader", run: slow_reader },
    Attack { name: "million pings", run: million_pings },
    Attack { name: "reply off flood", run: reply_off_flood },
    Attack { name: "reset in a reply", run: reset_in_a_reply },
    Attack { name: "reset in a request", run: reset_in_a_request },
    Attack { name: "garbage", run: garbage },
    Attack { name: "garbage lines", run: garbage_lines },
    Attack { name: "nested arrays", run: nested_arrays },
    Attack { name: "announced values", run: announced_values },
    Attack { name: "slow writer", run: slow_writer },
    Attack { name: "idle thousands", run: idle_thousands },
    Attack { name: "connection storm", run: connection_storm },
];

const HOLD_STEP: Duration = Duration::from_millis(10);
const SLOW_PAUSE: Duration = Duration::from_millis(10);
const UNREAD_REQUESTS: usize = 500;
const COPIED_REQUESTS: usize = 30_000;
const IDLE_CONNECTIONS: usize = 5000;
const STORM_ROUND: usize = 100;

impl Attack {
    /// Attacks the server at `address` until `stop` is set. That the server closes connections is no error.
    pub fn run(&self, address: SocketAddr, stop: &AtomicBool) -> io::Result<()> {
        let field = Field { address, stop };
        while !field.is_over() {
            match (self.run)(&field) {
                Err(error) if !is_gone(&error) && error.kind() != io::ErrorKind::UnexpectedEof => {
                    return Err(error);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

impl Field<'_> {
    fn is_over(&self) -> bool {
        self.stop.load(Relaxed)
    }

    fn hold(&self) {
        while !self.is_over() {
            std::thread::sleep(HOLD_STEP);
        }
    }
}

fn unread_pipeline(field: &Field<'_>) -> io::Result<()> {
    let _client = replies::unread_pipeline(field.address, replies::BIG_KEY, UNREAD_REQUESTS)?;
    field.hold();
    Ok(())
}

fn unread_copies(field: &Field<'_>) -> io::Result<()> {
    let _client = replies::unread_pipeline(field.address, replies::COPIED_KEY, COPIED_REQUESTS)?;
    field.hold();
    Ok(())
}

fn unread_changes(field: &Field<'_>) -> io::Result<()> {
    let (client, writer) = replies::unread_changes(field.address, UNREAD_REQUESTS)?;
    field.hold();
    client.hang_up()?;
    joined(writer)
}

fn slow_reader(field: &Field<'_>) -> io::Result<()> {
    let mut client = replies::narrow_pipeline(field.address, UNREAD_REQUESTS)?;
    while !field.is_over() {
        replies::sip(&mut client, 1)?;
    }
    Ok(())
}

fn million_pings(field: &Field<'_>) -> io::Result<()> {
    let (mut client, writer) = replies::pings_in_one_write(field.address, 1_000_000)?;
    while !field.is_over() {
        replies::sip(&mut client, 1)?;
    }
    client.hang_up()?;
    joined(writer)
}

fn reply_off_flood(field: &Field<'_>) -> io::Result<()> {
    let mut client = replies::replies_off(field.address)?;
    while !field.is_over() {
        replies::flood(&mut client)?;
    }
    Ok(())
}

fn reset_in_a_reply(field: &Field<'_>) -> io::Result<()> {
    replies::reset_within_a_reply(field.address)
}

fn reset_in_a_request(field: &Field<'_>) -> io::Result<()> {
    requests::reset_within_a_request(field.address, 10_000_000)
}

fn garbage(field: &Field<'_>) -> io::Result<()> {
    requests::garbage(field.address, 1 << 30).map(drop)
}

fn garbage_lines(field: &Field<'_>) -> io::Result<()> {
    requests::garbage_lines(field.address, 1000, 60_000).map(drop)
}

fn nested_arrays(field: &Field<'_>) -> io::Result<()> {
    requests::raw(field.address, &b"*1\r\n".repeat(1_000_000)).map(drop)
}

fn announced_values(field: &Field<'_>) -> io::Result<()> {
    let _clients = requests::announced(field.address, 200, requests::BULK_BYTES_MAX, 0)?;
    field.hold();
    Ok(())
}

fn slow_writer(field: &Field<'_>) -> io::Result<()> {
    let mut client = Client::connect(field.address)?;
    while !field.is_over() {
        requests::drip(&mut client, b"*1\r\n$4\r\nPING\r\n", SLOW_PAUSE)?;
        client.frame()?;
    }
    Ok(())
}

fn idle_thousands(field: &Field<'_>) -> io::Result<()> {
    let streams = connections::idle(field.address, IDLE_CONNECTIONS.min(connections::room()))?;
    field.hold();
    connections::reset_all(streams)
}

fn connection_storm(field: &Field<'_>) -> io::Result<()> {
    connections::storm(field.address, STORM_ROUND)
}

/// How a thread ended that sends to a connection which is reset meanwhile.
fn joined(writer: JoinHandle<io::Result<()>>) -> io::Result<()> {
    match writer.join() {
        Ok(Err(error)) if !is_gone(&error) => Err(error),
        _ => Ok(()),
    }
}
