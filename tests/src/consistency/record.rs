//! Clients that read and write a few keys, and write down what they were told and when.

use std::io;
use std::net::SocketAddr;
use std::thread;
use std::time::Instant;

use fastrand::Rng;

use super::history::{Event, Operation};
use crate::hostile::client::Client;
use crate::wire::Frame;

/// How much is asked, and by how many.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Keys, each with a history of its own.
    pub keys: usize,
    /// Clients at the same time.
    pub clients: usize,
    /// Requests of each client.
    pub requests: usize,
    /// What the clients choose follows from this.
    pub seed: u64,
}

/// A history for each key.
pub type Histories = Vec<Vec<Event>>;

/// Lets the clients ask, each one request after the other.
///
/// # Errors
/// When a connection fails or a reply is no reply to the request.
pub fn run(address: SocketAddr, plan: &Plan) -> io::Result<Histories> {
    let begun = Instant::now();
    let mut all = vec![Vec::new(); plan.keys];
    thread::scope(|scope| {
        let clients: Vec<_> =
            (0..plan.clients).map(|number| scope.spawn(move || ask(address, plan, number, begun))).collect();
        for client in clients {
            let seen = client.join().unwrap_or_else(|_| Err(io::Error::other("a client panicked")))?;
            for (key, event) in seen {
                all[key].push(event);
            }
        }
        Ok::<(), io::Error>(())
    })?;
    Ok(all)
}

fn ask(address: SocketAddr, plan: &Plan, number: usize, begun: Instant) -> io::Result<Vec<(usize, Event)>> {
    let mut random = Rng::with_seed(plan.seed + number as u64);
    let mut client = Client::connect(address)?;
    let mut seen = Vec::with_capacity(plan.requests);
    let now = || begun.elapsed().as_nanos() as u64;
    for request in 0..plan.requests {
        let key = random.usize(..plan.keys);
        let name = format!("register:{key}");
        // No two writes are of the same value, so that each read says what it saw.
        let value = (number * plan.requests + request) as i64 * 1000;
        let mut sent_ns = now();
        let operation = match random.u8(..8) {
            0..3 => Some(Operation::Read(value_of(&client.ask(&["GET", &name])?)?)),
            3 | 4 => match client.ask(&["SET", &name, &value.to_string()])? {
                Frame::Status(_) => Some(Operation::Write(value)),
                other => return Err(unexpected(&other)),
            },
            5 => Some(Operation::Increment(integer(&client.ask(&["INCR", &name])?)?)),
            6 => Some(Operation::Remove(integer(&client.ask(&["DEL", &name])?)? > 0)),
            _ => {
                client.ask(&["WATCH", &name])?;
                let old = value_of(&client.ask(&["GET", &name])?)?;
                seen.push((
                    key,
                    Event { sent_ns, answered_ns: Some(now()), operation: Operation::Read(old) },
                ));
                client.ask(&["MULTI"])?;
                client.ask(&["SET", &name, &value.to_string()])?;
                sent_ns = now();
                match client.ask(&["EXEC"])? {
                    Frame::Array(_) => Some(Operation::Exchange(old, value)),
                    Frame::NilArray => None,
                    other => return Err(unexpected(&other)),
                }
            }
        };
        let answered_ns = Some(now());
        seen.extend(operation.map(|operation| (key, Event { sent_ns, answered_ns, operation })));
    }
    Ok(seen)
}

fn value_of(reply: &Frame) -> io::Result<Option<i64>> {
    match reply {
        Frame::NilBulk => Ok(None),
        Frame::Bulk(text) => {
            let number = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
            number.map(Some).ok_or_else(|| unexpected(reply))
        }
        other => Err(unexpected(other)),
    }
}

fn integer(reply: &Frame) -> io::Result<i64> {
    match reply {
        Frame::Integer(number) => Ok(*number),
        other => Err(unexpected(other)),
    }
}

fn unexpected(reply: &Frame) -> io::Error {
    io::Error::other(format!("an unexpected reply: {reply:?}"))
}
